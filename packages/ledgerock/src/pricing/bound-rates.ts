// The dearest rates of a cell, for bounding calls to it: of the input, whichever of its kinds a token turns out to be; of the output; of
// each other unit. Asked of `selectRate` for every kind, variant and band there is, so whatever layers and overrides say is in it.
// Computed once for each cell and stretch of time in which no rate begins or ends.

import type { UsageKind } from '@ledgerock/contract'
import type { BoundUnit } from './bound-units.ts'
import type { ExactRate } from './exact-rate.ts'
import { isFixed } from './override/override-rate.ts'
import { instantOf, type Rate } from './rate.ts'
import { selectRate, variantKey, type RateCell, type RateQuery } from './rate-cell.ts'

export type DearestRates = {
  readonly input: ExactRate | null
  readonly output: ExactRate | null
  /** One for each unit, but for text units: there each policy has its own, and all of them may look. */
  readonly units: readonly { readonly unit: BoundUnit; readonly rate: ExactRate }[]
  /** Something is sold by the token. */
  readonly countsTokens: boolean
}

/** For prompts of more than `above` tokens, up to the next band. */
type Band = { readonly above: number; readonly rates: DearestRates | null }
/** No rate begins or ends in between. */
type Stretch = { readonly fromMs: number; readonly toMs: number; readonly bands: readonly Band[] }

const stretches = new WeakMap<RateCell, Stretch>()

/** Of prompts of at most so many tokens. Null: nothing that a call could use has a price. */
export function dearestRates(
  cell: RateCell,
  atMs: number,
  contextTokensMax: number,
): DearestRates | null {
  let stretch = stretches.get(cell)
  if (stretch === undefined || atMs < stretch.fromMs || atMs >= stretch.toMs) {
    stretch = stretchAt(cell, atMs)
    stretches.set(cell, stretch)
  }
  const { bands } = stretch
  let index = bands.length - 1
  while (index > 0 && (bands[index] as Band).above >= contextTokensMax) index -= 1
  return (bands[index] as Band).rates
}

function stretchAt(cell: RateCell, atMs: number): Stretch {
  const sold = soldIn(cell)
  const before = sold.instants.filter((instant) => instant <= atMs)
  const after = sold.instants.filter((instant) => instant > atMs)
  const bands: Band[] = []
  for (const above of sold.bands) {
    // A prompt that may reach a band may also stay below it, so each band holds those before it.
    const reached = sold.bands.filter((band) => band <= above)
    bands.push({ above, rates: dearestOf(cell, sold, reached, atMs) })
  }
  return {
    fromMs: before.length === 0 ? -Infinity : Math.max(...before),
    toMs: after.length === 0 ? Infinity : Math.min(...after),
    bands,
  }
}

type Sold = {
  readonly kinds: readonly UsageKind[]
  /** Null: none is named. */
  readonly variants: readonly (string | null)[]
  /** Ascending, from 0. */
  readonly bands: readonly number[]
  readonly instants: readonly number[]
}

const WRITES: readonly UsageKind[] = [
  'cache_write',
  'cache_write_5m',
  'cache_write_30m',
  'cache_write_1h',
]

/** Everything the rows and overrides of a cell tell rates apart by. */
function soldIn(cell: RateCell): Sold {
  const kinds = new Set<UsageKind>(WRITES)
  const variants = new Set<string | null>([null])
  const bands = new Set<number>([0])
  const instants = new Set<number>()
  for (const { row } of cell.layers.flat()) {
    for (const kind of Object.keys(row.prices)) kinds.add(kind as UsageKind)
    if (row.variant !== undefined) variants.add(variantKey(row.variant))
    bands.add(row.context_above ?? 0)
    addInstants(instants, row.valid_from, row.valid_to)
  }
  for (const { override } of cell.overrides) {
    addInstants(instants, override.validFrom ?? undefined, override.validTo ?? undefined)
    if (!isFixed(override)) continue
    kinds.add(override.kind)
    if (override.effect.variant !== null) variants.add(variantKey(override.effect.variant))
    bands.add(override.effect.contextAbove)
  }
  return {
    kinds: [...kinds],
    variants: [...variants],
    bands: [...bands].toSorted((left, right) => left - right),
    instants: [...instants],
  }
}

function addInstants(to: Set<number>, from: string | undefined, until: string | undefined): void {
  if (from !== undefined) to.add(instantOf(from, 0))
  if (until !== undefined) to.add(instantOf(until, 0))
}

function dearestOf(
  cell: RateCell,
  sold: Sold,
  bands: readonly number[],
  atMs: number,
): DearestRates | null {
  let input: ExactRate | null = null
  let output: ExactRate | null = null
  const units = new Map<string, { unit: BoundUnit; rate: ExactRate }>()
  for (const rate of ratesOf(cell, sold, bands, atMs)) {
    const { price, kind } = rate
    const use = useOf(rate)
    if (use === null) continue
    if (use === 'input') input = dearer(input, price)
    else if (use === 'output') output = dearer(output, price)
    else {
      const key = use === 'textUnits' || kind.startsWith('text_units') ? kind : use
      units.set(key, { unit: use, rate: dearer(units.get(key)?.rate ?? null, price) })
    }
  }
  const countsTokens = input !== null || output !== null
  if (!countsTokens && units.size === 0) return null
  return { input, output, units: [...units.values()], countsTokens }
}

function* ratesOf(
  cell: RateCell,
  sold: Sold,
  bands: readonly number[],
  atMs: number,
): Generator<Rate> {
  for (const kind of sold.kinds) {
    // Guardrails are metered by calls of their own, also where their prices stand beside every model's.
    if (kind.startsWith('text_units') && !cell.isSharedOnly) continue
    for (const variant of sold.variants) {
      for (const band of bands) {
        const query: RateQuery = { atMs, contextTokens: band + 1, variant }
        const rate = selectRate(cell, kind, query)
        if (typeof rate !== 'string') yield rate
      }
    }
  }
}

/** Null: paid by the hour or month, and by no call. */
function useOf({ unit, kind }: Rate): BoundUnit | 'input' | 'output' | null {
  switch (unit) {
    case 'token':
      return kind === 'output' || kind === 'audio_output' ? 'output' : 'input'
    case 'image':
      return kind === 'images' || kind === 'output' ? 'images' : 'imageInputs'
    case 'second':
      return 'seconds'
    case 'query':
      return 'searches'
    case 'request':
      return 'requests'
    case 'text_unit':
      return 'textUnits'
    case 'model_unit_hour':
    case 'tpm_hour':
    case 'storage_month':
      return null
  }
}

function dearer(left: ExactRate | null, right: ExactRate): ExactRate {
  if (left === null) return right
  return right.picodollars * left.units > left.picodollars * right.units ? right : left
}
