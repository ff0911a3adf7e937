// What people do with alerts: read them, say that somebody sees to one, mute one until a time, and try out a sink. Who sees a part sees the
// alerts of that part. A mute also holds when the same thing fires again before its end: what still fires then is told then.

import type { AlertSink } from '../../governance/alert-rule.ts'
import { uuidV7 } from '../../kernel/ids.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, MS_PER_DAY, type Clock } from '../../kernel/time.ts'
import type { Actor } from '../people/actor.ts'
import { parseExpiry } from '../expiry.ts'
import { isWithinOwn } from '../rules/governed-scope.ts'
import type { UserScope } from '../people/scope.ts'
import type { Json } from '../store/canonical-json.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { AlertWrites, StoredAlert } from '../store/alert-tables.ts'
import { testEvent } from './alert-event.ts'
import { alertView, sinkView, type AlertView, type SinkView } from './alert-view.ts'
import type { Send } from './sender.ts'

export const MUTE_DAYS_MAX = 366

export const ALERT_PROBLEMS = ['alert_unknown', 'alert_sink_unknown', 'invalid_request'] as const
export type AlertProblem = {
  readonly code: (typeof ALERT_PROBLEMS)[number]
  readonly detail: string
}

type Asker = Pick<Actor, 'name' | 'role' | 'scope'>
type Done<Value> = Promise<Result<Value, AlertProblem>>

export type AlertPageQuestion = {
  /** `next_cursor` of the page before. */
  readonly cursor: string | null
  readonly limit: number
  readonly status: 'firing' | 'resolved' | null
}

export type AlertPage = {
  readonly items: readonly AlertView[]
  readonly next_cursor: string | null
}

export type SinkTest = {
  readonly sink: string
  readonly delivered: boolean
  /** What went wrong. */
  readonly detail: string | null
}

export type AlertService = {
  /** Newest first; those that lie within the asker's scope. */
  readonly list: (own: UserScope | null, question: AlertPageQuestion) => Done<AlertPage>
  readonly find: (own: UserScope | null, alertId: string) => Done<AlertView>
  readonly acknowledge: (asker: Asker, alertId: string) => Done<AlertView>
  /** `until`: a date, a timestamp or `4h`. */
  readonly mute: (asker: Asker, alertId: string, until: string) => Done<AlertView>
  readonly sinks: () => Promise<readonly SinkView[]>
  /** Tells the sink that nothing is wrong, quiet hours or not, once. */
  readonly test: (asker: Asker, sink: string) => Done<SinkTest>
}

export type AlertServiceDeps = {
  readonly store: ControlStore
  readonly sinks: () => readonly AlertSink[]
  readonly send: Send
  readonly url: () => string
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
}

const ID_BYTES = 10
/** Looked through for a reader who sees only a part, before the page ends early. */
const LOOKED_AT_MAX = 10_000
const STORE_PAGE = 500

export function createAlertService(deps: AlertServiceDeps): AlertService {
  const { store, clock } = deps
  return {
    list: (own, question) => list(deps, own, question),
    async find(own, alertId) {
      const alert = await store.read.alerts.find(alertId)
      if (alert === null || !isWithinOwn(own, alert.scope)) return unknownAlert(alertId)
      return ok(alertView(alert))
    },
    acknowledge: (asker, alertId) =>
      change(deps, asker, alertId, 'alert.acknowledge', async (alerts, alert) => {
        if (alert.ackedAt !== null) return
        await alerts.acknowledge(alert.alertId, isoTime(clock.now()), asker.name)
      }),
    async mute(asker, alertId, until) {
      const parsed = parseExpiry(until, clock.now())
      if (!parsed.ok) return problem('invalid_request', `until: ${parsed.problem}`)
      const untilMs = parsed.value ?? 0
      const isAhead = untilMs > clock.now()
      if (!isAhead || untilMs > clock.now() + MUTE_DAYS_MAX * MS_PER_DAY) {
        return problem('invalid_request', `until: must be ahead, by ${MUTE_DAYS_MAX} days at most`)
      }
      return change(deps, asker, alertId, 'alert.mute', async (alerts, alert) => {
        const to = isoTime(untilMs)
        if (alert.mutedUntil !== null) {
          await alerts.moveMuted(alertId, alert.mutedUntil, to)
        }
        await alerts.mute(alertId, to, asker.name)
      })
    },
    async sinks() {
      const tallies = await store.read.alerts.tallies()
      return Promise.all(
        deps.sinks().map(async (sink) => {
          const tally = tallies.find((one) => one.sink === sink.name)
          return sinkView(sink, tally, await store.read.alerts.lastError(sink.name))
        }),
      )
    },
    test: (asker, sink) => test(deps, asker, sink),
  }
}

