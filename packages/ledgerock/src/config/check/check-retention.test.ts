import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { instanceAt } from '../../governance/budget/budget-period.ts'
import { sampleBudget } from '../../governance/testing/sample-budget.ts'
import { MS_PER_DAY } from '../../kernel/time.ts'
import { budgetToolsOf } from '../../processes/control/budget-tools.ts'
import { retentionFault } from './check-retention.ts'
import { faultsOf, validated } from '../testing/faults-of.ts'

const file = (period: string, retention: string, parts = 'mode: hard'): string =>
  `${retention}\nbudgets: [ { name: a, period: ${period}, limit_usd: "5", ${parts} } ]\n`
const faults = (...args: Parameters<typeof file>): readonly string[] => faultsOf(file(...args))

describe('a hard budget and what is kept', () => {
  it('[O23] without an end needs calls that are kept for ever, and says so', () => {
    expect(faults('total', '')).toEqual([
      expect.stringMatching(
        /budgets\[0\]\.period: never ends, but calls are kept for 400d .*set retention\.calls: forever/,
      ),
    ])
    expect(validated(file('total', 'retention: { calls: forever }')).ok).toBe(true)
  })

  it('[O23] whose period is longer than calls are kept names the retention it needs', () => {
    const tight = 'retention: { calls: 30d }'
    expect(faults('month', tight)).toEqual([expect.stringContaining('to 33d or more')])
    expect(faults('{ rolling_days: 30 }', tight)).toEqual([
      expect.stringContaining('to 31d or more'),
    ])
    expect(faults('month', tight, 'mode: hard, carry_over: true')).toEqual([
      expect.stringContaining('to 40d or more'),
    ])
    for (const period of ['week', 'day', '{ rolling_days: 29 }']) {
      expect(faults(period, tight)).toEqual([])
    }
  })

  it('[O23] only what refuses has to be remembered', () => {
    for (const parts of ['mode: soft', 'mode: notify', 'mode: hard, shadow: true']) {
      expect(faults('total', '', parts)).toEqual([])
    }
  })

  it('[O23] every period there is fits into what is kept by default', () => {
    for (const period of ['hour', 'day', 'week', 'month', 'quarter', 'year']) {
      expect(faults(period, '', 'mode: hard, carry_over: true')).toEqual([])
    }
    expect(faults('{ rolling_days: 366 }', '')).toEqual([])
  })

  it('[O23] what it says is enough, is: no instant of a period is older than what is kept', () => {
    const kinds = [
      { kind: 'hour' },
      { kind: 'day' },
      { kind: 'week', startsOn: 1 },
      { kind: 'month', startsOn: 1 },
      { kind: 'quarter', month: 1, startsOn: 1 },
      { kind: 'year', month: 4, startsOn: 6 },
      { kind: 'rolling', days: 40 },
    ] as const
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.constantFrom('UTC', 'Europe/Berlin', 'Pacific/Kiritimati', 'Pacific/Pago_Pago'),
        fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2031-01-01') }),
        fc.integer({ min: 1, max: 500 }),
        (period, timeZone, atMs, keptDays) => {
          const keptMs = keptDays * MS_PER_DAY
          const budget = sampleBudget({ name: 'a', mode: 'hard', period, timeZone })
          if (retentionFault(budget, keptMs) !== null) return
          const { sinceMs, toMs } = instanceAt(period, timeZone, atMs)
          expect((toMs ?? Infinity) - sinceMs).toBeLessThanOrEqual(keptMs - MS_PER_DAY)
        },
      ),
    )
  })

  it('[O23] is asked of budgets that do not come from the file, too', () => {
    const written = { name: 'a', scope: {}, period: 'total', limit_usd: '5', mode: 'hard' }
    const read = (keptMs: number | null) => budgetToolsOf(() => keptMs).read(written, [])
    expect(read(null).ok).toBe(true)
    expect(read(400 * MS_PER_DAY)).toMatchObject({
      problem: [{ path: 'period', message: expect.stringContaining('forever') }],
    })
  })
})
