// The most a call can cost, known before it is made: what a hard budget holds back for it. Every token of the input at the dearest
// price any of them can have (fresh, cached, written to a cache; in any context band the input can reach; in the tier asked for or the
// one AWS serves instead), every answer at its full length, and all that is sold by another unit. Never below what `costOfUsage` says
// of the same call, whatever it turns out to use.

import { TIERS, type Scope, type Tier } from '@ledgerock/contract'
import { picodollars, type Picodollars } from '../kernel/money.ts'
import { dearestRates, type DearestRates } from './bound-rates.ts'
import { unitQuantities, type UnitFacts } from './bound-units.ts'
import type { ExactRate } from './exact-rate.ts'
import { limitsOf } from './model-limits.ts'
import { cellOf, type BookModel, type PriceBook } from './price-book.ts'

export { inputTokensMax, type InputFacts } from './input-tokens.ts'

export type BoundAsk = {
  /** A base id or one of its aliases. */
  readonly modelId: string
  /** The source region. */
  readonly region: string
  readonly scope: Scope
  /** As asked for. */
  readonly tier: Tier
  readonly atMs: number
  readonly accountId: string | null
  /** See `inputTokensMax`. */
  readonly inputTokens: number
  /** Of one answer; null where the call does not say. */
  readonly maxTokens: number | null
  readonly choices: number
  readonly media: UnitFacts
}

export type CallBound = {
  /** Null: no price is known, of any tier. */
  readonly usd: Picodollars | null
  /** Input and output together. */
  readonly tokens: number
  /** Of one answer. */
  readonly outputTokens: number
}

/** What is free costs nothing, whatever it says. */
export const FREE_BOUND: CallBound = { usd: picodollars(0n), tokens: 0, outputTokens: 0 }

/** More than any model writes; a larger number in a body is no number of tokens. */
const TOKENS_MAX = 1_000_000_000

/** Their answers are counted in other units, or not at all. */
const WRITES_NOTHING: ReadonlySet<string> = new Set([
  'embedding',
  'rerank',
  'image',
  'video',
  'guardrail',
])

export function boundOfCall(book: PriceBook, ask: BoundAsk): CallBound {
  const model = modelOf(book, ask.modelId)
  const outputTokens = outputTokensOf(model, ask)
  const rates = model === null ? null : ratesOf(model, ask)
  const countsTokens = rates === null || rates.some((one) => one.countsTokens)
  const tokens = countsTokens ? ask.inputTokens + outputTokens * ask.choices : 0
  if (model === null || rates === null) return { usd: null, tokens, outputTokens }
  const written = outputTokens * ask.choices
  let usd = 0n
  for (const one of rates) {
    const most = amount(one, model, ask, written)
    if (most > usd) usd = most
  }
  return { usd: picodollars(usd), tokens, outputTokens }
}

/**
 * The longest each answer may be for the call to cost no more than `room`, for a call that states no maximum: never more than the model
 * writes. Null: not even the input fits, or no price is known.
 */
export function outputTokensWithin(
  book: PriceBook,
  ask: BoundAsk,
  room: Picodollars,
): number | null {
  const model = modelOf(book, ask.modelId)
  const rates = model === null ? null : ratesOf(model, ask)
  if (model === null || rates === null) return null
  let most = Infinity
  for (const one of rates) most = Math.min(most, longest(one, model, ask, room))
  return most < 1 ? null : most
}

/** The same for a room of tokens, whatever they cost. */
export function outputTokensWithinTokens(ask: BoundAsk, room: bigint): number | null {
  const left = room - BigInt(ask.inputTokens)
  const most = atMost(left / BigInt(ask.choices), limitsOf(ask.modelId).outputTokens)
  return left < 0n || most < 1 ? null : most
}

/** Of each tier that may serve the call; not empty. */
type Rates = readonly DearestRates[]

/**
 * Of the tier asked for and of the standard one, which serves what that has no room for; a reserved tier is paid by the hour, and what it
 * cannot serve the standard one does. Where the tier has no price the call may cost what any other does. Null: none has.
 */
function ratesOf(model: BookModel, ask: BoundAsk): Rates | null {
  const standard = ratesIn(model, ask, 'standard')
  const isStandard = ask.tier === 'standard' || ask.tier === 'reserved'
  const asked = isStandard ? standard : ratesIn(model, ask, ask.tier)
  if (asked === null) return otherRates(model, ask)
  return isStandard || standard === null ? [asked] : [asked, standard]
}

function otherRates(model: BookModel, ask: BoundAsk): Rates | null {
  const known: DearestRates[] = []
  for (const tier of TIERS) {
    const rates = ratesIn(model, ask, tier)
    if (rates !== null) known.push(rates)
  }
  return known.length === 0 ? null : known
}

function ratesIn(model: BookModel, ask: BoundAsk, tier: Tier): DearestRates | null {
  const cell = cellOf(model, ask.region, ask.scope, tier, ask.accountId)
  return cell.state === 'priced' ? dearestRates(cell, ask.atMs, ask.inputTokens) : null
}

function amount(rates: DearestRates, model: BookModel, ask: BoundAsk, written: number): bigint {
  let sum = upTo(rates.input, ask.inputTokens) + upTo(rates.output, written)
  if (rates.units.length === 0) return sum
  const quantities = unitQuantities(model.modelId, ask.media, ask.inputTokens)
  for (const { unit, rate } of rates.units) sum += upTo(rate, quantities[unit])
  return sum
}

/** A charge line is rounded on its own, and one amount here may stand for as many lines as there are kinds of usage. */
const ROUNDED_LINES = 24n

function upTo(rate: ExactRate | null, quantity: number): bigint {
  if (rate === null || quantity === 0) return 0n
  const exact = BigInt(quantity) * rate.picodollars
  return rate.units === 1n ? exact : exact / rate.units + ROUNDED_LINES
}

function longest(rates: DearestRates, model: BookModel, ask: BoundAsk, room: bigint): number {
  const most = WRITES_NOTHING.has(model.model.modality) ? 0 : limitsOf(model.modelId).outputTokens
  const left = room - amount(rates, model, ask, 0)
  if (left < 0n) return 0
  const { output } = rates
  if (output === null || output.picodollars === 0n) return most
  const payable = output.units === 1n ? left : left - ROUNDED_LINES
  if (payable < 0n) return 0
  const tokens = (payable * output.units) / output.picodollars
  return atMost(tokens / BigInt(ask.choices), most)
}

function atMost(value: bigint, most: number): number {
  return value > BigInt(most) ? most : Number(value)
}

function modelOf(book: PriceBook, modelId: string): BookModel | null {
  return book.models.get(modelId) ?? book.models.get(book.baseIds.get(modelId) ?? '') ?? null
}

function outputTokensOf(model: BookModel | null, ask: BoundAsk): number {
  if (model !== null && WRITES_NOTHING.has(model.model.modality)) return 0
  return Math.min(ask.maxTokens ?? limitsOf(model?.modelId ?? ask.modelId).outputTokens, TOKENS_MAX)
}
