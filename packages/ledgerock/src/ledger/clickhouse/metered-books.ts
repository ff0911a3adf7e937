// Answers what was metered, page by page: whole hours until there are enough entries for one statement, so that memory stays bounded
// however long the stretch is, and a page goes on from the last row's place.

import { Fault } from '../../kernel/fault.ts'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import type {
  MeteredBooks,
  MeteredUsePage,
  MeteredUseQuestion,
  SortOfRate,
} from '../metered-use.ts'
import type { Database, Session } from './database.ts'
import { sliceEnd, type HourRows } from './hour-slice.ts'
import {
  entriesSql,
  keyCount,
  meteredSql,
  placeOf,
  ratesSql,
  useOf,
  type UsePlace,
  type UseRow,
} from './metered-sql.ts'
import { readPrincipals } from './principals-sql.ts'

const LIMIT_MAX = 50_000
/** What one statement goes through, if a single hour has no more. */
const ENTRIES_AT_ONCE = 500_000

export function meteredBooksOver(
  database: Database,
  declared: readonly string[],
  sortOfRate: SortOfRate,
): MeteredBooks {
  return {
    meteredUse: async (question) => {
      checkStretch(question)
      const after = question.cursor === null ? null : placeFrom(question.cursor, declared)
      return database.use('heavy', (session) =>
        readUse(session, { database: database.name, declared, sortOfRate }, question, after),
      )
    },
    principalsSeen: async (question) => {
      checkStretch(question)
      return database.use('heavy', (session) => readPrincipals(session, database.name, question))
    },
  }
}

type Reading = {
  readonly database: string
  readonly declared: readonly string[]
  readonly sortOfRate: SortOfRate
}

/** Where a page begins: at an instant, and after a row of that hour if one is named. */
type Start = { readonly fromMs: number; readonly after: UsePlace | null }

async function readUse(
  session: Session,
  reading: Reading,
  question: MeteredUseQuestion,
  after: UsePlace | null,
): Promise<MeteredUsePage> {
  const { database, declared, sortOfRate } = reading
  const limit = Math.min(Math.max(1, Math.trunc(question.limit)), LIMIT_MAX)
  let start: Start = {
    fromMs: Math.max(question.fromMs, after?.hourMs ?? question.fromMs),
    after: after?.keys.length === 0 ? null : after,
  }
  const entries = (fromMs: number, toMs: number) =>
    session.select<HourRows>(entriesSql(database, fromMs, toMs))
  for (;;) {
    const endMs = await sliceEnd(entries, start.fromMs, question.toMs, ENTRIES_AT_ONCE)
    if (endMs === null) return { items: [], next_cursor: null }
    const sorts = await sortsOf(session, database, start.fromMs, endMs, sortOfRate)
    const rows = await session.select<UseRow>(
      meteredSql({ database, declared, ...start, toMs: endMs, sorts, limit }),
    )
    const last = rows.at(-1)
    const next = rows.length === limit && last !== undefined ? placeOf(last, declared) : null
    const isDone = next === null && endMs >= question.toMs
    if (rows.length > 0) {
      const cursor = next ?? { hourMs: endMs, keys: [] }
      const items = rows.map((row) => useOf(row, declared))
      return { items, next_cursor: isDone ? null : cursorOf(cursor) }
    }
    if (isDone) return { items: [], next_cursor: null }
    start = { fromMs: endMs, after: null }
  }
}

async function sortsOf(
  session: Session,
  database: string,
  fromMs: number,
  toMs: number,
  sortOfRate: SortOfRate,
): Promise<ReadonlyMap<string, string>> {
  const rates = await session.select<{ rate_id: string }>(ratesSql(database, fromMs, toMs))
  const sorts = rates.map(({ rate_id }) => [rate_id, sortOfRate(rate_id)] as const)
  return new Map(sorts.filter(([, sort]) => sort !== ''))
}

function checkStretch({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): void {
  const isStretch = Number.isSafeInteger(fromMs) && Number.isSafeInteger(toMs)
  if (!isStretch || fromMs < 0 || fromMs > toMs)
    throw new Fault('invalid_question', 'a stretch of time begins before it ends')
}

function cursorOf({ hourMs, keys }: UsePlace): string {
  return Buffer.from(JSON.stringify([hourMs, ...keys]), 'utf8').toString('base64url')
}

/** No keys: from the hour on. */
function placeFrom(cursor: string, declared: readonly string[]): UsePlace {
  const [hourMs, ...keys] = parsed(cursor)
  const isPlace =
    Number.isSafeInteger(hourMs) &&
    keys.every((key) => typeof key === 'string') &&
    (keys.length === 0 ||
      (keys.length === keyCount(declared) && Number(hourMs) % MS_PER_HOUR === 0))
  if (!isPlace) throw new Fault('invalid_question', 'not a cursor of an earlier answer')
  return { hourMs: Number(hourMs), keys: keys.map(String) }
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    return Array.isArray(value) ? value : []
  } catch {
    return []
  }
}
