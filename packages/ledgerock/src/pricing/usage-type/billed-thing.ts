// What a usage type sells, whatever the scheme it is written in. AWS puts the same words in every order (`-batch` before or after
// `-cross-region-global`), so they are read as a set: each word must be known, and together they must mean exactly one thing.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import type { PriceUnit } from '../price-unit.ts'
import { mediaThing } from './media-words.ts'
import { thingWords } from './thing-words.ts'

export type BilledThing = {
  /** Null: known, but nothing a call's usage counts; `other` says what it is. */
  readonly kind: UsageKind | null
  readonly unit: PriceUnit
  readonly medium: string
  readonly variant: string | null
  readonly longContext: boolean
  readonly other: string | null
}

export type ReadWords = {
  readonly what: BilledThing
  readonly scope: Scope
  readonly tier: Tier
}

const PLAIN: Omit<BilledThing, 'kind' | 'unit'> = {
  medium: 'text',
  variant: null,
  longContext: false,
  other: null,
}

/** A thing that is sold and that no counter of a call counts. */
export function otherThing(other: string): BilledThing {
  return { ...PLAIN, kind: null, unit: 'request', other }
}

/** Words that say how something is sold, not what. */
const TIERS_BY_WORD: ReadonlyMap<string, Tier> = new Map([
  ['standard', 'standard'],
  ['priority', 'priority'],
  ['flex', 'flex'],
  ['batch', 'batch'],
  ['latency', 'latency-optimized'],
  ['reserved', 'reserved'],
])
const SCOPES_BY_WORD: ReadonlyMap<string, Scope> = new Map([
  ['global', 'global'],
  ['geo', 'geo'],
])
/** `cross-region` comes only with `global`, `ctx` only with `long`, `million` repeats the unit. */
const FILLERS = new Set('cross region mantle optimized million context ctx'.split(' '))
const TOKEN_WORDS = new Set(
  'input output response cache cached read write writes token tokens count 5m 30m 1h'.split(' '),
)
const MODALITIES = new Set(['text', 'speech', 'audio', 'image', 'video'])

/** Reads the part of a usage type behind the model's name; null where a word is not known or words contradict each other. */
export function readThing(text: string): ReadWords | null {
  const words = thingWords(text)
  const set = new Set(words)
  const tiers = [...TIERS_BY_WORD].filter(([word]) => set.has(word))
  const scopes = [...SCOPES_BY_WORD].filter(([word]) => set.has(word))
  const long = set.has('long')
  if (scopes.length > 1 || (set.has('latency') && !set.has('optimized'))) return null
  if (long !== (set.has('context') || set.has('ctx'))) return null
  const content = words.filter(
    (word) => !SCOPES_BY_WORD.has(word) && !FILLERS.has(word) && word !== 'long',
  )
  const scope = scopes[0]?.[1] ?? 'in-region'
  const fixed = fixedThing(new Set(content)) ?? mediaThing(content)
  if (fixed !== null) {
    // The quality of an image is called standard too: a tier is what stands beside it.
    const tier = tiers.map(([, each]) => each).find((each) => each !== 'standard')
    return { what: { ...PLAIN, ...fixed, longContext: long }, scope, tier: tier ?? 'standard' }
  }
  if (tiers.length > 1) return null
  const bare = content.filter((word) => !TIERS_BY_WORD.has(word))
  const what = tokenThing(new Set(bare))
  return what === null
    ? null
    : { what: { ...what, longContext: long }, scope, tier: tiers[0]?.[1] ?? 'standard' }
}

function tokenThing(words: ReadonlySet<string>): BilledThing | null {
  const isCustom = words.has('custom') && words.has('model')
  const known = (word: string): boolean =>
    TOKEN_WORDS.has(word) || MODALITIES.has(word) || (isCustom && /^(custom|model)$/.test(word))
  if (![...words].every(known) || !(words.has('token') || words.has('tokens'))) return null
  const kind = tokenKind(words)
  const media = [...MODALITIES].filter((word) => words.has(word))
  if (kind === null || media.length > 1) return null
  // A custom model's tokens have prices of their own, which must never stand for those of its base model.
  if (isCustom) return otherThing('inference on a custom model')
  const [medium = 'text'] = media
  if (medium === 'image' || medium === 'video') return otherThing(`${medium} tokens`)
  if (medium === 'text') return { ...PLAIN, kind, unit: 'token' }
  if (kind !== 'input' && kind !== 'output') return null
  return { ...PLAIN, kind: `audio_${kind}`, unit: 'token', medium: 'speech' }
}

