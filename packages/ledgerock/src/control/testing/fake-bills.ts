// A ledger that takes bills without reading them: the first line of the first file names the period, and the same bytes are the same
// delivery. A test can hold an import, refuse it or make it fail.

import { readFileSync } from 'node:fs'
import type { BillImport, BillOrder, BillVersion } from '../../ledger/bill.ts'

export type FakeBills = {
  readonly orders: BillOrder[]
  readonly importBill: (order: BillOrder) => Promise<BillImport>
  /** Awaited by each import. */
  gate: Promise<void>
  failure: Error | null
  refusal: Extract<BillImport, { readonly state: 'refused' }> | null
}

export function createFakeBills(): FakeBills {
  const versions: BillVersion[] = []
  const bills: FakeBills = {
    orders: [],
    gate: Promise.resolve(),
    failure: null,
    refusal: null,
    async importBill(order) {
      bills.orders.push(order)
      await bills.gate
      if (bills.failure !== null) throw bills.failure
      if (bills.refusal !== null) return bills.refusal
      const fingerprint = order.files.map(({ sha256 }) => sha256).join(' ')
      const [first] = order.files
      const [line = ''] = readFileSync(first?.path ?? '', 'utf8').split('\n')
      const period = order.period ?? line.trim()
      const own = versions.filter((each) => each.period === period && each.bill === order.bill)
      const same = own.find((each) => each.fingerprint === fingerprint)
      if (same !== undefined) return { state: 'unchanged', version: same }
      const version = versionOf(order, period, own.length + 1, fingerprint)
      versions.push(version)
      return { state: 'imported', version }
    },
  }
  return bills
}

function versionOf(
  order: BillOrder,
  period: string,
  version: number,
  fingerprint: string,
): BillVersion {
  const nothing = { rows: 0, usd: '0' }
  return {
    period,
    bill: order.bill,
    version,
    import_id: order.importId,
    fingerprint,
    export_name: order.exportName,
    execution_id: order.executionId,
    files: [],
    rows: 2,
    bedrock_rows: 1,
    left_aside: nothing,
    currency: 'USD',
    unblended_usd: '1.5',
    net_usd: '1.5',
    words: 1,
    unmapped: nothing,
    rate_mismatches: nothing,
    columns: [],
    difference: null,
    imported_at: '2026-10-14T12:00:00.000Z',
    imported_by: order.importedBy,
  }
}
