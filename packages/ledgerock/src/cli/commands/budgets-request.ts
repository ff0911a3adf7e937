// `ledgerock budgets request`, `requests`, `approve`, `deny` and `withdraw`: more of a budget, once, until a day. A lead asks, an admin
// who is somebody else decides.

import type { Command } from 'commander'
import { columnsOf, printOne, printRows, type Row } from '../answer-format.ts'
import { amountText } from './budget-amount.ts'
import type { CommandContext } from '../cli-deps.ts'
import { wrongUsage } from '../command-error.ts'
import { addExamples } from '../examples.ts'
import { noteMissing } from '../note-missing.ts'
import { visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type AskOptions = {
  readonly amount: string
  readonly until: string
  readonly reason?: string
  readonly counter?: string
  readonly carryOver?: true
}
type ListOptions = { readonly state?: string; readonly limit?: string; readonly cursor?: string }
type Request = Row & { readonly budget: string; readonly until: string }
type Page = { readonly items: readonly Request[]; readonly next_cursor: string | null }

const ID = ['<id>', 'as the list of requests shows it'] as const
const REQUESTS = 'budgets/raises/requests'
const COLUMNS: readonly Column[] = [
  { name: 'request_id', heading: 'id', align: 'left' },
  { name: 'state', align: 'left' },
  { name: 'budget', align: 'left' },
  { name: 'counter', heading: 'of', align: 'left' },
  { name: 'amount', align: 'right' },
  { name: 'until', align: 'left' },
  { name: 'asked_by', heading: 'asked by', align: 'left' },
  { name: 'reason', align: 'left' },
]

export function addBudgetRequests(budgets: Command, context: CommandContext): void {
  addRequest(budgets, context)
  addList(budgets, context)
}

export function addBudgetDecisions(budgets: Command, context: CommandContext): void {
  addApprove(budgets, context)
  addDeny(budgets, context)
  addWithdraw(budgets, context)
}

function addRequest(budgets: Command, context: CommandContext): void {
  const command = budgets
    .command('request')
    .alias('raise')
    .description('ask for more of a budget, once, until a day')
    .argument('<name>', 'as the list shows it')
    .requiredOption('--amount <n>', 'how much more, in the budget’s own unit: dollars or tokens')
    .requiredOption('--until <time>', 'when it ends: a date, a timestamp or 30d; a year at most')
    .option('--reason <text>', 'why; whoever decides reads it, and the audit trail keeps it')
    .option('--counter <value>', 'for this value alone, where the budget counts each')
    .option('--carry-over', 'what is left of it goes on into the next period, until its end')
    .action((name: string, options: AskOptions) =>
      withApi(context, command, async (api, format) => {
        const { until, reason, counter, carryOver } = options
        const route = `budgets/${encodeURIComponent(name)}`
        const { items } = (await api.get(route, { limit: '1' })).json as Page
        const answer = await api.send('POST', `${route}/raises/requests`, {
          ...amountOf(options.amount, items[0]?.['unit']),
          until,
          ...(reason === undefined ? {} : { reason }),
          ...(counter === undefined ? {} : { counter }),
          ...(carryOver === undefined ? {} : { carry_over: true }),
        })
        await printOne(context.io, format, answer, () => {
          const { request_id: id } = answer.json as { readonly request_id: string }
          const next = `ledgerock budgets approve ${visible(id)} --reason …`
          return `Asked as ${visible(id)}. An admin who is somebody else answers: ${next}\n`
        })
      }),
    )
  addExamples(
    command,
    'budgets request search-monthly --amount 250 --until 2026-11-01 --reason "the launch"',
    'budgets request each-user --counter ann --amount 20 --until 7d --reason "an analysis"',
  )
}

/** Dollars stay the text they are; tokens are a number. */
function amountOf(text: string, unit: unknown): Row {
  if (unit !== 'tokens') return { amount_usd: text }
  if (!/^\d{1,15}$/.test(text))
    throw wrongUsage('--amount: of this budget, a whole number of tokens')
  return { amount_tokens: Number(text) }
}

function addList(budgets: Command, context: CommandContext): void {
  const command = budgets
    .command('requests')
    .description('who asked for more, newest first')
    .option('--state <state>', 'pending, approved, denied, withdrawn or expired')
    .option('--limit <n>', 'how many; the API’s default is 100')
    .option('--cursor <c>', 'next_cursor of the page before')
    .action((options: ListOptions) =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get(REQUESTS, { ...options })
        const { items, next_cursor: next } = json as Page
        await printRows(context.io, format, {
          text,
          rows: format === 'table' ? items.map(shown) : items,
          csvColumns: columnsOf(items),
          tableColumns: COLUMNS,
          empty: 'There are no such requests.',
        })
        if (next !== null) context.io.note(`There are more: --cursor ${visible(next)}\n`)
      }),
    )
  addExamples(command, 'budgets requests', 'budgets requests --state pending --format json')
}

function addApprove(budgets: Command, context: CommandContext): void {
  const command = budgets
    .command('approve')
    .description('raise the budget until the day that was asked for; not by whoever asked')
    .argument(...ID)
    .requiredOption('--reason <text>', 'why; kept in the audit trail')
    .action((id: string, { reason }: { readonly reason: string }) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', `${routeOf(id)}/approve`, { reason })
        await printOne(context.io, format, answer, () => {
          const request = answer.json as Request
          const { budget, until } = request
          return `${visible(id)} is approved: ${visible(budget)} has ${amountText(request, 'amount') ?? ''} more, until ${until} at most.\n`
        })
        noteMissing(context, answer.json)
      }),
    )
  addExamples(command, 'budgets approve 4fT0cU2kQx7Z --reason "for the launch"')
}

function addDeny(budgets: Command, context: CommandContext): void {
  const command = budgets
    .command('deny')
    .description('say no to a request')
    .argument(...ID)
    .requiredOption('--reason <text>', 'why; kept in the audit trail')
    .action((id: string, { reason }: { readonly reason: string }) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', `${routeOf(id)}/deny`, { reason })
        await printOne(context.io, format, answer, () => `${visible(id)} is denied.\n`)
      }),
    )
  addExamples(command, 'budgets deny 4fT0cU2kQx7Z --reason "use the smaller model"')
}

function addWithdraw(budgets: Command, context: CommandContext): void {
  const command = budgets
    .command('withdraw')
    .description('take a request back, also an approved one: by whoever asked, or an admin')
    .argument(...ID)
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((id: string, options: { readonly reason?: string }) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('DELETE', routeOf(id), { ...options })
        await printOne(context.io, format, answer, () => `${visible(id)} is withdrawn.\n`)
        noteMissing(context, answer.json)
      }),
    )
  addExamples(command, 'budgets withdraw 4fT0cU2kQx7Z')
}

function shown(row: Request): Row {
  return { ...row, amount: amountText(row, 'amount') }
}

function routeOf(id: string): string {
  return `${REQUESTS}/${encodeURIComponent(id)}`
}
