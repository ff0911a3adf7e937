// Lines and dollars by two words, added exactly. The number of different words has a limit, because they come from a file; what
// goes beyond it is summed under one name, so that the totals stay whole.

import { addDecimals, ZERO_DECIMAL, type Decimal } from './exact-decimal.ts'

export type LineSum<First extends string = string> = {
  readonly first: First
  readonly second: string
  lines: number
  cost: Decimal
}

export type LineSums<First extends string = string> = {
  readonly add: (first: First, second: string, cost: Decimal) => void
  /** The dearest first. */
  readonly all: () => readonly LineSum<First>[]
}

const NAMES_MAX = 5_000
export const OVERFLOW_NAME = '__overflow__'

export function sumOfLines<First extends string = ''>(): LineSums<First> {
  const sums = new Map<string, LineSum<First>>()
  return {
    add: (first, second, cost) => {
      const full = JSON.stringify([first, second])
      const isOver = !sums.has(full) && sums.size >= NAMES_MAX
      const name = isOver ? OVERFLOW_NAME : second
      const key = isOver ? JSON.stringify([first, name]) : full
      const sum = sums.get(key) ?? { first, second: name, lines: 0, cost: ZERO_DECIMAL }
      sum.lines += 1
      sum.cost = addDecimals(sum.cost, cost)
      sums.set(key, sum)
    },
    all: () => [...sums.values()].toSorted(byCost),
  }
}

function byCost(left: LineSum, right: LineSum): number {
  const opposite = { digits: -left.cost.digits, scale: left.cost.scale }
  const { digits } = addDecimals(right.cost, opposite)
  if (digits !== 0n) return digits < 0n ? -1 : 1
  return `${left.first} ${left.second}` < `${right.first} ${right.second}` ? -1 : 1
}
