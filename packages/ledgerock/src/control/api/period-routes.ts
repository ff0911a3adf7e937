// `periods`: which months are open, closing and closed; closing one, asking to reopen one and deciding on it; adjustments of closed ones.

import { z } from '@hono/zod-openapi'
import type { Result } from '../../kernel/result.ts'
import type { BillProblem } from '../month/bill-problem.ts'
import type { Asker } from '../rules/pauses.ts'
import type { PeriodService } from '../periods/periods.ts'
import { reasonBody } from './access-answers.ts'
import { billRefusal } from './bill-refusal.ts'
import { readBody } from './body.ts'
import type { ApiContext } from './context.ts'
import { readerScope } from './governance-answers.ts'
import { adjustments, periodPage, periodState, reopenBody, reopening } from './period-schema.ts'
import { refuse } from './problem.ts'
import { addRoute, type Api, type AuthenticationDeps, type Route } from './route.ts'
import { jsonAnswer, jsonBody, problemAnswer, textAnswer } from './schemas.ts'

export type PeriodRouteDeps = AuthenticationDeps & {
  readonly periods: PeriodService
  readonly dimensions: () => readonly string[]
}

const path = '/api/v1/periods'
const tags = ['periods']
const params = z.object({ period: z.string() })
const periodOf = (c: ApiContext): string => c.req.param('period') ?? ''
const INVALID = problemAnswer('No month such as 2026-10.')
const UNKNOWN = problemAnswer('There is no bill of that month, and it was never closed.')

export function addPeriodRoutes(api: Api, deps: PeriodRouteDeps): void {
  addReads(api, deps)
  addFrozen(api, deps)
  addAdjustments(api, deps)
  const { periods } = deps
  addChange(api, deps, {
    step: 'close',
    summary: 'Close a month that is over',
    description:
      'Freezes whose each dollar is, under a hash. What comes later is posted as adjustments in the next month that is not closed.',
    audience: 'periods.close',
    answer: jsonAnswer('Closed.', periodState),
    conflict: 'The month is not over, or is closed already.',
    body: reasonBody,
    work: periods.close,
  })
  addChange(api, deps, {
    step: 'reopen',
    summary: 'Ask to reopen a closed month',
    audience: 'periods.close',
    answer: jsonAnswer('The request, which waits for another admin.', reopening),
    conflict: 'The month is not closed, or somebody asked already.',
    body: reopenBody,
    work: periods.reopen,
  })
  addChange(api, deps, {
    step: 'reopen/approve',
    summary: 'Reopen the month',
    description:
      'By another admin than the one who asked. What was posted elsewhere for the month is taken back there.',
    audience: 'periods.reopen',
    answer: jsonAnswer('Closing again.', periodState),
    conflict: 'Nobody asked, or it was decided or lapsed.',
    body: reasonBody,
    work: periods.approveReopen,
  })
  addChange(api, deps, {
    step: 'reopen/deny',
    summary: 'Leave the month closed; by whoever asked: take the request back',
    audience: 'periods.close',
    answer: jsonAnswer('Denied or withdrawn.', reopening),
    conflict: 'Nobody asked, or it was decided or lapsed.',
    body: reasonBody,
    work: periods.denyReopen,
  })
  addChange(api, deps, {
    step: 'adjustments',
    summary: 'Work out the adjustments of a closed month now',
    description:
      'Deliveries of the bill and corrected owners and pools come by themselves within a minute; this also asks what the ledger learnt since.',
    audience: 'periods.close',
    answer: jsonAnswer('Posted, or waiting for approval where it moves too much.', adjustments),
    conflict: 'The month is not closed.',
    body: reasonBody,
    work: periods.adjust,
  })
  addChange(api, deps, {
    step: 'adjustments/approve',
    summary: 'Post the adjustments of a month that wait for approval',
    audience: 'periods.close',
    answer: jsonAnswer('Posted.', adjustments),
    conflict: 'Nothing waits.',
    body: reasonBody,
    work: periods.approveAdjustments,
  })
}

