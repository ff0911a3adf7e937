import { describe, expect, it } from 'vitest'
import { caused, day, given, hour, line, ROLE, SESSION, use } from './testing/small-books.ts'

describe('matching', () => {
  it('[R3] gives a cell by its tokens, and the rest to nobody', () => {
    const metered = [use(1, 'search', 300), use(1, 'support', 100)]
    expect(given([line(1, 500)], metered)).toEqual([
      'search metered metered 0.0003',
      'support metered metered 0.0001',
      '- unattributed unmetered 0.0001',
    ])
  })

  it('[R3] scales the ledger down where it has more than the bill, and shows it', () => {
    const metered = [use(1, 'search', 300), use(1, 'support', 100)]
    expect(given([line(1, 200)], metered)).toEqual([
      'search metered metered 0.00015',
      'support metered metered 0.00005',
    ])
    expect(caused([line(1, 200)], metered)).toEqual(['overmetered 0 0.0002 -0.0002'])
  })

  it.each([
    ['the next hour', 5, 6],
    ['an hour before, as clocks go', 6, 5],
    ['the next day', 23, 24],
    ['the day before', 24, 23],
    ['another week', 3, 200],
  ])('[R3] finds a token that was billed in %s, and says so', (_, meteredHour, billedHour) => {
    const [bill, ledger] = [[line(billedHour, 100)], [use(meteredHour, 'search', 100)]]
    expect(given(bill, ledger)).toEqual(['search metered metered 0.0001'])
    expect(caused(bill, ledger)).toEqual(['late 0.0001 0.0001 0'])
  })

  it('[R3] lets what fits the hour go first: a token of another hour never takes its place', () => {
    const bill = [line(1, 100), line(2, 100)]
    const ledger = [use(1, 'search', 150), use(2, 'support', 100)]
    expect(given(bill, ledger)).toEqual([
      'search metered metered 0.0001',
      'support metered metered 0.0001',
    ])
  })

  it('[R3] takes a bill by the day or the month for what it is, and calls nothing late', () => {
    const ledger = [use(1, 'search', 60), use(20, 'support', 40)]
    const daily = [line(0, 100, { toMs: day(1) })]
    const monthly = [line(0, 100, { toMs: day(31) })]
    for (const bill of [daily, monthly]) {
      expect(given(bill, ledger)).toEqual([
        'search metered metered 0.00006',
        'support metered metered 0.00004',
      ])
      expect(caused(bill, ledger)).toEqual([])
    }
  })

  it('[R4] takes in-region and geo for one cell, and global for another', () => {
    expect(caused([line(1, 100)], [use(1, 'search', 100, { scope: 'geo' })])).toEqual([])
    const ledger = [use(1, 'search', 100, { scope: 'global' })]
    expect(caused([line(1, 100, { usd: '0.00011' })], ledger)).toEqual([
      'scope 0.00011 0.0001 0.00001',
    ])
  })

  it('[R4] names the word that differs: tier, lifetime of a cache', () => {
    const bill = [line(1, 100, { tier: 'priority', usd: '0.000175' })]
    expect(caused(bill, [use(1, 'search', 100)])).toEqual(['tier 0.000175 0.0001 0.000075'])
    const cached = [line(1, 100, { kind: 'cache_write_1h', usd: '0.0002' })]
    const ledger = [use(1, 'search', 100, { kind: 'cache_write_5m' })]
    expect(caused(cached, ledger)).toEqual(['cache_ttl 0.0002 0.0001 0.0001'])
    // A bill that states no lifetime contradicts none.
    const unstated = [line(1, 100, { kind: 'cache_write' })]
    expect(caused(unstated, ledger)).toEqual([])
  })

  it('[R4] keeps the empty principal apart where the bill names others', () => {
    const ledger = [use(1, 'search', 100), use(2, 'search', 50)]
    const bill = [line(1, 100), line(2, 50, { principal: '' })]
    expect(given(bill, ledger)).toEqual([
      'search metered metered 0.0001',
      '- unattributed empty_principal 0.00005',
    ])
  })

  it('[R4] takes any caller’s tokens where the bill never names one for the model', () => {
    const ledger = [use(1, 'search', 100), use(1, 'support', 50, { principal: SESSION })]
    expect(given([line(1, 150, { principal: '' })], ledger)).toEqual([
      'search metered metered 0.0001',
      'support metered metered 0.00005',
    ])
  })

  it('[R4] takes a call of unknown account or billed principal for any', () => {
    const unknown = { accountId: null, principal: '' }
    expect(given([line(1, 100, { principal: ROLE })], [use(1, 'search', 100, unknown)])).toEqual([
      'search metered metered 0.0001',
    ])
  })

  it('[R6] tells a price from a count', () => {
    const bill = [line(1, 150, { usd: '0.0003' })]
    expect(caused(bill, [use(1, 'search', 100)])).toEqual([
      'price 0.0002 0.0001 0.0001',
      'unmetered 0.0001 0 0.0001',
    ])
    expect(caused([line(1, 100)], [use(1, 'search', 100, { usd: null })])).toEqual([
      'price 0.0001 0 0.0001',
    ])
  })

  it('[R6] shows a discount, a tax and a credit as what they are', () => {
    const net = line(1, 100).unblended / 2n
    const bill = [
      line(1, 100, { net: net as never }),
      line(1, 0, { thing: 'tax', usd: '0.00001', quantity: null }),
      line(1, 0, { thing: 'credit', usd: '-0.000002', quantity: null }),
    ]
    expect(caused(bill, [use(1, 'search', 100)])).toEqual([
      'discount -0.00005 0 -0.00005',
      'tax 0.00001 0 0.00001',
      'credit -0.000002 0 -0.000002',
    ])
    expect(caused(bill, [use(1, 'search', 100)], { cost: 'unblended' }).slice(0, 1)).toEqual([
      'tax 0.00001 0 0.00001',
    ])
  })

  it('[R6] lets estimates explain what an interrupted call may have cost more, and no more', () => {
    const ledger = [use(1, 'search', 100, { estimatedTokens: 100n })]
    expect(given([line(1, 180)], ledger)[1]).toBe('- unattributed estimate 0.00008')
    expect(caused([line(1, 1_000)], ledger)).toEqual([
      'unmetered 0.000699 0 0.000699',
      'estimate 0.000201 0 0.000201',
    ])
  })

  it('[R6] calls late what AWS had no time to bill', () => {
    const ledger = [use(1, 'search', 100), use(50, 'search', 100)]
    expect(caused([], ledger, { billedUntilMs: hour(48) })).toEqual([
      'late 0 0.0001 -0.0001',
      'overmetered 0 0.0001 -0.0001',
    ])
  })
})
