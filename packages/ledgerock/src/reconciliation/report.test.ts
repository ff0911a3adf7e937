import { describe, expect, it } from 'vitest'
import { exactOf, formatExact, parseExact, roundToPicodollars } from './exact.ts'
import { GATEWAY, line, reconciled, reported, use } from './testing/small-books.ts'

describe('the report', () => {
  it('[R11] has the shape of the API', () => {
    const bill = [line(1, 3), line(1, 0, { thing: 'tax', usd: '0.0000000000024', quantity: null })]
    expect(reported(bill, [use(1, 'search', 2)])).toEqual({
      period: '2026-10',
      bill_version: 1,
      cost: 'net',
      bill_usd: '0.000003000002',
      allocated_usd: '0.000002000002',
      shared_usd: '0',
      unattributed_usd: '0.000001',
      left_aside: { rows: 0, usd: '0' },
      invoices: [],
      coverage: { bill_tokens: 3, metered_tokens: 2, ratio: '0.6666' },
      variance: [
        {
          cell: {
            account_id: '222233334444',
            region: 'us-east-1',
            model_id: 'amazon.nova-pro-v1:0',
            kind: 'input',
            scope: 'in-region',
            tier: 'standard',
            principal: GATEWAY,
            day: '2026-10-01',
          },
          bill_tokens: 1,
          metered_tokens: 0,
          bill_usd: '0.000001',
          metered_usd: '0',
          difference_usd: '0.000001',
          cause: 'unmetered',
        },
        expect.objectContaining({ cause: 'tax', difference_usd: '0.000000000002' }),
        expect.objectContaining({ cause: 'rounding', difference_usd: '-0.0000000000004' }),
      ],
      allocation: [
        { owner: { team: 'search' }, amount_usd: '0.000002', basis: 'metered', reason: 'metered' },
        { owner: {}, amount_usd: '0.000001', basis: 'unattributed', reason: 'unmetered' },
        { owner: { team: 'search' }, amount_usd: '0.000000000002', basis: 'shared', reason: 'tax' },
      ],
      pools: [{ name: 'tax', split: 'proportional', amount_usd: '0.000000000002', apart_usd: '0' }],
      findings: expect.any(Array) as unknown,
      unexplained_usd: '0',
      identity: { sum_of_allocation_usd: '0.000003000002', difference_usd: '0' },
    })
  })

  it('[R12] shows net, unblended and list of the same lines', () => {
    const bill = [
      line(1, 100, { net: exactOf('0.00008'), list: exactOf('0.00012') }),
      line(2, 100, { list: null }),
    ]
    const total = (cost: 'net' | 'unblended' | 'list') => reported(bill, [], { cost }).bill_usd
    expect([total('net'), total('unblended'), total('list')]).toEqual([
      '0.00018',
      '0.0002',
      '0.00022',
    ])
  })

  it('[R6] counts what the ledger has and the bill has not as unexplained', () => {
    expect(reported([], [use(1, 'search', 100)]).unexplained_usd).toBe('0.0001')
  })

  it('[R12] reads amounts of thirty places, and no more', () => {
    const text = '-12.000000000000000000000000000001'
    expect(formatExact(exactOf(text))).toBe(text)
    expect(parseExact('0.0000000000000000000000000000001').ok).toBe(false)
    expect(parseExact('1e-3').ok).toBe(false)
    expect(roundToPicodollars(exactOf('0.0000000000015'))).toBe(2n)
    expect(roundToPicodollars(exactOf('0.0000000000025'))).toBe(2n)
  })

  it('[R7] leaves a guardrail’s calls out of the comparison: a pool shares its lines', () => {
    const bill = [line(1, 100), line(1, 5, { thing: 'guardrail', kind: 'text_units_content' })]
    const ledger = [use(1, 'search', 100), use(1, 'search', 5, { kind: 'text_units_content' })]
    const { variance, shares } = reconciled(bill, ledger)
    expect(variance).toEqual([])
    expect(shares.map(({ basis, reason }) => `${basis} ${reason}`)).toEqual([
      'metered metered',
      'shared guardrail',
    ])
  })
})
