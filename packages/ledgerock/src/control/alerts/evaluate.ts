// The rule engine: rules and readings against the alerts that are firing. Pure. A threshold is told once for each subject and is over
// once; what is not known changes nothing; a subject that is gone (its period is over, its budget deleted) ends its alert.

import {
  alertKey,
  type FiringAlert,
  type Reading,
  type Readings,
  type WatchedRule,
} from './watched-rule.ts'

export type AlertChange =
  | { readonly kind: 'fired'; readonly rule: WatchedRule; readonly reading: Reading }
  | {
      readonly kind: 'resolved'
      readonly alert: FiringAlert
      /** Null: what it was about is not watched any more. */
      readonly reading: Reading | null
    }

export type EngineState = {
  readonly firing: readonly FiringAlert[]
  /** Since when what may become an alert is so; by `alertKey`. */
  readonly pending: ReadonlyMap<string, number>
}

export type Evaluation = {
  readonly changes: readonly AlertChange[]
  readonly pending: ReadonlyMap<string, number>
}

export function evaluate(
  rules: readonly WatchedRule[],
  readings: Readings,
  state: EngineState,
  nowMs: number,
): Evaluation {
  const firing = new Map(state.firing.map((alert) => [alertKey(alert.rule, alert.subject), alert]))
  const pending = new Map<string, number>()
  const changes: AlertChange[] = []
  for (const rule of rules) {
    const known = readings.get(rule.name) ?? null
    if (known === null) {
      keep(rule.name, state.pending, pending)
      continue
    }
    for (const reading of known) {
      const key = alertKey(rule.name, reading.subject)
      const alert = firing.get(key)
      if (alert !== undefined) {
        if (isCleared(rule, reading)) changes.push({ kind: 'resolved', alert, reading })
        continue
      }
      if (!fires(rule, reading)) continue
      // A clock that was set back does not make anything wait for longer than it must.
      const sinceMs = Math.min(state.pending.get(key) ?? nowMs, nowMs)
      if (nowMs - sinceMs >= rule.forMs) changes.push({ kind: 'fired', rule, reading })
      else pending.set(key, sinceMs)
    }
  }
  return { changes: [...changes, ...gone(rules, readings, state.firing)], pending }
}

export function fires({ fires: when, threshold }: WatchedRule, { value }: Reading): boolean {
  return when === 'reached' ? value >= threshold : value > threshold
}

function isCleared(rule: WatchedRule, reading: Reading): boolean {
  if (fires(rule, reading)) return false
  return reading.value * 100n <= rule.threshold * BigInt(rule.clearPercent)
}

function gone(
  rules: readonly WatchedRule[],
  readings: Readings,
  firing: readonly FiringAlert[],
): readonly AlertChange[] {
  const watched = new Set(rules.map(({ name }) => name))
  return firing.flatMap((alert) => {
    if (watched.has(alert.rule)) {
      const known = readings.get(alert.rule) ?? null
      if (known === null || known.some(({ subject }) => subject === alert.subject)) return []
    }
    return [{ kind: 'resolved', alert, reading: null }]
  })
}

function keep(rule: string, from: ReadonlyMap<string, number>, into: Map<string, number>): void {
  const prefix = alertKey(rule, '')
  for (const [key, sinceMs] of from) if (key.startsWith(prefix)) into.set(key, sinceMs)
}
