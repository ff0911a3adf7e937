// One import of bills from a place: every delivery found there is staged, given to the ledger and reported; one that is refused does
// not keep the others out, and leaves its period as it was.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BillPlace } from '../../billing/bill-place.ts'
import {
  findDeliveries,
  manifestsInForce,
  type BillDelivery,
  type DeliveryProblem,
} from '../../billing/find-deliveries.ts'
import { readManifest } from '../../billing/read-manifest.ts'
import { stageDelivery } from '../../billing/stage-delivery.ts'
import { formatUsd, sumMoney, type Picodollars } from '../../kernel/money.ts'
import type { BillVersion } from '../../ledger/bill.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { exactOf, roundToPicodollars } from '../../reconciliation/exact.ts'
import { exchangeAt, inDollars, type Exchange, type ExchangeRule } from '../month/exchange.ts'
import { monthRange } from '../month/period-calendar.ts'

export type ImportRejection = {
  readonly file: string
  readonly row: number | null
  readonly reason: string
  readonly detail: string
}

export type ImportedVersion = {
  readonly period: string
  readonly bill: string
  readonly version: number
  readonly state: 'imported' | 'unchanged'
  /** Of the bill; what is shown of it is in dollars. */
  readonly currency: string
  readonly rows: number
  readonly usd: string
  readonly net_usd: string
  readonly unmapped: { readonly rows: number; readonly usd: string }
  readonly rate_mismatches: { readonly rows: number; readonly usd: string }
  readonly difference: BillVersion['difference']
}

export type ImportReport = {
  readonly import_id: string
  readonly read: number
  readonly new: number
  readonly duplicate: number
  readonly changed: number
  readonly removed: number
  readonly rejected: readonly ImportRejection[]
  readonly left_aside: { readonly rows: number; readonly usd: string }
  readonly usd: string
  readonly periods: readonly string[]
  readonly versions: readonly ImportedVersion[]
}

export type ImportBillsDeps = {
  readonly ledger: Pick<Ledger, 'importBill'>
  readonly place: BillPlace
  /** A directory for what is on its way; the ledger's process reads it too. */
  readonly stagingDirectory: string
  /** What there is to bring, before the first file is. */
  readonly onFound?: (files: number, bytes: number) => void
}

export type ImportBillsOrder = {
  readonly importId: string
  readonly bill: string
  /** Only this one; null: all that are there. */
  readonly period: string | null
  readonly importedBy: string
  /** What bills may be in besides dollars; left out: nothing. */
  readonly exchange?: readonly ExchangeRule[]
}

