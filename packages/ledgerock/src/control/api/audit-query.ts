// Reads the query string of `GET audit-trail` into a filter of the trail, every fault at once.

import type { ProblemError } from '@ledgerock/contract'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { AuditFilter } from '../store/audit-trail.ts'
import { one, parseLimit, timeRange, unexpected, type Query, type QueryContext } from './query.ts'

const CURSOR = /^[1-9]\d{0,14}$/
const KNOWN = ['from', 'to', 'tz', 'actor', 'action', 'subject', 'cursor', 'limit']

export function parseAuditQuery(
  query: Query,
  context: QueryContext,
): Result<AuditFilter, readonly ProblemError[]> {
  const errors = unexpected(query, KNOWN)
  const text = (name: string): string | null => one(query, name, errors) ?? null
  const [actor, action, subject, cursor] = [
    text('actor'),
    text('action'),
    text('subject'),
    text('cursor'),
  ]
  const limit = parseLimit(one(query, 'limit', errors), errors)
  if (cursor !== null && !CURSOR.test(cursor)) {
    errors.push({ path: 'cursor', message: 'is not a cursor of an earlier answer' })
  }
  const range = timeRange(query, context, errors, one(query, 'tz', errors))
  if (errors.length > 0 || !range.ok) return err(errors)
  const { from } = range.value
  // Without `to` there is no end: what another node wrote, whose clock runs ahead, is not to be missed.
  const to = query['to'] === undefined ? null : range.value.to
  const beforeSeq = cursor === null ? null : Number(cursor)
  return ok({ from, to, actor, action, subject, beforeSeq, limit })
}
