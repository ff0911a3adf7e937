// What is found about a caller that somebody should mend: a closed list, each with what it means and the fix in one sentence. A finding
// accuses nobody: it names dollars that are hard to give to their owner, or a credential that is easy to lose.

export const PRINCIPAL_FINDINGS = [
  'iam_user_in_production',
  'shared_role',
  'broad_sso_role',
  'untagged',
  'unowned',
  'gateway_without_sessions',
  'long_term_api_key',
  'session_cardinality',
] as const
export type PrincipalFindingCode = (typeof PRINCIPAL_FINDINGS)[number]

export type FindingText = { readonly means: string; readonly fix: string }

export const FINDING_TEXTS: Readonly<Record<PrincipalFindingCode, FindingText>> = {
  iam_user_in_production: {
    means: 'Production calls with an IAM user, whose keys live until somebody deletes them.',
    fix: 'Let the workload assume a role, and delete the user’s access keys.',
  },
  shared_role: {
    means: 'Calls of several teams come from one role, and the bill cannot tell them apart.',
    fix: 'Give each team a role or session name of its own, or send its calls through the gateway.',
  },
  broad_sso_role: {
    means: 'People of a broad Identity Center permission set call, so its name says no owner.',
    fix: 'Make a permission set for Bedrock for each team, and take Bedrock out of the broad one.',
  },
  untagged: {
    means: 'The bill shows no tag of this principal that names an owner.',
    fix: 'Tag the role, user or session with team, and activate the tag as a cost allocation tag.',
  },
  unowned: {
    means: 'Neither session, ledger, time line nor tag says whose dollars these are.',
    fix: 'Assign an owner: ledgerock owners assign --match <its ARN> --set team=<team> --from <day>.',
  },
  gateway_without_sessions: {
    means: 'A gateway calls for everybody under one role, so the bill shows one caller.',
    fix: 'Set bedrock.identity to mode session, and the bill itself names each owner.',
  },
  long_term_api_key: {
    means: 'A long-term Bedrock API key calls: a secret of an IAM user that AWS made for it.',
    fix: 'Use keys of the gateway or short-term Bedrock keys, and delete this one.',
  },
  session_cardinality: {
    means: 'One role calls under so many session names that the bill grows by a line for each.',
    fix: 'Name sessions after the team or service, never after a request, a time or a random id.',
  },
}
