// The demo's month as it was: who called what, and the bill of it. All of it follows from the seed and the month.

import { simulateMonth, writeBill, type Bill, type Month } from '@ledgerock/bedrock-simulator'

/** Enough for reports to look like somebody's, and made in seconds. */
export const DEMO_CALLS = 5_000

export function demoMonth(seed: number, period: string, calls = DEMO_CALLS): Month {
  const month = simulateMonth({ seed, period, calls })
  // Batches are jobs of S3 objects, which no gateway sees.
  const isBelieved = ({ tier, meteredUsage }: Month['calls'][number]): boolean =>
    tier !== 'batch' || meteredUsage === null
  return { ...month, calls: month.calls.filter(isBelieved) }
}

export function demoBill(month: Month): Bill {
  return writeBill(month)
}
