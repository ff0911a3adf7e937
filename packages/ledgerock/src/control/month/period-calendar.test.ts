// What time alone says of a month.

import { describe, expect, it } from 'vitest'
import { MS_PER_DAY as DAY } from '../../kernel/time.ts'
import { isDue, monthRange, nextOpenPeriod, stateAt } from './period-calendar.ts'

describe('the calendar', () => {
  it('[C181] a month is open while it runs, then closing until it is closed; UTC, year ends included', () => {
    expect(monthRange('2026-12').toMs).toBe(Date.parse('2027-01-01T00:00:00.000Z'))
    const end = monthRange('2024-02').toMs
    expect(end).toBe(Date.parse('2024-03-01T00:00:00.000Z'))
    expect(stateAt('2024-02', false, end - 1)).toBe('open')
    expect(stateAt('2024-02', false, end)).toBe('closing')
    expect(stateAt('2024-02', true, end)).toBe('closed')
    expect(nextOpenPeriod('2026-11', new Set(['2026-12', '2027-01']))).toBe('2027-02')
  })

  it('[C181] closes by itself after grace, with a final bill a day old, or one that stood as long as grace', () => {
    const end = monthRange('2026-10').toMs
    const grace = 5 * DAY
    const due = (changed: number, isInvoiced: boolean, now: number): boolean =>
      isDue(
        '2026-10',
        { firstAtMs: end - 9 * DAY, changedAtMs: end + changed, isInvoiced },
        grace,
        end + now,
      )
    expect(due(DAY, true, grace - 1)).toBe(false)
    expect(due(DAY, true, grace)).toBe(true)
    expect(due(grace, true, grace + DAY - 1)).toBe(false)
    expect(due(grace, true, grace + DAY)).toBe(true)
    expect(due(DAY, false, grace + DAY - 1)).toBe(false)
    expect(due(DAY, false, grace + DAY)).toBe(true)
    // Its deliveries broke off before the month was over.
    expect(due(-1, true, 100 * DAY)).toBe(false)
    // History, brought in after its grace.
    const late = { firstAtMs: end + grace, changedAtMs: end + grace, isInvoiced: true }
    expect(isDue('2026-10', late, grace, end + 100 * DAY)).toBe(false)
  })
})
