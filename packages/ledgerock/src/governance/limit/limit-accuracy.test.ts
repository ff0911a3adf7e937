// How near a limit that workers share comes to what it says, on a virtual clock: real buckets, real division once a second,
// uneven traffic. The declared error is ten per cent.

import { describe, expect, it } from 'vitest'
import { createRateLimits, type LimitRule } from './rate-limits.ts'
import type { Governed } from '../rule-scope.ts'
import { createShareDivider, type DividedPart } from './share-divider.ts'

const PER_MINUTE = 1_200
const TOKENS = 50
const SETTLE_S = 120
const MEASURED_S = 600

const CALLER: Governed = {
  dimensions: { team: 'search' },
  keyName: 'search-prod',
  modelRequested: 'amazon.nova-lite-v1:0',
  modelId: 'amazon.nova-lite-v1:0',
}

const requests: LimitRule = {
  name: 'limit-1',
  scope: { team: ['search'] },
  per: null,
  requestsPerMinute: PER_MINUTE,
  tokensPerMinute: null,
  concurrentCalls: null,
  shadow: false,
}
const tokens: LimitRule = {
  ...requests,
  requestsPerMinute: null,
  tokensPerMinute: PER_MINUTE * TOKENS,
}

/** Calls each worker is asked for in this second. */
type Traffic = (second: number) => readonly number[]

/** Calls let through per minute, from when the buckets that began full are used up. */
function letThrough(rule: LimitRule, workers: number, traffic: Traffic): number {
  const divider = createShareDivider(workers)
  const part: DividedPart = { name: rule.name, limit: null, part: 1, slots: null }
  const limits = Array.from({ length: workers }, () => createRateLimits([rule], 1 / workers))
  let admitted = 0
  for (let second = 0; second < SETTLE_S + MEASURED_S; second += 1) {
    for (const [index, calls] of traffic(second).entries()) {
      const limit = limits[index] as (typeof limits)[number]
      for (let call = 0; call < calls; call += 1) {
        const nowMs = second * 1_000 + Math.floor((call * 1_000) / calls)
        const { places } = limit.admit(CALLER, TOKENS, nowMs)
        if (places === null) continue
        limit.end(places, TOKENS, nowMs)
        if (second >= SETTLE_S) admitted += 1
      }
    }
    for (const [index, limit] of limits.entries()) {
      const demand = limit.takeDemand().map((one) => ({ ...one, slots: null }))
      divider.reported(`worker-${index}`, { round: second, demand })
    }
    const given = divider.divide(second, [part])
    for (const [index, limit] of limits.entries()) {
      limit.setShares(given[`worker-${index}`] ?? {}, (second + 1) * 1_000)
    }
  }
  return (admitted * 60) / MEASURED_S
}

/** The limit is 20 a second. */
const TRAFFIC: Readonly<Record<string, readonly [number, Traffic]>> = {
  'two workers, nine to one': [2, () => [36, 4]],
  'two workers, all to one': [2, () => [40, 0]],
  'four workers, one busy, three nearly idle': [4, () => [100, 1, 1, 1]],
  'eight workers, all to one': [8, () => [40, 0, 0, 0, 0, 0, 0, 0]],
  'two workers, traffic that moves every half minute': [
    2,
    (second) => (second % 60 < 30 ? [40, 1] : [1, 40]),
  ],
  'four workers, alike': [4, () => [10, 10, 10, 10]],
  'two workers, now and then': [2, (second) => (second % 3 === 0 ? [90, 0] : [0, 20])],
  'two workers in turn, ten seconds each, with a burst at the end': [
    2,
    (second) => {
      const calls = second % 10 === 9 ? 400 : 1
      return second % 20 < 10 ? [calls, 0] : [0, calls]
    },
  ],
  'four workers, bursts two seconds apart': [
    4,
    (second) => [0, 1, 2, 3].map((index) => (second % 8 === index * 2 ? 300 : 0)),
  ],
}

describe.each([
  ['requests', requests],
  ['tokens', tokens],
])('%s per minute, shared', (_what, rule) => {
  it.each(Object.entries(TRAFFIC))('[Z12] %s: within ten per cent', (_name, [workers, traffic]) => {
    const perMinute = letThrough(rule, workers, traffic)
    expect(perMinute).toBeGreaterThanOrEqual(0.9 * PER_MINUTE)
    expect(perMinute).toBeLessThanOrEqual(1.1 * PER_MINUTE)
  })

  it('[Z12] nobody is refused who asks for nine tenths of the limit, through one worker of four', () => {
    expect(letThrough(rule, 4, () => [18, 0, 0, 0])).toBe(18 * 60)
  })
})
