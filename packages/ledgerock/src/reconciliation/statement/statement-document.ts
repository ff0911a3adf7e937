// A statement laid out for people, without saying on what: the page and the PDF show the same words, tables and figures.

import { formatUsd, parseUsd, sumMoney, type Picodollars } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { isNobody } from '../owner.ts'
import type { OwnerTotal, Statement } from './statement.ts'
import { SECTIONS, type Section, type SectionRow } from './statement-lines.ts'
import {
  capital,
  change,
  dollars,
  exactDollars,
  grouped,
  ownerWords,
  percent,
  periodWords,
  plainWords,
  ruleWords,
  SECTION_WORDS,
} from './statement-words.ts'

export type DocumentColumn = { readonly heading: string; readonly align: 'left' | 'right' }

export type DocumentTable = {
  readonly title: string
  readonly note: string | null
  readonly columns: readonly DocumentColumn[]
  readonly rows: readonly (readonly string[])[]
  readonly total: readonly string[] | null
}

export type StatementDocument = {
  readonly title: string
  readonly owner: string
  readonly period: string
  readonly isDraft: boolean
  readonly total: string
  /** Against the period before. */
  readonly change: string
  readonly tables: readonly DocumentTable[]
  readonly notes: readonly string[]
  /** At the foot of every page. */
  readonly footer: string
  readonly facts: readonly (readonly [label: string, value: string])[]
}

/** A page is for people; who wants all of ten thousand workflows takes the CSV. */
const ROWS_MAX = 200

const left = (heading: string): DocumentColumn => ({ heading, align: 'left' })
const right = (heading: string): DocumentColumn => ({ heading, align: 'right' })

export function documentOf(statement: Statement): StatementDocument {
  const { period, state, total_usd: total, previous_total_usd: before } = statement
  const isDraft = state === 'draft'
  return {
    title: 'Chargeback statement for Amazon Bedrock',
    owner: capital(ownerWords(statement.owner)),
    period: periodWords(period),
    isDraft,
    total: `USD ${dollars(total)}`,
    change: changeWords(total, before),
    tables: [
      summary(statement),
      ...owners(statement),
      ...results(statement),
      ...SECTIONS.flatMap((section) => sectionTable(statement, section)),
      ...variance(statement),
      ...shared(statement),
      ...adjustments(statement),
      ...unattributed(statement),
      ...invoices(statement),
      tieOut(statement),
    ],
    notes: notesOf(statement),
    footer: `${statement.statement_id} · version ${statement.version}${isDraft ? ' · draft' : ''}`,
    facts: [
      ['Statement', `${statement.statement_id}, version ${statement.version}`],
      ['State', isDraft ? 'draft: the period is not closed' : `final: ${closingWords(statement)}`],
      ['Generated', statement.generated_at],
      ['Prices as of', statement.prices_as_of],
      ['SHA-256', statement.sha256],
    ],
  }
}

function closingWords({ closing }: Statement): string {
  return closing === null ? '' : `closed ${closing.closed_at}, closing ${closing.number}`
}

function changeWords(total: string, before: string | null): string {
  if (before === null) return 'There is no bill of the month before to compare with.'
  const by = change(total, before)
  return `${by === '' ? '' : `${by} against `}USD ${dollars(before)} the month before`
}

function summary(statement: Statement): DocumentTable {
  return {
    title: 'Summary',
    note: null,
    columns: [left(''), right('USD')],
    rows: [
      ['Own use', dollars(statement.usage_usd)],
      ['Shared costs', dollars(statement.shared_usd)],
      ['Adjustments for earlier periods', dollars(statement.adjustments_usd)],
    ],
    total: ['Total', dollars(statement.total_usd)],
  }
}

/** Of the whole only. What is no owner's stands in a row of its own, so that the table comes to the statement's total. */
function owners(statement: Statement): readonly DocumentTable[] {
  const { owners: rows } = statement
  if (rows === null) return []
  const [first] = rows
  const dimension = Object.keys(first?.owner ?? { team: '' })[0] ?? 'team'
  return [
    {
      title: `By ${plainWords(dimension)}`,
      note: 'What each is charged.',
      columns: [left(plainWords(dimension)), ...OWNER_FIGURES],
      rows: cut(
        rows.map((row) => ({
          usd: row.total_usd,
          cells: [
            Object.values(row.owner)[0] ?? '',
            dollars(row.usage_usd),
            dollars(row.shared_usd),
            dollars(row.adjustments_usd),
            dollars(row.total_usd),
            change(row.total_usd, row.previous_total_usd),
          ],
        })),
        OWNER_FIGURES.findIndex(({ heading }) => heading === 'total USD') + 1,
      ).concat(ofNobody(statement, rows)),
      total: [
        'The whole bill',
        ...OWNER_SUMS.map((name) => dollars(statement[name])),
        change(statement.total_usd, statement.previous_total_usd),
      ],
    },
  ]
}

