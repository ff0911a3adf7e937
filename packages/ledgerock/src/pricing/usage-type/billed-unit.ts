// How many of our units one billed unit is. AWS writes the same thing in many ways and changed them in 2026 (`Units` became
// `1M tokens`), and one of them is wrong on its face: reserved capacity says `1M TPM Hour` where its description, and the
// arithmetic, say 1,000. What cannot be told is null and never assumed.

import type { PriceUnit } from '../price-unit.ts'

type Measure = { readonly unit: PriceUnit; readonly factor: bigint }

const MEASURES: ReadonlyMap<string, Measure> = new Map(
  (
    [
      ['token', 1n, 'token tokens'],
      ['token', 1_000n, '1k-tokens 1k-token'],
      ['token', 1_000_000n, '1m-tokens 1m-token'],
      ['image', 1n, 'image images images-processed input-images'],
      ['second', 1n, 'second seconds'],
      ['query', 1n, 'search-units search-unit'],
      ['request', 1n, 'request requests text-requests'],
      ['request', 1_000n, 'per-1000-requests 1k-requests'],
      ['text_unit', 1n, 'textunit textunits text-unit text-units'],
      ['text_unit', 1_000n, '1k-text-units 1000-text-units'],
      ['model_unit_hour', 1n, 'hour hours hrs'],
      ['tpm_hour', 1_000n, '1k-tpm-hour 1ktpmhour'],
      ['storage_month', 1n, 'model/month month model-month'],
    ] as const
  ).flatMap(([unit, factor, names]) =>
    names.split(' ').map((name) => [name, { unit, factor }] as const),
  ),
)

/** Units per billed unit, or null where that cannot be read or is not a measure of `unit`. */
export function billedQuantityFactor(
  pricingUnit: string,
  description: string,
  unit: PriceUnit,
): bigint | null {
  const name = pricingUnit.trim().toLowerCase().replaceAll(/\s+/g, '-')
  if (unit === 'tpm_hour') return tpmFactor(name, description)
  if (name === 'units') return factorInWords(description, unit)
  const measure = MEASURES.get(name)
  return measure?.unit === unit ? measure.factor : null
}

/** `Units` of a token line are millions unless the description says thousands; of all else they are single. */
function factorInWords(description: string, unit: PriceUnit): bigint | null {
  const words = tailOf(description)
  const says = /\bmillions?\b|\b1m\b/.test(words)
    ? 1_000_000n
    : /\bthousands?\b|\b1k\b/.test(words)
      ? 1_000n
      : null
  if (unit === 'token') return says ?? 1_000_000n
  return says ?? 1n
}

/** "Per Hour per 1K Input TPM Reserved 1 Month Global" outranks the unit's own `1M TPM Hour`. */
function tpmFactor(name: string, description: string): bigint | null {
  const words = tailOf(description)
  if (/\bper 1k (?:input |output )?tpm\b/.test(words)) return 1_000n
  if (/\bper 1m (?:input |output )?tpm\b/.test(words)) return 1_000_000n
  return MEASURES.get(name)?.unit === 'tpm_hour' ? (MEASURES.get(name)?.factor ?? null) : null
}

/** A Marketplace line says "AWS Marketplace software usage|us-east-1|Million Input Tokens". */
function tailOf(description: string): string {
  return (description.split('|')[2] ?? description).toLowerCase()
}
