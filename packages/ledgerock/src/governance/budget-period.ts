// When a budget begins anew. A budget's instance is its counter in one period: the period in which a call was opened is the one it is
// charged to, whatever happens later. Instants are worked out in the budget's own time zone, days of 23 or 25 hours included.

/** ISO weekdays: 1 is Monday. Months and years begin on a day that every month has: 1 to 28. */
export type BudgetPeriod =
  | { readonly kind: 'hour' | 'day' | 'total' }
  | { readonly kind: 'week'; readonly startsOn: number }
  | { readonly kind: 'month'; readonly startsOn: number }
  /** `month`: 1 to 12, of a quarter's or a year's first day. */
  | { readonly kind: 'quarter' | 'year'; readonly month: number; readonly startsOn: number }
  /** Whole hour buckets: the instance is the hour, the limit is for all that began in the last `days` days up to its end. */
  | { readonly kind: 'rolling'; readonly days: number }

export type PeriodInstance = {
  /** Milliseconds since the epoch; 0 for `total`. */
  readonly fromMs: number
  /** Exclusive; null: never. */
  readonly toMs: number | null
  /** The limit is for everything charged to instances that began at or after this: `fromMs` unless the period rolls. */
  readonly sinceMs: number
}

export function instanceAt(period: BudgetPeriod, timeZone: string, atMs: number): PeriodInstance {
  throw new Error(`${period.kind} ${timeZone} ${atMs}`)
}
