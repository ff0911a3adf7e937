// `ledgerock budgets`: how budgets stand, counter by counter. Budgets are declared in the file or made (`budgets-set.ts`); more of one is
// asked for (`budgets-request.ts`), and what a lost lease or node holds is given free (`budgets-leases.ts`).

import type { Command } from 'commander'
import { columnsOf, printRows, type Row } from '../answer-format.ts'
import { addBudgetDecisions, addBudgetRequests } from './budgets-request.ts'
import { addBudgetChanges } from './budgets-set.ts'
import { addBudgetLeases } from './budgets-leases.ts'
import type { CommandContext } from '../cli-deps.ts'
import { addExamples } from '../examples.ts'
import { ruleScopeText, type RuleScopeWords } from './rule-scope-words.ts'
import { renderTable, visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type BudgetRow = Row & {
  readonly scope: RuleScopeWords
  readonly per: string | null
  readonly counter: string | null
  readonly unit: 'usd' | 'tokens'
  readonly raises: readonly Row[]
}
type Page = { readonly items: readonly BudgetRow[]; readonly next_cursor: string | null }
type Terms = Page & {
  readonly time_zone: string
  readonly alert_at: readonly number[]
  readonly missing_max_tokens: string
  readonly source: 'file' | 'api'
}
type PageOptions = { readonly limit?: string; readonly cursor?: string }

const COLUMNS: readonly Column[] = [
  { name: 'name', align: 'left' },
  { name: 'counter', heading: 'of', align: 'left' },
  { name: 'mode', align: 'left' },
  { name: 'limit', align: 'right' },
  { name: 'spent', align: 'right' },
  { name: 'reserved', align: 'right' },
  { name: 'remaining', align: 'right' },
  { name: 'unit', heading: 'in', align: 'left' },
  { name: 'forecast', align: 'right' },
  { name: 'exhausted_at', heading: 'exhausted', align: 'left' },
  { name: 'resets_at', heading: 'resets', align: 'left' },
]
const RAISE_COLUMNS: readonly Column[] = [
  { name: 'request_id', heading: 'raised by', align: 'left' },
  { name: 'counter', heading: 'of', align: 'left' },
  { name: 'amount', align: 'right' },
  { name: 'to', heading: 'until', align: 'left' },
]

export function addBudgets(program: Command, context: CommandContext): void {
  const budgets = program
    .command('budgets')
    .description('how much may be spent, and asking for more')
  addExamples(
    budgets,
    'budgets list',
    'budgets set search-trial --scope team=search --limit-usd 500 --period month --mode hard',
    'budgets request search-monthly --amount 250 --until 2026-11-01 --reason "the launch"',
    'budgets approve 4fT0cU2kQx7Z --reason "for the launch"',
  )
  addList(budgets, context)
  addShow(budgets, context)
  addBudgetChanges(budgets, context)
  addBudgetRequests(budgets, context)
  addBudgetDecisions(budgets, context)
  addBudgetLeases(budgets, context)
}

function addList(budgets: Command, context: CommandContext): void {
  const command = budgets
    .command('list')
    .description('how budgets stand; a row for each counter')
    .option('--limit <n>', 'how many; the API’s default is 100')
    .option('--cursor <c>', 'next_cursor of the page before')
    .action((options: PageOptions) =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('budgets', { ...options })
        const { items, next_cursor: next } = json as Page
        await printRows(context.io, format, {
          text,
          rows: format === 'table' ? items.map(shown) : items,
          csvColumns: columnsOf(items),
          tableColumns: COLUMNS,
          empty: 'There is no budget.',
        })
        noteMore(context, next)
      }),
    )
  addExamples(command, 'budgets list', 'budgets list --format csv > budgets.csv')
}

function addShow(budgets: Command, context: CommandContext): void {
  const command = budgets
    .command('show')
    .description('one budget: its terms, its counters, its raises')
    .argument('<name>', 'as the list shows it')
    .option('--limit <n>', 'how many counters; the API’s default is 100')
    .option('--cursor <c>', 'next_cursor of the page before')
    .action((name: string, options: PageOptions) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.get(`budgets/${encodeURIComponent(name)}`, { ...options })
        const { items, next_cursor: next } = answer.json as Page
        await printRows(context.io, format, {
          text: answer.text,
          rows: items,
          csvColumns: columnsOf(items),
          tableColumns: COLUMNS,
          layOut: () => detail(answer.json as Terms),
          empty: 'There is no further counter.',
        })
        noteMore(context, next)
      }),
    )
  addExamples(command, 'budgets show search-monthly', 'budgets show each-user --format ndjson')
}

/** The terms as lines, the counters and the raises as tables. */
function detail(budget: Terms): string {
  const [first] = budget.items
  const lines = [
    first === undefined ? '' : `for ${ruleScopeText(first.scope)}${eachText(first)}`,
    `time zone ${visible(budget.time_zone)}, alerts at ${percents(budget.alert_at)}`,
    `without max tokens: ${visible(budget.missing_max_tokens)}`,
    budget.source === 'api'
      ? 'made by people: budgets set, budgets delete'
      : 'declared in the file',
  ]
  const head = lines.filter((line) => line !== '').map((line) => `${line}\n`)
  const raises = budget.items.flatMap((row) => row.raises.map((raise) => inUnit(row.unit, raise)))
  const told = [...new Map(raises.map((raise) => [raise['request_id'], raise])).values()]
  const more = told.length === 0 ? '' : `\n${renderTable(RAISE_COLUMNS, told)}`
  return `${head.join('')}\n${renderTable(COLUMNS, budget.items.map(shown))}${more}`
}

function eachText({ per }: BudgetRow): string {
  return per === null ? '' : `, each ${visible(per)}`
}

function percents(all: readonly number[]): string {
  return all.length === 0 ? '-' : `${all.join(', ')} %`
}

/** The amounts in the budget's own unit, so that a table needs one column for each. */
function shown(row: BudgetRow): Row {
  return inUnit(row.unit, row)
}

function inUnit(unit: 'usd' | 'tokens', row: Row): Row {
  const names = ['limit', 'spent', 'reserved', 'remaining', 'forecast', 'amount']
  return { ...row, ...Object.fromEntries(names.map((name) => [name, row[`${name}_${unit}`]])) }
}

function noteMore({ io }: CommandContext, next: string | null): void {
  if (next !== null) io.note(`There are more: --cursor ${visible(next)}\n`)
}
