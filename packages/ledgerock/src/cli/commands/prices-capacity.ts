// `ledgerock prices capacity`: who used the capacity that is paid by the hour, what stood idle, and what a token came to.

import { InvalidArgumentError, Option, type Command } from 'commander'
import { IDLE_SPLITS } from '../../control/prices/price-tools.ts'
import type { CapacityReport, PoolReport } from '../../pricing/capacity/capacity-report.ts'
import { printRows, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { readAssignments } from '../conditions.ts'
import { addExamples } from '../examples.ts'
import { readBill } from './prices-bill.ts'
import { uploadWithBar } from './prices-files.ts'
import { grouped, renderTable, visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type CapacityOptions = {
  readonly period: string
  readonly bill: readonly string[]
  readonly by: string
  readonly split: string
  readonly tokensPerMinute?: Readonly<Record<string, number>>
}

const CSV_COLUMNS = [
  'pool',
  'kind',
  'model_id',
  'owner',
  'calls',
  'tokens',
  'used_usd',
  'idle_usd',
  'total_usd',
  'use_usd_per_million',
  'allocation_usd_per_million',
] as const

const TABLE_COLUMNS: readonly Column[] = [
  { name: 'owner', align: 'left' },
  { name: 'calls', align: 'right' },
  { name: 'tokens', align: 'right' },
  { name: 'used_usd', heading: 'used USD', align: 'right' },
  { name: 'idle_usd', heading: 'idle USD', align: 'right' },
  { name: 'total_usd', heading: 'total USD', align: 'right' },
  { name: 'use_usd_per_million', heading: 'USD/1M used', align: 'right' },
  { name: 'allocation_usd_per_million', heading: 'USD/1M with idle', align: 'right' },
]

export function addPricesCapacity(prices: Command, context: CommandContext): void {
  const command = prices
    .command('capacity')
    .description('provisioned and reserved capacity by who used it, idle apart')
    .requiredOption('--period <month>', 'the billing month: 2026-10')
    .requiredOption('--bill <files...>', 'cost and usage report as CSV, .gz too')
    .option('--by <dimension>', 'whose use', 'team')
    .addOption(
      new Option('--split <rule>', 'who pays for what nobody used')
        .choices(IDLE_SPLITS)
        .default('proportional'),
    )
    .option(
      '--tokens-per-minute <arn=n,…>',
      'what provisioned throughput can take; without it an hour with any use counts as full',
      readCapacities,
    )
    .action((options: CapacityOptions) => capacity(context, command, options))
  addExamples(
    command,
    'prices capacity --period 2026-10 --bill cur-2026-10.csv.gz',
    'prices capacity --period 2026-10 --bill cur.csv --by application --format csv',
    'prices capacity --period 2026-10 --bill cur.csv --tokens-per-minute arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc=40000',
  )
}

function readCapacities(text: string): Readonly<Record<string, number>> {
  const entries = Object.entries(readAssignments(text))
  return Object.fromEntries(
    entries.map(([arn, tokens]) => {
      if (/^[1-9]\d{0,11}$/.test(tokens)) return [arn, Number(tokens)]
      throw new InvalidArgumentError(`${tokens} is no number of tokens a minute.`)
    }),
  )
}

async function capacity(
  context: CommandContext,
  command: Command,
  { period, bill, by, split, tokensPerMinute = {} }: CapacityOptions,
): Promise<void> {
  const { io } = context
  const rows = await readBill(io, bill)
  await withApi(context, command, async (api, format) => {
    const question = { period, by, split, rows, tokens_per_minute: tokensPerMinute }
    const bytes = Buffer.from(JSON.stringify(question))
    const body = { type: 'application/json', bytes }
    const { text, json } = await uploadWithBar(io, api, 'prices/capacity', {}, body)
    const report = json as CapacityReport
    await printRows(io, format, {
      text,
      rows: report.pools.flatMap(ownerRows),
      csvColumns: CSV_COLUMNS,
      tableColumns: TABLE_COLUMNS,
      layOut: () => layOut(report),
      empty: 'The bill has no provisioned or reserved capacity.',
    })
    if (format === 'table') io.note(restOf(report))
  })
}

/** One row per pool and owner; what nobody got is a row of its own, so that the rows add up to the bill. */
function ownerRows({ pool, kind, model_id, owners, apart_usd: apart }: PoolReport): readonly Row[] {
  const rows: Row[] = owners.map((owner) => ({ pool, kind, model_id, ...owner }))
  if (apart === '0') return rows
  return [...rows, { pool, kind, model_id, owner: '(idle)', idle_usd: apart, total_usd: apart }]
}

function layOut({ pools, owners, total }: CapacityReport): string {
  const parts = pools.map((pool) => `${headOf(pool)}${renderTable(TABLE_COLUMNS, ownerRows(pool))}`)
  if (pools.length > 1) parts.push(`All pools\n${renderTable(TABLE_COLUMNS, owners)}`)
  const { cost_usd: cost, used_usd: used, idle_usd: idle, apart_usd: apart } = total
  parts.push(`USD ${cost}: used ${used}, idle given to owners ${idle}, idle apart ${apart}\n`)
  return parts.join('\n')
}

function headOf(pool: PoolReport): string {
  const { kind, model_id: model, region, hours, used_hours: used, utilisation } = pool
  const what = [kind, model ?? 'a model of your own', region, pool.variant].filter(Boolean)
  const share = utilisation === null ? '' : `, utilisation ${utilisation}`
  const basis =
    pool.capacity_basis === 'any_use' ? ' (capacity unknown: an hour with any use is full)' : ''
  return (
    `${visible(pool.pool)}\n  ${visible(what.join(', '))}\n` +
    `  ${grouped(used)} of ${grouped(hours)} hours used${share}${basis}, USD ${pool.cost_usd}\n`
  )
}

function restOf({ unread, unmatched }: CapacityReport): string {
  const lines = [
    ...unread.map(
      ({ reason, usage_type: type, usd }) => `not placed: ${type}, USD ${usd} (${reason})`,
    ),
    ...unmatched.map(({ owner, model_requested: model, calls }) => {
      return `${owner} used ${model} in ${grouped(calls)} calls; the bill has no line for it`
    }),
  ]
  return lines.map((line) => `${visible(line)}\n`).join('')
}
