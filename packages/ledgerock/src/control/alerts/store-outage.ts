// While the control store is away nothing can be written down, its own absence least of all. So that one alert is told straight to its
// sinks, from memory, as often as it takes; when the store is back it is written down, those that have not taken it are told by the
// outbox, and it ends like any other.

import type { AlertSink } from '../../governance/alert-rule.ts'
import type { Clock } from '../../kernel/time.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { StoredAlert } from '../store/alert-tables.ts'
import type { AlertEvent } from './alert-event.ts'
import { evaluate } from './evaluate.ts'
import { deliveriesOf, firingEvent, newAlert, type RaiseDeps } from './raise-alerts.ts'
import { quietUntil } from './quiet-hours.ts'
import type { Send } from './sender.ts'
import { alertKey, type Readings, type WatchedRule } from './watched-rule.ts'

export type StoreOutage = {
  /** How long the store has not answered. */
  readonly lastsMs: () => number
  readonly tell: (rules: readonly WatchedRule[], readings: Readings) => Promise<void>
  /** What was told meanwhile, before the store is asked what is firing. */
  readonly writeDown: () => Promise<void>
  readonly over: () => void
}

export type StoreOutageDeps = Omit<RaiseDeps, 'store'> & {
  readonly store: Pick<ControlStore, 'write'>
  readonly clock: Clock
  readonly sinks: () => readonly AlertSink[]
  readonly send: Send
}

type Told = {
  readonly alert: StoredAlert
  readonly event: AlertEvent
  readonly text: string
  /** Names of sinks that took it. */
  readonly by: Set<string>
}

export function createStoreOutage(deps: StoreOutageDeps): StoreOutage {
  let sinceMs: number | null = null
  const told = new Map<string, Told>()

  async function tellAll(): Promise<void> {
    const sinks = new Map(deps.sinks().map((sink) => [sink.name, sink]))
    const sending = [...told.values()].flatMap(({ alert, text, by }) =>
      alert.sinks
        .filter((name) => !by.has(name))
        .map(async (name) => {
          const sink = sinks.get(name)
          if (sink === undefined || isQuiet(sink, alert, deps.now())) return
          if ((await deps.send(sink, text)).ok) by.add(name)
        }),
    )
    await Promise.all(sending)
  }

  return {
    lastsMs: () => (sinceMs === null ? 0 : deps.clock.monotonic() - sinceMs),
    async tell(rules, readings) {
      sinceMs ??= deps.clock.monotonic()
      const firing = [...told.values()].map(({ alert }) => alert)
      const state = { firing, pending: new Map() }
      for (const change of evaluate(rules, readings, state, deps.now()).changes) {
        if (change.kind !== 'fired') continue
        const alert = newAlert(deps, change.rule, change.reading, deps.now())
        const event = firingEvent(deps, alert)
        const text = JSON.stringify(event)
        told.set(alertKey(alert.rule, alert.subject), { alert, event, text, by: new Set() })
      }
      await tellAll()
    },
    async writeDown() {
      if (told.size === 0) return
      await deps.store.write(async ({ alerts }) => {
        for (const { alert, event, by } of told.values()) {
          if (!(await alerts.raise(alert))) continue
          const others = alert.sinks.filter((name) => !by.has(name))
          await alerts.enqueue(deliveriesOf(alert, event, others, event.at))
        }
      })
      told.clear()
    },
    over() {
      sinceMs = null
    },
  }
}

function isQuiet({ quietHours }: AlertSink, { severity }: StoredAlert, nowMs: number): boolean {
  return quietHours !== null && severity !== 'critical' && quietUntil(quietHours, nowMs) !== null
}
