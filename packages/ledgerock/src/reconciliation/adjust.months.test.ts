// Simulated months delivered again after they were closed: late lines, tax and credits that come after the month, a bill that goes back.

import { simulateMonth, writeBill } from '@ledgerock/bedrock-simulator'
import { describe, expect, it } from 'vitest'
import { sumMoney } from '../kernel/money.ts'
import { MS_PER_DAY } from '../kernel/time.ts'
import { adjustmentsOf, allocationRows, type AllocationRow } from './adjust.ts'
import { reconcile, type Reconciliation } from './reconcile.ts'
import { bedrockLines, evidenceRules, meteredUses } from './testing/month-books.ts'

const SEEDS = [1, 2, 3, 4, 5, 6]
/** Days after the end of the month; null: all there will ever be. The first is closed. */
const DELIVERIES = [0.5, 1, 4, 1, null, null] as const

function deliveries(seed: number): readonly Reconciliation[] {
  const simulated = simulateMonth({ seed, calls: 400 })
  const [year = 0, monthNumber = 0] = simulated.period.split('-').map(Number)
  const endMs = Date.UTC(year, monthNumber)
  const credits = [{ accountId: '111122223333', usd: '12.34', description: 'credit' }]
  return DELIVERIES.map((days) => {
    const asOfMs = days === null ? null : endMs + days * MS_PER_DAY
    const options = {
      ...simulated.options,
      latePerMille: 100,
      taxBasisPoints: 700,
      credits,
      asOfMs,
    }
    const month = { ...simulated, options }
    return reconcile({
      period: month.period,
      cost: 'net',
      lines: bedrockLines(writeBill(month)),
      metered: meteredUses(month),
      evidence: evidenceRules(month),
      pools: [{ name: 'tax', match: 'tax', split: { kind: 'apart' }, fromMs: null, toMs: null }],
      defaultSplit: { kind: 'proportional' },
      group: 'team',
      billedUntilMs: null,
    })
  })
}

describe('a closed simulated month', () => {
  it.each(SEEDS)(
    '[R20] is brought to each later delivery exactly, and to the last one in the end: seed %d',
    (seed) => {
      const [closed, ...later] = deliveries(seed)
      if (closed === undefined) throw new Error('nothing was delivered')
      const frozen = allocationRows(closed)
      const posted: AllocationRow[] = []
      const counts: number[] = []
      for (const next of later) {
        const rows = adjustmentsOf(allocationRows(next), frozen, posted)
        counts.push(rows.length)
        posted.push(...rows)
        const sum = sumMoney(posted.map(({ usd }) => usd))
        expect(closed.bill + sum).toBe(next.bill)
        expect(adjustmentsOf([...frozen, ...posted], [], [])).toEqual(allocationRows(next))
      }
      // In half a day nothing need come, in days it does; the second of two equal deliveries says nothing.
      expect(counts.slice(1, -1).every((count) => count > 0)).toBe(true)
      expect(counts.at(-1)).toBe(0)
      expect(posted.some(({ basis }) => basis === 'apart')).toBe(true)
    },
  )
})
