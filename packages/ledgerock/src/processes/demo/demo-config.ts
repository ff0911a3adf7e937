// The demo's own configuration, written for people to read: who the teams are, whose principals are whose, how shared costs are
// split, and how much may be spent. It says nothing that could not stand in a real one.

import type { BillWorld } from '@ledgerock/bedrock-simulator'
import { isoTime } from '../../kernel/time.ts'

/** What of a synthetic month the configuration must know. */
export type DemoWorld = Pick<
  BillWorld,
  'ownerRules' | 'gatewayPrincipals' | 'gatewaySessions' | 'sharedPrincipals'
>

/** The loop that its budget stops. */
export const RUNAWAY = {
  budget: 'nightly-eval',
  team: 'research',
  workflow: 'nightly-eval',
  limitUsd: '3',
} as const

const REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1'] as const

export function demoConfig(world: DemoWorld): string {
  const role = sessionRole(world)
  const account = role.split(':')[4] ?? ''
  const teams = [...world.gatewaySessions.values()].map(({ team }) => team ?? '')
  return `# Ledgerock's demo: a company of ${teams.length} teams whose Bedrock is a simulator.
# Change it and see: it is read again when it changes.
data_dir: . # this folder

bedrock:
  # A role is assumed per team, so that the bill itself names the team.
  targets:
${REGIONS.map((region) => targetLine(region, account, role)).join('\n')}

dimensions:
  team: { required: report, values: [${teams.join(', ')}] }
  environment: { values: [prod, dev] }

# Who is behind the principals that call Bedrock past the gateway, and since when.
owners:
${world.ownerRules.map(ownerLine).join('\n')}

# How much. \`ledgerock budgets\` shows what is left.
budgets:
  - { name: company, period: month, limit_usd: "2500", mode: notify, alert_at: [50, 80, 100] }
  - { name: search, scope: { team: search }, period: month, limit_usd: "800", mode: soft }
  - { name: support, scope: { team: support }, period: month, limit_usd: "600", mode: soft }
  # Hard: what would go past it is refused, before it costs anything.
  - name: ${RUNAWAY.budget}
    scope: { team: ${RUNAWAY.team}, workflow_id: ${RUNAWAY.workflow} }
    period: day
    limit_usd: "${RUNAWAY.limitUsd}"
    mode: hard
    alert_at: [50, 80, 100]

# Where a call goes when its model is short of capacity.
routes:
  - { from: 'anthropic.claude-*', fallback: [{ scope: global }] }

billing:
  # Principals on the bill that are a gateway of ours, beside the sessions above.
  gateway_principals:
${[...world.gatewayPrincipals].map((arn) => `    - '${arn}'`).join('\n')}
  # What no call makes: who pays it.
  pools:
    - { name: tax, match: tax, split: proportional }
    - { name: support-plan, match: support, split: even }
    - name: reserved-capacity
      match: reserved
      split: fixed
      shares: [{ owner: { team: search }, share: 60% }, { owner: { team: support }, share: 40% }]
  default_split: proportional
  grace: 0d # the demo closes its month at once; 5d is the default

# The bill, as AWS delivers it; \`s3://bucket/prefix\` in real life.
imports:
  - { name: cur, kind: cur, from: bill, every: 1h }

alerts:
  sinks: [] # add one and be told: docs/guides/alerts.md
`
}

function targetLine(region: string, account: string, role: string): string {
  const identity = `{ mode: session, role_arn: '${role}', session_name: 'lr-{team}', tags: { team: team } }`
  return `    - { name: ${region}, region: ${region}, account_id: "${account}", identity: ${identity} }`
}

/** `arn:aws:sts::1:assumed-role/name/session` → `arn:aws:iam::1:role/name` */
function sessionRole({ gatewaySessions }: DemoWorld): string {
  const [session = ''] = gatewaySessions.keys()
  return session.replace(
    /^arn:aws:sts::(\d+):assumed-role\/([^/]+)\/.*$/,
    'arn:aws:iam::$1:role/$2',
  )
}

function ownerLine({ match, set, fromMs, toMs }: DemoWorld['ownerRules'][number]): string {
  const said = Object.entries(set).map(([name, value]) => `${name}: ${value}`)
  const from = fromMs === null ? '' : `, from: '${isoTime(fromMs)}'`
  const to = toMs === null ? '' : `, to: '${isoTime(toMs)}'`
  return `  - { match: '${match}', set: { ${said.join(', ')} }${from}${to} }`
}
