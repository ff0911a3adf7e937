// Months of every sort, from a seed: the simulated month, and one thing that is not as it should be in it, be it in the house (a gateway
// without sessions, a re-organisation, an outage of the ledger), on the bill (as of the 20th, by the day, without callers, of two payers)
// or in the ledger (another scope, tier or lifetime than was billed, calls nobody billed, a model without a price). Discounts, credits,
// tax, private rates and pools vary beside it. What was put in is known to the picodollar.

import {
  knownAtMs,
  simulateMonth,
  writeBill,
  BILL_DEFAULTS,
  type Bill,
  type BilledCall,
  type BillOptions,
  type Month,
} from '@ledgerock/bedrock-simulator'
import { MS_PER_DAY, MS_PER_HOUR } from '../../kernel/time.ts'
import type { BilledLine, MeteredUse } from '../cell.ts'
import type { EvidenceRules } from '../evidence.ts'
import type { PoolRule } from '../pool.ts'
import type { Cause } from '../variance.ts'
import { bedrockLines, evidenceRules, meteredUses } from './month-books.ts'
import { withHouse, HOUSES, type House } from './varied-house.ts'

/** What is not as it should be. */
export const TWISTS = [
  'nothing',
  'interrupted',
  'private_rates',
  'scope',
  'tier',
  'cache_ttl',
  'phantoms',
  'unpriced',
  'early',
  'coarse',
  'no_resources',
  'no_principals',
  'two_payers',
  ...HOUSES,
] as const
export type Twist = (typeof TWISTS)[number]

export type VariedMonth = {
  readonly seed: number
  readonly twist: Twist
  readonly period: string
  readonly bill: Bill
  readonly lines: readonly (BilledLine & { readonly place: number })[]
  readonly metered: readonly MeteredUse[]
  readonly evidence: EvidenceRules
  readonly pools: readonly PoolRule[]
  readonly cost: 'net' | 'unblended'
  readonly billedUntilMs: number | null
  /** Picodollars, bill less ledger. */
  readonly injected: ReadonlyMap<Cause, bigint>
  /** Of these models the ledger cannot tell owners exactly; null: of none. */
  readonly blurred: ReadonlySet<string> | 'all'
}

const CALLS = 380
const START_MS = Date.UTC(2026, 9, 1)
const HAIKU = 'anthropic.claude-haiku-4-5-20251001-v1:0'
const LITE_2 = 'amazon.nova-2-lite-v1:0'
const KIMI = 'moonshotai.kimi-k2.5'
const TITAN = 'amazon.titan-embed-text-v2:0'
const PRO = 'amazon.nova-pro-v1:0'

export function variedMonth(seed: number): VariedMonth {
  const twist = TWISTS[seed % TWISTS.length] ?? 'nothing'
  // Everything else turns on its own, so that each twist meets each discount.
  const turn = Math.floor(seed / TWISTS.length)
  const month = billedAs(twist, turn, drawn(twist, seed, turn))
  const bill = writeBill(month)
  const other =
    twist === 'two_payers'
      ? elsewhere(billedAs(twist, turn + 1, drawn(twist, seed + 1_000, turn)))
      : null
  const bills = other === null ? bill : joined(bill, writeBill(other))
  const calls = [...month.calls, ...(other?.calls ?? [])]
  const held = ledgerOf(twist, calls, month.options)
  const worlds = other === null ? month : { world: bothWorlds(month, other) }
  return {
    seed,
    twist,
    period: month.period,
    bill: bills,
    lines: bedrockLines(bills),
    metered: held.metered,
    evidence: evidenceRules(worlds),
    pools: poolsOf(turn),
    cost: turn % 5 === 3 ? 'unblended' : 'net',
    billedUntilMs: month.options.asOfMs ?? null,
    injected: held.injected,
    blurred: blurredBy(twist),
  }
}

function drawn(twist: Twist, seed: number, turn: number): Month {
  // What AWS bills an hour later and what it bills days later would stand for each other.
  const crossingPerMille = twist === 'early' ? 0 : (turn % 5) * 5
  const month = simulateMonth({ seed, calls: CALLS, interruptedPerMille: 0, crossingPerMille })
  const house = HOUSES.find((each): each is House => each === twist)
  return house === undefined ? month : withHouse(house, month, turn)
}

