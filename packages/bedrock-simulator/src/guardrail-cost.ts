// Prices of guardrail text units, typed by hand beside the price table: dollars per thousand units, from the Bedrock pricing
// page as quoted in October 2026. A policy without a figure makes the whole cost unknown, never zero.

import type { Operation } from './route.ts'
import type { OtherUsage } from './usage.ts'

/** Picodollars of one unit: a dollar per thousand units is a thousandth of a dollar each. */
const APPLY: { readonly [kind: string]: bigint } = {
  text_units_content: 150_000_000n,
  text_units_topic: 150_000_000n,
  text_units_word: 0n,
  text_units_sensitive_information_free: 0n,
}

/** InvokeGuardrailChecks has a price list of its own. */
const CHECKS: { readonly [kind: string]: bigint } = {
  text_units_checks_content: 70_000_000n,
  text_units_checks_prompt_attack: 80_000_000n,
  text_units_checks_sensitive_information: 100_000_000n,
}

/** Null when some used kind has no price. */
export function guardrailCostOf(operation: Operation, usage: OtherUsage): bigint | null {
  let sum = 0n
  for (const [kind, units] of Object.entries(usage)) {
    if (units === undefined || units === 0) continue
    const price = guardrailPriceOf(operation, kind)
    if (price === null) return null
    sum += price * BigInt(units)
  }
  return sum
}

/** Picodollars of one unit; null where the list has no figure. */
export function guardrailPriceOf(operation: string, kind: string): bigint | null {
  const prices = operation === 'InvokeGuardrailChecks' ? CHECKS : APPLY
  return prices[kind] ?? null
}
