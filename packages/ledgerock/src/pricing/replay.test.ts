// A year replayed day by day over every dated price change we ship. Each day's calls must come to what the published prices of
// that very day say, multiplied out here without the engine: not a day early, not a day late, and the same in any order of days.

import { describe, expect, it } from 'vitest'
import { TIERS } from '@ledgerock/contract'
import { mustOk } from '../kernel/result.ts'
import { parseUsd } from '../kernel/money.ts'
import { costOfUsage, type Charge, type Cost } from './cost-of-usage.ts'
import { resolveModel } from './model-catalog.ts'
import { buildPriceBook, type PriceBook } from './price-book.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'
import { ratesOfBook } from './testing/rates-of-book.ts'
import type { Usage } from './usage.ts'

const DAY_MS = 86_400_000
const FIRST_DAY = Date.parse('2025-11-01')
const DAYS = 395
const LONG = 272_000

/**
 * Published prices over time, input / output in USD per million tokens: first those from the beginning, then each change. A line
 * with `>` is the price of the whole request above that many tokens of prompt, where the model has such a price.
 */
const PUBLISHED = `
  openai.gpt-5.6-luna us-east-1 standard: 1.10/6.60 | 2026-07-30 0.22/1.32
    > 2026-08-03 0.44/1.98
  us.openai.gpt-5.6-luna us-west-2 standard: 1.10/6.60 | 2026-07-30 0.22/1.32
    > 2026-08-03 0.44/1.98
  global.openai.gpt-5.6-luna eu-west-1 standard: 1/6 | 2026-07-30 0.20/1.20
    > 2026-08-03 0.40/1.80
  openai.gpt-5.6-luna us-gov-west-1 standard: 0.264/1.584
    > 2026-08-03 0.528/2.376
  openai.gpt-5.6-luna us-gov-west-1 flex: 0.132/0.792
    > 2026-08-03 0.264/1.188
  openai.gpt-5.6-luna us-gov-west-1 priority: 0.528/3.168
    > 2026-08-03 1.056/4.752
  openai.gpt-5.6-terra us-east-1 standard: 2.75/16.50 | 2026-07-30 2.20/13.20
    > 2026-08-03 4.40/19.80
  us.openai.gpt-5.6-terra us-west-2 standard: 2.75/16.50 | 2026-07-30 2.20/13.20
    > 2026-08-03 4.40/19.80
  global.openai.gpt-5.6-terra eu-west-1 standard: 2.50/15 | 2026-07-30 2/12
    > 2026-08-03 4/18
  openai.gpt-5.6-terra us-gov-west-1 standard: 2.64/15.84
    > 2026-08-03 5.28/23.76
  openai.gpt-5.6-terra us-gov-west-1 flex: 1.32/7.92
    > 2026-08-03 2.64/11.88
  openai.gpt-5.6-terra us-gov-west-1 priority: 5.28/31.68
    > 2026-08-03 10.56/47.52
  openai.gpt-5.6-sol us-east-1 standard: 5.50/33 | 2026-10-08 4.40/22
    > 2026-08-03 11/49.50 | 2026-10-08 8.80/33
  us.openai.gpt-5.6-sol us-west-2 standard: 5.50/33 | 2026-10-08 4.40/22
    > 2026-08-03 11/49.50 | 2026-10-08 8.80/33
  global.openai.gpt-5.6-sol eu-west-1 standard: 5/30 | 2026-10-08 4/20
    > 2026-08-03 10/45 | 2026-10-08 8/30
  anthropic.claude-3-5-sonnet-20240620-v1:0 us-east-1 standard: 3/15 | 2025-12-01 6/30
  anthropic.claude-3-5-sonnet-20240620-v1:0 eu-west-3 batch: 1.50/7.50 | 2025-12-01 3/15
  us.anthropic.claude-3-5-sonnet-20240620-v1:0 us-west-2 standard: 3/15 | 2025-12-01 6/30
  us.anthropic.claude-3-5-sonnet-20240620-v1:0 us-west-2 batch: 1.50/7.50 | 2025-12-01 3/15
  anthropic.claude-3-5-sonnet-20240620-v1:0 ap-northeast-1 standard: 3/15
  anthropic.claude-3-5-sonnet-20241022-v2:0 us-east-1 standard: 3/15 | 2025-12-01 6/30
  anthropic.claude-3-5-sonnet-20241022-v2:0 us-east-2 batch: 1.50/7.50 | 2025-12-01 3/15
  us.anthropic.claude-3-5-sonnet-20241022-v2:0 us-west-2 standard: 3/15 | 2025-12-01 6/30
  us.anthropic.claude-3-5-sonnet-20241022-v2:0 us-west-2 batch: 1.50/7.50 | 2025-12-01 3/15
  anthropic.claude-3-5-sonnet-20241022-v2:0 ap-northeast-1 standard: 3/15
`

type PricedCost = Extract<Cost, { kind: 'priced' }>
type Step = { readonly fromMs: number; readonly input: bigint; readonly output: bigint }
type Timeline = {
  readonly name: string
  readonly modelRequested: string
  readonly region: string
  readonly tier: string
  readonly base: readonly Step[]
  readonly long: readonly Step[]
}

