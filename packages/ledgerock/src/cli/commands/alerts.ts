// `ledgerock alerts`: what fires and fired, saying that somebody sees to it, muting, and trying out who is told.

import type { Command } from 'commander'
import { columnsOf, printOne, printRows, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { failed } from '../command-error.ts'
import { addExamples } from '../examples.ts'
import { ruleScopeText, type RuleScopeWords } from './rule-scope-words.ts'
import { visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type ListOptions = { readonly status?: string; readonly limit?: string; readonly cursor?: string }
type Alert = Row & { readonly scope: RuleScopeWords; readonly message: string }
type Page = { readonly items: readonly Alert[]; readonly next_cursor: string | null }
type Test = { readonly sink: string; readonly delivered: boolean; readonly detail: string | null }

const COLUMNS: readonly Column[] = [
  { name: 'alert_id', heading: 'id', align: 'left' },
  { name: 'status', align: 'left' },
  { name: 'severity', align: 'left' },
  { name: 'scope', heading: 'for', align: 'left' },
  { name: 'message', align: 'left' },
  { name: 'fired_at', heading: 'since', align: 'left' },
]
const SINK_COLUMNS: readonly Column[] = [
  { name: 'name', align: 'left' },
  { name: 'type', align: 'left' },
  { name: 'target', align: 'left' },
  { name: 'pending', align: 'right' },
  { name: 'last_delivered_at', heading: 'last told', align: 'left' },
  { name: 'last_error', heading: 'trouble', align: 'left' },
]

export function addAlerts(program: Command, context: CommandContext): void {
  const alerts = program.command('alerts').description('what fires, and who is told')
  addExamples(
    alerts,
    'alerts list --status firing',
    'alerts test ops',
    'alerts ack 0199e2f4-7a10-7c3b-8a51-3f2d9b7c1e04',
    'alerts mute 0199e2f4-7a10-7c3b-8a51-3f2d9b7c1e04 --until 4h',
  )
  addList(alerts, context)
  addSinks(alerts, context)
  addTest(alerts, context)
  addAcknowledge(alerts, context)
  addMute(alerts, context)
}

function addList(alerts: Command, context: CommandContext): void {
  const command = alerts
    .command('list')
    .description('alerts, newest first')
    .option('--status <status>', 'firing or resolved')
    .option('--limit <n>', 'how many; the API’s default is 100')
    .option('--cursor <c>', 'next_cursor of the page before')
    .action((options: ListOptions) =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('alerts', { ...options })
        const { items, next_cursor: next } = json as Page
        await printRows(context.io, format, {
          text,
          rows: format === 'table' ? items.map(shown) : items,
          csvColumns: columnsOf(items),
          tableColumns: COLUMNS,
          empty: 'There are no such alerts.',
        })
        if (next !== null) context.io.note(`There are more: --cursor ${visible(next)}\n`)
      }),
    )
  addExamples(command, 'alerts list', 'alerts list --status firing --format json')
}

function addSinks(alerts: Command, context: CommandContext): void {
  const command = alerts
    .command('sinks')
    .description('who can be told, and how that goes')
    .action(() =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('alert-sinks')
        const { items } = json as { readonly items: readonly Row[] }
        await printRows(context.io, format, {
          text,
          rows: items,
          csvColumns: columnsOf(items),
          tableColumns: SINK_COLUMNS,
          empty: 'No sink is declared: nobody is told.',
        })
      }),
    )
  addExamples(command, 'alerts sinks')
}

function addTest(alerts: Command, context: CommandContext): void {
  const command = alerts
    .command('test')
    .description('tell a sink that nothing is wrong; fails where it is not taken')
    .argument('<sink>', 'its name')
    .action((sink: string) =>
      withApi(context, command, async (api, format) => {
        const route = `alert-sinks/${encodeURIComponent(sink)}/test`
        const answer = await api.send('POST', route, {})
        const { delivered, detail } = answer.json as Test
        await printOne(context.io, format, answer, () =>
          delivered ? `${visible(sink)} took it.\n` : '',
        )
        if (!delivered) throw failed(`${visible(sink)} was not told`, visible(detail ?? ''))
      }),
    )
  addExamples(command, 'alerts test ops')
}

function addAcknowledge(alerts: Command, context: CommandContext): void {
  const command = alerts
    .command('ack')
    .description('say that somebody sees to it')
    .argument('<id>', 'as alerts list shows it')
    .action((id: string) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', `alerts/${encodeURIComponent(id)}/acknowledge`, {})
        await printOne(context.io, format, answer, () => `Yours: ${messageOf(answer.json)}\n`)
      }),
    )
  addExamples(command, 'alerts ack 0199e2f4-7a10-7c3b-8a51-3f2d9b7c1e04')
}

function addMute(alerts: Command, context: CommandContext): void {
  const command = alerts
    .command('mute')
    .description('tell nobody when the same fires again, until a time')
    .argument('<id>', 'as alerts list shows it')
    .requiredOption('--until <time>', 'a date, a timestamp or 4h')
    .action((id: string, { until }: { readonly until: string }) =>
      withApi(context, command, async (api, format) => {
        const route = `alerts/${encodeURIComponent(id)}/mute`
        const answer = await api.send('POST', route, { until })
        await printOne(context.io, format, answer, () => `Muted: ${messageOf(answer.json)}\n`)
      }),
    )
  addExamples(command, 'alerts mute 0199e2f4-7a10-7c3b-8a51-3f2d9b7c1e04 --until 4h')
}

function shown(row: Alert): Row {
  return { ...row, scope: ruleScopeText(row.scope) }
}

function messageOf(json: unknown): string {
  return visible((json as Alert).message)
}
