// A synthetic month from a seed: a company's traffic through a gateway and past it, everything known about who is who, and the
// options of a bill that has every kind of line. The calls a gateway metered are among its calls, with what the ledger holds of
// them, so that a test can write the ledger that belongs to the bill.

import { mix, seededRandom, type Random } from '../random.ts'
import { resourceIdOf, type BilledCall } from './billed-call.ts'
import { billingPeriod, DAY_MS, type BillOptions, type Period } from './bill-options.ts'
import { NO_WORDS } from './bill-row.ts'
import type { Owner } from './bill-truth.ts'
import type { BillWorld } from './bill-world.ts'
import {
  APPLICATIONS,
  callersOf,
  gatewaySession,
  TEAMS,
  type Caller,
  type Team,
} from './month-callers.ts'
import { standingCharges } from './month-charges.ts'
import { worldOf } from './month-world.ts'
import {
  drawUsage,
  OFFERS,
  ORDINARY,
  pick,
  PROFILED,
  PROJECTED,
  UNLISTED,
  type Offer,
} from './month-traffic.ts'

export type MonthOptions = {
  /** `YYYY-MM`; a period after January 2026 has today's operations. */
  readonly period: string
  readonly seed: number
  readonly calls: number
  /** Of a thousand calls: billed in the hour after their own. */
  readonly crossingPerMille: number
  /** Of a thousand gateway calls: interrupted, so that the ledger had to estimate. */
  readonly interruptedPerMille: number
}

export const MONTH_DEFAULTS: MonthOptions = {
  period: '2026-10',
  seed: 1,
  calls: 3_000,
  crossingPerMille: 3,
  interruptedPerMille: 2,
}

export type Month = {
  readonly period: string
  readonly calls: readonly BilledCall[]
  readonly world: BillWorld
  /** For `writeBill`; what a test wants otherwise it spreads over them. */
  readonly options: Partial<BillOptions>
}

export function simulateMonth(asked: Partial<MonthOptions> = {}): Month {
  const options = { ...MONTH_DEFAULTS, ...asked }
  const period = billingPeriod(options.period)
  const callers = callersOf(period)
  const world = worldOf(period)
  const random = seededRandom(mix(options.seed, 0xb111))
  const calls: BilledCall[] = []
  for (let index = 0; index < options.calls; index += 1) {
    calls.push(drawCall(pick(callers, random), period, random, options, index))
  }
  calls.sort((left, right) => left.atMs - right.atMs)
  return { period: options.period, calls, world, options: billOptions(options.seed) }
}

function drawCall(
  caller: Caller,
  period: Period,
  random: Random,
  options: MonthOptions,
  index: number,
): BilledCall {
  const atMs = drawTime(period, random)
  const owner = caller.ownerAt?.(atMs) ?? drawOwner(random)
  const offer = offerOf(caller, random)
  const isGuardrail = offer.usage === 'guardrail'
  const region = offer.regions[random.below(offer.regions.length)] ?? 'us-east-1'
  const usage = drawUsage(offer.usage, random)
  const crosses = random.below(1_000) < options.crossingPerMille
  const billedAtMs = crosses && atMs + 3_600_000 < period.endMs ? atMs + 3_600_000 : atMs
  const isMetered = random.below(100) < caller.meteredPercent
  const isInterrupted =
    isMetered && caller.via === 'gateway' && random.below(1_000) < options.interruptedPerMille
  const team = TEAMS.find((each) => each === owner['team']) ?? 'platform'
  const model = { region, account_id: caller.accountId, model_id: offer.modelId }
  return {
    id: `${options.seed.toString(16).padStart(8, '0')}-0000-4000-8000-${index.toString(16).padStart(12, '0')}`,
    atMs,
    billedAtMs,
    accountId: caller.accountId,
    region,
    modelId: offer.modelId,
    inferenceProfile: caller.uses === 'profile' ? caller.resourceId : offer.profile,
    resourceId: isGuardrail
      ? `arn:aws:bedrock:${region}:${caller.accountId}:guardrail/gr1abcdef`
      : (caller.resourceId ?? resourceIdOf({ ...model, inference_profile: offer.profile })),
    scope: offer.scope,
    tier: offer.tier,
    stream: random.below(2) === 0,
    endpoint: offer.endpoint,
    operation: isGuardrail ? 'ApplyGuardrail' : 'inference',
    usage,
    principal: caller.principal ?? gatewaySession(team),
    sessionTags: caller.principal === null ? { team } : NO_WORDS,
    owner,
    via: caller.via,
    meteredUsage: isMetered
      ? { ...usage, output: isInterrupted ? Math.floor(usage.output / 2) : usage.output }
      : null,
  }
}

function offerOf(caller: Caller, random: Random): Offer {
  switch (caller.uses) {
    case 'unlisted':
      return UNLISTED
    case 'profile':
      return PROFILED
    case 'project':
      return PROJECTED
    case 'ordinary':
      return pick(ORDINARY, random)
    case 'anything':
      return pick(OFFERS, random)
  }
}

function drawOwner(random: Random): Owner {
  const team: Team = TEAMS[random.below(TEAMS.length)] ?? 'platform'
  const applications = APPLICATIONS[team]
  return { team, application: applications[random.below(applications.length)] ?? '' }
}

/** Three calls of four fall into working hours. */
function drawTime({ startMs, endMs }: Period, random: Random): number {
  const days = Math.round((endMs - startMs) / DAY_MS)
  const hour = random.below(4) === 0 ? random.below(24) : 8 + random.below(10)
  return startMs + random.below(days) * DAY_MS + hour * 3_600_000 + random.below(3_600_000)
}

/** Which words, discounts and rates a month has follows from its seed too. */
function billOptions(seed: number): Partial<BillOptions> {
  const odd = seed % 2 === 1
  return {
    seed,
    marketplaceUnit: seed % 3 === 0 ? '1M tokens' : 'Units',
    cacheReadsByThousand: seed % 5 === 0,
    resourceTagSeparator: odd ? '_' : ':',
    amounts: 'exact',
    discountBasisPoints: odd ? 700 : 0,
    discountLines: seed % 4 === 1,
    discountsMarketplace: seed % 8 === 1,
    privateRates: seed % 3 === 1 ? { 'amazon.nova-pro-v1:0': 1_200 } : {},
    taxBasisPoints: 825,
    ...standingCharges(seed),
  }
}