async function list(
  { store }: AlertServiceDeps,
  own: UserScope | null,
  { cursor, limit, status }: AlertPageQuestion,
): Done<AlertPage> {
  const from = cursor === null ? null : await store.read.alerts.find(cursor)
  if (cursor !== null && from === null) {
    return problem('invalid_request', 'cursor: is not a cursor of an earlier answer')
  }
  const found: StoredAlert[] = []
  let before = from
  for (let looked = 0; looked < LOOKED_AT_MAX && found.length <= limit; looked += STORE_PAGE) {
    const page = await store.read.alerts.page(before, STORE_PAGE)
    found.push(...page.filter((alert) => isShown(alert, own, status)))
    before = page.at(-1) ?? null
    if (page.length < STORE_PAGE) break
  }
  const items = found.slice(0, limit).map(alertView)
  const next = found.length > limit ? (items.at(-1)?.alert_id ?? null) : null
  return ok({ items, next_cursor: next })
}

function isShown(
  { scope, resolvedAt }: StoredAlert,
  own: UserScope | null,
  status: AlertPageQuestion['status'],
): boolean {
  if (!isWithinOwn(own, scope)) return false
  return status === null || (status === 'firing') === (resolvedAt === null)
}

function change(
  { store }: AlertServiceDeps,
  asker: Asker,
  alertId: string,
  action: string,
  work: (alerts: AlertWrites, alert: StoredAlert) => Promise<void>,
): Done<AlertView> {
  return store.write(async ({ alerts, audit }) => {
    const before = await alerts.find(alertId)
    if (before === null || !isWithinOwn(asker.scope, before.scope)) {
      return unknownAlert(alertId)
    }
    await work(alerts, before)
    const after = (await alerts.find(alertId)) ?? before
    await audit.append({
      actor: asker.name,
      action,
      subject: alertId,
      before: facts(before),
      after: facts(after),
      reason: null,
    })
    return ok(alertView(after))
  })
}

function facts({ rule, ackedBy, mutedUntil }: StoredAlert): Json {
  return { rule, acknowledged_by: ackedBy, muted_until: mutedUntil }
}

async function test(deps: AlertServiceDeps, asker: Asker, name: string): Done<SinkTest> {
  const sink = deps.sinks().find((one) => one.name === name)
  if (sink === undefined) return problem('alert_sink_unknown', `there is no sink ${name}`)
  const nowMs = deps.clock.now()
  const id = uuidV7(nowMs, deps.random(ID_BYTES))
  const event = testEvent(name, id, deps.url(), isoTime(nowMs))
  const told = await deps.send(sink, JSON.stringify(event))
  const detail = told.ok ? null : told.problem
  await deps.store.write(({ audit }) =>
    audit.append({
      actor: asker.name,
      action: 'alert_sink.test',
      subject: name,
      before: null,
      after: { delivered: told.ok },
      reason: null,
    }),
  )
  return ok({ sink: name, delivered: told.ok, detail })
}

function unknownAlert(alertId: string) {
  return problem('alert_unknown', `there is no alert ${alertId}`)
}

function problem(
  code: AlertProblem['code'],
  detail: string,
): { readonly ok: false; readonly problem: AlertProblem } {
  return err({ code, detail })
}
