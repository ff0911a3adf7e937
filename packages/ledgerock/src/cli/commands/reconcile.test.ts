import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake } from '../testing/fake-terminal.ts'

const CELL = { model_id: 'amazon.nova-pro-v1:0', kind: 'input' }
const variance = (cause: string, bill: string, metered: string, difference: string) => ({
  cell: CELL,
  bill_tokens: 10,
  metered_tokens: 5,
  cause,
  bill_usd: bill,
  metered_usd: metered,
  difference_usd: difference,
})
const REPORT = {
  period: '2026-10',
  bill_version: 3,
  cost: 'net',
  bill_usd: '1200.5',
  allocated_usd: '1150',
  shared_usd: '0.5',
  unattributed_usd: '50',
  left_aside: {
    rows: 4120,
    usd: '30211.7',
  },
  invoices: [],
  coverage: {
    bill_tokens: 1e6,
    metered_tokens: 998123,
    ratio: '0.9981',
  },
  variance: [
    variance('unmetered', '40', '0', '40'),
    variance('unmetered', '10.25', '0', '10.25'),
    variance('price', '90', '100', '-10'),
    variance('rounding', '0.0000000000003', '0', '0.0000000000003'),
  ],
  allocation: [
    {
      owner: { team: 'search' },
      amount_usd: '1150',
      basis: 'metered',
      reason: 'metered',
    },
    {
      owner: {},
      amount_usd: '50',
      basis: 'unattributed',
      reason: 'no_owner',
    },
  ],
  pools: [],
  findings: [
    {
      code: 'shared_role',
      principal: 'arn:aws:iam::1:role/app',
      usd: '12',
      tokens: 7,
      owners: [
        {
          team: 'a',
          share: '0.4',
        },
      ],
      since: '2026-10-02T00:00:00.000Z',
    },
  ],
  unexplained_usd: '1.5',
  tolerance_usd: '2',
  identity: {
    sum_of_allocation_usd: '1200.5',
    difference_usd: '0',
  },
  exchange: [
    {
      bill: 'europe',
      currency: 'EUR',
      usd_per_unit: '1.08',
    },
  ],
}
const words = ['reconcile', '--period', '2026-10']

describe('reconcile', () => {
  it('[U30] asks for a month anew and prints the API’s body', async () => {
    const ran = await runFake([...words, '--cost', 'unblended'], {
      answer: () => Response.json(REPORT),
    })
    expect(ran.asked).toMatchObject([
      { method: 'POST', path: '/api/v1/periods/2026-10/reconcile?cost=unblended' },
    ])
    expect(JSON.parse(ran.out)).toEqual(REPORT)
    expect(ran.exitCode).toBe(EXIT.done)
    const wrong = await runFake([...words, '--cost', 'gross'], {})
    expect(wrong).toMatchObject({ exitCode: EXIT.usage, asked: [] })
  })

  it('[U30] shows totals, owners, causes with their dollars, and findings', async () => {
    const { out, notes } = await runFake(words, {
      answer: () => Response.json(REPORT),
      terminal: true,
    })
    expect(out).toMatch(/bill of 2026-10, net +1200.5\n/)
    expect(out).toMatch(/nobody’s +50\n/)
    expect(out).toMatch(/search +metered +metered +1150\n/)
    expect(out).toMatch(/\(nobody\) +unattributed +no_owner +50\n/)
    expect(out).toMatch(/unmetered +2 +50.25 +0 +50.25\n.*price +1 +90 +100 +-10\n.*rounding/)
    expect(out).toMatch(/shared_role +arn:aws:iam::1:role\/app +team=a share=0.4 +12 +2026-10-02/)
    expect(notes).toContain('Version 3 of the bill. 99.81 % of 1,000,000 tokens were metered.')
    expect(notes).toContain('4,120 rows of other services, USD 30211.7, are left aside')
    expect(notes).toContain('The bill europe is in EUR, read at USD 1.08')
    const csv = await runFake([...words, '--format', 'csv'], {
      answer: () => Response.json(REPORT),
    })
    expect(csv.out.split('\n')).toEqual([
      'team,amount_usd,basis,reason',
      'search,1150,metered,metered',
      ',50,unattributed,no_owner',
      '',
    ])
  })

  it('[U31] ends with 3 where more is unexplained than is tolerated', async () => {
    for (const [unexplained_usd, exitCode] of [
      ['2', EXIT.done],
      ['2.000000000001', EXIT.found],
      ['-2.1', EXIT.found],
      ['0', EXIT.done],
    ] as const) {
      const ran = await runFake(words, {
        answer: () => Response.json({ ...REPORT, unexplained_usd }),
      })
      expect(ran.exitCode).toBe(exitCode)
      expect(JSON.parse(ran.out)).toMatchObject({ unexplained_usd })
    }
  })
})
