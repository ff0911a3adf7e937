// What the fields of one price row can get wrong by what they mean: an unknown unit, kind, source or rule, a price that is none, dates
// that are none. Each field is looked at for itself, so that one fault hides no other; what has the wrong shape is passed over,
// because the check of shapes has named it.

import { isUsageKind } from '@ledgerock/contract'
import { isFields, type Fields } from './document-shape.ts'
import { exactRate } from './exact-rate.ts'
import { PRICE_UNITS, UNITS_PER_PRICE, type PriceUnit } from './price-unit.ts'
import { instantOf } from './rate.ts'

/** What rows may refer to; null where the document's own list cannot be read. */
export type Referred = {
  readonly sources: Fields | null
  readonly rules: ReadonlySet<unknown> | null
}

export function rowFaults(row: Fields, referred: Referred): readonly string[] {
  return [...priceFaults(row), ...referenceFaults(row, referred), ...dateFaults(row)]
}

function priceFaults({ unit = 'token', prices }: Fields): readonly string[] {
  const faults: string[] = []
  const isKnown = isUnit(unit)
  if (typeof unit === 'string' && !isKnown) faults.push(`unknown unit ${JSON.stringify(unit)}`)
  if (!isFields(prices)) return faults
  for (const [kind, usd] of Object.entries(prices)) {
    if (!isUsageKind(kind)) faults.push(`unknown usage kind ${JSON.stringify(kind)}`)
    if (typeof usd !== 'string') continue
    const rate = exactRate(usd, isKnown ? UNITS_PER_PRICE[unit] : 1n)
    if (!rate.ok) faults.push(`${kind}: ${rate.problem}`)
  }
  if (Object.keys(prices).length === 0) faults.push('a rate without a price')
  return faults
}

function isUnit(unit: unknown): unit is PriceUnit {
  return PRICE_UNITS.some((known) => known === unit)
}

function referenceFaults({ source, derived }: Fields, { sources, rules }: Referred): string[] {
  const faults: string[] = []
  if (sources !== null && typeof source === 'string' && !Object.hasOwn(sources, source)) {
    faults.push(`unknown source ${source}`)
  }
  if (rules === null || !isFields(derived)) return faults
  for (const rule of Object.values(derived)) {
    if (typeof rule === 'string' && !rules.has(rule)) faults.push(`unknown rule ${rule}`)
  }
  return faults
}

function dateFaults({ valid_from: validFrom, valid_to: validTo }: Fields): readonly string[] {
  const from = typeof validFrom === 'string' ? instantOf(validFrom, 0) : -Infinity
  const to = typeof validTo === 'string' ? instantOf(validTo, 0) : Infinity
  if (Number.isNaN(from) || Number.isNaN(to)) return ['a date that is none']
  return from >= to ? ['validity ends before it begins'] : []
}
