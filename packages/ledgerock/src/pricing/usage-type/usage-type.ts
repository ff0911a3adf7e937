// Reads AWS's word for something sold: region, model, what is counted, scope and tier, in all four schemes AWS writes them in
// (native, `-mantle-`, Marketplace in CamelCase and in snake_case). The same word stands on the price list and on the bill. A
// word that does not mean exactly one thing is refused, and a model nobody knows stays null under AWS's own name.

import type { Scope, Tier } from '@ledgerock/contract'
import { err, ok, type Result } from '../../kernel/result.ts'
import { otherThing, readThing, type BilledThing, type ReadWords } from './billed-thing.ts'
import { salesOf } from './book-rows.ts'
import { guardrailThing, isGuardrail } from './media-words.ts'
import { modelOfResource, modelsCalled, type ModelNames } from './model-names.ts'
import { looksLikePrefix, regionOfPrefix } from './region-prefixes.ts'

export type { BilledThing } from './billed-thing.ts'

export type UsageTypeReading = {
  readonly region: string | null
  /** AWS's own name of the model, as it writes it; null where the line names none. */
  readonly billingModel: string | null
  /** The one model meant, or null: not known, or several versions are sold under the name. */
  readonly modelId: string | null
  readonly modelIds: readonly string[]
  readonly what: BilledThing
  /** `in-region` also where a geography's profile was called: AWS sells both under one word, at one price. */
  readonly scope: Scope
  readonly tier: Tier
}

/** What stands beside a usage type on a bill line or in a product's attributes; whatever is known. */
export type UsageTypeHints = {
  readonly regionCode?: string | undefined
  readonly resourceId?: string | undefined
  /** `product_product_name` of a bill, `servicename` of the price list. */
  readonly productName?: string | undefined
  /** The price list's `model` or `titanModel`. */
  readonly modelName?: string | undefined
  readonly inferenceType?: string | undefined
  readonly feature?: string | undefined
  readonly serviceTier?: string | undefined
}

export type UsageTypeProblem = 'not_bedrock' | 'unknown_shape'

/** Far above the longest AWS writes; every hyphen is a place where a model's name could end. */
const LENGTH_MAX = 300

export function readUsageType(
  text: string,
  hints: UsageTypeHints,
  names: ModelNames,
): Result<UsageTypeReading, UsageTypeProblem> {
  if (text.length > LENGTH_MAX) return err('unknown_shape')
  const isNamed = hints.productName !== undefined && hints.productName !== ''
  if (isNamed && !/bedrock/i.test(hints.productName)) return err('not_bedrock')
  const placed = readRegion(text, hints.regionCode)
  if (placed === null) return err('unknown_shape')
  const read = placed.isMarketplace
    ? readMarketplace(placed.body, hints)
    : readNativeOnce(placed.body, names)
  if (read === null) return err('unknown_shape')
  const words = withAttributes(read.words, hints)
  if (words === null) return err('unknown_shape')
  const modelIds = modelsOf(read.billingModel, hints, names)
  return ok({
    region: placed.region,
    billingModel: read.billingModel,
    modelId: modelIds.length === 1 ? (modelIds[0] ?? null) : null,
    modelIds,
    scope: words.scope,
    tier: words.tier,
    what: asTheBookSays(words.what, modelIds, names),
  })
}

type Placed = {
  readonly region: string | null
  readonly body: string
  readonly isMarketplace: boolean
}

/** `USE1-…`, or `USE1-MP:USE1_…-Units`; null where the regions contradict each other. */
function readRegion(text: string, regionCode: string | undefined): Placed | null {
  const [, first = '', rest = ''] = /^([A-Z]{2,3}\d{0,2})-(.+)$/.exec(text) ?? []
  const listed = regionOfPrefix(first)
  const stated = regionCode === undefined || regionCode === '' ? null : regionCode
  if (listed !== null && stated !== null && listed !== stated) return null
  // A code that is not in the table is taken as one only where the region stands beside it.
  const isPrefix = listed !== null || (stated !== null && looksLikePrefix(first))
  const body = isPrefix ? rest : text
  const [, inner = '', dimension = ''] = /^MP:([A-Z]{2,3}\d{0,2})_(.+)-Units$/.exec(body) ?? []
  if (dimension === '') return { region: listed ?? stated, body, isMarketplace: false }
  const innerRegion = regionOfPrefix(inner)
  const region = listed ?? stated ?? innerRegion
  if (innerRegion !== null && innerRegion !== region) return null
  return { region, body: dimension, isMarketplace: true }
}

type ReadModel = { readonly billingModel: string | null; readonly words: ReadWords }

/** A Marketplace usage type never names its model: the product does. */
function readMarketplace(body: string, hints: UsageTypeHints): ReadModel | null {
  const words = readThing(body)
  return words === null ? null : { billingModel: productOf(hints), words }
}

/** Words repeat in every region and every hour of a bill, so what was read is kept, up to a bound. */
const READ_MAX = 20_000
const readBefore = new WeakMap<ModelNames, Map<string, ReadModel | null>>()

function readNativeOnce(body: string, names: ModelNames): ReadModel | null {
  const known = readBefore.get(names) ?? new Map<string, ReadModel | null>()
  const before = known.get(body)
  if (before !== undefined) return before
  if (known.size >= READ_MAX) known.clear()
  const read = readNative(body, names)
  readBefore.set(names, known.set(body, read))
  return read
}

/**
 * `<model>-<thing>`: where the model's name ends is told by what is known. Of the cuts that leave a readable thing, the longest
 * known name wins (`TitanEmbeddingV2-Text` sells input tokens, `NovaSonic` sells text input tokens), else the shortest name.
 */
