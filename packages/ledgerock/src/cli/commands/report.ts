// `ledgerock report`: who spent what, by anything.

import {
  GRANULARITIES,
  OUTCOME_MEASURES,
  SPEND_MEASURES,
  type SpendAnswer,
} from '@ledgerock/contract'
import { Option, type Command } from 'commander'
import { connectApi } from '../api-client.ts'
import { formatOf, printRows } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { collectCondition } from '../conditions.ts'
import { addExamples } from '../examples.ts'
import { globalsOf } from '../global-options.ts'
import type { Column } from '../table.ts'

type ReportOptions = {
  readonly by: string
  readonly from?: string
  readonly to?: string
  readonly where?: readonly string[]
  readonly granularity?: string
  readonly tz?: string
  readonly per?: string
}

/** Columns of the table, and whether they are left out where every row has zero. */
const TABLE_MEASURES: readonly (readonly [name: string, heading: string, always: boolean])[] = [
  ['calls', 'calls', true],
  ['refused_calls', 'refused', false],
  ['errors', 'errors', false],
  ['throttled', 'throttled', false],
  ['input_tokens', 'input', true],
  ['output_tokens', 'output', true],
  ['cache_read_tokens', 'cache read', false],
  ['cache_write_tokens', 'cache write', false],
  ['unpriced_calls', 'unpriced', false],
  ['cost_usd', 'cost USD', true],
  ['outcome_value_usd', 'value USD', false],
]
const PER_OUTCOME: readonly Column[] = [
  { name: 'outcomes', heading: 'outcomes', align: 'right' },
  { name: 'usd_per_unit', heading: 'USD each', align: 'right' },
]

export function addReport(program: Command, context: CommandContext): void {
  const command = program
    .command('report')
    .description('spend by any dimension or field')
    .requiredOption('--by <names>', 'what to group by: team,model_id …')
    .option('--from <time>', 'from when: a date, a timestamp or -7d (default: start of the month)')
    .option('--to <time>', 'to when, exclusive (default: now)')
    .option('--where <field=value,…>', 'only these; may be repeated', collectCondition)
    .addOption(new Option('--granularity <unit>', 'one row per').choices(GRANULARITIES))
    .option('--tz <zone>', 'time zone in which days and months begin (default: UTC)')
    .option('--per <outcome:NAME>', 'what came of it, and what one cost')
    .action((options: ReportOptions) => report(context, command, options))
  addExamples(
    command,
    'report --by team',
    'report --by team,model_id --from -7d --where environment=prod,staging',
    'report --by application --granularity day --tz Europe/Berlin --format csv',
    'report --by feature --per outcome:tickets_solved',
  )
}

async function report(
  context: CommandContext,
  command: Command,
  { by, from, to, where, granularity, tz, per }: ReportOptions,
): Promise<void> {
  const flags = globalsOf(command)
  const api = await connectApi(context, flags)
  try {
    const question = { by, from, to, where, granularity, tz, per }
    const { text, json } = await api.get('spend', question)
    const { rows, total } = json as SpendAnswer
    const groups = groupColumns(rows[0] ?? {}, by)
    await printRows(context.io, formatOf(context.io, flags.format), {
      text,
      rows,
      csvColumns: [...groups, ...SPEND_MEASURES, ...(per === undefined ? [] : OUTCOME_MEASURES)],
      tableColumns: [
        ...groups.map((name): Column => ({ name, align: 'left' })),
        ...measureColumns([...rows, total]),
        ...(per === undefined ? [] : PER_OUTCOME),
      ],
      total: { ...total, [groups[0] ?? 'total']: 'total', ...blank(groups.slice(1)) },
      empty: 'No calls in this time.',
    })
  } finally {
    await api.close()
  }
}

/** What a row is grouped by, as the answer names it; `bucket` first, because time is read downwards. */
function groupColumns(row: Readonly<Record<string, unknown>>, by: string): readonly string[] {
  const measures: readonly string[] = [...SPEND_MEASURES, ...OUTCOME_MEASURES]
  const names = Object.keys(row).filter((name) => !measures.includes(name))
  if (names.length === 0) return by.split(',').map((name) => name.trim())
  return [
    ...names.filter((name) => name === 'bucket'),
    ...names.filter((name) => name !== 'bucket'),
  ]
}

function measureColumns(rows: readonly Readonly<Record<string, unknown>>[]): readonly Column[] {
  return TABLE_MEASURES.filter(
    ([name, , always]) => always || rows.some((row) => Number(row[name] ?? 0) !== 0),
  ).map(([name, heading]) => ({ name, heading, align: 'right' }))
}

function blank(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, '']))
}
