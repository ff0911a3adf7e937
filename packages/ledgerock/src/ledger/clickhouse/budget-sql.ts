// Sums of charges to budgets, over `calls`. A stretch of a budget has two parts: calls in its scope that were not charged to it, or while
// it was counted otherwise, count at their own instant, and charged ones with what they were charged to periods of the stretch, wherever
// the call's own instant lies. What was settled (version 1) is told apart from how corrections moved it since.
//
// All amounts come out as decimals, tokens too.

import { MS_PER_HOUR } from '../../kernel/time.ts'
import { CHARGE_NEAR_MS, type BudgetWindow } from '../budget-question.ts'
import { fieldExpression } from './fields.ts'
import { inList, literal } from './literal.ts'
import { CACHE_WRITE_TOKENS } from './measures.ts'
import { LAST_MS } from './row-encoder.ts'
import { CALLS, tableName } from './schema.ts'
import { withinTime } from './spend-sql.ts'

const NOTHING = 'toDecimal128(0, 12)'
const TOKENS = `input_tokens + output_tokens + cache_read_tokens + ${CACHE_WRITE_TOKENS}`
const CHARGES =
  'ARRAY JOIN budget_charge_names AS charge_name, budget_charge_froms AS charge_from,' +
  ' budget_charge_counters AS charge_counter, budget_charge_units AS charge_unit,' +
  ' budget_charge_amounts AS charge_amount'
const STARTED_MS = 'toUnixTimestamp64Milli(started_at)'

/** `place`: of the window among those asked about. Journals of calls that were cut off have a name of their own. */
export function budgetSpendSql(
  database: string,
  windows: readonly BudgetWindow[],
  liveJournals: readonly string[],
): string {
  const live = inList(liveJournals.flatMap((id) => [id, `${id}r`]))
  const parts = windows.flatMap((window, place) => [
    uncharged(database, window, place, live),
    charged(database, window, place, live),
  ])
  return (
    'SELECT place, counter, sum(o) AS other, sum(c) AS charged_else' +
    ` FROM (${parts.join(' UNION ALL ')}) GROUP BY place, counter` +
    ' HAVING other != 0 OR charged_else != 0 ORDER BY place, counter'
  )
}

/** At the call's own instant: at cost, or with what it was charged while the budget was counted otherwise. */
function uncharged(database: string, window: BudgetWindow, place: number, live: string): string {
  const { budget, unit, per, fromMs, toMs } = window
  const counter = per === null ? 'NULL' : fieldExpression(per)
  const cost =
    unit === 'usd' ? `ifNull(cost_usd, ${NOTHING})` : `toDecimal128(toInt64(${TOKENS}), 12)`
  const isOwn = `n = ${literal(budget)} AND u = ${literal(unit)}`
  const isCharged = `arrayExists((n, u) -> ${isOwn}, budget_charge_names, budget_charge_units)`
  const fits = chargeFits(window, 'f', 'c')
  const isFitting =
    `arrayExists((n, u, f, c) -> ${isOwn} AND ${fits}, budget_charge_names,` +
    ' budget_charge_units, budget_charge_froms, budget_charge_counters)'
  // Still in a lease of a counter that is asked about.
  const isLive =
    `sign = 1 AND version = 1 AND journal_id IN ${live}` +
    ` AND ${ofLease(window, 'f')} AND ${counterFits(per, 'c')}`
  const amount =
    `arraySum((n, u, f, c, a) -> if(${isOwn} AND NOT (${isLive}), a, ${NOTHING}),` +
    ' budget_charge_names, budget_charge_units, budget_charge_froms, budget_charge_counters,' +
    ' budget_charge_amounts)'
  const conditions = [
    ...within(fromMs, toMs),
    ...Object.entries(window.scope).map(([field, values]) => inScope(field, values)),
    `NOT ${isFitting}`,
  ]
  return (
    `SELECT ${place} AS place, CAST(${counter}, 'Nullable(String)') AS counter,` +
    ` sum(sign * if(${isCharged}, ${amount}, ${cost})) AS o, ${NOTHING} AS c` +
    ` FROM ${tableName(database, CALLS)} WHERE ${conditions.join(' AND ')} GROUP BY counter`
  )
}