function tokenKind(words: ReadonlySet<string>): UsageKind | null {
  const has = (word: string): boolean => words.has(word)
  const isWrite = has('write') || has('writes')
  const lifetimes = (['5m', '30m', '1h'] as const).filter(has)
  if (has('cached')) return has('input') && !has('output') && !isWrite ? 'cache_read' : null
  if (has('cache')) {
    if (has('read') === isWrite || has('output') || has('response')) return null
    if (has('read')) return lifetimes.length === 0 ? 'cache_read' : null
    if (lifetimes.length > 1) return null
    return lifetimes[0] === undefined ? 'cache_write' : `cache_write_${lifetimes[0]}`
  }
  if (has('read') || isWrite || lifetimes.length > 0) return null
  const isOutput = has('output') || has('response')
  return has('input') === isOutput ? null : isOutput ? 'output' : 'input'
}

/** What is paid by the hour or month, used or not, and what is beside inference altogether. */
function fixedThing(
  words: ReadonlySet<string>,
): Pick<BilledThing, 'kind' | 'unit' | 'variant' | 'other'> | null {
  const has = (...all: readonly string[]): boolean => all.every((word) => words.has(word))
  const only = (known: ReadonlySet<string>): boolean => [...words].every((word) => known.has(word))
  const term = has('months') || has('month') ? termOf(words) : null
  if (has('provisioned', 'throughput', 'model', 'units')) {
    const commitment = has('no', 'commit') ? 'no-commit' : term
    if (commitment === null || !only(PROVISIONED_WORDS)) return null
    const variant = has('custom') ? `custom ${commitment}` : commitment
    return { kind: 'model_unit_hours', unit: 'model_unit_hour', variant, other: null }
  }
  if (has('reserved')) {
    const isCapacity = has('tpm') || has('tokens', 'per', 'minute')
    if (!isCapacity || term === null || has('input') === has('output')) return null
    if (!only(RESERVED_WORDS)) return null
    const variant = `${term} ${has('input') ? 'input' : 'output'}`
    return { kind: 'tpm_hours', unit: 'tpm_hour', variant, other: null }
  }
  if (has('storage') && only(STORAGE_WORDS)) {
    return { kind: 'storage_months', unit: 'storage_month', variant: null, other: null }
  }
  const other = OTHERS.find(([needed]) => needed.every((word) => words.has(word)))?.[1]
  return other === undefined ? null : otherThing(other)
}

const PROVISIONED_WORDS = new Set(
  'provisioned throughput no commit 1 3 6 month months model units usage custom'.split(' '),
)
const RESERVED_WORDS = new Set(
  'reserved 1 3 6 month months input output tokens per minute tpm'.split(' '),
)
const STORAGE_WORDS = new Set('model customization custom import storage'.split(' '))

function termOf(words: ReadonlySet<string>): string | null {
  const months = ['1', '3', '6'].filter((count) => words.has(count))
  if (months.length !== 1) return null
  return months[0] === '1' ? '1-month' : `${months[0]}-months`
}

/** All words of a row must be there; anything may stand beside them. */
const OTHERS: readonly (readonly [readonly string[], string])[] = [
  [['customization'], 'training of a custom model'],
  [['training'], 'training of a custom model'],
  [['import', 'inference'], 'inference on an imported model'],
  [['grounding'], 'web grounding'],
  [['cache', 'storage'], 'storage of cached tokens'],
  [['cache', 'validation'], 'validation of cached tokens'],
  [['evaluations'], 'model evaluation'],
  [['evaluation'], 'model evaluation'],
  [['flow'], 'flows'],
  [['flows'], 'flows'],
  [['optimize', 'prompt'], 'prompt optimisation'],
  [['prompt', 'routing'], 'prompt routing'],
  [['generate', 'sql'], 'structured retrieval'],
  [['structured', 'retrieve'], 'structured retrieval'],
  [['data', 'automation'], 'data automation'],
]
