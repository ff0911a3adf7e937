// When a budget begins anew. A budget's instance is its counter in one period: the period in which a call was opened is the one it is
// charged to, whatever happens later. Instants are worked out in the budget's own time zone, days of 23 or 25 hours included.
//
// The instances of a period follow each other without gap or overlap, and the one of an instant depends on nothing else: a clock that
// is set back finds the old instance again, with all that it had spent.

import { exhaustive } from '../../kernel/assert.ts'
import { MS_PER_DAY, MS_PER_HOUR } from '../../kernel/time.ts'
import { localClock, type LocalClock, type LocalDate } from '../../kernel/time-zone.ts'

/** ISO weekdays: 1 is Monday. Months and years begin on a day that every month has: 1 to 28. */
export type BudgetPeriod =
  | { readonly kind: 'hour' | 'day' | 'total' }
  | { readonly kind: 'week'; readonly startsOn: number }
  | { readonly kind: 'month'; readonly startsOn: number }
  /** `month`: 1 to 12, of a quarter's or a year's first day. */
  | { readonly kind: 'quarter' | 'year'; readonly month: number; readonly startsOn: number }
  /** Whole hours of UTC: the instance is the hour, the limit is for all that began in the last `days` days up to its end. */
  | { readonly kind: 'rolling'; readonly days: number }

export type PeriodInstance = {
  /** Milliseconds since the epoch; 0 for `total`. */
  readonly fromMs: number
  /** Exclusive; null: never. */
  readonly toMs: number | null
  /** The limit is for everything charged to instances that began at or after this: `fromMs` unless the period rolls. */
  readonly sinceMs: number
}

const TOTAL: PeriodInstance = { fromMs: 0, toMs: null, sinceMs: 0 }

export function instanceAt(period: BudgetPeriod, timeZone: string, atMs: number): PeriodInstance {
  switch (period.kind) {
    case 'total':
      return TOTAL
    case 'rolling': {
      const fromMs = Math.floor(atMs / MS_PER_HOUR) * MS_PER_HOUR
      const toMs = fromMs + MS_PER_HOUR
      return { fromMs, toMs, sinceMs: toMs - period.days * MS_PER_DAY }
    }
    case 'hour':
    case 'day':
    case 'week':
    case 'month':
    case 'quarter':
    case 'year':
      return remembered(period, timeZone, atMs)
    default:
      return exhaustive(period)
  }
}

/** Null: there is none after `total`. */
export function nextInstance(
  period: BudgetPeriod,
  timeZone: string,
  { toMs }: PeriodInstance,
): PeriodInstance | null {
  return toMs === null ? null : instanceAt(period, timeZone, toMs)
}

/** Null: there is none before `total`. */
export function previousInstance(
  period: BudgetPeriod,
  timeZone: string,
  { fromMs, toMs }: PeriodInstance,
): PeriodInstance | null {
  return toMs === null ? null : instanceAt(period, timeZone, fromMs - 1)
}

type Calendar = Exclude<BudgetPeriod, { readonly kind: 'rolling' }>

/** Clocks of the wall are slow to ask, and it is always the same few instances that are asked for. */
const REMEMBERED_MAX = 4
type Zoned = { readonly local: LocalClock; readonly known: PeriodInstance[] }
const zoned = new Map<string, Zoned>()

function remembered(period: Calendar, timeZone: string, atMs: number): PeriodInstance {
  const { local, known } = zonedOf(period, timeZone)
  for (let index = 0; index < known.length; index += 1) {
    const instance = known[index] as PeriodInstance
    if (atMs >= instance.fromMs && atMs < (instance.toMs ?? 0)) return instance
  }
  const instance = period.kind === 'hour' ? hourAt(local, atMs) : calendarAt(period, local, atMs)
  if (known.length === REMEMBERED_MAX) known.shift()
  known.push(instance)
  return instance
}

/** Periods and zones are those of the budgets there are: few. */
function zonedOf(period: Calendar, timeZone: string): Zoned {
  const key = `${timeZone} ${period.kind} ${firstDayText(period)}`
  const known = zoned.get(key)
  if (known !== undefined) return known
  const made = { local: localClock(timeZone), known: [] }
  zoned.set(key, made)
  return made
}

function firstDayText(period: Calendar): string {
  switch (period.kind) {
    case 'week':
    case 'month':
      return String(period.startsOn)
    case 'quarter':
    case 'year':
      return `${period.month}-${period.startsOn}`
    default:
      return ''
  }
}

/** Where a zone's date was said twice (the clocks went back over midnight), it is over when the next one began for the first time. */
function calendarAt(period: Calendar, local: LocalClock, atMs: number): PeriodInstance {
  let begins = beginOf(period, local.dateOf(atMs))
  let fromMs = local.startOfDay(begins)
  for (;;) {
    begins = nextBegin(period, begins)
    const toMs = local.startOfDay(begins)
    if (atMs < toMs) return { fromMs, toMs, sinceMs: fromMs }
    fromMs = toMs
  }
}

/** The last day at or before `date` on which a period begins. */
function beginOf(period: Calendar, { year, month, day }: LocalDate): LocalDate {
  switch (period.kind) {
    case 'week': {
      // Sunday is 0 there and 7 here.
      const weekday = new Date(Date.UTC(year, month, day)).getUTCDay()
      return { year, month, day: day - ((weekday - period.startsOn + 7) % 7) }
    }
    case 'month':
    case 'quarter':
    case 'year': {
      const begun = day < period.startsOn ? month - 1 : month
      const first = period.kind === 'month' ? 0 : period.month - 1
      const months = MONTHS[period.kind]
      const since = (((begun - first) % months) + months) % months
      return { year, month: begun - since, day: period.startsOn }
    }
    default:
      return { year, month, day }
  }
}

function nextBegin(period: Calendar, { year, month, day }: LocalDate): LocalDate {
  switch (period.kind) {
    case 'week':
      return { year, month, day: day + 7 }
    case 'month':
    case 'quarter':
    case 'year':
      return { year, month: month + MONTHS[period.kind], day }
    default:
      return { year, month, day: day + 1 }
  }
}

const MONTHS = { month: 1, quarter: 3, year: 12 } as const

/** The hour on the zone's clock; one in which the clocks are changed by less than an hour is cut there. */
function hourAt(local: LocalClock, atMs: number): PeriodInstance {
  const offset = local.offsetMs(atMs)
  let fromMs = Math.floor((atMs + offset) / MS_PER_HOUR) * MS_PER_HOUR - offset
  let toMs = fromMs + MS_PER_HOUR
  const keeps = (ms: number): boolean => (local.offsetMs(ms) - offset) % MS_PER_HOUR === 0
  if (!keeps(fromMs)) fromMs = changeBetween(fromMs, atMs, (ms) => !keeps(ms))
  if (!keeps(toMs - 1)) toMs = changeBetween(atMs, toMs - 1, keeps)
  return { fromMs, toMs, sinceMs: fromMs }
}

/** The first instant after `before` at which `holds` no longer does; it does at `before` and not at `after`. */
function changeBetween(before: number, after: number, holds: (ms: number) => boolean): number {
  let [last, first] = [before, after]
  while (first - last > 1) {
    const middle = Math.floor((last + first) / 2)
    if (holds(middle)) last = middle
    else first = middle
  }
  return first
}
