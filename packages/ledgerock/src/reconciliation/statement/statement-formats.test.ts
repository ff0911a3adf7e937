// Statements as CSV and as a page.

import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import type { Picodollars } from '../../kernel/money.ts'
import { NO_EXACT } from '../exact.ts'
import type { RoundedShare } from '../give.ts'
import type { Owner } from '../owner.ts'
import { statementOf, type Statement } from './statement.ts'
import { STATEMENT_COLUMNS, statementCsv } from './statement-csv.ts'
import { documentOf } from './statement-document.ts'
import { statementHtml } from './statement-html.ts'
import { change, dollars, exactDollars, percent } from './statement-words.ts'
import { adjustmentOf, inputOf, reconciledOf, statedOf } from '../testing/stated-month.ts'

const ONE = 10n ** 12n
const AT = '2026-11-06T04:00:00.000Z'
const ISSUED = { statement_id: 'st_1', version: 1, sha256: 'ab', generated_at: AT }

function shareOf(owner: RoundedShare['owner'], usd: bigint): RoundedShare {
  const none = { list: NO_EXACT, metered: 0n as Picodollars, tokens: 0n, dayMs: null }
  const told = { basis: 'metered', reason: 'metered', modelId: 'm' } as const
  return { owner, usd: usd as Picodollars, ...told, ...none }
}

function statementWith(shares: readonly RoundedShare[], more = {}): Statement {
  const bill = shares.reduce((sum, { usd }) => sum + usd, 0n) as Picodollars
  const stated = { period: '2026-10', bill, shares, pools: [], adjustments: [] }
  return { ...ISSUED, ...statementOf(inputOf(stated, more)) }
}

const rowsOf = (text: string): Record<string, string>[] =>
  parse(text, { columns: true, record_delimiter: '\r\n' })

describe('outcomes of a statement', () => {
  const outcomes = [
    { name: 'tickets_solved', quantity: '1204.5', value_usd: null },
    { name: 'docs', quantity: '3', value_usd: '1500' },
    { name: '<none>', quantity: '0', value_usd: null },
  ]

  it('[R61] stand in the document and the page with every decimal of what one cost', () => {
    const made = statementWith([shareOf({ team: 'search' }, 10n ** 12n)], { outcomes })
    const table = documentOf(made).tables.find(({ title }) => title === 'Outcomes')
    expect(table?.rows).toEqual([
      ['tickets solved', '1,204.5', '', '1.00', '0.000830220008'],
      ['docs', '3', '1,500.00', '1.00', '0.333333333333'],
      ['<none>', '0', '', '1.00', ''],
    ])
    const page = statementHtml(made)
    expect(page).toContain('0.000830220008')
    expect(page).not.toContain('<none>')
  })

  it('[R61] leave no trace where there is none', () => {
    const made = statementWith([shareOf({ team: 'search' }, 10n ** 12n)])
    expect(documentOf(made).tables.map(({ title }) => title)).not.toContain('Outcomes')
    expect(made.outcomes).toEqual([])
  })
})

describe('a statement as CSV', () => {
  const DANGEROUS = ['=1+1', '+1', '-1+cmd', '@x', '\tx', '\rx', '\nx', '＝1']

  it('[R34] has the columns of its lines, and adds up to the total', () => {
    const stated = statedOf(reconciledOf(1), [adjustmentOf('search', 7n)])
    const made = { ...ISSUED, ...statementOf(inputOf(stated, { owner: { team: 'search' } })) }
    const text = statementCsv(made)
    expect(text.split('\r\n')[0]).toBe(STATEMENT_COLUMNS.join(','))
    const rows = rowsOf(text)
    expect(rows.slice(0, made.lines.length)).toEqual(made.lines)
    const rest = rows.slice(made.lines.length).map(({ basis, billed_usd }) => [basis, billed_usd])
    expect(rest).toEqual([
      ['shared', made.shared_usd],
      ['adjustment', made.adjustments_usd],
    ])
  })

  it.each(DANGEROUS)('[R34] shows %j as text and runs it nowhere', (name) => {
    const made = statementWith([shareOf({ team: 'a', application: name }, 5n)])
    const [row] = rowsOf(statementCsv(made))
    expect(row?.['application']).toBe(`'${name}`)
  })

  it('[R34] leaves negative amounts numbers, and quotes what needs it', () => {
    const made = statementWith([shareOf({ team: 'a', feature: 'say "hi", twice\r\nor so' }, -5n)])
    const [row] = rowsOf(statementCsv(made))
    expect(row?.['billed_usd']).toBe('-0.000000000005')
    expect(row?.['feature']).toBe('say "hi", twice\r\nor so')
  })
})