const OWNER_SUMS = ['usage_usd', 'shared_usd', 'adjustments_usd', 'total_usd'] as const

function ofNobody(
  statement: Statement,
  rows: readonly OwnerTotal[],
): readonly (readonly string[])[] {
  const rest = OWNER_SUMS.map((name) => {
    const owned = sumOf(rows.map((row) => row[name]))
    return formatUsd((mustOk(parseUsd(statement[name])) - owned) as Picodollars)
  })
  if (rest.every((usd) => usd === '0')) return []
  return [['without an owner, or kept apart', ...rest.map(dollars), '']]
}

function sumOf(amounts: readonly string[]): Picodollars {
  return sumMoney(amounts.map((usd) => mustOk(parseUsd(usd))))
}

const OWNER_FIGURES = ['own use', 'shared', 'adjustments', 'total USD', 'change'].map(right)

/** Fractions of a cent are what one of many costs: here every decimal is shown. */
function results({ outcomes }: Statement): readonly DocumentTable[] {
  if (outcomes.length === 0) return []
  const isWorth = outcomes.some(({ value_usd: value }) => value !== null)
  return [
    {
      title: 'Outcomes',
      note: 'What came of it in the period, and what one cost: own use and shared costs divided by how many there were, for each by itself.',
      columns: [
        left('outcome'),
        ...['quantity', ...(isWorth ? ['value USD'] : []), 'cost USD', 'USD each'].map(right),
      ],
      rows: outcomes.map((line) => [
        plainWords(line.name),
        groupedDecimal(line.quantity),
        ...(isWorth ? [line.value_usd === null ? '' : dollars(line.value_usd)] : []),
        dollars(line.cost_usd),
        line.usd_per_unit === null ? '' : exactDollars(line.usd_per_unit),
      ]),
      total: null,
    },
  ]
}

function groupedDecimal(amount: string): string {
  const [whole = '0', fraction] = amount.split('.')
  return fraction === undefined ? grouped(whole) : `${grouped(whole)}.${fraction}`
}

function sectionTable(statement: Statement, section: Section): readonly DocumentTable[] {
  const rows = statement.by[section]
  const [first] = rows
  const saysNothing = rows.length === 1 && (first?.value === 'unknown' || first?.value === '')
  if (rows.length === 0 || saysNothing) return []
  const isCompared = rows.some(({ previous_usd: before }) => before !== null)
  const words = SECTION_WORDS[section]
  return [
    {
      title: `By ${words}`,
      note: section === 'application' ? 'Own use, without shared costs and adjustments.' : null,
      columns: [
        left(words),
        right('metered USD'),
        right('billed USD'),
        ...(isCompared ? [right('month before'), right('change')] : []),
      ],
      rows: cut(
        rows.map((row) => ({ usd: row.usd, cells: sectionCells(section, row, isCompared) })),
        2,
      ),
      total: [
        'Own use',
        dollars(statement.variance.metered_usd),
        dollars(statement.usage_usd),
        ...(isCompared ? ['', ''] : []),
      ],
    },
  ]
}

function sectionCells(section: Section, row: SectionRow, isCompared: boolean): readonly string[] {
  const none = section === 'day' ? 'no one day' : 'no model'
  const before = row.previous_usd
  return [
    row.value === '' ? none : row.value,
    dollars(row.metered_usd),
    dollars(row.usd),
    ...(isCompared ? [before === null ? '' : dollars(before), change(row.usd, before)] : []),
  ]
}

/** The first rows, and how many more there are with what they come to, in the column at `place`. */
function cut(
  rows: readonly { readonly usd: string; readonly cells: readonly string[] }[],
  place: number,
): readonly (readonly string[])[] {
  const shown = rows.slice(0, ROWS_MAX).map(({ cells }) => cells)
  const rest = rows.slice(ROWS_MAX)
  if (rest.length === 0) return shown
  const said = (shown[0] ?? []).map((_, index) =>
    index === place ? dollars(formatUsd(sumOf(rest.map(({ usd }) => usd)))) : '',
  )
  const words = `and ${grouped(String(rest.length))} more, in the CSV and JSON`
  return [...shown, [words, ...said.slice(1)]]
}

