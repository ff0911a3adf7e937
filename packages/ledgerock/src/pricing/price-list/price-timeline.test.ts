// Dates of one key's prices, in whatever order a list states them.

import { describe, expect, it } from 'vitest'
import { priceTimeline } from './price-timeline.ts'

const at = (fromMs: number, price: string): { fromMs: number; price: string } => ({ fromMs, price })

describe('priceTimeline', () => {
  it('[PL4] orders prices by their day and joins days without a change', () => {
    expect(priceTimeline([at(3, '2'), at(1, '1'), at(2, '1')])).toEqual([
      { fromMs: 1, price: '1', toMs: 3 },
      { fromMs: 3, price: '2', toMs: Infinity },
    ])
  })

  it('[PL4] takes neither of two prices of one day, also where one of them is that of the day before', () => {
    expect(priceTimeline([at(1, '1'), at(1, '2')])).toBeNull()
    expect(priceTimeline([at(1, '1'), at(2, '1'), at(2, '2')])).toBeNull()
    expect(priceTimeline([at(1, '1'), at(2, '2'), at(2, '1')])).toBeNull()
  })
})
