// Billing periods: their state, what was frozen when they closed, requests to reopen them, and adjustments.

export const PERIOD_DDL: readonly string[] = []

export type PeriodTables = {}
