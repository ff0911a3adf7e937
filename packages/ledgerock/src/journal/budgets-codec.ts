// The short form of the budgets that a call is charged to: each a name, the beginning of its period as a step back from the call, and,
// where there is more to say, a number for unit and counter. What does not fit into that stands in full, in a list of its own.

import type { BudgetUse } from './line.ts'

type Placed = readonly (string | 0)[] | undefined

/** In a row: name, steps, and a code where it is not zero. A use in full: name, milliseconds, unit by number, value of `per`. */
export type ShortUses = (string | number | WholeUse)[]
type WholeUse = [budget: string, fromMs: number, unit: number, per: string | null]

/** Periods begin on quarters of an hour in every time zone of today. */
const STEP_MS = 900_000
const UNITS = ['usd', 'tokens'] as const satisfies readonly BudgetUse['unit'][]

/** `placed`: the call's dimensions by place; a counter is nearly always the value of one of them. */
export function shortenUses(
  uses: readonly BudgetUse[],
  startedAt: number,
  placed: Placed,
): ShortUses {
  const short: ShortUses = []
  for (const { budget, fromMs, per, unit } of uses) {
    const unitNumber = UNITS.indexOf(unit)
    const place = per === null ? -1 : (placed?.indexOf(per) ?? -1)
    if (fromMs % STEP_MS !== 0 || (per !== null && place === -1)) {
      short.push([budget, fromMs, unitNumber, per])
      continue
    }
    short.push(budget, Math.floor(startedAt / STEP_MS) - fromMs / STEP_MS)
    const code = (place + 1) * UNITS.length + unitNumber
    if (code !== 0) short.push(code)
  }
  return short
}

export function lengthenUses(
  short: ShortUses,
  startedAt: number,
  placed: Placed,
): readonly BudgetUse[] {
  const uses: BudgetUse[] = []
  for (let at = 0; at < short.length; at += 1) {
    const first = short[at] as string | WholeUse
    if (typeof first !== 'string') {
      const [budget, fromMs, unit, per] = first
      uses.push({ budget, fromMs, per, unit: UNITS[unit] as BudgetUse['unit'] })
      continue
    }
    const steps = Math.floor(startedAt / STEP_MS) - (short[(at += 1)] as number)
    const next = short[at + 1]
    const code = typeof next === 'number' ? next : 0
    if (typeof next === 'number') at += 1
    const place = Math.floor(code / UNITS.length) - 1
    uses.push({
      budget: first,
      fromMs: steps * STEP_MS,
      per: place === -1 ? null : ((placed ?? [])[place] as string),
      unit: UNITS[code % UNITS.length] as BudgetUse['unit'],
    })
  }
  return uses
}
