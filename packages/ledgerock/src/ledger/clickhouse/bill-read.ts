// Questions to the bill. Lines are grouped by their word before words are looked up, so that what a word means is joined to sums and
// not to lines.

import type { BillCellRow, BillSummary, BillSumRow, BillVersion, UnmappedWord } from '../bill.ts'
import { BILL_LINES, BILL_WORDS } from './bill-schema.ts'
import type { Session } from './database.ts'
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

type CellKey = { readonly day: string; readonly offset: number }

/** Days in order, and within a day the cells in an order that does not change. */
export async function readCells(
  session: Session,
  database: string,
  place: BillPlace,
  cursor: string | null,
  limit: number,
): Promise<CellsPage> {
  const after = cursorOf(cursor)
  const lines = tableName(database, BILL_LINES)
  const [next] = await session.select<{ day: string | null }>(
    `SELECT if(count() = 0, NULL, toString(min(toDate(usage_start, 'UTC')))) AS day FROM ${lines}` +
      ` WHERE ${within(place)} AND toDate(usage_start, 'UTC') >= ${literal(after.day)}`,
  )
  const day = next?.day ?? null
  if (day === null) return { items: [], next_cursor: null }
  const offset = day === after.day ? after.offset : 0
  const items = await session.select<BillCellRow>(cellsSql(database, place, day, offset, limit))
  const isWhole = items.length < limit
  const following = isWhole ? `${dayAfter(day)}:0` : `${day}:${offset + limit}`
  if (items.length === 0) return readCells(session, database, place, following, limit)
  return { items, next_cursor: following }
}

function cellsSql(
  database: string,
  place: BillPlace,
  day: string,
  offset: number,
  limit: number,
): string {
  const keys =
    'version, word, account_id, principal, resource_id, tags, invoice_id, usage_start, usage_end'
  const iso = (column: string): string => `formatDateTime(${column}, '%Y-%m-%dT%H:%i:%SZ', 'UTC')`
  return (
    'SELECT l.account_id AS account_id, w.region AS region, w.model_id AS model_id, w.kind AS kind,' +
    ' w.scope AS scope, w.tier AS tier, w.thing AS thing, w.line_item_type AS line_item_type,' +
    ' w.unmapped_reason AS unmapped_reason, w.usage_type AS usage_type, l.principal AS principal,' +
    ' l.resource_id AS resource_id, l.tags AS tags, l.invoice_id AS invoice_id,' +
    ` ${iso('l.usage_start')} AS from, ${iso('l.usage_end')} AS to,` +
    " if(isNull(w.factor), '', toString(l.s_amount * w.factor)) AS quantity," +
    ' toString(l.s_unblended) AS unblended_usd, toString(l.s_net) AS net_usd,' +
    ' toString(l.s_list) AS list_usd, l.s_rows AS rows' +
    ` FROM (SELECT ${keys}, sum(amount) AS s_amount, sum(unblended) AS s_unblended,` +
    ` sum(${NET}) AS s_net, sum(ifNull(list, toDecimal256(0, 30))) AS s_list, count() AS s_rows` +
    ` FROM ${tableName(database, BILL_LINES)} WHERE ${within(place)}` +
    ` AND usage_start >= toDateTime(${literal(`${day} 00:00:00`)}, 'UTC')` +
    ` AND usage_start < toDateTime(${literal(`${dayAfter(day)} 00:00:00`)}, 'UTC')` +
    ` GROUP BY ${keys} ORDER BY ${keys} LIMIT ${limit} OFFSET ${offset}) AS l` +
    ` LEFT JOIN (SELECT * FROM ${tableName(database, BILL_WORDS)} WHERE ${within(place)}) AS w` +
    ' ON l.version = w.version AND l.word = w.word' +
    ' ORDER BY l.version, l.word, l.account_id, l.principal, l.resource_id, l.tags, l.invoice_id,' +
    ' l.usage_start, l.usage_end'
  )
}

const FIRST_DAY = '1970-01-01'

function cursorOf(cursor: string | null): CellKey {
  const [, day, offset] = /^(\d{4}-\d\d-\d\d):(\d{1,12})$/.exec(cursor ?? '') ?? []
  return { day: day ?? FIRST_DAY, offset: Number(offset ?? 0) }
}

const MS_PER_DAY = 86_400_000

function dayAfter(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + MS_PER_DAY).toISOString().slice(0, 10)
}
