import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRateLimits, type LimitPlaces, type LimitRule } from './rate-limits.ts'
import type { LimitShares } from './limit-shares.ts'
import type { Governed } from '../rule-scope.ts'
import { NOON } from '../testing/arbitrary-rules.ts'

const MS_PER_MINUTE = 60_000
/** Sums of fractions are not exact. */
const EPSILON = 1e-6

const CALLER: Governed = {
  dimensions: { team: 'search', user_id: 'ada' },
  keyName: 'search-prod',
  modelRequested: 'amazon.nova-lite-v1:0',
  modelId: 'amazon.nova-lite-v1:0',
}
const callerOf = (user: string): Governed => ({
  ...CALLER,
  dimensions: { ...CALLER.dimensions, user_id: user },
})

function limit(parts: Partial<LimitRule>): LimitRule {
  return {
    name: 'limit-1',
    scope: {},
    per: null,
    requestsPerMinute: null,
    tokensPerMinute: null,
    concurrentCalls: null,
    shadow: false,
    ...parts,
  }
}

/** Calls as they come: bursts, and pauses in which a bucket fills. */
type Step = { readonly afterMs: number; readonly tokens: number }
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    afterMs: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 * MS_PER_MINUTE }) },
    ),
    tokens: fc.integer({ min: 0, max: 2_000 }),
  }),
  { minLength: 1, maxLength: 120 },
)
const shares = fc.constantFrom(1, 0.5, 0.25, 0.1)

type Admitted = { readonly atMs: number; readonly amount: number }

/** The most that was let through in any window, beyond what fills a bucket in its time. */
function mostBeyond(admitted: readonly Admitted[], perMinute: number): number {
  let most = 0
  for (const [first, { atMs: fromMs }] of admitted.entries()) {
    let sum = 0
    for (const { atMs, amount } of admitted.slice(first)) {
      sum += amount
      most = Math.max(most, sum - ((atMs - fromMs) * perMinute) / MS_PER_MINUTE)
    }
  }
  return most
}

describe('requests per minute', () => {
  it('[G16] in any window: no more than the share of the limit in its time and one burst of a minute', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 200 }), shares, (calls, perMinute, share) => {
        const limits = createRateLimits([limit({ requestsPerMinute: perMinute })], share)
        const admitted: Admitted[] = []
        let nowMs = NOON
        for (const { afterMs, tokens } of calls) {
          nowMs += afterMs
          const { places } = limits.admit(CALLER, tokens, nowMs)
          if (places !== null) admitted.push({ atMs: nowMs, amount: 1 })
        }
        const rate = perMinute * share
        expect(mostBeyond(admitted, rate)).toBeLessThanOrEqual(Math.max(1, rate) + EPSILON)
      }),
    )
  })

  it('[G16] who waits as long as the refusal says is let through, and not a second sooner', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 200 }), shares, (calls, perMinute, share) => {
        const limits = createRateLimits([limit({ requestsPerMinute: perMinute })], share)
        let nowMs = NOON
        for (const { afterMs } of calls) {
          nowMs += afterMs
          const { refusal } = limits.admit(CALLER, 0, nowMs)
          if (refusal === null) continue
          expect(refusal.code).toBe('rate_limit')
          expect(refusal.retryAfterS).toBeGreaterThanOrEqual(1)
          nowMs += (refusal.retryAfterS - 1) * 1_000
          expect(limits.admit(CALLER, 0, nowMs).refusal).not.toBeNull()
          nowMs += 1_000
          expect(limits.admit(CALLER, 0, nowMs).refusal).toBeNull()
        }
      }),
    )
  })

  it('[G16] a clock that is set back for good delays nobody by more than the minute a bucket holds', () => {
    const limits = createRateLimits([limit({ requestsPerMinute: 60 })], 1)
    for (let call = 0; call < 100; call += 1) limits.admit(CALLER, 0, NOON)
    const yesterday = NOON - 24 * 60 * MS_PER_MINUTE
    expect(limits.admit(CALLER, 0, yesterday).refusal?.retryAfterS).toBe(1)
    expect(limits.admit(CALLER, 0, yesterday + MS_PER_MINUTE).refusal).toBeNull()
  })

  it('[G17] a share that grows gives nothing for the time before', () => {
    const limits = createRateLimits([limit({ requestsPerMinute: 600 })], 0.01)
    let admitted = 0
    const burst = (nowMs: number): void => {
      for (let call = 0; call < 700; call += 1) {
        if (limits.admit(CALLER, 0, nowMs).refusal === null) admitted += 1
      }
    }
    burst(NOON)
    expect(admitted).toBe(6)
    limits.setShares(sharesOf(1), NOON + MS_PER_MINUTE)
    burst(NOON + MS_PER_MINUTE)
    expect(admitted).toBeLessThanOrEqual(12)
    burst(NOON + 2 * MS_PER_MINUTE)
    expect(admitted).toBeLessThanOrEqual(612)
    expect(admitted).toBeGreaterThanOrEqual(600)
  })

  it('[G16] everyone with a value of their own is limited alone', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('ada', 'bob'), { maxLength: 60 }), (users) => {
        const rule = limit({ requestsPerMinute: 5, per: 'user_id' })
        const together = createRateLimits([rule], 1)
        for (const user of ['ada', 'bob']) {
          const own = users.filter((one) => one === user)
          const alone = createRateLimits([rule], 1)
          const expected = own.map(() => alone.admit(CALLER, 0, NOON).refusal === null)
          expect(expected.filter(Boolean)).toHaveLength(Math.min(5, own.length))
        }
        const seen: Record<string, number> = {}
        for (const user of users) {
          if (together.admit(callerOf(user), 0, NOON).refusal !== null) continue
          seen[user] = (seen[user] ?? 0) + 1
        }
        for (const [user, count] of Object.entries(seen)) {
          expect(count).toBe(Math.min(5, users.filter((one) => one === user).length))
        }
      }),
    )
  })

  it('[G16] however many values come, nobody who used up a limit gets it back before its time', () => {
    const limits = createRateLimits([limit({ requestsPerMinute: 5, per: 'user_id' })], 1)
    const isLetThrough = (user: string): boolean => {
      const { places } = limits.admit(callerOf(user), 0, NOON)
      if (places !== null) limits.end(places, 0, NOON)
      return places !== null
    }
    for (let call = 0; call < 5; call += 1) expect(isLetThrough('ada')).toBe(true)
    for (let stranger = 0; stranger < 30_000; stranger += 1) {
      isLetThrough(`stranger-${stranger}`)
      if (stranger % 1_000 === 0) expect(isLetThrough('ada')).toBe(false)
    }
    expect(isLetThrough('ada')).toBe(false)
  })
})

