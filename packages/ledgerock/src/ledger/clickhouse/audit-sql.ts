// Questions the ledger asks of itself: do the rollups hold what the calls hold, is any call entered twice, do the charge lines
// of each call add up to its cost.

import type { Rollup } from '../rollup.ts'
import { HISTOGRAMS, MEASURES } from './measures.ts'
import { instant, literal } from './literal.ts'
import { CALLS, rollupSelect, tableName, timeColumn } from './schema.ts'

/** Months in which a rollup's sums differ from those of its calls, with the number of differing rows. */
export function differingMonthsSql(
  database: string,
  rollup: Rollup,
  bounds: { readonly fromMs: number; readonly toMs: number | null },
): string {
  const time = timeColumn(rollup).name
  const keys = [time, ...rollup.fields]
  const inTime = (column: string, ms: number, sign: string): string =>
    column === 'started_at'
      ? `started_at ${sign} ${literal(instant(ms))}`
      : rollup.grain === 'hour'
        ? `${column} ${sign} toDateTime(${Math.floor(ms / 1_000)}, 'UTC')`
        : `${column} ${sign} toDate(${Math.floor(ms / 86_400_000)})`
  const within = (column: string): string =>
    [
      inTime(column, bounds.fromMs, '>='),
      ...(bounds.toMs === null ? [] : [inTime(column, bounds.toMs, '<')]),
    ].join(' AND ')
  const counted = MEASURES.map(({ name }) => name)
  const histograms = HISTOGRAMS.map(({ name }) => name)
  const columns = [...keys, ...counted, ...histograms].join(', ')
  const signed = (side: number): string =>
    [
      ...keys,
      ...counted.map((name) => `${side} * ${name} AS s_${name}`),
      ...histograms.map((name) => `mapApply((k, v) -> (k, ${side} * v), ${name}) AS s_${name}`),
    ].join(', ')
  const kept = `SELECT ${columns} FROM ${tableName(database, rollup.name)} WHERE ${within(time)}`
  const computed = rollupSelect(database, rollup, within('started_at'))
  const differs = [
    ...counted.map((name) => `sum(s_${name}) != 0`),
    ...histograms.map((name) => `arrayExists(v -> v != 0, mapValues(sumMap(s_${name})))`),
  ]
  return (
    `SELECT toYYYYMM(${time}) AS month, count() AS rows FROM (` +
    `SELECT ${keys.join(', ')} FROM (` +
    `SELECT ${signed(1)} FROM (${kept}) UNION ALL SELECT ${signed(-1)} FROM (${computed})` +
    `) GROUP BY ${keys.join(', ')} HAVING ${differs.join(' OR ')}` +
    `) GROUP BY month ORDER BY month`
  )
}

/** Calls entered more than once in the same version, and calls with two versions in force. */
export function duplicatesSql(database: string, sinceMs: number, limit: number): string {
  return (
    'SELECT toString(call_id) AS call_id,' +
    ' sum(net) AS in_force, max(net) AS most, min(net) AS least FROM (' +
    `SELECT call_id, version, sum(sign) AS net FROM ${tableName(database, CALLS)}` +
    ` WHERE started_at >= ${literal(instant(sinceMs))} GROUP BY call_id, version` +
    `) GROUP BY call_id HAVING most > 1 OR least < 0 OR in_force != 1 LIMIT ${limit}`
  )
}

export function chargesSql(database: string, sinceMs: number, limit: number): string {
  return (
    'SELECT toString(call_id) AS call_id, cost_usd AS cost, arraySum(charge_amounts) AS charges' +
    ` FROM ${tableName(database, CALLS)} WHERE started_at >= ${literal(instant(sinceMs))}` +
    ` AND cost_usd IS NOT NULL AND cost_usd != arraySum(charge_amounts) LIMIT ${limit}`
  )
}

export function countCallsSql(database: string): string {
  return `SELECT sum(sign) AS calls FROM ${tableName(database, CALLS)}`
}
