// What kind of caller an AWS principal is, read from its ARN alone: the bill, the logs and `GetCallerIdentity` all name callers this
// way. Forms: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html; what an ARN does not say for sure is
// `unknown`.

export const PRINCIPAL_KINDS = [
  'iam_user',
  'bedrock_api_key_user',
  'role',
  'role_session',
  'identity_center_session',
  'gateway_session',
  'service',
  'root',
  'empty',
  'unknown',
] as const
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number]

export type Principal = {
  readonly kind: PrincipalKind
  readonly arn: string
  readonly accountId: string | null
  /** The user's or role's own name, without its path; a service's host name. */
  readonly name: string | null
  /** Of a session, what follows the role: for Identity Center the user's name, for the gateway's what we wrote there. */
  readonly session: string | null
}

const ARN = /^arn:aws[a-z-]*:(iam|sts)::(\d{12}):(.+)$/
const SERVICE_HOST = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/
/** `AWSReservedSSO_<permission set>_<16 hexadecimal digits>`: the roles IAM Identity Center makes. */
const IDENTITY_CENTER_ROLE = /^AWSReservedSSO_.+_[0-9a-f]{16}$/
const SERVICE_LINKED_ROLE = 'AWSServiceRoleFor'
/** The user AWS makes for a long-term Bedrock API key. */
const API_KEY_USER = 'BedrockAPIKey-'

/** `isOurs` says which sessions a gateway of ours has made. */
export function classifyPrincipal(
  arn: string,
  isOurs: (arn: string) => boolean = nobody,
): Principal {
  // Lines of the bill that name nobody.
  if (arn === '') return principal('empty', arn, null, null, null)
  const [, service, accountId, resource = ''] = ARN.exec(arn) ?? []
  if (accountId === undefined) {
    const isService = SERVICE_HOST.test(arn)
    return principal(isService ? 'service' : 'unknown', arn, null, isService ? arn : null, null)
  }
  const slash = resource.indexOf('/')
  const type = slash === -1 ? resource : resource.slice(0, slash)
  const rest = slash === -1 ? '' : resource.slice(slash + 1)
  if (service === 'sts') return ofSession(arn, accountId, type, rest, isOurs)
  const name = rest.slice(rest.lastIndexOf('/') + 1)
  if (resource === 'root') return principal('root', arn, accountId, null, null)
  if (name !== '' && type === 'user') {
    const kind = name.startsWith(API_KEY_USER) ? 'bedrock_api_key_user' : 'iam_user'
    return principal(kind, arn, accountId, name, null)
  }
  if (name !== '' && type === 'role') {
    const isLinked = rest.startsWith('aws-service-role/') || name.startsWith(SERVICE_LINKED_ROLE)
    return principal(isLinked ? 'service' : 'role', arn, accountId, name, null)
  }
  return principal('unknown', arn, accountId, null, null)
}

function ofSession(
  arn: string,
  accountId: string,
  type: string,
  rest: string,
  isOurs: (arn: string) => boolean,
): Principal {
  const slash = rest.indexOf('/')
  const role = slash === -1 ? '' : rest.slice(0, slash)
  const session = rest.slice(slash + 1)
  if (type !== 'assumed-role' || role === '' || session === '' || session.includes('/')) {
    return principal('unknown', arn, accountId, null, null)
  }
  return principal(kindOfSession(arn, role, isOurs), arn, accountId, role, session)
}

function kindOfSession(arn: string, role: string, isOurs: (arn: string) => boolean): PrincipalKind {
  if (isOurs(arn)) return 'gateway_session'
  if (IDENTITY_CENTER_ROLE.test(role)) return 'identity_center_session'
  return role.startsWith(SERVICE_LINKED_ROLE) ? 'service' : 'role_session'
}

function principal(
  kind: PrincipalKind,
  arn: string,
  accountId: string | null,
  name: string | null,
  session: string | null,
): Principal {
  return { kind, arn, accountId, name, session }
}

function nobody(): boolean {
  return false
}