const shipped = buildPriceBook([SNAPSHOT_LAYER])
const timelines = PUBLISHED.trim()
  .split(/\n {2}(?=\S)/)
  .map(timelineOf)

function timelineOf(text: string): Timeline {
  const [head = '', long] = text.split('>')
  const [name = '', base = ''] = head.split(': ')
  const [modelRequested = '', region = '', tier = ''] = name.split(' ')
  return { name, modelRequested, region, tier, base: steps(base), long: long ? steps(long) : [] }
}

/** Prices of a million tokens in micro-dollars are the prices of one token in picodollars. */
function steps(text: string): readonly Step[] {
  return text.split('|').map((step) => {
    const [, day, input = '', output = ''] = /(\S+ )?([\d.]+)\/([\d.]+)/.exec(step.trim()) ?? []
    const fromMs = day === undefined ? -Infinity : Date.parse(day)
    return { fromMs, input: perToken(input), output: perToken(output) }
  })
}

function perToken(price: string): bigint {
  return mustOk(parseUsd(price)) / 1_000_000n
}

/** What the published prices say, without the engine. */
function publishedCost(timeline: Timeline, atMs: number, input: number, output: number): bigint {
  const inForce = (some: readonly Step[]): Step | undefined =>
    some.findLast((step) => step.fromMs <= atMs)
  const step = (input > LONG ? inForce(timeline.long) : undefined) ?? inForce(timeline.base)
  if (step === undefined) throw new Error(`no price of ${timeline.name} at ${atMs}`)
  return BigInt(input) * step.input + BigInt(output) * step.output
}

function engineCost(book: PriceBook, timeline: Timeline, atMs: number, usage: Usage): PricedCost {
  const identity = resolveModel(book, timeline.modelRequested)
  if (identity.kind === 'unresolved') throw new Error(identity.reason)
  const { modelId, scope } = identity
  const { region } = timeline
  const tier = TIERS.find((known) => known === timeline.tier) ?? null
  const cost = costOfUsage(book, { modelId, region, scope, tier, atMs, usage })
  if (cost.kind === 'unpriced') throw new Error(`${timeline.name}: ${cost.reason}`)
  return cost
}

/** A day's calls: at its first instant, at noon and at its last; small, at the threshold, and above it. */
function callsOf(day: number): readonly (readonly [atMs: number, input: number, output: number])[] {
  const start = FIRST_DAY + day * DAY_MS
  return [start, start + DAY_MS / 2, start + DAY_MS - 1].flatMap((atMs, index) => [
    [atMs, 1_000 + 7 * day + index, 300 + day] as const,
    [atMs, LONG, 11 + index] as const,
    [atMs, LONG + 1 + day, 501] as const,
  ])
}

const sum = (amounts: readonly bigint[]): bigint =>
  amounts.reduce((total, amount) => total + amount, 0n)

const days = Array.from({ length: DAYS }, (_, day) => day)

describe('a year of calls', () => {
  it.each(timelines.map((timeline) => [timeline.name, timeline] as const))(
    '[P7] %s costs each day what was published for that day',
    (_, timeline) => {
      const charged = days.map((day) =>
        sum(
          callsOf(day).map(([atMs, input, output]) => {
            const cost = engineCost(shipped, timeline, atMs, { input, output })
            const wasValid = ({ from }: Charge): boolean =>
              from.validFromMs <= atMs && atMs < from.validToMs
            if (!cost.charges.every(wasValid)) throw new Error(`not valid at ${atMs}`)
            return cost.cost
          }),
        ),
      )
      const published = days.map((day) =>
        sum(
          callsOf(day).map(([atMs, input, output]) => publishedCost(timeline, atMs, input, output)),
        ),
      )
      expect(charged).toEqual(published)
      expect(sum(charged)).toBe(sum(published))
    },
  )

  it('[P7] costs the same replayed from its last day to its first, in a book asked for the first time', () => {
    const fresh = buildPriceBook([SNAPSHOT_LAYER])
    for (const timeline of timelines) {
      for (const day of days.toReversed()) {
        for (const [atMs, input, output] of callsOf(day)) {
          const { cost } = engineCost(fresh, timeline, atMs, { output, input })
          const published = publishedCost(timeline, atMs, input, output)
          if (cost !== published) throw new Error(`${timeline.name}: ${cost} at ${atMs}`)
        }
      }
    }
  })

  it('[P7] changes on no other day: every border of a rate we ship is one of those above', () => {
    const told = new Set(
      timelines.flatMap((timeline) => {
        const identity = resolveModel(shipped, timeline.modelRequested)
        if (identity.kind === 'unresolved') return []
        const place = `${identity.modelId} ${identity.scope} ${timeline.tier}`
        return [...timeline.base, ...timeline.long].map(({ fromMs }) => `${place} ${fromMs}`)
      }),
    )
    const borders = [...ratesOfBook(shipped)].flatMap((rate) =>
      [rate.validFromMs, rate.validToMs]
        .filter((ms) => Number.isFinite(ms))
        .map((ms) => `${rate.modelId} ${rate.scope} ${rate.tier} ${ms}`),
    )
    expect(borders.length).toBeGreaterThan(0)
    expect([...new Set(borders)].filter((border) => !told.has(border))).toEqual([])
  })
})
