// Of several thresholds of one counter that are passed at once each sink hears of the highest: that says it all. The others fire, and are
// kept and shown, without a word; nor does anybody hear of their end.

import { ALERT_SEVERITIES } from '../../governance/alert-rule.ts'
import type { AlertChange } from './evaluate.ts'

type Fired = Extract<AlertChange, { kind: 'fired' }>

export function highestOnly(changes: readonly AlertChange[]): readonly AlertChange[] {
  const fired = changes.filter((change) => change.kind === 'fired')
  if (fired.length < 2) return changes
  return changes.map((change) => {
    if (change.kind !== 'fired') return change
    const higher = fired.filter((other) => saysMore(other, change))
    if (higher.length === 0) return change
    const told = new Set(higher.flatMap(({ rule }) => rule.sinks))
    const sinks = change.rule.sinks.filter((sink) => !told.has(sink))
    return { ...change, rule: { ...change.rule, sinks } }
  })
}

/** What is less severe may wait for the end of quiet hours, and stands for nothing that does not. */
function saysMore(one: Fired, than: Fired): boolean {
  return (
    one.reading.budget !== null &&
    one.rule.kind === than.rule.kind &&
    one.reading.subject === than.reading.subject &&
    one.reading.budget === than.reading.budget &&
    one.rule.threshold > than.rule.threshold &&
    ALERT_SEVERITIES.indexOf(one.rule.severity) >= ALERT_SEVERITIES.indexOf(than.rule.severity)
  )
}