/** Discounts, gifts and tax of every size, whatever the twist. */
function billedAs(twist: Twist, turn: number, month: Month): Month {
  const options: Partial<BillOptions> = {
    ...month.options,
    discountBasisPoints: [0, 700, 1_250, 0, 333][turn % 5] ?? 0,
    discountLines: turn % 3 === 0,
    discountsMarketplace: turn % 4 === 0,
    taxBasisPoints: [825, 0, 1_900, 2_125][turn % 4] ?? 0,
    amounts: turn % 7 === 0 ? 'product' : 'exact',
    latePerMille: 0,
    privateRates: {},
    standing: (month.options.standing ?? []).filter((_, index) => (turn >> (index % 5)) % 2 === 0),
    credits: (month.options.credits ?? []).slice(0, turn % 3),
    refunds: turn % 2 === 0 ? (month.options.refunds ?? []) : [],
  }
  switch (twist) {
    case 'private_rates':
      return {
        ...month,
        options: { ...options, privateRates: { [PRO]: 1_200, [KIMI]: 375, [HAIKU]: 2_500 } },
      }
    case 'early': {
      const asOfMs = START_MS + (9 + (turn % 12)) * MS_PER_DAY + (turn % 24) * MS_PER_HOUR
      const calls = withoutBypass(month.calls)
      return { ...month, calls, options: { ...options, asOfMs, latePerMille: 60 } }
    }
    case 'coarse':
      return {
        ...month,
        options: { ...options, granularity: turn % 2 === 0 ? 'DAILY' : 'MONTHLY' },
      }
    case 'no_resources':
      return { ...month, options: { ...options, resources: false } }
    case 'no_principals':
      return {
        ...month,
        options: { ...options, [turn % 2 === 0 ? 'principals' : 'marketplacePrincipals']: false },
      }
    case 'interrupted':
      return { ...month, calls: month.calls.map(interrupted), options }
    default:
      return { ...month, options }
  }
}

/** Callers whom the ledger knows in part: what it lacks could stand for what AWS has not billed yet. */
function withoutBypass(calls: readonly BilledCall[]): readonly BilledCall[] {
  const known = new Set(calls.filter(isMetered).map(({ principal }) => principal))
  return calls.filter((call) => isMetered(call) || !known.has(call.principal))
}

const isMetered = ({ meteredUsage }: BilledCall): boolean => meteredUsage !== null
const isSession = ({ principal }: BilledCall): boolean => principal.includes('/lr-')

/** Of calls under the gateway's sessions, which nobody else has, each twentieth. */
function interrupted(call: BilledCall, index: number): BilledCall {
  const { meteredUsage: counted } = call
  if (counted === null || !isSession(call) || index % 20 !== 0) return call
  return { ...call, meteredUsage: { ...counted, output: Math.floor(counted.output / 2) } }
}

type Held = {
  readonly metered: readonly MeteredUse[]
  readonly injected: ReadonlyMap<Cause, bigint>
}

/** What the ledger holds where it holds something else than was billed, and what that comes to. */
function ledgerOf(twist: Twist, calls: readonly BilledCall[], options: Partial<BillOptions>): Held {
  const injected = new Map<Cause, bigint>()
  const add = (cause: Cause, usd: bigint): void => {
    injected.set(cause, (injected.get(cause) ?? 0n) + usd)
  }
  const metered: MeteredUse[] = []
  for (const call of calls) {
    if (call.meteredUsage === null || (options.asOfMs != null && call.atMs >= options.asOfMs))
      continue
    const right = meteredUses({ calls: [call] })
    const said = recorded(twist, call)
    const uses = said === call ? right : meteredUses({ calls: [said] })
    const cause = CAUSE_OF_TWIST[twist]
    if (cause !== undefined && said !== call) add(cause, usdOf(right) - usdOf(uses))
    const isUnpriced = twist === 'unpriced' && call.modelId === TITAN
    if (isUnpriced) add('price', usdOf(right))
    metered.push(...uses.map((use) => (isUnpriced ? { ...use, usd: null } : use)))
    const off = BigInt(options.privateRates?.[call.modelId] ?? 0)
    if (off > 0n) add('price', (-usdOf(uses) * off) / 10_000n)
    if (call.meteredUsage.output !== call.usage.output) {
      const whole = meteredUses({ calls: [{ ...call, meteredUsage: call.usage }] })
      add('estimate', usdOf(whole) - usdOf(right))
    }
    if (options.asOfMs != null && !isBilledBy(options.asOfMs, call, options)) {
      const isRecent =
        Math.floor(call.atMs / MS_PER_HOUR) * MS_PER_HOUR >= options.asOfMs - MS_PER_DAY
      add(isRecent ? 'late' : 'overmetered', -usdOf(uses))
    }
  }
  if (twist === 'phantoms') {
    const uses = meteredUses({ calls: phantoms(calls) })
    add('overmetered', -usdOf(uses))
    metered.push(...uses)
  }
  return { metered, injected }
}

