// The ledger's calls in the order of their beginnings, a stretch of time after the other, each held whole only while it is worked on. The
// ledger answers newest first; a stretch with too many calls is asked for again in halves, one with few is followed by a longer one.

import type { CallRecord } from '@ledgerock/contract'
import { isoTime, MS_PER_HOUR } from '../../kernel/time.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { CALLS_LIMIT_MAX, type CallsPage, type CallsQuestion } from '../../ledger/question.ts'
import { mustOk } from '../../kernel/result.ts'

/** So many are held at once; more only where they all began in the same millisecond. */
export const HELD_MAX = 5 * CALLS_LIMIT_MAX
const FEW = HELD_MAX / 4

/** `keep` makes of a call what is worth holding; null: nothing. */
export async function* callsInOrder<Kept>(
  ledger: Pick<Ledger, 'calls'>,
  range: { readonly fromMs: number; readonly toMs: number },
  keep: (record: CallRecord) => Kept | null,
): AsyncGenerator<readonly Kept[], void, undefined> {
  const { toMs } = range
  let stretchMs = MS_PER_HOUR
  for (let fromMs = range.fromMs; fromMs < toMs;) {
    const endMs = Math.min(fromMs + stretchMs, toMs)
    const found = await readStretch(ledger, fromMs, endMs, keep)
    if (found === null) {
      stretchMs = Math.ceil((endMs - fromMs) / 2)
      continue
    }
    yield found.kept.toReversed()
    fromMs = endMs
    if (found.read < FEW) stretchMs *= 2
  }
}

type Stretch<Kept> = { readonly read: number; readonly kept: readonly Kept[] }

/** Null: there are too many. */
async function readStretch<Kept>(
  ledger: Pick<Ledger, 'calls'>,
  fromMs: number,
  toMs: number,
  keep: (record: CallRecord) => Kept | null,
): Promise<Stretch<Kept> | null> {
  const [from, to] = [isoTime(fromMs), isoTime(toMs)]
  const kept: Kept[] = []
  let read = 0
  let cursor: string | null = null
  do {
    const question: CallsQuestion = { from, to, where: [], cursor, limit: CALLS_LIMIT_MAX }
    const page: CallsPage = mustOk(await ledger.calls(question))
    for (const record of page.items) {
      const one = keep(record)
      if (one !== null) kept.push(one)
    }
    read += page.items.length
    cursor = page.next_cursor
    if (cursor !== null && read >= HELD_MAX && toMs - fromMs > 1) return null
  } while (cursor !== null)
  return { read, kept }
}
