// The rates an override makes: its own fixed price, or a percentage of a rate of the price list, exact, with an id that names both
// the list rate and the override.

import type { UsageKind } from '@ledgerock/contract'
import { mustOk } from '../../kernel/result.ts'
import { exactRate, scaledRate } from '../exact-rate.ts'
import { UNITS_PER_PRICE } from '../price-unit.ts'
import { instantOf, type Rate } from '../rate.ts'
import type { FixedEffect, PercentEffect, PriceOverride } from './price-override.ts'

const ID_SEPARATOR = '~'
const DAY_CHARS = '2026-10-01'.length

export type FixedOverride = PriceOverride & {
  readonly kind: UsageKind
  readonly effect: FixedEffect
}
export type PercentOverride = PriceOverride & { readonly effect: PercentEffect }

export function isFixed(override: PriceOverride): override is FixedOverride {
  return 'price' in override.effect && override.kind !== null
}

export function isPercent(override: PriceOverride): override is PercentOverride {
  return 'percent' in override.effect
}

export function fixedRate(override: FixedOverride): Rate {
  const { effect } = override
  return {
    rateId: override.overrideId,
    layer: 'override',
    modelId: override.models,
    region: override.regions,
    scope: override.scope ?? '*',
    tier: override.tier ?? '*',
    kind: override.kind,
    unit: effect.unit,
    medium: 'text',
    variant: effect.variant,
    contextAbove: effect.contextAbove,
    validFromMs: instantOf(override.validFrom ?? undefined, -Infinity),
    validToMs: instantOf(override.validTo ?? undefined, Infinity),
    price: mustOk(exactRate(effect.price, UNITS_PER_PRICE[effect.unit])),
    source: sourceOf(override),
    sourceDate: overrideDate(override) ?? '',
    derivedBy: null,
    base: null,
    historical: false,
    note: override.reason,
  }
}

/** `base` with the percentage on it, in force while both are. */
export function percentRate(base: Rate, override: PercentOverride): Rate {
  const { numerator, denominator } = factorOf(override.effect.percent)
  return {
    ...base,
    rateId: `${base.rateId}${ID_SEPARATOR}${override.overrideId}`,
    layer: 'override',
    validFromMs: Math.max(base.validFromMs, instantOf(override.validFrom ?? undefined, -Infinity)),
    validToMs: Math.min(base.validToMs, instantOf(override.validTo ?? undefined, Infinity)),
    price: scaledRate(base.price, numerator, denominator),
    source: sourceOf(override),
    sourceDate: overrideDate(override) ?? base.sourceDate,
    derivedBy: override.name,
    base: { rateId: base.rateId, source: base.source, sourceDate: base.sourceDate },
    note: `${override.effect.percent} % on ${base.rateId} (${base.source})`,
  }
}

/** The day it was set, else the one it begins on; null where neither is known. */
export function overrideDate({ setAt, validFrom }: PriceOverride): string | null {
  return (setAt ?? validFrom)?.slice(0, DAY_CHARS) ?? null
}

/** The parts of `<list rate>~<override>`, or null for an id of another shape. */
export function partsOfRateId(
  rateId: string,
): { readonly baseId: string; readonly overrideId: string } | null {
  const [baseId, overrideId, ...rest] = rateId.split(ID_SEPARATOR)
  if (baseId === undefined || overrideId === undefined || rest.length > 0) return null
  return { baseId, overrideId }
}

/** 100 % and the percentage, as a fraction over a power of ten: "-12.5" is 875 / 1000. */
export function factorOf(percent: string): {
  readonly numerator: bigint
  readonly denominator: bigint
} {
  const [, sign = '', whole = '0', decimals = ''] = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(percent) ?? []
  const hundred = 100n * 10n ** BigInt(decimals.length)
  const change = BigInt(whole + decimals)
  return { numerator: sign === '-' ? hundred - change : hundred + change, denominator: hundred }
}

function sourceOf(override: PriceOverride): string {
  return `override ${override.name}`
}