const CAUSE_OF_TWIST: { readonly [Each in Twist]?: Cause } = {
  scope: 'scope',
  tier: 'tier',
  cache_ttl: 'cache_ttl',
}

function usdOf(uses: readonly MeteredUse[]): bigint {
  return uses.reduce((sum, { usd }) => sum + (usd ?? 0n), 0n)
}

function isBilledBy(asOfMs: number, call: BilledCall, options: Partial<BillOptions>): boolean {
  return knownAtMs({ ...BILL_DEFAULTS, ...options }, call.id, call.billedAtMs) <= asOfMs
}

/** The ledger's own mistake: a whole cell of the bill has no other words, so that nothing else fits. */
function recorded(twist: Twist, call: BilledCall): BilledCall {
  const { modelId, scope, tier, usage } = call
  if (twist === 'scope' && modelId === LITE_2 && tier === 'standard')
    return { ...call, scope: 'geo' }
  if (twist === 'tier' && modelId === KIMI) return { ...call, tier: 'flex' }
  if (twist !== 'cache_ttl' || modelId !== HAIKU || scope !== 'global' || !isSession(call))
    return call
  if (usage.cache_write_1h === 0) return call
  const cache_write_5m = usage.cache_write_5m + usage.cache_write_1h
  const counted = { ...usage, cache_write_5m, cache_write_1h: 0 }
  return { ...call, usage: counted, meteredUsage: counted }
}

/** Calls that were counted twice, say, of a model that is on no line of the bill. */
function phantoms(calls: readonly BilledCall[]): readonly BilledCall[] {
  return calls
    .filter((call) => isSession(call) && call.modelId === PRO && call.tier === 'standard')
    .map((call) => ({ ...call, modelId: 'amazon.nova-micro-v1:0' }))
}

function blurredBy(twist: Twist): VariedMonth['blurred'] {
  // In one cell and hour some calls are billed and some are not yet; without callers all of them are one cell.
  if (twist === 'early' || twist === 'no_principals') return 'all'
  return new Set(twist === 'cache_ttl' ? [HAIKU] : [])
}

const POOLS: readonly (readonly PoolRule[])[] = [
  [],
  [{ name: 'capacity', match: 'provisioned', split: { kind: 'even' }, fromMs: null, toMs: null }],
  [
    {
      name: 'safety',
      match: { usageType: '*Guardrail*' },
      split: { kind: 'owner', owner: { team: 'platform' } },
      fromMs: null,
      toMs: START_MS + 10 * MS_PER_DAY,
    },
    { name: 'tax', match: 'tax', split: { kind: 'apart' }, fromMs: null, toMs: null },
  ],
  [
    {
      name: 'gifts',
      match: 'credit',
      split: {
        kind: 'fixed',
        shares: [
          { owner: { team: 'search' }, weight: 2n },
          { owner: { team: 'research' }, weight: 1n },
        ],
      },
      fromMs: null,
      toMs: null,
    },
  ],
]

function poolsOf(turn: number): readonly PoolRule[] {
  return POOLS[turn % POOLS.length] ?? []
}

/** The same house under another payer, in accounts of its own. */
function elsewhere(month: Month): Month {
  return renamed(month) as Month
}

const OTHER_ACCOUNTS: readonly (readonly [string, string])[] = [
  ['111122223333', '555566667777'],
  ['222233334444', '666677778888'],
  ['333344445555', '777788889999'],
]

function renamed(value: unknown): unknown {
  if (typeof value === 'string')
    return OTHER_ACCOUNTS.reduce((text, [from, to]) => text.replaceAll(from, to), value)
  if (Array.isArray(value)) return value.map(renamed)
  if (value instanceof Map)
    return new Map([...value].map(([key, each]) => [renamed(key), renamed(each)]))
  if (value instanceof Set) return new Set([...value].map(renamed))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, renamed(each)]))
}

function joined(one: Bill, other: Bill): Bill {
  return { ...one, rows: [...one.rows, ...other.rows], truth: [...one.truth, ...other.truth] }
}

function bothWorlds({ world: one }: Month, { world: other }: Month): Month['world'] {
  return {
    ...one,
    gatewaySessions: new Map([...one.gatewaySessions, ...other.gatewaySessions]),
    gatewayPrincipals: new Set([...one.gatewayPrincipals, ...other.gatewayPrincipals]),
    ownerRules: [...one.ownerRules, ...other.ownerRules],
  }
}
