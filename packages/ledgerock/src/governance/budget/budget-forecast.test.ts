import { describe, expect, it } from 'vitest'
import { MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from '../../kernel/time.ts'
import { straightLine } from './budget-forecast.ts'
import { instanceAt } from './budget-period.ts'

const at = (text: string) => Date.parse(text)
const NOVEMBER = instanceAt({ kind: 'month', startsOn: 1 }, 'UTC', at('2026-11-05'))
const line = (spent: bigint, now: string, instance = NOVEMBER) =>
  straightLine({ instance, spent, nowMs: at(now) })

describe('straightLine', () => {
  it('[G24] goes on as it has since the period began', () => {
    const { forecast, exhaustedAtMs } = line(100n, '2026-11-11')
    expect(forecast).toBe(300n)
    expect(exhaustedAtMs(200n)).toBe(at('2026-11-21'))
    expect(exhaustedAtMs(300n)).toBeNull()
    expect(exhaustedAtMs(301n)).toBeNull()
  })

  it('[G24] a limit that is reached is not reached anew at each look', () => {
    expect(line(100n, '2026-11-11').exhaustedAtMs(101n)).not.toBeNull()
    expect(line(100n, '2026-11-11').exhaustedAtMs(100n)).toBeNull()
    expect(line(100n, '2026-11-01T00:01Z').exhaustedAtMs(90n)).toBeNull()
  })

  it('[G24] amounts of any size are exact', () => {
    const spent = 123_456_789_012_345_678_901n
    expect(line(spent, '2026-11-11').forecast).toBe(spent * 3n)
  })

  it('[G24] it is too early in the first fiftieth and the first hour, of an hour in the first quarter', () => {
    expect(line(9n, '2026-11-01T14:23Z').forecast).toBeNull()
    expect(line(9n, '2026-11-01T14:24Z').forecast).toBe(450n)
    expect(line(9n, '2026-11-01T14:23Z').exhaustedAtMs(10n)).toBeNull()
    const day = instanceAt({ kind: 'day' }, 'UTC', at('2026-11-05'))
    expect(line(1n, '2026-11-05T00:59Z', day).forecast).toBeNull()
    expect(line(1n, '2026-11-05T01:00Z', day).forecast).toBe(24n)
    const hour = { fromMs: 0, toMs: MS_PER_HOUR, sinceMs: 0 }
    const of = (minutes: number) =>
      straightLine({ instance: hour, spent: 1n, nowMs: minutes * MS_PER_MINUTE }).forecast
    expect([of(14), of(15)]).toEqual([null, 4n])
  })

  it('[G24] a period without an end of its own has no projection', () => {
    const total = instanceAt({ kind: 'total' }, 'UTC', 0)
    const rolling = instanceAt({ kind: 'rolling', days: 7 }, 'UTC', at('2026-11-05T00:30Z'))
    for (const instance of [total, rolling]) {
      const { forecast, exhaustedAtMs } = line(5n, '2026-11-05T00:50Z', instance)
      expect([forecast, exhaustedAtMs(6n)]).toEqual([null, null])
      expect(exhaustedAtMs(5n)).toBeNull()
    }
  })

  it('[G24] nothing spent, or less, leads nowhere; after the end the line is what was spent', () => {
    expect(line(0n, '2026-11-11')).toMatchObject({ forecast: 0n })
    expect(line(-5n, '2026-11-11').forecast).toBe(-5n)
    expect(line(-5n, '2026-11-11').exhaustedAtMs(10n)).toBeNull()
    const after = straightLine({
      instance: NOVEMBER,
      spent: 7n,
      nowMs: (NOVEMBER.toMs ?? 0) + MS_PER_DAY,
    })
    expect(after.forecast).toBe(7n)
  })
})