describe('tokens per minute', () => {
  it('[G16] in any window: no more than the share of the limit in its time, one burst and one call', () => {
    const perMinutes = fc.integer({ min: 1, max: 20_000 })
    fc.assert(
      fc.property(steps, perMinutes, shares, (calls, perMinute, share) => {
        const limits = createRateLimits([limit({ tokensPerMinute: perMinute })], share)
        const admitted: Admitted[] = []
        let nowMs = NOON
        for (const { afterMs, tokens } of calls) {
          nowMs += afterMs
          const { places } = limits.admit(CALLER, tokens, nowMs)
          if (places === null) continue
          admitted.push({ atMs: nowMs, amount: tokens })
          limits.end(places, tokens, nowMs)
        }
        const rate = perMinute * share
        expect(mostBeyond(admitted, rate)).toBeLessThanOrEqual(rate + 2_000 + EPSILON)
      }),
    )
  })

  it('[G16] what a call used beyond what was foreseen is paid back by time before another goes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50_000 }), (used) => {
        const limits = createRateLimits([limit({ tokensPerMinute: 6_000 })], 1)
        const first = limits.admit(CALLER, 0, NOON)
        limits.end(first.places as LimitPlaces, used, NOON)
        // The bucket held 6,000 and fills by one each ten milliseconds; the next call needs one at least.
        const freeAtMs = NOON + Math.max(0, used + 1 - 6_000) * 10
        if (freeAtMs > NOON) expect(limits.admit(CALLER, 0, freeAtMs - 1).refusal).not.toBeNull()
        expect(limits.admit(CALLER, 0, freeAtMs + 1).refusal).toBeNull()
      }),
    )
  })

  it('[G16] a call that never went upstream takes none', () => {
    const limits = createRateLimits([limit({ tokensPerMinute: 1_000 })], 1)
    for (let call = 0; call < 50; call += 1) {
      const { places } = limits.admit(CALLER, 900, NOON)
      expect(places).not.toBeNull()
      limits.end(places as LimitPlaces, null, NOON)
    }
  })
})

