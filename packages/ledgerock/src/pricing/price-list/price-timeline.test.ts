// Dates of one key's prices, in whatever order a list states them.

import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { priceTimeline, type KeyedStatement } from './price-timeline.ts'

const at = (fromMs: number, price: string, unit: 'token' | 'image' = 'token'): KeyedStatement => ({
  fromMs,
  price,
  key: { unit, medium: 'text' },
})

describe('priceTimeline', () => {
  it('[PL4] orders prices by their day and joins days without a change', () => {
    expect(mustOk(priceTimeline([at(3, '2'), at(1, '1'), at(2, '1')]))).toEqual([
      { ...at(1, '1'), toMs: 3 },
      { ...at(3, '2'), toMs: Infinity },
    ])
  })

  it('[PL4] takes another unit for another price: the later one ends the earlier', () => {
    expect(mustOk(priceTimeline([at(1, '1'), at(2, '1', 'image')]))).toEqual([
      { ...at(1, '1'), toMs: 2 },
      { ...at(2, '1', 'image'), toMs: Infinity },
    ])
    expect(priceTimeline([at(1, '1'), at(1, '1', 'image')]).ok).toBe(false)
  })

  it('[PL4] finds two prices of one day, also where one of them is that of the day before', () => {
    const wrong = (...stated: readonly KeyedStatement[]): unknown => {
      const found = priceTimeline(stated)
      return found.ok ? [] : found.problem
    }
    expect(wrong(at(1, '1'), at(1, '2'))).toEqual([[at(1, '1'), at(1, '2')]])
    expect(wrong(at(1, '1'), at(2, '1'), at(2, '2'))).toEqual([[at(2, '1'), at(2, '2')]])
    expect(wrong(at(1, '1'), at(2, '2'), at(2, '1'))).toEqual([[at(2, '2'), at(2, '1')]])
  })
})
