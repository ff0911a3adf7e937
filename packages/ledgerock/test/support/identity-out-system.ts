// A system for the ways to call Bedrock: a session per team that must be had, one that may be done without, and an application
// inference profile per team, each in a region of its own. The account is not configured, so STS is asked who the gateway is.

import type { SimulatedCall } from '@ledgerock/bedrock-simulator'
import { callGateway, NOVA, type GatewayAnswer, type GatewayCall } from './gateway-call.ts'
import {
  eventually,
  startSystem,
  UPSTREAM_CREDENTIALS,
  type RunningSystem,
} from './running-system.ts'

export const ACCOUNT = '123456789012'
export const GATEWAY_PRINCIPAL = `arn:aws:sts::${ACCOUNT}:assumed-role/ledgerock/i-0123`
/** Where calls go as a session or not at all. */
export const STRICT_REGION = 'us-east-1'
/** Where calls go as the gateway while there is no session. */
export const LENIENT_REGION = 'us-west-2'
/** Where calls go through profiles. */
export const PROFILES_REGION = 'eu-west-1'

const TEAMS = ['search', 'ads', 'crowd', 'bound', 'R&D', 'R D', 'late', 'later']

export const profileArn = (name: string): string =>
  `arn:aws:bedrock:${PROFILES_REGION}:${ACCOUNT}:application-inference-profile/${name}`

export const sessionArn = (name: string, role = 'strict'): string =>
  `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`

/** What each profile was copied from. */
const PROFILES: Readonly<Record<string, string>> = {
  [profileArn('search')]: NOVA,
  [profileArn('ads')]: `eu.${NOVA}`,
  [profileArn('late')]: NOVA,
  [profileArn('clients-own')]: `eu.${NOVA}`,
  [profileArn('never-said')]: NOVA,
}

const sessionOf = (role: string, onFailure: string): object => ({
  mode: 'session',
  role_arn: `arn:aws:iam::${ACCOUNT}:role/${role}`,
  session_name: 'lr-{team}',
  tags: { team: 'team' },
  on_failure: onFailure,
})

const profiles = {
  mode: 'profiles',
  map: ['search', 'ads', 'late'].map((team) => ({
    when: { team },
    model: NOVA,
    arn: profileArn(team),
  })),
}

export async function startIdentityOutSystem(): Promise<RunningSystem> {
  const system = await startSystem({
    simulator: {
      credentials: [{ ...UPSTREAM_CREDENTIALS, principalArn: GATEWAY_PRINCIPAL }],
      inferenceProfiles: PROFILES,
    },
    bedrock: (endpoint) => ({
      region: STRICT_REGION,
      targets: [
        {
          name: 'strict',
          region: STRICT_REGION,
          endpoint,
          identity: sessionOf('strict', 'refuse'),
        },
        {
          name: 'lenient',
          region: LENIENT_REGION,
          endpoint,
          identity: sessionOf('lenient', 'gateway'),
        },
        { name: 'profiles', region: PROFILES_REGION, endpoint, identity: profiles },
      ],
    }),
    config: `dimensions: { team: { values: ${JSON.stringify(TEAMS)} } }`,
  })
  await eventually(
    () => Promise.resolve(asksOf(system, 'GetCallerIdentity') > 0 || null),
    'the gateway knows who it is',
  )
  return system
}

export type Action = 'AssumeRole' | 'GetCallerIdentity' | 'GetInferenceProfile'

export function asksOf({ simulator }: RunningSystem, action: Action): number {
  return simulator.sideCalls().filter((ask) => ask.action === action).length
}

/** Every session of this name that STS has handed out, whatever its role. */
export function sessionsCalled({ simulator }: RunningSystem, name: string): readonly string[] {
  const principals = simulator.sessions().map((session) => session.principalArn)
  return principals.filter((principal) => principal.endsWith(`/${name}`))
}

export type TeamCall = Partial<GatewayCall> & { readonly team?: string; readonly region?: string }
export type TeamCaller = (call: TeamCall) => Promise<GatewayAnswer>

/** Calls with a key that is nobody's, in the name of a team. */
export function teamCaller(system: RunningSystem, key: string): TeamCaller {
  return ({ team, region, headers = {}, ...call }) =>
    callGateway(system.gatewayUrl, {
      ...call,
      headers: {
        authorization: `Bearer ${key}`,
        ...(team === undefined ? {} : { 'x-ledgerock-team': team }),
        ...(region === undefined ? {} : { 'x-ledgerock-region': region }),
        ...headers,
      },
    })
}

/** The call as Bedrock saw it. */
export function servedAs({ simulator }: RunningSystem, { callId }: GatewayAnswer): SimulatedCall {
  const found = simulator
    .calls()
    .find(({ request_metadata: metadata }) => metadata?.['ledgerock_call_id'] === callId)
  if (found === undefined) throw new Error(`Bedrock did not serve ${callId}`)
  return found
}
