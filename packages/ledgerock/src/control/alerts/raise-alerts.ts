// Turns what the engine found into rows: an alert raised or over, and what each of its sinks is to be told. One transaction for all of it.
// What fires while it is muted is told when the mute ends, unless it is over by then.

import { isoTime } from '../../kernel/time.ts'
import { uuidV7 } from '../../kernel/ids.ts'
import type { AlertRule } from '../../governance/alert-rule.ts'
import type { StoredDelivery } from '../store/alert-outbox.ts'
import type { AlertWrites, StoredAlert } from '../store/alert-tables.ts'
import type { ControlStore } from '../store/control-store.ts'
import { eventOf, type AlertEvent } from './alert-event.ts'
import { ALERT_KIND_ROWS } from './alert-kinds.ts'
import type { AlertChange } from './evaluate.ts'
import { exactText, shortText, usdText } from './exact-text.ts'
import { highestOnly } from './highest-only.ts'
import { alertKey, type Reading, type WatchedRule } from './watched-rule.ts'

export type RaiseDeps = {
  readonly store: Pick<ControlStore, 'write'>
  readonly nodeId: string
  readonly random: (bytes: number) => Uint8Array
  readonly now: () => number
  /** Where people read on; of an alert. */
  readonly url: (alertId: string) => string
}

const ID_BYTES = 10

/** @returns how many were raised and how many are over, by now for sure in the store */
export async function writeChanges(
  deps: RaiseDeps,
  changes: readonly AlertChange[],
): Promise<{ readonly raised: number; readonly resolved: number }> {
  if (changes.length === 0) return { raised: 0, resolved: 0 }
  const nowMs = deps.now()
  const at = isoTime(nowMs)
  return deps.store.write(async ({ alerts }) => {
    const muted = await alerts.muted(at)
    const mutes = new Map(muted.map((one) => [alertKey(one.rule, one.subject), one]))
    let [raised, resolved] = [0, 0]
    for (const change of highestOnly(changes)) {
      if (change.kind === 'fired') {
        const alert = newAlert(deps, change.rule, change.reading, nowMs)
        const mute = mutes.get(alertKey(alert.rule, alert.subject))
        const { mutedUntil = null, mutedBy = null } = mute ?? {}
        if (await raise(deps, alerts, { ...alert, mutedUntil, mutedBy })) raised += 1
      } else if (await resolve(deps, alerts, change, at)) resolved += 1
    }
    return { raised, resolved }
  })
}

export function newAlert(
  deps: Pick<RaiseDeps, 'nodeId' | 'random'>,
  rule: WatchedRule,
  reading: Reading,
  nowMs: number,
): StoredAlert {
  const { subject, scope, budget, counter, period, value } = reading
  return {
    alertId: uuidV7(nowMs, deps.random(ID_BYTES)),
    rule: rule.name,
    kind: rule.kind,
    nodeId: rule.isLocal ? deps.nodeId : null,
    subject,
    severity: rule.severity,
    scope,
    budget,
    counter,
    period,
    value: exactText(value),
    threshold: exactText(rule.threshold),
    message: messageOf(rule, reading),
    sinks: rule.sinks,
    firedAt: isoTime(nowMs),
    resolvedAt: null,
    ackedAt: null,
    ackedBy: null,
    mutedUntil: null,
    mutedBy: null,
  }
}

export function firingEvent(
  deps: Pick<RaiseDeps, 'random' | 'now' | 'url'>,
  alert: StoredAlert,
): AlertEvent {
  const { value, message, firedAt: at } = alert
  const id = uuidV7(deps.now(), deps.random(ID_BYTES))
  return eventOf(alert, { id, status: 'firing', value, message, at, url: deps.url(alert.alertId) })
}

async function raise(deps: RaiseDeps, alerts: AlertWrites, alert: StoredAlert): Promise<boolean> {
  if (!(await alerts.raise(alert))) return false
  const event = firingEvent(deps, alert)
  await alerts.enqueue(deliveriesOf(alert, event, alert.sinks, alert.mutedUntil ?? event.at))
  return true
}

async function resolve(
  deps: RaiseDeps,
  alerts: AlertWrites,
  { alert: { alertId }, reading }: Extract<AlertChange, { kind: 'resolved' }>,
  at: string,
): Promise<boolean> {
  const alert = await alerts.find(alertId)
  if (alert === null || !(await alerts.resolve(alertId, at))) return false
  const { mutedUntil } = alert
  const isMuted = mutedUntil !== null && mutedUntil > at
  const unheard = isMuted ? await alerts.dropMuted(alertId, mutedUntil, at) : []
  const sinks = alert.sinks.filter((sink) => !unheard.includes(sink))
  const event = eventOf(alert, {
    id: uuidV7(deps.now(), deps.random(ID_BYTES)),
    status: 'resolved',
    value: reading === null ? alert.value : exactText(reading.value),
    message: reading === null ? `it is over: ${lower(alert.message)}` : reading.says,
    url: deps.url(alertId),
    at,
  })
  await alerts.enqueue(deliveriesOf(alert, event, sinks, event.at))
  return true
}

export function deliveriesOf(
  alert: StoredAlert,
  event: AlertEvent,
  sinks: readonly string[],
  nextAt: string,
): readonly StoredDelivery[] {
  const text = JSON.stringify(event)
  return sinks.map((sink) => ({
    deliveryId: `${event.id}/${sink}`,
    eventId: event.id,
    alertId: alert.alertId,
    sink,
    severity: alert.severity,
    event: text,
    createdAt: event.at,
    nextAt,
    attempts: 0,
    lastError: null,
  }))
}

function messageOf(rule: WatchedRule, { says }: Reading): string {
  const first = says.charAt(0).toUpperCase() + says.slice(1)
  return `${first} (threshold: ${thresholdText(rule.kind, rule.threshold)})`
}

function thresholdText(kind: AlertRule['when'], threshold: bigint): string {
  switch (ALERT_KIND_ROWS[kind].unit) {
    case 'percent':
      return `${shortText(threshold)} %`
    case 'usd_per_hour':
      return `${usdText(threshold)} an hour`
    case 'calls':
      return `${shortText(threshold)} calls`
    case 'seconds':
      return `${shortText(threshold)} s`
  }
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
