// A dated price change splits the rows it names in two: the old figures until that day, today's from it on. The catalog names
// changes by model and scope, at the base context band only; what follows from them by one of its own rules (the long-context
// price from the base price, the global price from the geo price) is split too, and says so in `derived`.

import type { UsageKind } from '@ledgerock/contract'
import type { PricedModel, PriceRow } from '../price-document.ts'

type Prices = PriceRow['prices']

export type CatalogPriceChange = {
  readonly model_id: string
  readonly date: string
  readonly scope: string
  readonly before?: Prices
  readonly after?: Prices
  readonly text?: string
  readonly source: string
}

type Factor = (kind: string) => readonly [numerator: bigint, denominator: bigint]

const DAY = /\d{4}-\d{2}-\d{2}/g
const BAND_BEGINS = /^Context threshold at (\d+) input tokens begins to apply\.$/

const LONG_CONTEXT: Factor = (kind) => (kind === 'output' ? [3n, 2n] : [2n, 1n])
const GLOBAL_FROM_GEO: Factor = () => [10n, 11n]

/** The models with split rows, and each change with the day it was applied from (null: it changed no row). */
export function applyPriceChanges(
  models: readonly PricedModel[],
  changes: readonly CatalogPriceChange[],
): {
  readonly models: readonly PricedModel[]
  readonly applied: readonly (CatalogPriceChange & { readonly applied_from: string | null })[]
} {
  const split = models.map((model) => {
    const named = changes.filter((change) => namesModel(change, model))
    const rates = named.reduce<readonly PriceRow[]>(
      (rows, change) => rows.flatMap((row) => splitRow(row, change, named)),
      model.rates,
    )
    return { ...model, rates }
  })
  const applied = changes.map((change) => {
    const day = dayOf(change)
    const starts = split.some(
      (model) => namesModel(change, model) && model.rates.some((row) => row.valid_from === day),
    )
    return { ...change, applied_from: starts ? day : null }
  })
  return { models: split, applied }
}

/**
 * Where the catalog only knows two days between which the price changed, the last one counts: the old price stands until the
 * first day the new one was seen.
 */
function dayOf(change: CatalogPriceChange): string {
  return change.date.match(DAY)?.at(-1) ?? ''
}

function namesModel(change: CatalogPriceChange, model: PricedModel): boolean {
  const pattern = change.model_id
  if (pattern.endsWith('*')) return model.model_id.startsWith(pattern.slice(0, -1))
  return model.model_id === pattern
}

function splitRow(
  row: PriceRow,
  change: CatalogPriceChange,
  named: readonly CatalogPriceChange[],
): readonly PriceRow[] {
  const day = dayOf(change)
  const band = BAND_BEGINS.exec(change.text ?? '')?.[1]
  if (band !== undefined) {
    if (row.context_above !== Number(band)) return [row]
    if (row.valid_to !== undefined && row.valid_to <= day) return []
    return [(row.valid_from ?? '') < day ? { ...row, valid_from: day } : row]
  }
  const before = beforeChange(row, change, named)
  if (before === null) return [row]
  const uncertain = change.date !== day
  const note = { note: `Price change ${change.date}; counted from ${day}.` }
  return [
    {
      ...row,
      prices: before.prices,
      valid_to: day,
      source: change.source,
      ...(before.rule !== null && { derived: { '*': before.rule } }),
      ...(uncertain && note),
    },
    { ...row, valid_from: day, ...(uncertain && note) },
  ]
}

/** What the row cost before the change, or null where the change says nothing about the row. */
function beforeChange(
  row: PriceRow,
  change: CatalogPriceChange,
  named: readonly CatalogPriceChange[],
): { readonly prices: Prices; readonly rule: string | null } | null {
  const { before, after } = change
  if (before === undefined || after === undefined) return null
  if (row.tier !== 'standard' || row.valid_from !== undefined) return null
  const scopes = change.scope.split(' / ')
  const long = row.context_above !== undefined
  if (scopes.includes(row.scope)) {
    const factor: Factor = long ? LONG_CONTEXT : () => [1n, 1n]
    if (!samePrices(row.prices, scaled(after, factor))) return null
    return { prices: scaled(before, factor), rule: long ? 'OPENAI-LONG' : null }
  }
  const globalIsNamed = named.some((other) => other.before && other.scope.includes('global'))
  if (row.scope !== 'global' || long || globalIsNamed || !scopes.includes('geo')) return null
  if (!samePrices(row.prices, scaled(after, GLOBAL_FROM_GEO))) return null
  return { prices: scaled(before, GLOBAL_FROM_GEO), rule: 'GLOBAL-FROM-GEO' }
}

function samePrices(left: Prices, right: Prices): boolean {
  const kinds = Object.keys(left) as UsageKind[]
  return (
    kinds.length === Object.keys(right).length && kinds.every((kind) => left[kind] === right[kind])
  )
}

function scaled(prices: Prices, factor: Factor): Prices {
  const entries = Object.entries(prices).map(([kind, price]) => {
    const [numerator, denominator] = factor(kind)
    return [kind, decimalTimes(price ?? '', numerator, denominator)] as const
  })
  return Object.fromEntries(entries)
}

const DECIMALS = 12

export function decimalTimes(price: string, numerator: bigint, denominator: bigint): string {
  const [whole = '0', fraction = ''] = price.split('.')
  const scaledUp = BigInt(whole + fraction.padEnd(DECIMALS, '0')) * numerator
  if (scaledUp % denominator !== 0n) throw new Error(`${price} is not divisible by ${denominator}`)
  const digits = (scaledUp / denominator).toString().padStart(DECIMALS + 1, '0')
  const decimals = digits.slice(-DECIMALS).replace(/0+$/, '')
  return digits.slice(0, -DECIMALS) + (decimals === '' ? '' : `.${decimals}`)
}
