// The per-request ledger: calls in pages, newest first; one call with its attempts and versions; and what arrived since the
// last question, for those who watch. Cursors are opaque texts that hold a place, not a session.

import { err, ok } from '../kernel/result.ts'
import { isUuid } from '../kernel/ids.ts'
import { faultsOfCalls, faultsOfSince, invalid } from './check-question.ts'
import type {
  Answer,
  CallExplained,
  CallsPage,
  CallsQuestion,
  CallsSince,
  CallsSinceQuestion,
} from './question.ts'
import type { ArrivalPlace, CallPlace, LedgerStore } from './store.ts'

export type CallsDeps = {
  readonly store: Pick<LedgerStore, 'calls' | 'versions' | 'attempts' | 'arrivals'>
  readonly dimensions: readonly string[]
}

/** A logical id may be shared by very many calls if a caller wishes so. */
export const ATTEMPTS_MAX = 1_000

export async function askCalls(
  deps: CallsDeps,
  question: CallsQuestion,
): Promise<Answer<CallsPage>> {
  const faults = faultsOfCalls(question, deps.dimensions)
  if (faults.length > 0) return invalid(faults)
  const before = question.cursor === null ? null : placeFrom(question.cursor, 'before')
  if (before === undefined) return badCursor()
  const found = await deps.store.calls({
    fromMs: Date.parse(question.from),
    toMs: Date.parse(question.to),
    where: question.where,
    before: before === null ? null : { startedMs: before.ms, callId: before.callId },
    // One more than asked tells whether there is a next page.
    limit: question.limit + 1,
  })
  const items = found.slice(0, question.limit)
  const last = items.at(-1)
  const more = found.length > question.limit && last !== undefined
  return ok({
    items,
    next_cursor: more
      ? cursorOf({ startedMs: Date.parse(last.started_at), callId: last.call_id })
      : null,
  })
}

export async function askCall(deps: CallsDeps, callId: string): Promise<CallExplained | null> {
  const [call, ...versions] = await deps.store.versions(callId.toLowerCase())
  if (call === undefined) return null
  return { call, attempts: await deps.store.attempts(call.logical_id, ATTEMPTS_MAX), versions }
}

export async function askCallsSince(
  deps: CallsDeps,
  question: CallsSinceQuestion,
): Promise<Answer<CallsSince>> {
  const faults = faultsOfSince(question, deps.dimensions)
  if (faults.length > 0) return invalid(faults)
  const after = question.cursor === null ? null : placeFrom(question.cursor, 'after')
  if (after === undefined) return badCursor()
  const { items, place } = await deps.store.arrivals(
    after === null ? null : { ingestedMs: after.ms, callId: after.callId },
    question.where,
    question.limit,
  )
  return ok({ items, cursor: arrivalCursorOf(place) })
}

type Direction = 'before' | 'after'

function cursorOf(place: CallPlace): string {
  return encode('before', place.startedMs, place.callId)
}

function arrivalCursorOf(place: ArrivalPlace): string {
  return encode('after', place.ingestedMs, place.callId)
}

function encode(direction: Direction, ms: number, callId: string): string {
  return Buffer.from(`${direction} ${ms} ${callId}`, 'utf8').toString('base64url')
}

/** Undefined for anything that is not a cursor of ours. */
function placeFrom(
  cursor: string,
  direction: Direction,
): { readonly ms: number; readonly callId: string } | undefined {
  const text = Buffer.from(cursor, 'base64url').toString('utf8')
  const [, kind, ms = '', callId = ''] =
    /^(before|after) (\d{1,15}) ([0-9a-f-]{36})$/.exec(text) ?? []
  return kind === direction && isUuid(callId) ? { ms: Number(ms), callId } : undefined
}

function badCursor() {
  const message = 'is not a cursor of an earlier answer'
  return err({
    code: 'invalid_question',
    detail: `cursor: ${message}`,
    errors: [{ path: 'cursor', message }],
  } as const)
}