export async function importBills(
  deps: ImportBillsDeps,
  order: ImportBillsOrder,
): Promise<ImportReport> {
  const { deliveries, problems } = await deliveriesOf(deps.place)
  const wanted = deliveries.filter(
    ({ period }) => order.period === null || period === null || period === order.period,
  )
  const report = new Tally(order.importId)
  for (const problem of problems) {
    if (order.period === null || problemPeriod(problem, order.period))
      report.reject([asRejection(problem)])
  }
  if (wanted.length === 0 && report.isEmpty()) {
    report.reject([
      { file: deps.place.name, row: null, reason: 'no_files', detail: 'no delivery is here' },
    ])
  }
  const files = wanted.flatMap((delivery) => delivery.files).filter(({ bytes }) => bytes > 0)
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  deps.onFound?.(files.length, bytes)
  for (const [index, delivery] of wanted.entries()) {
    const folder = join(deps.stagingDirectory, `${order.importId}-${index}`)
    try {
      await importDelivery(deps, order, delivery, folder, report)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return report.finish()
}

/** Where everything is as it was when it was last taken. */
export function nothingNew(importId: string): ImportReport {
  return new Tally(importId).finish()
}

async function deliveriesOf(place: BillPlace): Promise<{
  readonly deliveries: readonly BillDelivery[]
  readonly problems: readonly DeliveryProblem[]
}> {
  const files = await place.list()
  const manifests = []
  const unread: DeliveryProblem[] = []
  for (const path of manifestsInForce(files)) {
    const read = readManifest(await place.readText(path))
    if (read.ok) manifests.push({ path, manifest: read.value })
    else unread.push({ file: path, reason: 'manifest', detail: read.problem })
  }
  const found = findDeliveries(files, manifests)
  // A manifest that cannot be read explains why its period has none.
  if (unread.length > 0 && manifests.length === 0) return { deliveries: [], problems: unread }
  return { deliveries: found.deliveries, problems: [...unread, ...found.problems] }
}

function problemPeriod({ file, detail }: DeliveryProblem, period: string): boolean {
  return `${file} ${detail}`.includes(period)
}

function asRejection({ file, reason, detail }: DeliveryProblem): ImportRejection {
  return { file, row: null, reason, detail }
}

async function importDelivery(
  { ledger, place }: ImportBillsDeps,
  order: ImportBillsOrder,
  delivery: BillDelivery,
  folder: string,
  report: Tally,
): Promise<void> {
  const staged = await stageDelivery(place, delivery, folder)
  if (!staged.ok) return report.reject(staged.problem.map((each) => ({ ...each, row: null })))
  const { exchange: rules = [] } = order
  const result = await ledger.importBill({
    importId: order.importId,
    bill: order.bill,
    period: delivery.period ?? order.period,
    exportName: delivery.exportName,
    executionId: delivery.executionId,
    format: delivery.format,
    files: staged.value,
    rated: rules.map(({ currency, fromMs, toMs }) => ({ currency, fromMs, toMs })),
    importedBy: order.importedBy,
  })
  if (result.state === 'refused') {
    report.readMore(result.read)
    return report.reject(
      result.rejected.map((each) => ({ ...each, file: each.file || deliveryName(delivery) })),
    )
  }
  const { period, currency } = result.version
  const exchange = exchangeAt(rules, currency, monthRange(period).fromMs)
  // It came while there was a rate for it.
  if (!exchange.ok) {
    const file = deliveryName(delivery)
    return report.reject([{ file, row: null, reason: 'currency', detail: exchange.problem.detail }])
  }
  report.add(result.version, result.state, exchange.value)
}

function deliveryName({ exportName, period }: BillDelivery): string {
  return [exportName, period].filter((each) => each !== null && each !== '').join(' ')
}

/** What is reported, while it adds up. */
class Tally {
  readonly #importId: string
  readonly #rejected: ImportRejection[] = []
  readonly #versions: ImportedVersion[] = []
  #rows = { read: 0, new: 0, duplicate: 0, changed: 0, removed: 0, aside: 0 }
  readonly #usd: Picodollars[] = []
  readonly #asideUsd: Picodollars[] = []

  constructor(importId: string) {
    this.#importId = importId
  }

  isEmpty(): boolean {
    return this.#rejected.length === 0
  }

  reject(problems: readonly ImportRejection[]): void {
    this.#rejected.push(...problems)
  }

  readMore(rows: number): void {
    this.#rows.read += rows
  }

  add(version: BillVersion, state: 'imported' | 'unchanged', exchange: Exchange): void {
    const read = (amount: string): Picodollars =>
      roundToPicodollars(inDollars(exactOf(amount), exchange))
    const usdOf = (amount: string): string => formatUsd(read(amount))
    const rows = this.#rows
    const own = version.bedrock_rows
    const { added, removed, changed } = version.difference ?? { added: own, removed: 0, changed: 0 }
    const isNew = state === 'imported'
    this.#rows = {
      read: rows.read + version.rows,
      new: rows.new + (isNew ? added - changed : 0),
      duplicate: rows.duplicate + (isNew ? own - added : own),
      changed: rows.changed + (isNew ? changed : 0),
      removed: rows.removed + (isNew ? removed - changed : 0),
      aside: rows.aside + version.left_aside.rows,
    }
    this.#usd.push(read(version.unblended_usd))
    this.#asideUsd.push(read(version.left_aside.usd))
    this.#versions.push({
      period: version.period,
      bill: version.bill,
      version: version.version,
      state,
      currency: version.currency,
      rows: own,
      usd: usdOf(version.unblended_usd),
      net_usd: usdOf(version.net_usd),
      unmapped: { ...version.unmapped, usd: usdOf(version.unmapped.usd) },
      rate_mismatches: { ...version.rate_mismatches, usd: usdOf(version.rate_mismatches.usd) },
      difference:
        version.difference === null
          ? null
          : { ...version.difference, usd: usdOf(version.difference.usd) },
    })
  }

  finish(): ImportReport {
    const { read, duplicate, changed, removed, aside } = this.#rows
    return {
      import_id: this.#importId,
      read,
      new: this.#rows.new,
      duplicate,
      changed,
      removed,
      rejected: this.#rejected,
      left_aside: { rows: aside, usd: formatUsd(sumMoney(this.#asideUsd)) },
      usd: formatUsd(sumMoney(this.#usd)),
      periods: [...new Set(this.#versions.map(({ period }) => period))].toSorted(),
      versions: this.#versions,
    }
  }
}