describe('calls at once', () => {
  /** A call that begins, or one of those that run that ends, with or without an answer. */
  const moves = fc.array(
    fc.record({
      begins: fc.boolean(),
      which: fc.nat({ max: 50 }),
      user: fc.constantFrom('ada', 'bob'),
      tokens: fc.option(fc.nat({ max: 100 })),
      afterMs: fc.nat({ max: 5 }),
    }),
    { maxLength: 200 },
  )

  it('[G16] each place is given once and is there again when its call ends, in whatever order calls end', () => {
    const places = fc.integer({ min: 1, max: 8 })
    fc.assert(
      fc.property(moves, places, places, (all, atOnce, each) => {
        const limits = createRateLimits(
          [
            limit({ name: 'all', concurrentCalls: atOnce }),
            limit({ name: 'each', concurrentCalls: each, per: 'user_id' }),
          ],
          1,
        )
        const running: { readonly user: string; readonly places: LimitPlaces }[] = []
        let nowMs = NOON
        for (const { begins, which, user, tokens, afterMs } of all) {
          nowMs += afterMs
          if (!begins) {
            const [ended] = running.splice(which % Math.max(1, running.length), 1)
            if (ended !== undefined) limits.end(ended.places, tokens, nowMs)
            continue
          }
          const own = running.filter((one) => one.user === user).length
          const hasRoom = running.length < atOnce && own < each
          const answer = limits.admit(callerOf(user), 0, nowMs)
          expect(answer.refusal?.code ?? null).toBe(hasRoom ? null : 'concurrency')
          if (answer.places !== null) running.push({ user, places: answer.places })
        }
      }),
    )
  })

  it('[G17] a new policy with the same limit frees no place and forgets no end', () => {
    fc.assert(
      fc.property(moves, (all) => {
        const rule = limit({ concurrentCalls: 4, requestsPerMinute: 1_000 })
        let limits = createRateLimits([rule], 1)
        const running: LimitPlaces[] = []
        for (const { begins, which, tokens } of all) {
          limits = createRateLimits(
            [{ ...rule }, limit({ name: `other-${which}` })],
            1,
            limits.state,
          )
          if (begins) {
            const { places } = limits.admit(CALLER, 0, NOON)
            expect(places !== null).toBe(running.length < 4)
            if (places !== null) running.push(places)
            continue
          }
          const [ended] = running.splice(which % Math.max(1, running.length), 1)
          if (ended !== undefined) limits.end(ended, tokens, NOON)
        }
      }),
    )
  })

  it('[G17] a limit that is changed still knows the calls that run', () => {
    const before = createRateLimits([limit({ concurrentCalls: 2 })], 1)
    const running = [0, 1].map(() => before.admit(CALLER, 0, NOON).places as LimitPlaces)
    const after = createRateLimits([limit({ concurrentCalls: 3 })], 1, before.state)
    expect(after.admit(CALLER, 0, NOON).refusal).toBeNull()
    expect(after.admit(CALLER, 0, NOON).refusal?.code).toBe('concurrency')
    for (const places of running) after.end(places, 0, NOON)
    expect(after.admit(CALLER, 0, NOON).refusal).toBeNull()
  })
})

describe('several limits', () => {
  const kinds = fc.constantFrom<Partial<LimitRule>>(
    { requestsPerMinute: 20 },
    { requestsPerMinute: 3 },
    { tokensPerMinute: 5_000 },
    { concurrentCalls: 4 },
    { requestsPerMinute: 2, per: 'user_id' },
    { scope: { team: ['nobody'] }, requestsPerMinute: 1 },
  )
  const several = fc
    .uniqueArray(kinds, { minLength: 1, maxLength: 5 })
    .map((list) => list.map((parts, index) => limit({ name: `limit-${index}`, ...parts })))

  /** Which of the calls are let through; none of them ends. */
  function answers(rules: readonly LimitRule[], calls: readonly Step[]): readonly boolean[] {
    const limits = createRateLimits(rules, 1)
    let nowMs = NOON
    return calls.map(({ afterMs, tokens }) => {
      nowMs += afterMs
      return limits.admit(CALLER, tokens, nowMs).refusal === null
    })
  }

  it('[G16] let the same calls through in any order', () => {
    fc.assert(
      fc.property(several, steps, (rules, calls) => {
        expect(answers(rules.toReversed(), calls)).toEqual(answers(rules, calls))
      }),
    )
  })

  it('[G16] take nothing of a call that one of them refuses', () => {
    fc.assert(
      fc.property(several, steps, (rules, calls) => {
        const passed = answers(rules, calls)
        // The refused ones left out, their time not: nothing is different for those that remain.
        let restMs = 0
        const remaining: Step[] = []
        for (const [index, call] of calls.entries()) {
          if (passed[index] === true) {
            remaining.push({ ...call, afterMs: call.afterMs + restMs })
            restMs = 0
          } else restMs += call.afterMs
        }
        expect(answers(rules, remaining).every(Boolean)).toBe(true)
      }),
    )
  })

  it('[G19] in shadow refuse nothing, take nothing from those in force, and report what those would refuse', () => {
    fc.assert(
      fc.property(kinds, several, steps, (kind, rules, calls) => {
        const shadow = createRateLimits([limit({ ...kind, shadow: true })], 1)
        let nowMs = NOON
        const reported = calls.map(({ afterMs, tokens }) => {
          nowMs += afterMs
          const answer = shadow.admit(CALLER, tokens, nowMs)
          expect(answer.refusal).toBeNull()
          return answer.shadow === null
        })
        expect(reported).toEqual(answers([limit(kind)], calls))
        const mixed = [limit({ ...kind, name: 'shadow', shadow: true }), ...rules]
        expect(answers(mixed, calls)).toEqual(answers(rules, calls))
      }),
    )
  })

  it('[G17] count for a new division what was asked, refused or not, of each rule that covers the caller', () => {
    fc.assert(
      fc.property(several, steps, (rules, calls) => {
        const limits = createRateLimits(rules, 1)
        for (const { tokens } of calls) limits.admit(CALLER, tokens, NOON)
        const expected = rules.map(({ name, scope }) => ({
          rule: name,
          asked: 'team' in scope ? 0 : calls.length,
        }))
        expect(limits.takeDemand().map(({ rule, asked }) => ({ rule, asked }))).toEqual(expected)
        expect(limits.takeDemand().every(({ asked }) => asked === 0)).toBe(true)
      }),
    )
  })
})

function sharesOf(share: number): LimitShares {
  return { 'limit-1': { share, slots: null } }
}
