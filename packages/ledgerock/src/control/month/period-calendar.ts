// A billing period is a calendar month in UTC, as AWS bills it. What time alone says of one. Pure.

import { isoTime, MS_PER_DAY } from '../../kernel/time.ts'

export const PERIOD_STATES = ['open', 'closing', 'closed'] as const
export type PeriodState = (typeof PERIOD_STATES)[number]

export type MonthRange = { readonly fromMs: number; readonly toMs: number }

/** `2026-10` → from (inside) and to (outside). */
export function monthRange(period: string): MonthRange {
  const fromMs = Date.parse(`${period}-01T00:00:00.000Z`)
  const from = new Date(fromMs)
  return { fromMs, toMs: Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1) }
}

export function periodAt(ms: number): string {
  return isoTime(ms).slice(0, 7)
}

export function nextPeriod(period: string): string {
  return periodAt(monthRange(period).toMs)
}

export function stateAt(period: string, isClosed: boolean, nowMs: number): PeriodState {
  if (isClosed) return 'closed'
  return monthRange(period).toMs <= nowMs ? 'closing' : 'open'
}

/** Where what concerns `period` is posted: the first later month that is not closed. */
export function nextOpenPeriod(period: string, closed: ReadonlySet<string>): string {
  let next = nextPeriod(period)
  while (closed.has(next)) next = nextPeriod(next)
  return next
}

/** What is known of a month's bill. */
export type BillStanding = {
  /** When the first of it came. */
  readonly firstAtMs: number
  /** When it last changed. */
  readonly changedAtMs: number
  /** Whether every charge has its invoice: AWS gives them their numbers when the bill is final. */
  readonly isInvoiced: boolean
}

/**
 * Whether nothing more is expected, so that the month may close by itself: grace is over, the bill came after the end of the month,
 * and is invoiced and a day old, or, where invoices are not told, as old as grace is long. A bill whose deliveries broke off in
 * mid-month never is,
 * nor is one whose first delivery came after grace: history that is brought in later is looked at before it is closed.
 */
export function isDue(
  period: string,
  { firstAtMs, changedAtMs, isInvoiced }: BillStanding,
  graceMs: number,
  nowMs: number,
): boolean {
  const { toMs } = monthRange(period)
  const graceEndMs = toMs + graceMs
  if (nowMs < graceEndMs || firstAtMs >= graceEndMs || changedAtMs < toMs) return false
  return nowMs >= changedAtMs + (isInvoiced ? MS_PER_DAY : Math.max(graceMs, MS_PER_DAY))
}
