// The outbox: tells sinks what the store says they are still to be told, at least once each, what is critical first and of one alert in
// the order things happened. A message that fails is tried again with growing pauses for three days; what is not critical waits until
// quiet hours are over. Sinks are told side by side, each one message at a time.

import type { AlertSink } from '../../governance/alert-rule.ts'
import { isoTime, MS_PER_DAY, MS_PER_MINUTE, MS_PER_SECOND, type Clock } from '../../kernel/time.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { StoredDelivery } from '../store/alert-outbox.ts'
import { quietUntil } from './quiet-hours.ts'
import type { Send } from './sender.ts'

export type OutboxDeps = {
  readonly store: Pick<ControlStore, 'read' | 'write'>
  readonly sinks: () => readonly AlertSink[]
  readonly send: Send
  readonly clock: Clock
  /** From 0 to 1. */
  readonly dice: () => number
  /** Per delivery that ended or failed, for log and metrics. */
  readonly onOutcome: (outcome: DeliveryOutcome) => void
  /** The store failed; the next round tries again. */
  readonly onError: (error: unknown) => void
}

export type DeliveryOutcome = {
  readonly sink: string
  readonly eventId: string
  readonly outcome: 'delivered' | 'failed' | 'given_up'
  readonly reason: string | null
}

export type Outbox = {
  /** Looks what waits and begins to tell it. Sinks that are still busy with the last round are left out. */
  readonly round: () => Promise<void>
  /** When every message under way has been taken or refused. */
  readonly idle: () => Promise<void>
}

const BATCH = 50
const PAUSE_FIRST_MS = MS_PER_SECOND
const PAUSE_MAX_MS = 5 * MS_PER_MINUTE
/** So long a sink that failed is left alone, whatever else waits for it. */
const REST_MAX_MS = 10 * MS_PER_SECOND
/** After so many failures in one round the sink fails, not the message. */
const FAILURES_MAX = 3
const GIVE_UP_AFTER_MS = 3 * MS_PER_DAY

export function createOutbox(deps: OutboxDeps): Outbox {
  const busy = new Map<string, Promise<void>>()
  const restsUntilMs = new Map<string, number>()

  async function tellSink(name: string): Promise<void> {
    const sink = deps.sinks().find((one) => one.name === name) ?? null
    const at = isoTime(deps.clock.now())
    const pauseMs = await deliverTo(deps, sink, await deps.store.read.alerts.due(name, at, BATCH))
    const now = deps.clock.monotonic()
    if (pauseMs === null) restsUntilMs.delete(name)
    else restsUntilMs.set(name, now + Math.min(pauseMs, REST_MAX_MS))
  }

  return {
    async round() {
      for (const name of await deps.store.read.alerts.pendingSinks()) {
        const isResting = (restsUntilMs.get(name) ?? 0) > deps.clock.monotonic()
        if (busy.has(name) || isResting) continue
        const telling = tellSink(name)
          .catch(deps.onError)
          .finally(() => busy.delete(name))
        busy.set(name, telling)
      }
    },
    async idle() {
      await Promise.all(busy.values())
    },
  }
}

/** @returns the pause until the first of what failed is tried again; null: nothing failed */
async function deliverTo(
  deps: OutboxDeps,
  sink: AlertSink | null,
  deliveries: readonly StoredDelivery[],
): Promise<number | null> {
  const pauses: number[] = []
  for (const delivery of deliveries) {
    if (sink === null) {
      await giveUp(deps, delivery, 'the sink is not declared any more')
      continue
    }
    const quiet = quietFor(sink, delivery, deps.clock.now())
    if (quiet !== null) {
      await postpone(deps, delivery, { at: quiet, attempts: delivery.attempts, error: null })
      continue
    }
    const pauseMs = await attempt(deps, sink, delivery)
    if (pauseMs !== null) pauses.push(pauseMs)
    if (pauses.length === FAILURES_MAX) break
  }
  return pauses.length === 0 ? null : Math.min(...pauses)
}

function quietFor(sink: AlertSink, delivery: StoredDelivery, nowMs: number): number | null {
  if (sink.quietHours === null || delivery.severity === 'critical') return null
  return quietUntil(sink.quietHours, nowMs)
}

async function attempt(
  deps: OutboxDeps,
  sink: AlertSink,
  delivery: StoredDelivery,
): Promise<number | null> {
  const told = await deps.send(sink, delivery.event)
  const nowMs = deps.clock.now()
  if (told.ok) {
    await deps.store.write(({ alerts }) =>
      alerts.end(delivery.deliveryId, 'delivered', isoTime(nowMs), null),
    )
    report(deps, delivery, 'delivered', null)
    return null
  }
  if (nowMs - Date.parse(delivery.createdAt) >= GIVE_UP_AFTER_MS) {
    await giveUp(deps, delivery, told.problem)
    return PAUSE_FIRST_MS
  }
  const attempts = delivery.attempts + 1
  const pauseMs = pauseAfter(attempts, deps.dice())
  await postpone(deps, delivery, { at: nowMs + pauseMs, attempts, error: told.problem })
  report(deps, delivery, 'failed', told.problem)
  return pauseMs
}

/** Doubled each time, and spread by a fifth so that sinks of one receiver do not come at once. */
export function pauseAfter(attempts: number, dice: number): number {
  const pause = Math.min(PAUSE_MAX_MS, PAUSE_FIRST_MS * 2 ** Math.min(attempts - 1, 20))
  return Math.round(pause * (0.8 + 0.2 * dice))
}

async function postpone(
  { store }: OutboxDeps,
  { deliveryId }: StoredDelivery,
  next: { readonly at: number; readonly attempts: number; readonly error: string | null },
): Promise<void> {
  await store.write(({ alerts }) => alerts.postpone(deliveryId, { ...next, at: isoTime(next.at) }))
}

async function giveUp(deps: OutboxDeps, delivery: StoredDelivery, reason: string): Promise<void> {
  const at = isoTime(deps.clock.now())
  await deps.store.write(({ alerts }) => alerts.end(delivery.deliveryId, 'dropped', at, reason))
  report(deps, delivery, 'given_up', reason)
}

function report(
  { onOutcome }: OutboxDeps,
  { sink, eventId }: StoredDelivery,
  outcome: DeliveryOutcome['outcome'],
  reason: string | null,
): void {
  onOutcome({ sink, eventId, outcome, reason })
}