function addReads(api: Api, deps: PeriodRouteDeps): void {
  const list: Route = {
    method: 'get',
    path,
    summary: 'Billing periods, newest first',
    tags,
    audience: 'periods.read',
    responses: { 200: jsonAnswer('All of them.', periodPage) },
  }
  addRoute(api, deps, list, async (c) => {
    const own = readerScope(c, deps.dimensions())
    if (!own.ok) return own.problem
    return c.json({ items: await deps.periods.list(), next_cursor: null })
  })
  const one: Route = {
    method: 'get',
    path: `${path}/{period}`,
    summary: 'One billing period',
    tags,
    audience: 'periods.read',
    request: { params },
    responses: { 200: jsonAnswer('Its state.', periodState), 400: INVALID, 404: UNKNOWN },
  }
  addRoute(api, deps, one, async (c) => {
    const own = readerScope(c, deps.dimensions())
    if (!own.ok) return own.problem
    const found = await deps.periods.get(periodOf(c))
    return found.ok ? c.json(found.value) : billRefusal(found.problem)
  })
}

function addFrozen(api: Api, deps: PeriodRouteDeps): void {
  const route: Route = {
    method: 'get',
    path: `${path}/{period}/closings/{number}`,
    summary: 'What a closing froze, as it is kept',
    description: 'The bytes whose SHA-256 the closing shows: one canonical JSON value a line.',
    tags,
    audience: 'periods.close',
    request: { params: params.extend({ number: z.string() }) },
    responses: {
      200: textAnswer('The frozen text.', 'application/x-ndjson'),
      404: problemAnswer('The month was not closed as often.'),
    },
  }
  addRoute(api, deps, route, async (c) => {
    const number = c.req.param('number') ?? ''
    const text = /^[1-9]\d{0,5}$/.test(number)
      ? await deps.periods.frozenText(periodOf(c), Number(number))
      : null
    if (text === null) return refuse(404, 'closing_unknown', `there is no closing ${number} of it`)
    return c.body(text, 200, { 'content-type': 'application/x-ndjson' })
  })
}

function addAdjustments(api: Api, deps: PeriodRouteDeps): void {
  const route: Route = {
    method: 'get',
    path: `${path}/{period}/adjustments`,
    summary: 'Adjustments posted in a month, posted for it, and waiting',
    tags,
    audience: 'periods.read',
    request: { params },
    responses: { 200: jsonAnswer('Those of owners the asker sees.', adjustments), 400: INVALID },
  }
  addRoute(api, deps, route, async (c) => {
    const own = readerScope(c, deps.dimensions())
    if (!own.ok) return own.problem
    const found = await deps.periods.adjustments(periodOf(c), own.value)
    return found.ok ? c.json(found.value) : billRefusal(found.problem)
  })
}

type Change<Reason extends string | null> = {
  readonly step: string
  readonly summary: string
  readonly description?: string
  readonly audience: Route['audience']
  readonly answer: ReturnType<typeof jsonAnswer>
  readonly conflict: string
  readonly body: z.ZodType<{ readonly reason: Reason }>
  readonly work: (
    asker: Asker,
    period: string,
    reason: Reason,
  ) => Promise<Result<object, BillProblem>>
}

function addChange<Reason extends string | null>(
  api: Api,
  deps: PeriodRouteDeps,
  change: Change<Reason>,
): void {
  const { step, summary, description, audience, answer, conflict, body: schema } = change
  const route: Route = {
    method: 'post',
    path: `${path}/{period}/${step}`,
    summary,
    ...(description === undefined ? {} : { description }),
    tags,
    audience,
    request: { params, ...jsonBody(schema, step === 'reopen') },
    responses: { 200: answer, 400: INVALID, 404: UNKNOWN, 409: problemAnswer(conflict) },
  }
  addRoute(api, deps, route, async (c) => {
    const body = await readBody(c, schema)
    if (!body.ok) return body.problem
    const done = await change.work(c.get('actor'), periodOf(c), body.value.reason)
    return done.ok ? c.json(done.value) : billRefusal(done.problem)
  })
}
