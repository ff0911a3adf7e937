// `ledgerock period`: which months are open, closing and closed; closing one; asking to reopen one, and deciding on it.

import type { Command } from 'commander'
import { columnsOf, printOne, printRows, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { addExamples } from '../examples.ts'
import { addPeriodAdjustments } from './period-adjustments.ts'
import { visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'
import { periodRoute } from './period-route.ts'

type Period = Row & {
  readonly period: string
  readonly state: string
  readonly waiting: boolean
  readonly closings: readonly { readonly number: number; readonly sha256: string }[]
  readonly reopening: { readonly state: string; readonly asked_by: string } | null
}
type Reason = { readonly reason?: string }

const COLUMNS: readonly Column[] = [
  { name: 'period', align: 'left' },
  { name: 'state', align: 'left' },
  { name: 'bill_version', heading: 'bill version', align: 'right' },
  { name: 'closed_at', heading: 'closed at', align: 'left' },
  { name: 'closed_by', heading: 'closed by', align: 'left' },
  { name: 'closes_after', heading: 'closes after', align: 'left' },
  { name: 'note', align: 'left' },
]
const PERIOD = ['<period>', 'a month such as 2026-10'] as const
const REASON = ['--reason <text>', 'why; kept in the audit trail'] as const

export function addPeriod(program: Command, context: CommandContext): void {
  const period = program.command('period').description('months of the bill: open, closing, closed')
  addExamples(
    period,
    'period list',
    'period close 2026-10',
    'period reopen 2026-10 --reason "a team was booked on the wrong cost center"',
    'period approve 2026-10',
    'period adjustments 2026-10',
  )
  addList(period, context)
  addClose(period, context)
  addReopen(period, context)
  addApprove(period, context)
  addDeny(period, context)
  addPeriodAdjustments(period, context)
}

function addList(period: Command, context: CommandContext): void {
  const command = period
    .command('list')
    .description('every month that has a bill, newest first')
    .action(() =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('periods')
        const { items } = json as { readonly items: readonly Period[] }
        await printRows(context.io, format, {
          text,
          rows: format === 'table' ? items.map(shown) : items,
          csvColumns: columnsOf(items),
          tableColumns: COLUMNS,
          empty: 'There is no month with a bill.',
        })
      }),
    )
  addExamples(command, 'period list', 'period list --format json')
}

function shown(row: Period): Row {
  const asked = row.reopening?.state === 'pending' ? row.reopening.asked_by : null
  const notes = [
    ...(asked === null ? [] : [`${asked} asks to reopen it`]),
    ...(row.waiting ? ['adjustments wait for approval'] : []),
  ]
  // A month that is closed, or was reopened, does not close by itself.
  const closesAfter = row.closings.length > 0 ? null : (row['closes_after'] as string)
  return { ...row, closes_after: closesAfter, note: notes.join('; ') }
}

function addClose(period: Command, context: CommandContext): void {
  const command = period
    .command('close')
    .description('freeze a month that is over; what comes later is an adjustment in the next')
    .argument(...PERIOD)
    .option(...REASON)
    .action((name: string, options: Reason) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', `${periodRoute(name)}/close`, { ...options })
        await printOne(context.io, format, answer, () => {
          const last = (answer.json as Period).closings.at(-1)
          return `${visible(name)} is closed: number ${last?.number}, sha256 ${visible(last?.sha256 ?? '')}.\n`
        })
      }),
    )
  addExamples(command, 'period close 2026-10', 'period close 2026-10 --reason "invoice is paid"')
}

function addReopen(period: Command, context: CommandContext): void {
  const command = period
    .command('reopen')
    .description('ask to reopen a closed month; another admin decides')
    .argument(...PERIOD)
    .requiredOption(...REASON)
    .action((name: string, { reason }: { readonly reason: string }) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', `${periodRoute(name)}/reopen`, { reason })
        await printOne(context.io, format, answer, () => {
          const next = `ledgerock period approve ${visible(name)}`
          return `Asked to reopen ${visible(name)}. An admin who is somebody else answers: ${next}\n`
        })
      }),
    )
  addExamples(command, 'period reopen 2026-10 --reason "the bill of a payer was missing"')
}

function addApprove(period: Command, context: CommandContext): void {
  const command = period
    .command('approve')
    .description('reopen a month somebody else asked for')
    .argument(...PERIOD)
    .option(...REASON)
    .action((name: string, options: Reason) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', `${periodRoute(name)}/reopen/approve`, { ...options })
        await printOne(context.io, format, answer, () => {
          return `${visible(name)} is open again. Close it when it is right: ledgerock period close ${visible(name)}\n`
        })
      }),
    )
  addExamples(command, 'period approve 2026-10 --reason "agreed with finance"')
}

function addDeny(period: Command, context: CommandContext): void {
  const command = period
    .command('deny')
    .description('leave a month closed; by whoever asked: take the request back')
    .argument(...PERIOD)
    .option(...REASON)
    .action((name: string, options: Reason) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', `${periodRoute(name)}/reopen/deny`, { ...options })
        await printOne(context.io, format, answer, () => `${visible(name)} stays closed.\n`)
      }),
    )
  addExamples(command, 'period deny 2026-10 --reason "an adjustment will do"')
}