function readNative(body: string, names: ModelNames): ReadModel | null {
  const plain = { scope: 'in-region', tier: 'standard' } as const
  if (isGuardrail(body)) {
    const what = guardrailThing(body)
    if (what === null) return null
    return {
      billingModel: null,
      words: { ...plain, what: { ...what, longContext: false, other: null } },
    }
  }
  const imported = /^(.+)-CustomModelImport-(Inference|Storage)-v[\d:]+$/.exec(body)
  if (imported !== null) {
    const what = imported[2] === 'Storage' ? IMPORTED_STORAGE : IMPORTED_INFERENCE
    return { billingModel: imported[1] ?? null, words: { ...plain, what } }
  }
  const cuts: ReadModel[] = []
  for (let at = body.indexOf('-'); at !== -1; at = body.indexOf('-', at + 1)) {
    const words = readThing(body.slice(at + 1))
    const billingModel = body.slice(0, at)
    // A name that still says what is counted was cut in the middle of words that contradict each other.
    if (words !== null && !COUNTED.test(billingModel)) cuts.push({ billingModel, words })
  }
  const known = cuts.findLast(
    ({ billingModel }) => modelsCalled(names, billingModel ?? '').length > 0,
  )
  const whole = readThing(body)
  if (known !== undefined) return known
  return whole === null ? (cuts[0] ?? null) : { billingModel: null, words: whole }
}

const IMPORTED_INFERENCE = otherThing('inference on an imported model')
const IMPORTED_STORAGE: BilledThing = {
  ...IMPORTED_INFERENCE,
  kind: 'storage_months',
  unit: 'storage_month',
  variant: 'custom-import',
  other: null,
}
const COUNTED = /(^|-)(input|output|cache|cached|read|write|tokens?)(-|$)/i

/** The four ways the price list says how something is sold must not contradict each other. */
function withAttributes(words: ReadWords, hints: UsageTypeHints): ReadWords | null {
  const { inferenceType = '', feature = '', serviceTier = '', modelName = '' } = hints
  const isFixed = words.what.kind?.endsWith('_hours') === true
  const isImage = words.what.unit === 'image'
  const stated = [
    ...tiersIn(serviceTier),
    ...(isImage ? [] : tiersIn(inferenceType)),
    ...tiersIn(feature),
    ...(LATENCY_OPTIMIZED.test(modelName) ? (['latency-optimized'] as const) : []),
  ].filter((tier) => tier !== words.tier)
  const longContext = words.what.longContext || /long.?c(on)?te?x/i.test(inferenceType)
  const what = { ...words.what, longContext }
  if (isFixed || stated.length === 0) return { ...words, what: customised(what, feature) }
  const [tier] = stated
  if (words.tier !== 'standard' || tier === undefined) return null
  if (stated.some((other) => other !== tier)) return null
  return { ...words, tier, what: customised(what, feature) }
}

/** AWS also writes it behind the model's name: `Llama 3.1 70B Latency Optimized`. */
const LATENCY_OPTIMIZED = / latency.?optimi[sz]ed$/i

const STATED_TIERS: readonly (readonly [RegExp, Tier])[] = [
  [/batch/i, 'batch'],
  [/flex/i, 'flex'],
  [/priority/i, 'priority'],
  [/latency.?optimi[sz]ed/i, 'latency-optimized'],
  [/reserved/i, 'reserved'],
]

function tiersIn(text: string): readonly Tier[] {
  return STATED_TIERS.filter(([pattern]) => pattern.test(text)).map(([, tier]) => tier)
}

/** Tokens of a customised model look like those of its base model but for this attribute. */
function customised(what: BilledThing, feature: string): BilledThing {
  if (what.unit !== 'token' || !/custom/i.test(feature)) return what
  return otherThing('inference on a custom model')
}

/**
 * Two words mean what the model's own rows say: a cache write of unstated lifetime is one of five minutes where those are sold,
 * and an image's size is its bound (`up to 1024x1024, premium`) where the book words it so.
 */
function asTheBookSays(
  what: BilledThing,
  modelIds: readonly string[],
  { book }: ModelNames,
): BilledThing {
  if (what.kind !== 'cache_write' && what.kind !== 'images') return what
  const rows = modelIds.flatMap((modelId) => salesOf(book, modelId).rows)
  if (what.kind === 'cache_write') {
    const sellsFiveMinutes =
      modelIds.some((modelId) => modelId.startsWith('anthropic.')) ||
      rows.some((row) => row.prices.cache_write_5m !== undefined)
    return sellsFiveMinutes ? { ...what, kind: 'cache_write_5m' } : what
  }
  const bound = `up to ${what.variant ?? ''}`
  const isBound = rows.some(({ variant }) => variant === bound)
  return isBound ? { ...what, variant: bound } : what
}

/** A resource's ARN outranks names; two names that mean different models mean none. */
function modelsOf(
  billingModel: string | null,
  hints: UsageTypeHints,
  names: ModelNames,
): readonly string[] {
  const named = hints.resourceId === undefined ? null : modelOfResource(names, hints.resourceId)
  if (named !== null) return [named]
  const candidates = [
    billingModel,
    hints.modelName?.replace(LATENCY_OPTIMIZED, ''),
    productOf(hints),
  ]
    .map((name) => (name === null || name === undefined ? [] : modelsCalled(names, name)))
    .filter((models) => models.length > 0)
  const [first = [], ...others] = candidates
  return first.filter((modelId) => others.every((models) => models.includes(modelId)))
}

/** The Marketplace product's name without its edition; the services themselves name no model. */
function productOf({ productName }: UsageTypeHints): string | null {
  const [, name] = /^(.+?) \(Amazon Bedrock Edition\)$/i.exec(productName ?? '') ?? []
  return name ?? null
}
