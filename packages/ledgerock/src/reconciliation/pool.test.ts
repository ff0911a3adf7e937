import { describe, expect, it } from 'vitest'
import type { PoolRule, Split } from './pool.ts'
import { moved } from './preview.ts'
import { given, hour, line, reconciled, reported, ROLE, use } from './testing/small-books.ts'

const USED = [
  use(1, 'search', 300, { owner: { team: 'search', application: 'api' } }),
  use(1, 'search', 100, { owner: { team: 'search', application: 'ranker' } }),
  use(1, 'support', 100),
]
const tax = (usd: string, more = {}) =>
  line(5, 0, { thing: 'tax', usd, quantity: null, principal: '', ...more })
const BILL = [line(1, 500), tax('0.000010')]
const rule = (split: Split, more: Partial<PoolRule> = {}): PoolRule => ({
  name: 'taxes',
  match: 'tax',
  split,
  fromMs: null,
  toMs: null,
  ...more,
})
const shared = (pools: readonly PoolRule[], bill = BILL): readonly string[] =>
  given(bill, USED, { pools }).filter((row) => / (shared|unattributed) /.test(row))

describe('pools', () => {
  it('[R7] splits by what each used', () => {
    expect(shared([rule({ kind: 'proportional' })])).toEqual([
      'search+api shared taxes 0.000006',
      'search+ranker shared taxes 0.000002',
      'support shared taxes 0.000002',
    ])
  })

  it('[R7] splits evenly among teams, and within a team by use', () => {
    expect(shared([rule({ kind: 'even' })])).toEqual([
      'support shared taxes 0.000005',
      'search+api shared taxes 0.00000375',
      'search+ranker shared taxes 0.00000125',
    ])
  })

  it('[R7] splits by fixed parts, also to who used nothing', () => {
    const shares = [
      { owner: { team: 'platform' }, weight: 3n },
      { owner: { team: 'search' }, weight: 1n },
    ]
    expect(shared([rule({ kind: 'fixed', shares })])).toEqual([
      'platform shared taxes 0.0000075',
      'search shared taxes 0.0000025',
    ])
  })

  it('[R7] gives all to one owner, or each line to whom its tags name', () => {
    expect(shared([rule({ kind: 'owner', owner: { team: 'platform' } })])).toEqual([
      'platform shared taxes 0.00001',
    ])
    const bill = [
      line(1, 500),
      tax('0.00001', { tags: { 'accountTag/team': 'lab' } }),
      tax('0.00002'),
    ]
    expect(shared([rule({ kind: 'owner', owner: null })], bill)).toEqual([
      '- unattributed empty_principal 0.00002',
      'lab shared taxes 0.00001',
    ])
  })

  it('[R7] keeps apart what its rule keeps apart, and says how much', () => {
    const report = reported(BILL, USED, { pools: [rule({ kind: 'apart' })] })
    expect(report).toMatchObject({
      bill_usd: '0.00051',
      allocated_usd: '0.0005',
      shared_usd: '0.00001',
      unattributed_usd: '0',
    })
    expect(report.pools).toEqual([
      { name: 'taxes', split: 'apart', amount_usd: '0.00001', apart_usd: '0.00001' },
    ])
  })

  it('[R7] shares out what is given back as it shares out what is charged', () => {
    const credit = line(5, 0, { thing: 'credit', usd: '-0.00001', quantity: null })
    const rows = given([line(1, 500), credit], USED).filter((row) => row.includes('shared'))
    expect(rows).toEqual([
      'search+ranker shared credit -0.000002',
      'support shared credit -0.000002',
      'search+api shared credit -0.000006',
    ])
  })

  it('[R7] takes the first rule that fits at the time; usage types by pattern; else the default', () => {
    const bill = [
      line(1, 500),
      tax('0.00001'),
      line(20, 100, { usageType: 'USE1-Batch', principal: ROLE }),
    ]
    const pools = [
      rule({ kind: 'apart' }, { toMs: hour(5) }),
      rule({ kind: 'owner', owner: { team: 'platform' } }, { name: 'later', fromMs: hour(5) }),
      rule(
        { kind: 'owner', owner: { team: 'batch' } },
        { name: 'batch', match: { usageType: '*-Batch' } },
      ),
    ]
    expect(shared(pools, bill)).toEqual([
      'batch shared batch 0.0001',
      'platform shared later 0.00001',
    ])
    const defaulted = given(BILL, USED, { defaultSplit: { kind: 'owner', owner: { team: 'x' } } })
    expect(defaulted).toContain('x shared tax 0.00001')
  })

  it('[R7] gives to nobody what nobody used', () => {
    expect(given([tax('0.00001')], [])).toEqual(['- unattributed tax 0.00001'])
  })

  it('[R7] rounds a pool once: thousands of tiny lines favour nobody', () => {
    const crumbs = Array.from({ length: 2_000 }, () => tax('0.0000000000001'))
    const rows = shared([rule({ kind: 'proportional' })], [line(1, 500), ...crumbs])
    expect(rows).toEqual([
      'search+api shared taxes 0.00000000012',
      'search+ranker shared taxes 0.00000000004',
      'support shared taxes 0.00000000004',
    ])
  })

  it('[R7] shows in dollars of each team what another split would change', () => {
    const split = (kind: 'even' | 'apart') => reconciled(BILL, USED, { pools: [rule({ kind })] })
    expect(moved(split('even'), split('apart'), 'team')).toEqual([
      { group: null, before: 0n, after: 10_000_000n },
      { group: 'search', before: 405_000_000n, after: 400_000_000n },
      { group: 'support', before: 105_000_000n, after: 100_000_000n },
    ])
  })
})
