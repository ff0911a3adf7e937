// Whole hours that together have about as many rows as one statement should go through: however long a stretch is, what is grouped at
// once is bounded, and where little is there one statement does for much.

import { MS_PER_DAY, MS_PER_SECOND } from '../../kernel/time.ts'

export type HourRows = { readonly hour_s: number; readonly entries: number }

const FURTHER = 8

/**
 * The end of the first slice; null: no rows are left. Looks a day ahead, further where little is there. `rowsByHour` has them in order;
 * an hour of more than `rowsMost` is a slice of its own.
 */
export async function sliceEnd(
  rowsByHour: (fromMs: number, toMs: number) => Promise<readonly HourRows[]>,
  fromMs: number,
  toMs: number,
  rowsMost: number,
): Promise<number | null> {
  if (fromMs >= toMs) return null
  for (let aheadMs = MS_PER_DAY; ; aheadMs *= FURTHER) {
    const endMs = Math.min(toMs, Math.floor(fromMs / MS_PER_DAY) * MS_PER_DAY + aheadMs)
    const hours = await rowsByHour(fromMs, endMs)
    const cutMs = cutOf(hours, rowsMost)
    if (cutMs !== null) return cutMs
    if (endMs === toMs) return hours.length === 0 ? null : toMs
    const found = hours.reduce((sum, { entries }) => sum + entries, 0)
    if (found * FURTHER > rowsMost) return endMs
  }
}

/** Where there are too many for one statement. */
function cutOf(hours: readonly HourRows[], rowsMost: number): number | null {
  let rows = 0
  for (const { hour_s, entries } of hours) {
    if (rows > 0 && rows + entries > rowsMost) return hour_s * MS_PER_SECOND
    rows += entries
  }
  return null
}
