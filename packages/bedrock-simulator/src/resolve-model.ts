// From what a caller put in the path (base id, inference profile id, ARN) to the model that runs and the scope that prices
// it. What does not exist is refused with the words Bedrock uses.

import { findModel } from './catalogue.ts'
import { GEOGRAPHIES, type Geography, type Model } from './model-shape.ts'
import { invalid, isRefusal, refuse, type Refusal } from './refusal.ts'

export const SCOPES = ['in-region', 'geo', 'global'] as const
export type Scope = (typeof SCOPES)[number]

export type ResolvedModel = {
  readonly model: Model
  readonly scope: Scope
  /** The profile id or application inference profile ARN the call went through. */
  readonly inferenceProfile: string | null
}

export type ResolutionContext = {
  readonly region: string
  readonly accountId: string
  /** Application inference profile ARN → model id, profile id or ARN it was made from. */
  readonly inferenceProfiles: ReadonlyMap<string, string>
}

/** Source regions from which a profile of each geography may be called. */
const SOURCE_REGIONS: Readonly<Record<Geography, RegExp>> = {
  us: /^us-(?!gov)/,
  eu: /^eu-/,
  apac: /^ap-/,
  jp: /^ap-northeast-[13]$/,
  au: /^ap-southeast-[246]$/,
  ca: /^(ca|us)-(?!gov)/,
  in: /^ap-south-/,
  'us-gov': /^us-gov-/,
  global: /^(?!us-gov-)/,
}

const UNKNOWN_ID = 'The provided model identifier is invalid.'
const UNRESOLVED_ARN = 'Could not resolve the foundation model from the provided model identifier.'

export function resolveModel(
  identifier: string,
  context: ResolutionContext,
): ResolvedModel | Refusal {
  return identifier.startsWith('arn:')
    ? resolveArn(identifier, context)
    : resolveId(identifier, context)
}

function resolveId(id: string, context: ResolutionContext): ResolvedModel | Refusal {
  const model = findModel(id)
  if (model !== null) return { model, scope: 'in-region', inferenceProfile: null }
  const dot = id.indexOf('.')
  const geography = GEOGRAPHIES.find((known) => known === id.slice(0, dot))
  const profiled = findModel(id.slice(dot + 1))
  if (geography === undefined || profiled === null) return invalid(UNKNOWN_ID)
  if (!profiled.geographies.includes(geography)) return invalid(UNKNOWN_ID)
  if (!SOURCE_REGIONS[geography].test(context.region)) return invalid(UNKNOWN_ID)
  const scope = geography === 'global' ? 'global' : 'geo'
  return { model: profiled, scope, inferenceProfile: id }
}

function resolveArn(arn: string, context: ResolutionContext): ResolvedModel | Refusal {
  const match = /^arn:aws(?:-us-gov)?:bedrock:([a-z0-9-]+):(\d{12})?:([a-z-]+)\/(.+)$/.exec(arn)
  if (match === null) return invalid(UNKNOWN_ID)
  const [, region, account, kind, name = ''] = match
  if (region !== context.region) return invalid(UNKNOWN_ID)
  if (account !== undefined && account !== context.accountId) {
    return refuse('AccessDeniedException', `You don't have access to the resource ${kind}/${name}.`)
  }
  switch (kind) {
    case 'foundation-model': {
      const model = account === undefined ? findModel(name) : null
      if (model === null) return refuse('ResourceNotFoundException', UNRESOLVED_ARN)
      return { model, scope: 'in-region', inferenceProfile: null }
    }
    case 'inference-profile': {
      const resolved = findModel(name) === null ? resolveId(name, context) : null
      if (resolved === null || isRefusal(resolved)) {
        return refuse('ResourceNotFoundException', UNRESOLVED_ARN)
      }
      return resolved
    }
    case 'application-inference-profile': {
      const source = context.inferenceProfiles.get(arn)
      // One level only: a profile cannot be made from another application profile.
      if (source === undefined || source.includes(':application-inference-profile/')) {
        return refuse('ResourceNotFoundException', UNRESOLVED_ARN)
      }
      const resolved = resolveModel(source, context)
      return isRefusal(resolved) ? resolved : { ...resolved, inferenceProfile: arn }
    }
    default:
      return refuse('ResourceNotFoundException', UNRESOLVED_ARN)
  }
}