function variance({ variance: figures, coverage }: Statement): readonly DocumentTable[] {
  const { ratio } = coverage
  return [
    {
      title: 'Metered against billed',
      note: 'What the ledger counted and priced call by call, beside what AWS billed for it.',
      columns: [left(''), right('')],
      rows: [
        ['Billed, USD', dollars(figures.billed_usd)],
        ['Metered, USD', dollars(figures.metered_usd)],
        ['Difference, USD', dollars(figures.difference_usd)],
        ['Tokens billed', grouped(String(coverage.billed_tokens))],
        ['Tokens the ledger names an owner for', grouped(String(coverage.metered_tokens))],
        ...(ratio === null ? [] : [['Coverage', percent(ratio)]]),
      ],
      total: null,
    },
  ]
}

function shared({ shared: rows, shared_usd: total }: Statement): readonly DocumentTable[] {
  if (rows.length === 0) return []
  return [
    {
      title: 'Shared costs',
      note: 'Costs that no one call makes, and the rule by which each is divided.',
      columns: [left('pool'), left('rule'), right('USD')],
      rows: rows.map(({ pool, rule, amount_usd: usd }) => [pool, ruleWords(rule), dollars(usd)]),
      total: ['Shared costs', '', dollars(total)],
    },
  ]
}

function adjustments(statement: Statement): readonly DocumentTable[] {
  const rows = statement.adjustments
  if (rows.length === 0) return []
  const isWhole = statement.owner === null
  const whose = isWhole ? [left('whose')] : []
  return [
    {
      title: 'Adjustments for earlier periods',
      note: 'Posted in this period; the closed period they belong to stays as it was.',
      columns: [left('charge period'), ...whose, left('for'), left('because'), right('USD')],
      rows: cut(
        rows.map(({ charge_period, owner, model_id, pool, basis, reason, amount_usd: usd }) => ({
          usd,
          cells: [
            charge_period,
            ...(isWhole ? [isNobody(owner) ? 'nobody' : ownerWords(owner)] : []),
            [model_id, pool].find((text) => text !== '') ?? plainWords(basis),
            plainWords(reason),
            dollars(usd),
          ],
        })),
        isWhole ? 4 : 3,
      ),
      total: ['Adjustments', ...(isWhole ? [''] : []), '', '', dollars(statement.adjustments_usd)],
    },
  ]
}

function unattributed({ unattributed: rows }: Statement): readonly DocumentTable[] {
  if (rows === null || rows.length === 0) return []
  return [
    {
      title: 'Without an owner',
      note: 'Part of own use above; each with the reason why nobody could be named.',
      columns: [left('reason'), right('USD')],
      rows: rows.map(({ reason, amount_usd: usd }) => [plainWords(reason), dollars(usd)]),
      total: null,
    },
  ]
}

function invoices({ invoices: rows }: Statement): readonly DocumentTable[] {
  if (rows.length === 0) return []
  return [
    {
      title: 'Invoices of the whole bill',
      note: null,
      columns: [left('invoice'), left('issuer'), right('USD'), right('of that tax')],
      rows: rows.map((invoice) => [
        invoice.invoice_id === '' ? 'not invoiced yet' : invoice.invoice_id,
        invoice.issuer,
        dollars(invoice.bill_usd),
        dollars(invoice.tax_usd),
      ]),
      total: null,
    },
  ]
}

function tieOut({ tie_out: tie }: Statement): DocumentTable {
  return {
    title: 'Tie-out to the bill',
    note: 'All statements of the period, what is kept apart and what has no owner, beside the bill.',
    columns: [left(''), right('USD, exact')],
    rows: [
      ['Bill of the period, Amazon Bedrock', exactDollars(tie.bill_usd)],
      ['Sum of all statements', exactDollars(tie.sum_usd)],
    ],
    total: ['Difference', exactDollars(tie.difference_usd)],
  }
}

function notesOf({ owner }: Statement): readonly string[] {
  return [
    'Amounts are US dollars after discounts (net cost), shown to the cent; the JSON and CSV of this statement carry every decimal. ' +
      'Columns of rounded figures may be a cent apart from their sum.',
    'Own use is what AWS billed, divided among owners by the tokens the ledger counted in each account, region, model, kind and hour; ' +
      'where the ledger counted nothing, by what the bill says of the caller and its tags.',
    'Shared amounts are divided by largest remainder in picodollars, so that the parts always add up to the whole.',
    ...(owner === null
      ? []
      : [
          'This statement holds figures of its owner only; the bill and its invoices are those of the whole.',
        ]),
  ]
}
