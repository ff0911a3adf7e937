// The arithmetic of a comment, redone exactly: `# 7 × 0.15 + 3 × 0.2 = 1.65 $`, or in µ$. So that a comment cannot say one thing
// and its row another.

import { mustOk } from '../../../kernel/result.ts'
import { parseUsd } from '../../../kernel/money.ts'

export type WorkedArithmetic = {
  readonly quantities: readonly bigint[]
  readonly prices: readonly string[]
  /** What the products come to, and what the comment says they do: picodollars of a dollar or of a µ$. */
  readonly sum: bigint
  readonly stated: bigint
  /** How many of the stated unit make a dollar. */
  readonly perDollar: bigint
}

const WORKED = /^# ((?:[\d,]+ × [\d.]+)(?: \+ [\d,]+ × [\d.]+)*) = ([\d,.]+) (µ?\$)$/

/** Null where a comment is prose. */
export function workedArithmetic(comment: string): WorkedArithmetic | null {
  const [, products, stated = '', unit] =
    WORKED.exec(comment.replaceAll(/(?<=\d),(?=\d)/g, '')) ?? []
  if (products === undefined) return null
  const factors = products.split(' + ').map((product) => product.split(' × '))
  const quantities = factors.map(([quantity = '']) => BigInt(quantity))
  const prices = factors.map(([, price = '']) => price)
  const sum = prices.reduce(
    (total, price, index) => total + exact(price) * (quantities[index] ?? 0n),
    0n,
  )
  return {
    quantities,
    prices,
    sum,
    stated: exact(stated),
    perDollar: unit === '$' ? 1n : 1_000_000n,
  }
}

function exact(decimal: string): bigint {
  return mustOk(parseUsd(decimal))
}
