import { describe, expect, it } from 'vitest'
import type { OwnerRule } from '../../attribution/owner-rule.ts'
import type { DeclaredPool } from '../../reconciliation/declared-pool.ts'
import { rulesKey, type DatedRules } from './month-rules.ts'

const owner = (team: string, from: string | null, to: string | null = null): OwnerRule => ({
  match: { principal: 'arn:aws:iam::111122223333:role/app' },
  set: { team },
  from,
  to,
})
const pool = (fromMs: number | null, toMs: number | null = null): DeclaredPool => ({
  name: 'tax',
  match: 'tax',
  split: { kind: 'even' },
  fromMs,
  toMs,
})
const NONE: DatedRules = { owners: [], pools: [], exchange: [] }
const key = (rules: Partial<DatedRules>): string => rulesKey({ ...NONE, ...rules }, '2027-01')
const ms = (day: string): number => Date.parse(`${day}T00:00:00Z`)

describe('the rules that concern a month', () => {
  it('[C188] are another key where an owner, a pool or the rate of the month is another', () => {
    const keys = [
      NONE,
      { owners: [owner('search', null)] },
      { owners: [owner('lab', null)] },
      { owners: [owner('search', '2027-01-14T00:00:00Z')] },
      { owners: [owner('search', null, '2027-01-14T00:00:00Z')] },
      { owners: [owner('search', null), owner('lab', null)] },
      // The first that fits holds.
      { owners: [owner('lab', null), owner('search', null)] },
      { pools: [pool(null)] },
      { pools: [pool(ms('2027-01-02'))] },
      { pools: [{ ...pool(null), split: { kind: 'apart' } }] },
      { exchange: [{ currency: 'EUR', rate: '1.1', fromMs: null, toMs: null }] },
      { exchange: [{ currency: 'EUR', rate: '1.2', fromMs: null, toMs: null }] },
      // Late hours of December are billed in January.
      { owners: [owner('search', null, '2026-12-31T00:00:00Z')] },
    ] as const
    expect(new Set(keys.map(key)).size).toBe(keys.length)
  })

  it('[C188] are the same key whatever is said of other months', () => {
    const none = key(NONE)
    expect(key({ owners: [owner('lab', '2027-02-01T00:00:00Z')] })).toBe(none)
    expect(key({ owners: [owner('lab', null, '2026-12-01T00:00:00Z')] })).toBe(none)
    expect(key({ pools: [pool(ms('2027-02-01')), pool(null, ms('2026-12-01'))] })).toBe(none)
    const [fromMs, toMs] = [ms('2027-02-01'), ms('2027-03-01')]
    expect(key({ exchange: [{ currency: 'EUR', rate: '1', fromMs, toMs }] })).toBe(none)
    const known = key({ owners: [owner('search', null)], pools: [pool(null)] })
    const ended = { owners: [owner('search', null, '2027-02-01T00:00:00Z')] }
    expect(key({ ...ended, pools: [pool(ms('2020-01-01'), toMs)] })).toBe(known)
  })
})
