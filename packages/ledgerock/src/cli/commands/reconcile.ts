// `ledgerock reconcile`: a month of the bill laid beside the ledger, anew. Exit code 3 where more stays unexplained than is tolerated.

import { Option, type Command } from 'commander'
import type { KeptReport } from '../../control/month/reconciliations.ts'
import { formatUsd, parseUsd, picodollars } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { COSTS, type Cost } from '../../reconciliation/cell.ts'
import { exactOf, roundToPicodollars } from '../../reconciliation/exact.ts'
import { columnsOf, printRows, type Format, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import type { CliIo } from '../cli-io.ts'
import { CommandError } from '../command-error.ts'
import { addExamples } from '../examples.ts'
import { EXIT } from '../exit-code.ts'
import { grouped, renderTable, visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

/** Owners of no team: those that have none, and those known by other dimensions only. */
const NOBODY = '(nobody)'
const NO_TEAM = '(no team)'

type Options = { readonly period: string; readonly cost: Cost }

const TOTALS: readonly Column[] = [
  { name: 'what', heading: '', align: 'left' },
  { name: 'usd', heading: 'USD', align: 'right' },
]
const CAUSES: readonly Column[] = [
  { name: 'cause', heading: 'difference', align: 'left' },
  { name: 'rows', align: 'right' },
  { name: 'bill', heading: 'billed USD', align: 'right' },
  { name: 'metered', heading: 'metered USD', align: 'right' },
  { name: 'difference', heading: 'difference USD', align: 'right' },
]
const ALLOCATION: readonly Column[] = [
  { name: 'owner', heading: 'team', align: 'left' },
  { name: 'basis', align: 'left' },
  { name: 'reason', align: 'left' },
  { name: 'amount_usd', heading: 'USD', align: 'right' },
]
const FINDINGS: readonly Column[] = [
  { name: 'code', heading: 'finding', align: 'left' },
  { name: 'principal', align: 'left' },
  { name: 'owners', align: 'left' },
  { name: 'usd', heading: 'USD', align: 'right' },
  { name: 'since', align: 'left' },
]

export function addReconcile(program: Command, context: CommandContext): void {
  const command = program
    .command('reconcile')
    .description(
      'explain a month of the bill by the ledger; exit code 3: more is unexplained than tolerated',
    )
    .requiredOption('--period <month>', 'the billing month: 2026-10')
    .addOption(
      new Option('--cost <view>', 'what is paid, before discounts, or at public prices')
        .choices(COSTS)
        .default('net'),
    )
    .action(({ period, cost }: Options) =>
      withApi(context, command, async (api, format) => {
        const route = `periods/${encodeURIComponent(period)}/reconcile?cost=${cost}`
        const { text, json } = await api.send('POST', route, {})
        await show(context.io, format, text, json as KeptReport)
      }),
    )
  addExamples(
    command,
    'reconcile --period 2026-10',
    'reconcile --period 2026-10 --cost unblended --format json',
    'reconcile --period 2026-10 --format csv > allocation.csv',
  )
}

async function show(io: CliIo, format: Format, text: string, report: KeptReport): Promise<void> {
  const rows = report.allocation.map(({ owner, ...row }): Row => ({ ...owner, ...row }))
  await printRows(io, format, {
    text,
    rows,
    csvColumns: columnsOf(rows),
    tableColumns: ALLOCATION,
    layOut: () => layOut(report),
    empty: `The bill of ${report.period} has nothing of Bedrock.`,
  })
  if (format === 'table') io.note(restOf(report))
  if (!isUnexplained(report)) return
  const { unexplained_usd: usd, tolerance_usd: tolerance } = report
  throw new CommandError(
    EXIT.found,
    `USD ${usd} of the ledger is not on the bill, and nothing explains it; USD ${tolerance} is tolerated`,
  )
}

function layOut(report: KeptReport): string {
  const totals = [
    { what: `bill of ${report.period}, ${report.cost}`, usd: report.bill_usd },
    { what: 'has an owner', usd: report.allocated_usd },
    { what: 'kept apart by pools', usd: report.shared_usd },
    { what: 'nobody’s', usd: report.unattributed_usd },
  ]
  const findings = report.findings.map((row) => ({
    ...row,
    owners: row.owners.map(ownerText).join('; '),
    since: row.since.slice(0, 10),
  }))
  const tables = [
    renderTable(TOTALS, totals),
    renderTable(ALLOCATION, byTeam(report)),
    ...(report.variance.length > 0 ? [renderTable(CAUSES, causesOf(report))] : []),
    ...(findings.length > 0 ? [renderTable(FINDINGS, findings)] : []),
  ]
  return tables.join('\n')
}

/** For people: of an owner only the team. CSV and JSON have every owner whole. */
function byTeam({ allocation }: KeptReport): readonly Row[] {
  const sums = new Map<string, { readonly row: Row; usd: bigint }>()
  for (const { owner, basis, reason, amount_usd } of allocation) {
    const { team } = owner
    const shown = team === undefined ? (Object.keys(owner).length === 0 ? NOBODY : NO_TEAM) : team
    const key = JSON.stringify([shown, basis, reason])
    const sum = sums.get(key) ?? { row: { owner: shown, basis, reason }, usd: 0n }
    sums.set(key, sum)
    sum.usd += mustOk(parseUsd(amount_usd))
  }
  return [...sums.values()]
    .toSorted((left, right) => (left.usd === right.usd ? 0 : left.usd > right.usd ? -1 : 1))
    .map(({ row, usd }) => ({ ...row, amount_usd: formatUsd(picodollars(usd)) }))
}

/** The cause with most dollars first. */
function causesOf({ variance }: KeptReport): readonly Row[] {
  const causes = new Map<string, { rows: number; bill: bigint; metered: bigint; all: bigint }>()
  for (const { cause, bill_usd, metered_usd, difference_usd } of variance) {
    const sums = causes.get(cause) ?? { rows: 0, bill: 0n, metered: 0n, all: 0n }
    causes.set(cause, sums)
    sums.rows += 1
    sums.bill += exactOf(bill_usd)
    sums.metered += exactOf(metered_usd)
    sums.all += exactOf(difference_usd)
  }
  const usd = (sum: bigint): string =>
    formatUsd(roundToPicodollars(sum as ReturnType<typeof exactOf>))
  const size = (sum: bigint): bigint => (sum < 0n ? -sum : sum)
  return [...causes]
    .toSorted(([, left], [, right]) => (size(left.all) > size(right.all) ? -1 : 1))
    .map(([cause, { rows, bill, metered, all }]) => ({
      cause,
      rows,
      bill: usd(bill),
      metered: usd(metered),
      difference: usd(all),
    }))
}

function ownerText(owner: Readonly<Record<string, string>>): string {
  const words = Object.entries(owner).map(([name, value]) => `${name}=${value}`)
  return words.length === 0 ? NOBODY : words.join(' ')
}

function restOf({ coverage, left_aside: aside, bill_version, exchange }: KeptReport): string {
  const { bill_tokens: tokens, ratio } = coverage
  const metered =
    ratio === null
      ? 'The bill has no tokens.'
      : `${percent(ratio)} % of ${grouped(tokens)} tokens were metered.`
  const rates = exchange.map(
    ({ bill, currency, usd_per_unit: rate, rate_date: day }) =>
      `The bill ${visible(bill)} is in ${currency}, read at USD ${rate} for 1 ${currency}, the rate of ${day}.`,
  )
  const others = `${grouped(aside.rows)} rows of other services, USD ${aside.usd}, are left aside.`
  return [`Version ${bill_version} of the bill. ${metered}`, others, ...rates, ''].join('\n')
}

/** `0.9981` → `99.81`, without a float. */
function percent(ratio: string): string {
  const [whole = '0', decimals = ''] = ratio.split('.')
  const shifted = `${whole}${decimals.padEnd(2, '0').slice(0, 2)}`.replace(/^0+(?=\d)/, '')
  const rest = decimals.slice(2)
  return rest === '' ? shifted : `${shifted}.${rest}`
}

function isUnexplained({ unexplained_usd, tolerance_usd }: KeptReport): boolean {
  const unexplained: bigint = exactOf(unexplained_usd)
  return (unexplained < 0n ? -unexplained : unexplained) > exactOf(tolerance_usd)
}
