// Who calls in a synthetic month: every class of principal a bill can name, with its weight in the traffic, what is known of it,
// and whose its calls truly are. About 98 dollars of 100 can be told; the rest shows each way of not being told.

import { DAY_MS, type Period } from './bill-options.ts'
import type { Owner } from './bill-truth.ts'

const HOUR_MS = 3_600_000

export const PAYER = '111122223333'
export const MAIN = '222233334444'
export const RESEARCH = '333344445555'

export const TEAMS = ['search', 'support', 'research', 'platform'] as const
export type Team = (typeof TEAMS)[number]

export const APPLICATIONS: Readonly<Record<Team, readonly string[]>> = {
  search: ['search-api', 'ranker'],
  support: ['helpdesk', 'call-notes'],
  research: ['notebooks', 'evaluation'],
  platform: ['developer-portal'],
}

export type Caller = {
  readonly name: string
  /** Calls of a thousand. */
  readonly weight: number
  readonly accountId: string
  /** Session or user; null: a gateway session of the owner's team. */
  readonly principal: string | null
  readonly via: 'gateway' | 'direct'
  /** Of a hundred calls, how many a ledger knows. */
  readonly meteredPercent: number
  /** Null: any team, drawn for each call. */
  readonly ownerAt: ((atMs: number) => Owner) | null
  /** `ordinary`: nothing so dear that one call would show in the month's sum. */
  readonly uses: 'anything' | 'ordinary' | 'profile' | 'project' | 'unlisted'
  readonly resourceId: string | null
}

const session = (account: string, role: string, name: string): string =>
  `arn:aws:sts::${account}:assumed-role/${role}/${name}`
const user = (name: string): string => `arn:aws:iam::${MAIN}:user/${name}`

export const gatewaySession = (team: Team): string =>
  session(MAIN, 'ledgerock-bedrock', `lr-${team}`)

const SSO_ROLE = 'AWSReservedSSO_Developers_0123456789abcdef'

export const PRINCIPALS = {
  gateway: session(MAIN, 'ledgerock-gateway', 'gateway-1'),
  shared: session(MAIN, 'ml-shared', 'worker'),
  application: session(MAIN, 'search-api', 'i-0a1b2c3d'),
  retagged: user('alice'),
  tagged: user('bob'),
  apiKey: user('BedrockAPIKey-234s'),
  workforce: session(MAIN, SSO_ROLE, 'carol@example.com'),
  stranger: session(MAIN, SSO_ROLE, 'dave@example.com'),
  role: `arn:aws:iam::${MAIN}:role/reports-app`,
  batch: session(MAIN, 'batch-runner', 'job'),
  laboratory: session(RESEARCH, 'anything', 'notebook-7'),
  trial: session(MAIN, 'trials', 'trial'),
  root: `arn:aws:iam::${MAIN}:root`,
} as const

export const PROFILE = `arn:aws:bedrock:us-east-1:${MAIN}:application-inference-profile/a1b2c3d4e5f6`
export const PROJECT = `arn:aws:bedrock-mantle:us-east-1:${MAIN}:project/proj_9f8e7d6c`

/** Whose the calls of one owner are; two change hands within the month. */
export const OWNERS = {
  application: { team: 'search', application: 'search-api' },
  applicationSince: { team: 'platform', application: 'search-api' },
  retagged: { team: 'research', application: 'notebooks' },
  retaggedSince: { team: 'support', application: 'helpdesk' },
  tagged: { team: 'research', application: 'evaluation' },
  apiKey: { team: 'support', application: 'call-notes' },
  workforce: { team: 'platform', application: 'developer-portal' },
  role: { team: 'search', application: 'ranker' },
  profile: { team: 'support', application: 'helpdesk' },
  project: { team: 'search', application: 'ranker' },
  laboratory: { team: 'research', application: 'notebooks' },
} as const satisfies { readonly [name: string]: Owner }

/** When the application's role, and the user with the tag, changed hands. */
export const movedAtMs = ({ startMs }: Period): number => startMs + 13 * DAY_MS
export const retaggedAtMs = ({ startMs }: Period): number => startMs + 11 * DAY_MS + 10 * HOUR_MS

function caller(
  name: string,
  weight: number,
  principal: string | null,
  rest: Partial<Caller> = {},
): Caller {
  return {
    name,
    weight,
    accountId: MAIN,
    principal,
    via: 'direct',
    meteredPercent: 0,
    ownerAt: null,
    uses: 'anything',
    resourceId: null,
    ...rest,
  }
}

const always = (owner: Owner): Partial<Caller> => ({ ownerAt: () => owner })
const since = (changedMs: number, before: Owner, after: Owner): Partial<Caller> => ({
  ownerAt: (atMs) => (atMs < changedMs ? before : after),
})

export function callersOf(period: Period): readonly Caller[] {
  const gateway = { via: 'gateway', meteredPercent: 100 } as const
  const ordinary = { uses: 'ordinary' } as const
  const { application, applicationSince, retagged, retaggedSince } = OWNERS
  return [
    caller('gateway sessions', 470, null, gateway),
    caller('gateway role', 170, PRINCIPALS.gateway, gateway),
    caller(
      'application role',
      80,
      PRINCIPALS.application,
      since(movedAtMs(period), application, applicationSince),
    ),
    caller(
      'user whose tag changes',
      45,
      PRINCIPALS.retagged,
      since(retaggedAtMs(period), retagged, retaggedSince),
    ),
    caller('user with a tag', 20, PRINCIPALS.tagged, always(OWNERS.tagged)),
    caller('API key', 25, PRINCIPALS.apiKey, always(OWNERS.apiKey)),
    caller('workforce', 35, PRINCIPALS.workforce, always(OWNERS.workforce)),
    caller('role without a session', 15, PRINCIPALS.role, always(OWNERS.role)),
    caller('profile', 40, PRINCIPALS.batch, {
      ...always(OWNERS.profile),
      uses: 'profile',
      resourceId: PROFILE,
    }),
    caller('project', 25, PRINCIPALS.batch, {
      ...always(OWNERS.project),
      uses: 'project',
      resourceId: PROJECT,
    }),
    caller('account', 35, PRINCIPALS.laboratory, {
      ...always(OWNERS.laboratory),
      accountId: RESEARCH,
    }),
    caller('shared role, reported', 25, PRINCIPALS.shared, { meteredPercent: 100 }),
    caller('shared role', 4, PRINCIPALS.shared, ordinary),
    caller('workforce without an owner', 3, PRINCIPALS.stranger, ordinary),
    caller('root', 1, PRINCIPALS.root, ordinary),
    caller('nobody', 3, '', ordinary),
    caller('past the gateway', 2, PRINCIPALS.gateway, ordinary),
    caller('unlisted model', 1, PRINCIPALS.trial, { uses: 'unlisted' }),
  ]
}
