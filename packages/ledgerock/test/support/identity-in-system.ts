// A system for the ways to sign in: two regions, an audience for AWS identities, anonymous calls from one address, owners with a
// time line, and a simulated STS that knows two callers. Only one worker, so that what is asked once can be counted.

import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
} from '@aws-sdk/client-bedrock-runtime'
import { STSClient } from '@aws-sdk/client-sts'
import type { SimulatedCall } from '@ledgerock/bedrock-simulator'
import { identityHeader } from '../../src/aws/testing/identity-header.ts'
import { ledgerockJson } from './command-line.ts'
import type { Pair } from './gateway-call.ts'
import { recordOf, type ApiCall } from './ledger-api.ts'
import { startSystem, UPSTREAM_CREDENTIALS, type RunningSystem } from './running-system.ts'

export const AUDIENCE = 'ledgerock.test.internal'
/** The only address anonymous calls may come from. */
export const ANONYMOUS_ADDRESS = '127.0.0.2'
export const ACCOUNT = '123456789012'

/** A caller whose credentials AWS knows, and who the owner rules know. */
export const KNOWN_CALLER = {
  accessKeyId: 'AKIATESTKNOWNCALLER0',
  secretAccessKey: 'known-caller',
  principalArn: `arn:aws:sts::${ACCOUNT}:assumed-role/search-api/i-0123`,
}
/** AWS knows it, no owner rule does. */
export const OTHER_CALLER = {
  accessKeyId: 'AKIATESTOTHERCALLER0',
  secretAccessKey: 'other-caller',
  principalArn: `arn:aws:iam::${ACCOUNT}:user/somebody`,
}

const CONFIG = `
gateway:
  audience: ${AUDIENCE}
  anonymous: { mode: record, from: [ ${ANONYMOUS_ADDRESS}/32 ] }
dimensions:
  environment: { required: report }
owners:
  - match: 'arn:aws:sts::*:assumed-role/search-api/*'
    set: { team: the-team-of-before }
    to: 2020-01-01
  - match: 'arn:aws:sts::*:assumed-role/search-api/*'
    set: { team: search, application: search-api }
    from: 2020-01-01
    to: 2100-01-01
  - match: 'arn:aws:sts::*:assumed-role/search-api/*'
    set: { team: the-team-of-later }
    from: 2100-01-01
  - match: { account: "${ACCOUNT}" }
    set: { cost_center: cc-12 }
  - match: { key_name: owned-* }
    set: { team: platform }
  - match: { project: proj_one }
    set: { application: one }
`

export function startIdentityInSystem(): Promise<RunningSystem> {
  return startSystem({
    simulator: { credentials: [UPSTREAM_CREDENTIALS, KNOWN_CALLER, OTHER_CALLER] },
    bedrock: (endpoint) => ({
      targets: ['us-east-1', 'eu-west-1'].map((region) => ({
        name: region,
        region,
        endpoint,
        mantle_endpoint: `${endpoint}/mantle`,
        account_id: ACCOUNT,
      })),
    }),
    config: CONFIG,
  })
}

/** Made by the command line, as its users make it. */
export async function createPair(system: RunningSystem, name: string): Promise<Pair> {
  const words = ['keys', 'create', '--name', name, '--sigv4', '--bind', 'team=search']
  return pairOf(await ledgerockJson(system, ...words))
}

export async function rotatePair(system: RunningSystem, name: string): Promise<Pair> {
  return pairOf(await ledgerockJson(system, 'keys', 'rotate', name))
}

function pairOf(made: Readonly<Record<string, string>>): Pair {
  const { access_key_id: accessKeyId = '', secret_access_key: secretAccessKey = '' } = made
  return { accessKeyId, secretAccessKey }
}

/** A proof of who has these credentials, as the AWS SDK signs it. */
export async function proofOf(
  { accessKeyId, secretAccessKey }: Pair,
  audience = AUDIENCE,
): Promise<string> {
  const credentials = { accessKeyId, secretAccessKey }
  const sts = new STSClient({ region: 'us-east-1', credentials })
  const header = await identityHeader(sts, audience)
  sts.destroy()
  return header
}

/** A client that signs with its AWS credentials as it always does, and brings a proof of them along. */
export async function provingClient(
  credentials: Pair,
  config: BedrockRuntimeClientConfig,
): Promise<BedrockRuntimeClient> {
  const client = new BedrockRuntimeClient({ ...config, credentials })
  const proof = await proofOf(credentials)
  client.middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> }
      headers['x-ledgerock-aws-identity'] = proof
      return next(args)
    },
    { step: 'build' },
  )
  return client
}

/** The record of a call as Bedrock served it; the call id in its request metadata joins them. */
export function recordServed(system: RunningSystem, served: SimulatedCall): Promise<ApiCall> {
  return recordOf(system, served.request_metadata?.['ledgerock_call_id'] ?? 'no call id')
}

/** The sum of a metric's lines that have all of `labels`; 0 where there are none. */
export async function metric(
  system: RunningSystem,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const text = await (await system.api('/metrics')).text()
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
