import { describe, expect, it } from 'vitest'
import { formatUsd, parseUsd } from '../kernel/money.ts'
import { mustOk } from '../kernel/result.ts'
import { focusTolerance, isWithinTolerance } from './tolerance.ts'

describe('the tolerance of FOCUS', () => {
  it.each([
    [5, '0.02', true],
    [5, '5', false],
    [1_000_000, '4.5', true],
    [1_000_000, '15', false],
  ])('[R10] of %d rows takes %s dollars: %s', (rows, difference, isFine) => {
    expect(isWithinTolerance(mustOk(parseUsd(difference)), rows)).toBe(isFine)
    expect(isWithinTolerance(mustOk(parseUsd(`-${difference}`)), rows)).toBe(isFine)
  })

  it('[R10] is a dollar, or half a cent for the root of the rows', () => {
    expect(formatUsd(focusTolerance(0))).toBe('1')
    expect(formatUsd(focusTolerance(40_000))).toBe('1')
    expect(formatUsd(focusTolerance(1_000_000))).toBe('5')
    expect(formatUsd(focusTolerance(20_000_000))).toBe('22.360679774997')
  })
})
