// Questions to the bill. Lines are grouped by their word before words are looked up, so that what a word means is joined to sums and
// not to lines.

import { MS_PER_SECOND } from '../../kernel/time.ts'
import type { BillCellRow, BillSummary, BillSumRow, BillVersion, UnmappedWord } from '../bill.ts'
import { BILL_LINES, BILL_WORDS } from './bill-schema.ts'
import type { Session } from './database.ts'
import { sliceEnd, type HourRows } from './hour-slice.ts'
import { inList, literal } from './literal.ts'
import { tableName } from './schema.ts'

export type BillPlace = { readonly period: string; readonly versions: readonly number[] }

function within({ period, versions }: BillPlace): string {
  return `period = ${literal(period)} AND version IN ${inList(versions)}`
}

/** Exact sums as text without the noughts behind. */
const exact = (sql: string): string => `toString(${sql})`
const NET = 'ifNull(net, unblended)'
const UNMAPPED_MAX = 1_000

export async function readSummary(
  session: Session,
  database: string,
  place: BillPlace,
  versions: readonly BillVersion[],
): Promise<BillSummary> {
  const words = `(SELECT * FROM ${tableName(database, BILL_WORDS)} WHERE ${within(place)})`
  const sums = await session.select<BillSumRow>(
    `SELECT thing, line_item_type, sum(rows) AS rows, ${exact('sum(unblended)')} AS unblended_usd,` +
      ` ${exact('sum(net)')} AS net_usd FROM ${words} GROUP BY thing, line_item_type` +
      ' ORDER BY thing, line_item_type SETTINGS prefer_column_name_to_alias = 1',
  )
  const unmapped = await session.select<UnmappedWord>(
    'SELECT unmapped_reason AS reason, usage_type, product_name, unit, unit_text, sum(rows) AS rows,' +
      ` ${exact('sum(unblended)')} AS unblended_usd, ${exact('sum(net)')} AS net_usd FROM ${words}` +
      " WHERE unmapped_reason != '' GROUP BY reason, usage_type, product_name, unit, unit_text" +
      ` ORDER BY abs(sum(unblended)) DESC, usage_type LIMIT ${UNMAPPED_MAX}` +
      ' SETTINGS prefer_column_name_to_alias = 1',
  )
  const invoices = await session.select<BillSummary['invoices'][number]>(
    'SELECT invoice_id, invoicing_entity AS issuer, count() AS rows,' +
      ` ${exact('sum(unblended)')} AS unblended_usd, ${exact(`sum(${NET})`)} AS net_usd,` +
      ` ${exact(`sumIf(${NET}, line_item_type = 'Tax')`)} AS tax_usd` +
      ` FROM ${tableName(database, BILL_LINES)} WHERE ${within(place)}` +
      ' GROUP BY invoice_id, issuer ORDER BY invoice_id, issuer',
  )
  return { period: place.period, versions, sums, unmapped, invoices }
}

export type CellsPage = {
  readonly items: readonly BillCellRow[]
  readonly next_cursor: string | null
}

/** Lines that begin at an instant or later, and of their slice the cells after so many. */
type CellKey = { readonly fromMs: number; readonly offset: number }

/** What one statement groups, if a single hour has no more. */
const LINES_AT_ONCE = 200_000
/** As far as the engine's times go. */
const END_MS = (2 ** 32 - 1) * MS_PER_SECOND

/** Hours in order, some at once, and of those the cells in an order that does not change. */
export async function readCells(
  session: Session,
  database: string,
  place: BillPlace,
  cursor: string | null,
  limit: number,
): Promise<CellsPage> {
  const lines = (fromMs: number, toMs: number) =>
    session.select<HourRows>(
      `SELECT toUnixTimestamp(toStartOfHour(usage_start)) AS hour_s, count() AS entries` +
        ` FROM ${tableName(database, BILL_LINES)} WHERE ${within(place)} AND ${begins(fromMs, toMs)}` +
        ' GROUP BY hour_s ORDER BY hour_s',
    )
  let { fromMs, offset } = cursorOf(cursor)
  for (;;) {
    const toMs = await sliceEnd(lines, fromMs, END_MS, LINES_AT_ONCE)
    if (toMs === null) return { items: [], next_cursor: null }
    const sql = cellsSql(database, place, begins(fromMs, toMs), offset, limit)
    const items = await session.select<BillCellRow>(sql)
    const next = items.length < limit ? `${toMs}:0` : `${fromMs}:${offset + limit}`
    if (items.length > 0) return { items, next_cursor: next }
    ;[fromMs, offset] = [toMs, 0]
  }
}

function begins(fromMs: number, toMs: number): string {
  const at = (ms: number): string => `toDateTime(${ms / MS_PER_SECOND}, 'UTC')`
  return `usage_start >= ${at(fromMs)} AND usage_start < ${at(toMs)}`
}

function cellsSql(
  database: string,
  place: BillPlace,
  stretch: string,
  offset: number,
  limit: number,
): string {
  const keys =
    'version, word, payer_account, account_id, principal, resource_id, tags, invoice_id, usage_start, usage_end'
  const iso = (column: string): string => `formatDateTime(${column}, '%Y-%m-%dT%H:%i:%SZ', 'UTC')`
  return (
    'SELECT l.payer_account AS payer_account, l.account_id AS account_id, w.region AS region, w.model_id AS model_id, w.kind AS kind,' +
    ' w.scope AS scope, w.tier AS tier, toBool(w.long_context) AS long_context, w.variant AS variant,' +
    ' w.thing AS thing, w.line_item_type AS line_item_type,' +
    ' w.unmapped_reason AS unmapped_reason, w.usage_type AS usage_type, l.principal AS principal,' +
    ' l.resource_id AS resource_id, l.tags AS tags, l.invoice_id AS invoice_id,' +
    ` ${iso('l.usage_start')} AS from, ${iso('l.usage_end')} AS to,` +
    " if(isNull(w.factor), '', toString(l.s_amount * w.factor)) AS quantity," +
    ' toString(l.s_unblended) AS unblended_usd, toString(l.s_net) AS net_usd,' +
    ' toString(l.s_list) AS list_usd, l.s_rows AS rows' +
    ` FROM (SELECT ${keys}, sum(amount) AS s_amount, sum(unblended) AS s_unblended,` +
    ` sum(${NET}) AS s_net, sum(ifNull(list, toDecimal256(0, 30))) AS s_list, count() AS s_rows` +
    ` FROM ${tableName(database, BILL_LINES)} WHERE ${within(place)}` +
    ` AND ${stretch}` +
    ` GROUP BY ${keys} ORDER BY ${keys} LIMIT ${limit} OFFSET ${offset}) AS l` +
    ` LEFT JOIN (SELECT * FROM ${tableName(database, BILL_WORDS)} WHERE ${within(place)}) AS w` +
    ' ON l.version = w.version AND l.word = w.word' +
    ' ORDER BY l.version, l.word, l.payer_account, l.account_id, l.principal, l.resource_id, l.tags, l.invoice_id,' +
    ' l.usage_start, l.usage_end'
  )
}

function cursorOf(cursor: string | null): CellKey {
  const [, fromMs, offset] = /^(\d{1,13}):(\d{1,12})$/.exec(cursor ?? '') ?? []
  return { fromMs: Number(fromMs ?? 0), offset: Number(offset ?? 0) }
}
