// From what a client calls a model to the base model and scope it is priced by. A profile's prefix says where inference may run;
// the price is that of the region the call was made in. Ids that stand for something only AWS can look up (application
// profiles, provisioned, custom and imported models, prompts, routers) stay unresolved rather than guessed.

import { UNKNOWN, type Scope } from '@ledgerock/contract'
import { GUARDRAIL_MODEL, isGuardrailId } from './guardrail-models.ts'
import type { PriceBook } from './price-book.ts'

export type ModelIdentity =
  | {
      readonly kind: 'resolved'
      readonly modelId: string
      readonly inferenceProfile: string | null
      readonly scope: Scope
    }
  | {
      readonly kind: 'unresolved'
      readonly reason: 'unknown_model' | 'unresolved_profile'
      /** The base id as written, where the request names one the book does not know. */
      readonly modelId: string | null
      /** The profile's id; for a profile only AWS can look up, its ARN. */
      readonly inferenceProfile: string | null
      readonly scope: Scope | null
    }

const SCOPE_OF_PREFIX: ReadonlyMap<string, Scope> = new Map([
  ...['us', 'eu', 'apac', 'jp', 'au', 'in', 'ca', 'us-gov'].map((geo) => [geo, 'geo'] as const),
  ['global', 'global'],
])

const ARN = /^arn:aws[a-z-]*:([a-z-]+):([a-z0-9-]*):(\d{12})?:([a-z-]+)\/(.+)$/

/** A context-window or dimension suffix of provisioned throughput, as in `amazon.nova-lite-v1:0:300k`. */
const VARIANT_SUFFIX = /:(?:\d+k|\d{3,}|mm)$/

/** What AWS says stands behind an application inference profile. */
export type LookedUpModel = {
  /** A base id, or the id of the system profile it wraps. */
  readonly modelId: string
  readonly source: 'profile'
}

/** What an operation without a model calls: nothing, which is not a model whose name is unknown. */
const NO_MODEL: ModelIdentity = {
  kind: 'unresolved',
  reason: 'unknown_model',
  modelId: null,
  inferenceProfile: null,
  scope: null,
}

/**
 * `modelRequested` is the id of the request's path, percent-decoded once; `guardrail/<id>/<version>` for ApplyGuardrail. What
 * was looked up speaks only for a profile that the text itself leaves open.
 */
export function resolveModel(
  book: PriceBook,
  modelRequested: string,
  lookedUp: LookedUpModel | null = null,
): ModelIdentity {
  if (modelRequested === UNKNOWN) return NO_MODEL
  if (!modelRequested.startsWith('arn:')) {
    return resolveId(book, isGuardrailId(modelRequested) ? GUARDRAIL_MODEL : modelRequested)
  }
  const [, service, , , resource, name] = ARN.exec(modelRequested) ?? []
  if (service === 'bedrock' && name !== undefined) {
    if (resource === 'foundation-model') return resolveBase(book, name, null, 'in-region')
    if (resource === 'inference-profile' && prefixOf(name) !== null) return resolveId(book, name)
  }
  const isProfile = resource?.endsWith('inference-profile') === true
  if (isProfile && lookedUp !== null && !isOpaque(lookedUp.modelId)) {
    return { ...resolveModel(book, lookedUp.modelId), inferenceProfile: modelRequested }
  }
  return {
    kind: 'unresolved',
    reason: 'unresolved_profile',
    modelId: null,
    inferenceProfile: isProfile ? modelRequested : null,
    scope: null,
  }
}

/** An ARN that itself would have to be looked up explains nothing. */
function isOpaque(modelId: string): boolean {
  return modelId.startsWith('arn:') && !/:(?:foundation-model|inference-profile)\//.test(modelId)
}

function resolveId(book: PriceBook, id: string): ModelIdentity {
  const listed = book.profiles.get(id)
  if (listed !== undefined) {
    return { kind: 'resolved', ...listed, inferenceProfile: id }
  }
  const prefix = prefixOf(id)
  if (prefix === null) return resolveBase(book, id, null, 'in-region')
  return resolveBase(book, id.slice(prefix.name.length + 1), id, prefix.scope)
}

function resolveBase(
  book: PriceBook,
  name: string,
  inferenceProfile: string | null,
  scope: Scope,
): ModelIdentity {
  const modelId = book.baseIds.get(name) ?? book.baseIds.get(name.replace(VARIANT_SUFFIX, ''))
  if (modelId !== undefined) return { kind: 'resolved', modelId, inferenceProfile, scope }
  return { kind: 'unresolved', reason: 'unknown_model', modelId: name, inferenceProfile, scope }
}

/** The geography or `global` an id begins with: a profile id has at least `prefix.provider.model`. */
export function prefixOf(id: string): { readonly name: string; readonly scope: Scope } | null {
  const [name = '', ...rest] = id.split('.')
  const scope = SCOPE_OF_PREFIX.get(name)
  return scope === undefined || rest.length < 2 ? null : { name, scope }
}
