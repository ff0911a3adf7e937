// `ledgerock period adjustments`, `adjust` and `approve-adjustments`: what came after a month was closed.

import type { Command } from 'commander'
import { columnsOf, printOne, printRows, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { addExamples } from '../examples.ts'
import { periodRoute } from './period-route.ts'
import { visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type Adjustment = Row & { readonly owner: Readonly<Record<string, string>> }
type List = {
  readonly items: readonly Adjustment[]
  readonly total_usd: string
  readonly waiting: { readonly moved_usd: string; readonly bill_usd: string } | null
}

const COLUMNS: readonly Column[] = [
  { name: 'charge_period', heading: 'charged for', align: 'left' },
  { name: 'posted_in', heading: 'posted in', align: 'left' },
  { name: 'owner', align: 'left' },
  { name: 'model_id', heading: 'model', align: 'left' },
  { name: 'basis', align: 'left' },
  { name: 'usd', align: 'right' },
  { name: 'reason', align: 'left' },
]
const PERIOD = ['<period>', 'a month such as 2026-10'] as const

export function addPeriodAdjustments(period: Command, context: CommandContext): void {
  addList(period, context)
  addAdjust(period, context)
  addApprove(period, context)
}

function addList(period: Command, context: CommandContext): void {
  const command = period
    .command('adjustments')
    .description('what was posted in a month for earlier ones, and elsewhere for it')
    .argument(...PERIOD)
    .action((name: string) =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get(`${periodRoute(name)}/adjustments`)
        const { items, waiting } = json as List
        await printRows(context.io, format, {
          text,
          rows: format === 'table' ? items.map(shown) : items,
          csvColumns: columnsOf(items),
          tableColumns: COLUMNS,
          empty: 'There are no adjustments.',
        })
        if (waiting === null) return
        const how = `ledgerock period approve-adjustments ${visible(name)}`
        context.io.note(
          `${waiting.moved_usd} USD of ${waiting.bill_usd} would move, which waits for approval: ${how}\n`,
        )
      }),
    )
  addExamples(command, 'period adjustments 2026-10', 'period adjustments 2026-10 --format csv')
}

function addAdjust(period: Command, context: CommandContext): void {
  const command = period
    .command('adjust')
    .description(
      'work out a closed month anew now; corrected owners and pools come by themselves, soon',
    )
    .argument(...PERIOD)
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((name: string, options: { readonly reason?: string }) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', `${periodRoute(name)}/adjustments`, { ...options })
        await printOne(context.io, format, answer, () => {
          const { total_usd: total, waiting } = answer.json as List
          const waits = waiting === null ? '' : ` ${waiting.moved_usd} USD more wait for approval.`
          return `Adjustments that concern ${visible(name)} come to ${total} USD.${waits}\n`
        })
      }),
    )
  addExamples(command, 'period adjust 2026-10')
}

function addApprove(period: Command, context: CommandContext): void {
  const command = period
    .command('approve-adjustments')
    .description('post adjustments that move more of the bill than is posted by itself')
    .argument(...PERIOD)
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((name: string, options: { readonly reason?: string }) =>
      withApi(context, command, async (api, format) => {
        const route = `${periodRoute(name)}/adjustments/approve`
        const answer = await api.send('POST', route, { ...options })
        await printOne(context.io, format, answer, () => {
          const { total_usd: total } = answer.json as List
          return `Posted. Adjustments that concern ${visible(name)} come to ${total} USD.\n`
        })
      }),
    )
  addExamples(command, 'period approve-adjustments 2026-10 --reason "checked against the invoice"')
}

function shown(row: Adjustment): Row {
  const owner = Object.entries(row.owner)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
  return { ...row, owner: owner === '' ? '-' : owner }
}
