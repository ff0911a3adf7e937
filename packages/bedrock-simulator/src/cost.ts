// Dollars of one call from the price table, exact: a price of n micro-dollars per million tokens is n picodollars per token,
// so the sum is whole numbers only. A kind that was used but has no price makes the whole cost unknown, never zero.

import { PRICE_TABLE, type PriceRow, type PriceTier, type Rates } from './price-table.ts'
import type { Scope } from './resolve-model.ts'
import type { Usage } from './usage.ts'

export type PricedCall = {
  readonly model: string
  readonly region: string
  readonly scope: Scope
  readonly tier: PriceTier
  readonly usage: Usage
}

type TokenPrices = { readonly [Kind in keyof Usage]: bigint | null }

const PICODOLLARS_PER_DOLLAR = 1_000_000_000_000n
const MICRODOLLAR_DECIMALS = 6

/** Null when some used kind has no price in the table. */
export function costOf(call: PricedCall): bigint | null {
  const prices = findPrices(call)
  if (prices === null) return null
  const { usage } = call
  let sum = 0n
  for (const kind of ['input', 'output', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h'] as const) {
    if (usage[kind] === 0) continue
    const price = prices[kind]
    if (price === null) return null
    sum += price * BigInt(usage[kind])
  }
  return sum
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
  const match = /^(\d+)(?:\.(\d{1,6}))?$/.exec(figure)
  if (match === null) throw new Error(`not a price this table can hold: ${figure}`)
  const [, whole = '0', decimals = ''] = match
  return BigInt(whole + decimals.padEnd(MICRODOLLAR_DECIMALS, '0'))
}

const pricesByKey = indexTable(PRICE_TABLE)

function findPrices({ model, region, scope, tier }: PricedCall): TokenPrices | null {
  const exact = pricesByKey.get(keyOf(model, scope, tier, region))
  if (exact !== undefined) return exact
  if (region.startsWith('us-gov-')) return null
  return pricesByKey.get(keyOf(model, scope, tier, '*')) ?? null
}

function indexTable(rows: readonly PriceRow[]): ReadonlyMap<string, TokenPrices> {
  const index = new Map<string, TokenPrices>()
  for (const { model, regions, scopes, tier, rates } of rows) {
    for (const region of regions === 'commercial' ? ['*'] : regions) {
      for (const scope of scopes) {
        const key = keyOf(model, scope, tier, region)
        if (index.has(key)) throw new Error(`two prices for ${key}`)
        index.set(key, pricesOf(rates))
      }
    }
  }
  return index
}

function pricesOf(rates: Rates): TokenPrices {
  return {
    input: priceOf(rates.input),
    output: priceOf(rates.output),
    cacheRead: priceOf(rates.cacheRead),
    cacheWrite5m: priceOf(rates.cacheWrite5m),
    cacheWrite1h: priceOf(rates.cacheWrite1h),
  }
}

function priceOf(figure: string | undefined): bigint | null {
  return figure === undefined ? null : picodollarsPerToken(figure)
}

function keyOf(model: string, scope: Scope, tier: PriceTier, region: string): string {
  return `${model} ${scope} ${tier} ${region}`
}
