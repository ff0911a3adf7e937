// How far an invoice may lie from the sum of its rows before it is wrong, as FOCUS 1.4 has it ("Rounding Variance Tolerance"):
// the greater of a hundred subunits and half a subunit for the square root of the rows. Not for tax, not for open invoices.

import type { Picodollars } from '../kernel/money.ts'

/** A cent. */
const SUBUNIT = 10_000_000_000n

export function focusTolerance(rows: number): Picodollars {
  const least = 100n * SUBUNIT
  // √rows × ½ × subunit, as one whole root
  const grown = rootOf((BigInt(rows) * SUBUNIT * SUBUNIT) / 4n)
  return (grown > least ? grown : least) as Picodollars
}

export function isWithinTolerance(difference: Picodollars, rows: number): boolean {
  const magnitude: bigint = difference < 0n ? 0n - difference : difference
  return magnitude <= focusTolerance(rows)
}

/** The whole square root, rounded down, by Newton's steps. */
function rootOf(square: bigint): bigint {
  if (square < 2n) return square
  let root = 1n << BigInt((square.toString(2).length + 1) >> 1)
  for (;;) {
    const next = (root + square / root) >> 1n
    if (next >= root) return root
    root = next
  }
}