function charged(database: string, window: BudgetWindow, place: number, live: string): string {
  const { budget, unit, fromMs } = window
  const conditions = [
    ...within(Math.max(0, fromMs - CHARGE_NEAR_MS), reach(window)),
    `has(budget_charge_names, ${literal(budget)})`,
    `charge_name = ${literal(budget)}`,
    `charge_unit = ${literal(unit)}`,
    ...conditionsOnFrom(window, 'charge_from'),
    chargeFits(window, 'charge_from', 'charge_counter'),
  ]
  return (
    `SELECT ${place} AS place, CAST(charge_counter, 'Nullable(String)') AS counter,` +
    ' sumIf(sign * charge_amount, sign = -1 OR version > 1) AS o,' +
    ` sumIf(charge_amount, sign = 1 AND version = 1 AND journal_id NOT IN ${live}) AS c` +
    ` FROM ${tableName(database, CALLS)} ${CHARGES}` +
    ` WHERE ${conditions.join(' AND ')} GROUP BY counter`
  )
}

/** Before when a call began that is charged to a period of the stretch; the last one may end after the stretch does. */
function reach({ periods, toMs }: BudgetWindow): number | null {
  if (toMs === null) return null
  const begun = periods === 'hours' ? [] : periods.filter(({ fromMs }) => fromMs < toMs)
  const ends = begun.map((period) => period.toMs ?? LAST_MS)
  const last = periods === 'hours' ? toMs + MS_PER_HOUR : Math.max(toMs, ...ends)
  return last + CHARGE_NEAR_MS
}

/** A counter counts the leases of its own period, a rolling one those of every period that began in its stretch. */
function ofLease(window: BudgetWindow, from: string): string {
  if (window.periods !== 'hours') return `${from} = ${literal(window.fromMs)}`
  return conditionsOnFrom(window, from).join(' AND ')
}

function conditionsOnFrom({ fromMs, toMs }: BudgetWindow, from: string): readonly string[] {
  const begun = `${from} >= ${literal(fromMs)}`
  return toMs === null ? [begun] : [begun, `${from} < ${literal(toMs)}`]
}

/** It was made for a period of the budget as it is now. */
function chargeFits({ periods, per }: BudgetWindow, from: string, counter: string): string {
  return `(${periodFits(periods, from)} AND ${counterFits(per, counter)})`
}

function periodFits(periods: BudgetWindow['periods'], from: string): string {
  const isNear = (to: string): string =>
    `${STARTED_MS} >= ${from} - ${CHARGE_NEAR_MS} AND ${STARTED_MS} < ${to} + ${CHARGE_NEAR_MS}`
  if (periods === 'hours') {
    return `(${from} % ${MS_PER_HOUR} = 0 AND ${isNear(`${from} + ${MS_PER_HOUR}`)})`
  }
  const each = periods.map(
    ({ fromMs, toMs }) => `(${from} = ${literal(fromMs)} AND ${isNear(literal(toMs ?? LAST_MS))})`,
  )
  return each.length === 0 ? 'false' : `(${each.join(' OR ')})`
}

function counterFits(per: string | null, counter: string): string {
  return per === null ? `isNull(${counter})` : `ifNull(${counter} = ${fieldExpression(per)}, false)`
}

/** What the calls of journals were charged when they were settled. */
export function journalChargesSql(database: string, journalIds: readonly string[]): string {
  return (
    'SELECT journal_id, charge_name, charge_from, charge_unit,' +
    " CAST(charge_counter, 'Nullable(String)') AS counter, sum(charge_amount) AS amount" +
    ` FROM ${tableName(database, CALLS)} ${CHARGES}` +
    ` WHERE journal_id IN ${inList(journalIds)} AND sign = 1 AND version = 1` +
    ' GROUP BY journal_id, charge_name, charge_from, charge_unit, counter' +
    ' ORDER BY journal_id, charge_name, charge_from, charge_unit, counter'
  )
}

function within(fromMs: number, toMs: number | null): readonly string[] {
  return withinTime(fromMs, Math.min(toMs ?? LAST_MS, LAST_MS))
}

/** As the gateway reads a scope: a key's or model's name may hold `*`, a dimension's value stands as it is. */
function inScope(field: string, values: readonly string[]): string {
  if (field === 'key_name')
    return `(key_name IS NOT NULL AND ${likeAny("ifNull(key_name, '')", values)})`
  if (field === 'model') {
    const byId = `(model_id IS NOT NULL AND ${likeAny("ifNull(model_id, '')", values)})`
    return `(${likeAny('model_requested', values)} OR ${byId})`
  }
  return `${fieldExpression(field)} IN ${inList(values)}`
}

function likeAny(column: string, patterns: readonly string[]): string {
  const likes = patterns.map((pattern) => {
    const text = pattern.replace(/[\\%_]/g, String.raw`\$&`).replaceAll('*', '%')
    return `${column} LIKE ${literal(text)}`
  })
  return likes.length === 0 ? 'false' : `(${likes.join(' OR ')})`
}
