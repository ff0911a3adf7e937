// What a word of the bill means: the grammar of usage types for what is sold, the kind of line for what sort of charge it is. Whatever
// cannot be told stays a charge with its dollars and the reason; a unit that would make the price absurd is not believed.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import type { Result } from '../kernel/result.ts'
import { costOfUsage } from '../pricing/cost-of-usage.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import type { PriceUnit } from '../pricing/price-unit.ts'
import type { BillReading, BillThing, BillWord, ReadBillWord, UnmappedReason } from './bill-word.ts'
import type { BillRow } from './bill-row.ts'
import { exactDigits } from './exact-digits.ts'

/** The grammar: AWS's is `pricing/usage-type`. */
export type UsageWords = {
  readonly readUsage: (line: BillRow) => Result<UsageReading, string>
  /** Units in one billed unit; null where the text does not say. */
  readonly unitsPerBilled: (line: BillRow, unit: PriceUnit) => bigint | null
}

export type UsageReading = {
  readonly region: string | null
  readonly modelId: string | null
  readonly what: {
    readonly kind: UsageKind | null
    readonly unit: PriceUnit
    readonly variant: string | null
    readonly longContext: boolean
  }
  readonly scope: Scope
  readonly tier: Tier
}

/** What was used and counts something. */
const USED: ReadonlySet<string> = new Set(['Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage'])

export function billWordReader(words: UsageWords, book: PriceBook): ReadBillWord {
  return (word, sums) => {
    const line = lineOf(word)
    const read = words.readUsage(line)
    const isUsed = USED.has(word.line_item_type)
    if (!read.ok) {
      const thing = thingOf(word, null)
      return {
        ...NOTHING,
        thing,
        region: word.region,
        unmapped_reason: isUsed ? 'usage_type' : null,
      }
    }
    const { what, modelId, scope, tier } = read.value
    const thing = thingOf(word, what.kind)
    const region = read.value.region ?? word.region
    const factor = isUsed && what.kind !== null ? words.unitsPerBilled(line, what.unit) : null
    const reading: BillReading = {
      thing,
      region,
      model_id: modelId ?? '',
      kind: what.kind,
      scope: what.kind === null ? null : scope,
      tier: what.kind === null ? null : tier,
      counted: what.kind === null ? '' : what.unit,
      variant: what.variant ?? '',
      long_context: what.longContext,
      factor: factor?.toString() ?? null,
      unmapped_reason: null,
    }
    const reason = isUsed ? unmappedReason(reading) : null
    if (reason !== null) return { ...reading, unmapped_reason: reason }
    const isDoubtful = factor !== null && !isBelievable(book, reading, factor, sums)
    return isDoubtful
      ? { ...reading, factor: null, unmapped_reason: 'unit_contradicts_price' }
      : reading
  }
}

const NOTHING: Omit<BillReading, 'thing' | 'region' | 'unmapped_reason'> = {
  model_id: '',
  kind: null,
  scope: null,
  tier: null,
  counted: '',
  variant: '',
  long_context: false,
  factor: null,
}

/** What a call used needs a place, a model and a count; what goes to a pool by its kind (capacity, storage) needs none of them. */
function unmappedReason(reading: BillReading): UnmappedReason | null {
  const { thing, kind, region, model_id, factor } = reading
  if (kind === null || (thing !== 'usage' && thing !== 'guardrail')) return null
  if (region === '') return 'region'
  if (model_id === '' && thing === 'usage') return 'model'
  return factor === null ? 'unit' : null
}

const THING_OF_TYPE: ReadonlyMap<string, BillThing> = new Map([
  ['Tax', 'tax'],
  ['Credit', 'credit'],
  ['Refund', 'refund'],
  ['SavingsPlanNegation', 'discount'],
])

function thingOf(
  { line_item_type, product_code, usage_type }: BillWord,
  kind: UsageKind | null,
): BillThing {
  const byType = THING_OF_TYPE.get(line_item_type)
  if (byType !== undefined) return byType
  if (line_item_type.endsWith('Discount')) return 'discount'
  if (/support/i.test(product_code)) return 'support'
  const sold = kind === null ? soldInWords(usage_type) : soldAs(kind)
  const isFee = /fee$|subscription$/i.test(line_item_type)
  if (isFee && sold !== 'provisioned' && sold !== 'reserved') return 'fee'
  return sold ?? (USED.has(line_item_type) ? 'usage' : 'other')
}

function soldAs(kind: UsageKind): BillThing {
  if (kind === 'model_unit_hours') return 'provisioned'
  if (kind === 'tpm_hours') return 'reserved'
  if (kind === 'storage_months') return 'storage'
  return kind.startsWith('text_units_') ? 'guardrail' : 'usage'
}

/** A usage type that is not understood, or that no call uses, as AWS's own dashboards sort it. */
const IN_WORDS: readonly (readonly [RegExp, BillThing])[] = [
  [/provisioned-?_?throughput/i, 'provisioned'],
  [/reserved/i, 'reserved'],
  [/custom(ization|modelimport)-?storage|modelstorage/i, 'storage'],
  [/guardrail/i, 'guardrail'],
  [/customization|training|import|evaluation|flow|optimizeprompt|routing|grounding/i, 'other'],
  [/dataautomation|agentcore|cachestorage|cachevalidation/i, 'other'],
  [/generatesql|structuredretrieve/i, 'other'],
]

function soldInWords(usageType: string): BillThing | null {
  return IN_WORDS.find(([pattern]) => pattern.test(usageType))?.[1] ?? null
}

/** A price this many times off the book's is no discount and no new price, but another unit than was read. */
const ABSURD_FACTOR = 50n

function isBelievable(
  book: PriceBook,
  { model_id, region, kind, scope, tier, variant }: BillReading,
  factor: bigint,
  sums: Parameters<ReadBillWord>[1],
): boolean {
  if (kind === null || scope === null || model_id === '') return true
  const place = { modelId: model_id, region, tier, variant: variant === '' ? null : variant }
  const atMs = Date.parse(`${sums.period}-15T00:00:00Z`)
  // What says neither is billed alike in its region and by a geography's profile, and may be listed under one of them only.
  const scopes: readonly Scope[] = scope === 'in-region' ? ['in-region', 'geo'] : [scope]
  const rates = scopes.flatMap((each) => {
    const { charges } = costOfUsage(book, { ...place, scope: each, atMs, usage: { [kind]: 1 } })
    return charges.map(({ rate }) => exactDigits(rate))
  })
  const [cost, used] = [exactDigits(sums.unblended), exactDigits(sums.amount)]
  if (cost.digits <= 0n || used.digits <= 0n) return true
  return rates.every((rate) => {
    // cost against used × factor × rate, without a fraction
    const said = cost.digits * 10n ** BigInt(used.scale + rate.scale)
    const expected = used.digits * factor * rate.digits * 10n ** BigInt(cost.scale)
    if (expected === 0n) return true
    return said <= expected * ABSURD_FACTOR && said * ABSURD_FACTOR >= expected
  })
}

function lineOf(word: BillWord): BillRow {
  return {
    usage_type: word.usage_type,
    operation: word.operation,
    line_item_type: word.line_item_type,
    product_code: word.product_code,
    product_name: word.product_name,
    description: word.unit_text,
    pricing_unit: word.unit,
    usage_amount: '0',
    unblended_cost: '0',
    net_unblended_cost: null,
    region: word.region,
    account_id: '',
    resource_id: word.model_resource,
    principal: '',
    usage_start: '',
    usage_end: '',
    tags: {},
  }
}