describe('a statement as a page', () => {
  it('[R35] shows names as text, runs nothing and loads nothing', () => {
    const evil = '<script>alert(1)</script>"\'&'
    const page = statementHtml(statementWith([shareOf({ team: 'a', application: evil }, 5n)]))
    expect(page).not.toContain('<script')
    expect(page).toContain('&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#38;')
    expect(page).not.toMatch(/\s(?:src|href)=|url\(/)
    expect(page).toMatch(/<table aria-labelledby="t0">/)
    expect(page).toMatch(/<th scope="col"[^>]*>/)
  })

  it('[R35] is marked a draft until the period is closed', () => {
    const shares = [shareOf({ team: 'a' }, 5n)]
    expect(statementHtml(statementWith(shares))).toContain('>Draft<')
    const closing = { number: 1, sha256: 'cd', closed_at: AT }
    const final = statementHtml(statementWith(shares, { closing }))
    expect(final).not.toContain('>Draft<')
    expect(final).toContain(`final: closed ${AT}, closing 1`)
  })

  it('[R35] shows the first two hundred rows, and how many more there are', () => {
    const shares = Array.from({ length: 260 }, (_, index) =>
      shareOf({ team: 'a', workflow_id: `w${index}` }, BigInt(1_000 + index) * 10n ** 12n),
    )
    const table = documentOf(statementWith(shares)).tables.find(
      (one) => one.title === 'By workflow',
    )
    expect(table?.rows).toHaveLength(201)
    expect(table?.rows.at(-1)?.slice(0, 3)).toEqual([
      'and 60 more, in the CSV and JSON',
      '',
      '61,770.00',
    ])
  })

  it('[R35] says in the whole whose an adjustment is, and in an owner’s nothing it is not', () => {
    const stated = statedOf(reconciledOf(1), [adjustmentOf('search', 7n), adjustmentOf('ads', 9n)])
    const adjustments = (owner: Owner | null) => {
      const made = { ...ISSUED, ...statementOf(inputOf(stated, { owner })) }
      const table = documentOf(made).tables.find(({ title }) => title.startsWith('Adjustments'))
      expect(table?.total).toHaveLength(table?.columns.length ?? 0)
      return table?.rows.map((row) => row.join(' '))
    }
    expect(adjustments(null)?.map((row) => / team (\w+) /.exec(row)?.[1])).toEqual([
      'ads',
      'search',
    ])
    expect(adjustments({ team: 'search' })).toHaveLength(1)
    expect(JSON.stringify(adjustments({ team: 'search' }))).not.toContain('team')
  })

  it('[R35] prints a total once, at the end of its table', () => {
    expect(statementHtml(statementWith([shareOf({ team: 'a' }, 5n)]))).toMatch(
      /@media print \{[\s\S]*tfoot \{ display: table-row-group; \}/,
    )
  })

  it('[R35] names every owner of the whole, and comes to its total', () => {
    const five = (5n * ONE) as Picodollars
    const pools = [{ name: 'tax', split: 'apart', usd: five, apart: five }] as const
    const shares = [
      shareOf({ team: 'a' }, 4n * ONE),
      { ...shareOf({}, 2n * ONE), basis: 'unattributed', reason: 'no_owner' } as const,
    ]
    const bill = (11n * ONE) as Picodollars
    const stated = { period: '2026-10', bill, shares, pools, adjustments: [] }
    const made = { ...ISSUED, ...statementOf(inputOf(stated)) }
    const table = documentOf(made).tables.find(({ title }) => title === 'By team')
    expect(table?.rows.map((row) => row.slice(0, 5))).toEqual([
      ['a', '4.00', '0.00', '0.00', '4.00'],
      ['without an owner, or kept apart', '2.00', '5.00', '0.00', '7.00'],
    ])
    expect(table?.total?.slice(1, 5)).toEqual(['6.00', '5.00', '0.00', '11.00'])
  })
})

describe('figures for people', () => {
  it.each([
    ['1234567.895', '1,234,567.90'],
    ['-1234.5', '-1,234.50'],
    ['0', '0.00'],
    ['0.000000000001', '< 0.01'],
    ['-0.001', '> -0.01'],
    ['0.005', '< 0.01'],
    ['999.999', '1,000.00'],
  ])('[R35] %s dollars are %s', (usd, shown) => expect(dollars(usd)).toBe(shown))

  it.each([
    ['110', '100', '+10.0 %'],
    ['99.96', '100', '0.0 %'],
    ['50', '100', '-50.0 %'],
    ['5', '0', 'new'],
    ['5', null, ''],
    ['5', '-1', ''],
  ] as const)('[R35] from %s to %s is a change of %s', (now, before, shown) => {
    expect(change(now, before).replace(/^[+-](?=0\.0 %)/, '')).toBe(shown)
  })

  it('[R35] keeps every decimal where it proves something', () => {
    expect(exactDollars('1234.000000000001')).toBe('1,234.000000000001')
    expect(exactDollars('0')).toBe('0.00')
    expect(percent('0.9981')).toBe('99.81 %')
    expect(percent('1')).toBe('100.00 %')
  })
})
