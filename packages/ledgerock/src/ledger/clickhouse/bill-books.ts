// The bill's part of the ledger store: one import at a time, in a lane of its own; questions in theirs.

import { Fault } from '../../kernel/fault.ts'
import type { Clock } from '../../kernel/time.ts'
import type { ReadBillWord } from '../../billing/bill-word.ts'
import type { BillBooks, BillQuestion, BillVersion } from '../bill.ts'
import { importBill } from './bill-import.ts'
import { readCells, readSummary, type BillPlace } from './bill-read.ts'
import { rereadWords } from './bill-reread.ts'
import { dropVersion, forgetVersions, inForce, readVersions } from './bill-versions.ts'
import type { Database, Session } from './database.ts'
import type { SchemaParameters } from './schema.ts'

export type BillBooksDeps = {
  readonly clock: Clock
  /** How words are read with the names known now; null: nothing can be imported here. */
  readonly readWord: (() => ReadBillWord) | null
}

const CELLS_MAX = 50_000
const PERIOD = /^\d{4}-(0[1-9]|1[0-2])$/

export function billBooksOver(
  database: Database,
  schema: SchemaParameters,
  { clock, readWord }: BillBooksDeps,
): BillBooks {
  const { name } = database
  let last: Promise<unknown> = Promise.resolve()
  /** Versions are numbered and dropped: two at once would take each other's for leftovers. */
  const alone = <Value>(work: (session: Session) => Promise<Value>): Promise<Value> => {
    const result = last.then(() => database.use('bill', work))
    last = result.catch(() => undefined)
    return result
  }
  const words = (): ReadBillWord => {
    if (readWord === null)
      throw new Fault('bill_words_missing', 'nothing here reads a bill’s words')
    return readWord()
  }
  return {
    importBill: (order) => {
      checkOrder(order)
      return alone((session) => importBill(session, { schema, clock, readWord: words() }, order))
    },
    billVersions: ({ period }) =>
      database.use('interactive', (session) => readVersions(session, name, period)),
    billSummary: (question) =>
      database.use('heavy', async (session) => {
        const asked = await askedVersions(session, name, question)
        if (asked.length === 0) return null
        return readSummary(session, name, placeOf(question.period, asked), asked)
      }),
    billCells: (question) =>
      database.use('heavy', async (session) => {
        const asked = await askedVersions(session, name, question)
        if (asked.length === 0) return { items: [], next_cursor: null }
        const limit = Math.min(Math.max(1, Math.trunc(question.limit)), CELLS_MAX)
        const place = placeOf(question.period, asked)
        return readCells(session, name, place, question.cursor, limit)
      }),
    rereadBillWords: (question) =>
      alone(async (session) => {
        const asked = await askedVersions(session, name, question)
        let changed = 0
        for (const version of asked) changed += await rereadWords(session, schema, version, words())
        return { changed }
      }),
    pruneBill: ({ period, keep }) =>
      alone(async (session) => {
        const versions = await readVersions(session, name, period)
        const gone = prunable(versions, Math.max(0, keep))
        if (gone.length === 0) return []
        // Forgotten first: a version whose lines are half gone must not be asked about.
        await forgetVersions(session, name, period, gone)
        for (const version of gone) await dropVersion(session, name, { period, version })
        return gone
      }),
  }
}

function checkOrder({
  period,
  bill,
}: {
  readonly period: string | null
  readonly bill: string
}): void {
  const isPeriod = period === null || PERIOD.test(period)
  if (!isPeriod || bill === '')
    throw new Fault('invalid_question', 'a period is a year and a month')
}

async function askedVersions(
  session: Session,
  database: string,
  { period, version }: BillQuestion,
): Promise<readonly BillVersion[]> {
  const versions = await readVersions(session, database, period)
  return version === null ? inForce(versions) : versions.filter((each) => each.version === version)
}

function placeOf(period: string, versions: readonly BillVersion[]): BillPlace {
  return { period, versions: versions.map(({ version }) => version) }
}

/** Not in force, and not among the newest `keep` of those of its bill. */
function prunable(versions: readonly BillVersion[], keep: number): readonly number[] {
  const bills = [...new Set(versions.map(({ bill }) => bill))]
  return bills.flatMap((bill) =>
    versions
      .filter((each) => each.bill === bill)
      .slice(1 + keep)
      .map(({ version }) => version),
  )
}
