// `GET calls/stream`: calls as they reach the ledger, as server-sent events. Each event's id is where to go on, so a client that
// lost its connection misses nothing. Before it tells anything it asks again whether the listener still may; it also ends by
// itself after a while.

import { z } from '@hono/zod-openapi'
import { streamSSE } from 'hono/streaming'
import { MS_PER_MINUTE, MS_PER_SECOND, type Clock } from '../../kernel/time.ts'
import { CALLS_LIMIT_MAX, type Condition } from '../../ledger/question.ts'
import { callJson } from '../call-json.ts'
import { ledgerWithin, type LedgerReads } from '../people/scoped-ledger.ts'
import type { ApiContext } from './context.ts'
import { invalidQuestion } from './invalid-question.ts'
import { invalidRequest, refuse } from './problem.ts'
import { parseStreamQuery, type QueryContext } from './query.ts'
import { addRoute, sameAsBefore, scopeOf, type Api, type AuthenticationDeps } from './route.ts'
import { problemAnswer, textAnswer, WHERE_PARAMETER } from './schemas.ts'

export const STREAMS_MAX = 100
export const STREAM_LIFETIME_MS = 15 * MS_PER_MINUTE
const HEARTBEAT_MS = 15 * MS_PER_SECOND

export type CallStreamDeps = AuthenticationDeps & {
  readonly ledger: LedgerReads
  readonly queryContext: () => QueryContext
  readonly clock: Clock
  /** Between two looks at the ledger. */
  readonly streamPauseMs: number
  /** Ends every stream: the process is shutting down. */
  readonly shutdown: AbortSignal
  readonly onError: (error: unknown, request: string) => void
}

export function addCallStream(api: Api, deps: CallStreamDeps): void {
  let open = 0
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/calls/stream',
      summary: 'Calls as they arrive',
      description: 'Server-sent events: `call` with a Call as data; resume with Last-Event-ID.',
      tags: ['calls'],
      audience: 'calls.read',
      request: { query: z.object({ where: WHERE_PARAMETER }) },
      responses: {
        200: textAnswer('The stream.', 'text/event-stream'),
        400: problemAnswer('Every fault of the question.'),
      },
    },
    async (c) => {
      const context = deps.queryContext()
      const where = parseStreamQuery(c.req.queries(), context)
      if (!where.ok) return invalidRequest(where.problem)
      const scope = scopeOf(c, context.dimensions)
      if (!scope.ok) return scope.problem
      const ledger = ledgerWithin(deps.ledger, scope.value)
      if (open >= STREAMS_MAX) return refuse(503, 'overload', 'too many streams are open')
      open += 1
      try {
        // The first look happens before the stream begins, so that a question that is wrong gets a proper answer.
        const cursor = c.req.header('last-event-id') ?? null
        const first = await ledger.callsSince({ cursor, where: where.value, limit: 1 })
        if (!first.ok) {
          open -= 1
          return invalidQuestion(first.problem)
        }
        // Where the ledger is now is the place of its newest call, which may be one the listener must not know of.
        const start = { cursor: cursor ?? first.value.cursor, isOwn: cursor !== null }
        const mayGoOn = sameAsBefore(c, deps)
        return follow(c, { ...deps, ledger, mayGoOn }, where.value, start, () => {
          open -= 1
        })
      } catch (error) {
        open -= 1
        throw error
      }
    },
  )
}

function follow(
  c: ApiContext,
  deps: CallStreamDeps & { readonly mayGoOn: () => Promise<boolean> },
  where: readonly Condition[],
  start: { readonly cursor: string; readonly isOwn: boolean },
  ended: () => void,
): Response {
  c.header('x-accel-buffering', 'no')
  return streamSSE(c, async (stream) => {
    const begun = deps.clock.monotonic()
    let { cursor, isOwn } = start
    let spokeAt = begun
    await stream.write(': connected\n\n')
    try {
      while (!stream.aborted && !stream.closed && !deps.shutdown.aborted) {
        // One call first where the place to begin at must not be told: its own is then the place to go on from.
        const limit = isOwn ? CALLS_LIMIT_MAX : 1
        const page = await deps.ledger.callsSince({ cursor, where, limit })
        // Asked after the look and before the telling: what came after the end of access is never told.
        if (!page.ok || !(await deps.mayGoOn())) break
        const now = deps.clock.monotonic()
        if (now - begun > STREAM_LIFETIME_MS) break
        const { dimensions } = deps.queryContext()
        for (const [index, call] of page.value.items.entries()) {
          const data = JSON.stringify(callJson(call, dimensions))
          // Only the last event of a page may move the reader on: the cursor is that of the whole page.
          const last = index === page.value.items.length - 1
          const id = last ? page.value.cursor : cursor
          await stream.writeSSE({ event: 'call', id, data })
        }
        const said = page.value.items.length > 0
        if (!said && now - spokeAt > HEARTBEAT_MS) await stream.write(': still here\n\n')
        if (said || now - spokeAt > HEARTBEAT_MS) spokeAt = now
        cursor = page.value.cursor
        isOwn ||= said
        if (page.value.items.length < limit) await stream.sleep(deps.streamPauseMs)
      }
    } catch (error) {
      // The client reconnects where it was; what went wrong is in the log.
      deps.onError(error, 'GET /api/v1/calls/stream')
    } finally {
      ended()
    }
  })
}
