// Exact figures as people read them: shares with at most two decimals, money to the cent or finer where it is small. What is sent to
// programs keeps all decimals.

import { formatUsd, picodollars } from '../../kernel/money.ts'
import { EXACT_ONE, type Exact } from './watched-rule.ts'

/** All decimals, none superfluous. */
export function exactText(value: Exact): string {
  return formatUsd(picodollars(value))
}

/** Cut, not rounded: 99.999 % is not yet 100 %. */
export function shortText(value: Exact): string {
  return exactText(cut(value, EXACT_ONE / 100n))
}

export function usdText(picos: bigint): string {
  const magnitude = picos < 0n ? -picos : picos
  const step = magnitude >= EXACT_ONE ? EXACT_ONE / 100n : EXACT_ONE / 1_000_000n
  return `$${exactText(cut(picos, step))}`
}

function cut(value: bigint, step: bigint): bigint {
  return value - (value % step)
}
