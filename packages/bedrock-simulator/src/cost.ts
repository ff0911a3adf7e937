// Dollars of one call from the price table, exact: a price of n micro-dollars per million tokens is n picodollars per token,
// and nothing else is sold for less than a whole picodollar, so the sum is whole numbers only. A kind that was used but has no
// price makes the whole cost unknown, never zero.

import { PRICE_TABLE } from './price-table.ts'
import type { PriceRow, PriceTier, TokenRates } from './price-row.ts'
import type { Scope } from './resolve-model.ts'
import { cacheWriteTokens, type OtherKind, type Usage } from './usage.ts'

export type PricedCall = {
  readonly model: string
  readonly region: string
  readonly scope: Scope
  readonly tier: PriceTier
  readonly usage: Usage
  /** Size and quality of an image, resolution of a video. */
  readonly variant?: string | null
}

type TokenKind = Exclude<keyof Usage, 'other'>

type Unit = {
  readonly kind: OtherKind
  readonly variant: string | null
  readonly price: bigint
}

type Prices = {
  readonly promptTokensAbove: number
  readonly tokens: { readonly [Kind in TokenKind]: bigint | null }
  readonly units: readonly Unit[]
}

const TOKEN_KINDS = ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const
const PICODOLLARS_PER_DOLLAR = 1_000_000_000_000n
const MICRODOLLAR_DECIMALS = 6
const PICODOLLAR_DECIMALS = 12

const KIND_NAMES = {
  input: 'input',
  output: 'output',
  cacheRead: 'cache_read',
  cacheWrite5m: 'cache_write_5m',
  cacheWrite1h: 'cache_write_1h',
} as const

export type ChargeKind = (typeof KIND_NAMES)[TokenKind] | OtherKind

/** What one kind of use costs: a call is the sum of its charges, and so is a bill line. */
export type Charge = {
  readonly kind: ChargeKind
  readonly variant: string | null
  readonly quantity: number
  /** Picodollars of one. */
  readonly price: bigint
  /** Its prompt was above the threshold from which a request costs more. */
  readonly isLongContext: boolean
}

/** Null when some used kind has no price in the table. */
export function costOf(call: PricedCall): bigint | null {
  const charges = chargesOf(call)
  if (charges === null) return null
  return charges.reduce((sum, { price, quantity }) => sum + price * BigInt(quantity), 0n)
}

/** The kinds that were used, each with its price; null when one of them has none. */
export function chargesOf(call: PricedCall): readonly Charge[] | null {
  const { usage, variant = null } = call
  const prices = findPrices(call)
  if (prices === null) return null
  const isLongContext = prices.promptTokensAbove > 0
  const charges: Charge[] = []
  for (const kind of TOKEN_KINDS) {
    if (usage[kind] === 0) continue
    const price = prices.tokens[kind]
    if (price === null) return null
    const quantity = usage[kind]
    charges.push({ kind: KIND_NAMES[kind], variant: null, quantity, price, isLongContext })
  }
  for (const [name, quantity = 0] of Object.entries(usage.other)) {
    if (quantity === 0) continue
    const sold = prices.units.find(
      (unit) => unit.kind === name && (unit.variant === null || unit.variant === variant),
    )
    if (sold === undefined) return null
    const { kind, price } = sold
    charges.push({ kind, variant: sold.variant, quantity, price, isLongContext })
  }
  return charges
}

/** The shortest decimal string that is exactly this many picodollars. */
export function formatUsd(picodollars: bigint): string {
  const whole = picodollars / PICODOLLARS_PER_DOLLAR
  const rest = (picodollars % PICODOLLARS_PER_DOLLAR).toString().padStart(12, '0')
  const decimals = rest.replace(/0+$/, '')
  return decimals === '' ? whole.toString() : `${whole}.${decimals}`
}

/** A table figure in dollars per million tokens as picodollars per token. */
export function picodollarsPerToken(figure: string): bigint {
  return scaled(figure, MICRODOLLAR_DECIMALS)
}

/** A table figure in dollars for one unit as picodollars. */
export function picodollarsPerUnit(figure: string): bigint {
  return scaled(figure, PICODOLLAR_DECIMALS)
}

function scaled(figure: string, decimalsMax: number): bigint {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(figure)
  const [, whole = '', decimals = ''] = match ?? []
  if (match === null || decimals.length > decimalsMax) {
    throw new Error(`not a price this table can hold: ${figure}`)
  }
  return BigInt(whole + decimals.padEnd(decimalsMax, '0'))
}

/** Under each key the bands of prompt size, the highest threshold first. */
const pricesByKey = indexTable(PRICE_TABLE)

function findPrices({ model, region, scope, tier, usage }: PricedCall): Prices | null {
  const own = pricesByKey.get(keyOf(model, scope, tier, region))
  const everywhere = region.startsWith('us-gov-')
    ? undefined
    : pricesByKey.get(keyOf(model, scope, tier, '*'))
  const bands = own ?? everywhere ?? []
  const promptTokens = usage.input + usage.cacheRead + cacheWriteTokens(usage)
  return bands.find(({ promptTokensAbove: above }) => above === 0 || promptTokens > above) ?? null
}

function indexTable(rows: readonly PriceRow[]): ReadonlyMap<string, readonly Prices[]> {
  const index = new Map<string, Prices[]>()
  for (const row of rows) {
    for (const region of row.regions === 'commercial' ? ['*'] : row.regions) {
      for (const scope of row.scopes) {
        const key = keyOf(row.model, scope, row.tier, region)
        const bands = index.get(key) ?? []
        if (bands.some((band) => band.promptTokensAbove === row.promptTokensAbove)) {
          throw new Error(`two prices for ${key}`)
        }
        bands.push(pricesOf(row))
        bands.sort((left, right) => right.promptTokensAbove - left.promptTokensAbove)
        index.set(key, bands)
      }
    }
  }
  return index
}

function pricesOf({ promptTokensAbove, tokens, units }: PriceRow): Prices {
  return {
    promptTokensAbove,
    tokens: {
      input: priceOf(tokens.input),
      output: priceOf(tokens.output),
      cacheRead: priceOf(tokens.cacheRead),
      cacheWrite5m: priceOf(tokens.cacheWrite5m),
      cacheWrite1h: priceOf(tokens.cacheWrite1h),
    },
    units: [
      ...writtenForHalfAnHour(tokens),
      ...units.map(({ kind, variant = null, usd }) => ({
        kind,
        variant,
        price: picodollarsPerUnit(usd),
      })),
    ],
  }
}

function writtenForHalfAnHour({ cacheWrite30m }: TokenRates): readonly Unit[] {
  if (cacheWrite30m === undefined) return []
  return [{ kind: 'cache_write_30m', variant: null, price: picodollarsPerToken(cacheWrite30m) }]
}

function priceOf(figure: string | undefined): bigint | null {
  return figure === undefined ? null : picodollarsPerToken(figure)
}

function keyOf(model: string, scope: Scope, tier: PriceTier, region: string): string {
  return `${model} ${scope} ${tier} ${region}`
}
