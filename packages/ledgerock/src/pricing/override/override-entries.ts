// What the overrides of a place say about a kind, as lists of entries to be asked before the layers below them, the most specific
// override first. A fixed price is an entry of its own; a percentage is every entry of the price list and then of the snapshot
// with the percentage on it, so that time, variant and context band go on deciding as the list says. What was learned from a bill
// has the discount in it already and is no base for another.

import type { UsageKind } from '@ledgerock/contract'
import type { LayerName, Rate } from '../rate.ts'
import { variantKey } from '../variant-key.ts'
import { fixedRate, isFixed, isPercent, percentRate } from './override-rate.ts'
import { coversKind, modelOfKind, type RankedOverride } from './rank-overrides.ts'

export type Entry = {
  readonly rate: Rate | null
  readonly contextAbove: number
  readonly validFromMs: number
  readonly validToMs: number
  readonly historical: boolean
  readonly variant: string | null
}

export type LayerEntries = { readonly layer: LayerName; readonly entries: readonly Entry[] }

const LIST_LAYERS: readonly LayerName[] = ['price_list', 'snapshot']

export function overrideEntries(
  modelId: string,
  kind: UsageKind,
  overrides: readonly RankedOverride[],
  sold: readonly LayerEntries[],
): readonly (readonly Entry[])[] {
  if (overrides.length === 0) return []
  const subject = modelOfKind(modelId, kind)
  const soldAs = new Set(
    sold.flatMap(({ entries }) => entries.flatMap(({ rate }) => rate?.kind ?? [])),
  )
  const list = sold.filter(({ layer }) => LIST_LAYERS.includes(layer))
  return overrides
    .filter((ranked) => ranked.matchesModel(subject) && coversKind(ranked, kind, soldAs))
    .flatMap(({ override }) => {
      if (isFixed(override)) return [[entryOf(fixedRate(override))]]
      if (!isPercent(override)) return []
      return list.map(({ entries }) =>
        entries.map((entry) => {
          if (entry.rate === null) return entry
          const rate = percentRate(entry.rate, override)
          return { ...entry, rate, validFromMs: rate.validFromMs, validToMs: rate.validToMs }
        }),
      )
    })
}

function entryOf(rate: Rate): Entry {
  return {
    rate,
    contextAbove: rate.contextAbove,
    validFromMs: rate.validFromMs,
    validToMs: rate.validToMs,
    historical: false,
    variant: rate.variant === null ? null : variantKey(rate.variant),
  }
}
