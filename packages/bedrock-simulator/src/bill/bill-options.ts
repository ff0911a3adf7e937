// How a bill is written: the period and its grain, what the export was set up to include, which words each model is sold under,
// and what AWS does to the sums: discounts, private rates, tax, credits, refunds, charges that no call makes. Everything has a
// default that adds nothing, so that a test says what it wants and no more.

import { hashText } from '../random.ts'
import type { Scheme } from './usage-names.ts'
import type { Words } from './bill-row.ts'

export const GRANULARITIES = ['HOURLY', 'DAILY', 'MONTHLY'] as const
export type Granularity = (typeof GRANULARITIES)[number]

/** A charge of the month that no call makes: a reservation, a store, support, another service's line. */
export type StandingCharge = {
  readonly thing: 'provisioned' | 'reserved' | 'storage' | 'support' | 'other'
  readonly accountId: string
  readonly region: string
  readonly usageType: string
  readonly productCode: string
  readonly productName: string
  readonly isMarketplace: boolean
  readonly unit: string
  /** Dollars of one unit, a plain decimal. */
  readonly rate: string
  /** Whole units in each line: hours of a day, gigabyte-months. */
  readonly quantity: number
  /** A line for each day, or one for the month. */
  readonly every: 'day' | 'month'
  readonly resourceId: string
  readonly resourceTags: Words
}

export type BillOptions = {
  readonly seed: number
  readonly granularity: Granularity
  /** INCLUDE_RESOURCES and INCLUDE_IAM_PRINCIPAL_DATA of the export. */
  readonly resources: boolean
  readonly principals: boolean
  /** Whether Marketplace lines name a principal; not established for every case. */
  readonly marketplacePrincipals: boolean
  /** `user_team` or `user:team` in `resource_tags`: AWS's own pages disagree. */
  readonly resourceTagSeparator: '_' | ':'
  readonly schemes: { readonly [modelId: string]: Scheme }
  readonly marketplaceUnit: 'Units' | '1M tokens'
  readonly cacheReadsByThousand: boolean
  /** `exact`: the double nearest to the true cost. `product`: quantity × rate in doubles, with the dust that leaves. */
  readonly amounts: 'exact' | 'product'
  /** Hundredths of a percent off what AWS itself sells, and off the Marketplace too if said. */
  readonly discountBasisPoints: number
  readonly discountsMarketplace: boolean
  /** Also as negative lines, whose net is zero. */
  readonly discountLines: boolean
  /** Hundredths of a percent off one model's list price, in its rate. */
  readonly privateRates: { readonly [modelId: string]: number }
  readonly taxBasisPoints: number
  /** Dollars given back, positive, as plain decimals. */
  readonly credits: readonly {
    readonly accountId: string
    readonly usd: string
    readonly description: string
  }[]
  readonly refunds: readonly {
    readonly accountId: string
    readonly usd: string
    readonly usageType: string
  }[]
  readonly standing: readonly StandingCharge[]
  /** Usage that AWS reports days late, of a thousand calls. */
  readonly latePerMille: number
  /** The bill as AWS delivered it at that time; null: all there will ever be. */
  readonly asOfMs: number | null
}

export const BILL_DEFAULTS: BillOptions = {
  seed: 1,
  granularity: 'HOURLY',
  resources: true,
  principals: true,
  marketplacePrincipals: true,
  resourceTagSeparator: '_',
  schemes: {},
  marketplaceUnit: 'Units',
  cacheReadsByThousand: false,
  amounts: 'exact',
  discountBasisPoints: 0,
  discountsMarketplace: false,
  discountLines: false,
  privateRates: {},
  taxBasisPoints: 0,
  credits: [],
  refunds: [],
  standing: [],
  latePerMille: 5,
  asOfMs: null,
}

const DEFAULT_SCHEMES: { readonly [modelId: string]: readonly Scheme[] } = {
  'anthropic.claude-sonnet-4-6': ['A', 'C', 'B', 'D'],
  'anthropic.claude-opus-4-6-v1': ['D', 'A', 'C', 'B'],
  'anthropic.claude-haiku-4-5-20251001-v1:0': ['C', 'B', 'D', 'A'],
  'anthropic.claude-sonnet-4-5-20250929-v1:0': ['C'],
  'openai.gpt-oss-120b-1:0': ['A', 'B'],
  'mistral.mistral-large-3-675b-instruct': ['B', 'A'],
  'openai.gpt-5.6-terra': ['D'],
  'openai.gpt-5.5': ['D'],
}

/** Nobody outside AWS knows which model is billed in which way in a month: the seed decides, or the options say it. */
export function schemeOf({ schemes, seed }: BillOptions, modelId: string): Scheme {
  const stated = schemes[modelId]
  if (stated !== undefined) return stated
  const choices = DEFAULT_SCHEMES[modelId]
  if (choices !== undefined) return choices[seed % choices.length] ?? 'A'
  return modelId.startsWith('anthropic.') || modelId.startsWith('cohere.') ? 'C' : 'A'
}

export type Period = { readonly name: string; readonly startMs: number; readonly endMs: number }

export function billingPeriod(name: string): Period {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(name)
  if (match === null) throw new Error(`a billing period is YYYY-MM, not ${name}`)
  const [year, month] = [Number(match[1]), Number(match[2])]
  return { name, startMs: Date.UTC(year, month - 1), endMs: Date.UTC(year, month) }
}

const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** Start and end of the line that counts this moment. */
export function bucketOf(
  granularity: Granularity,
  period: Period,
  atMs: number,
): readonly [startMs: number, endMs: number] {
  if (granularity === 'MONTHLY') return [period.startMs, period.endMs]
  const width = granularity === 'HOURLY' ? HOUR_MS : DAY_MS
  const startMs = Math.floor(atMs / width) * width
  return [startMs, startMs + width]
}

/** When AWS has a call in its bill: within a day, or days later for the odd one. */
export function knownAtMs(
  { latePerMille, seed }: BillOptions,
  id: string,
  billedAtMs: number,
): number {
  const draw = hashText(`${seed} ${id}`)
  const isLate = draw % 1_000 < latePerMille
  const hours = isLate ? 72 + (Math.floor(draw / 1_000) % 216) : 6 + (Math.floor(draw / 1_000) % 18)
  return billedAtMs + hours * HOUR_MS
}

/** Tax, credits and refunds come after the month; invoices have their numbers some days later still. */
export const SETTLED_AFTER_MS = 2 * DAY_MS
export const INVOICED_AFTER_MS = 5 * DAY_MS

export function isKnown({ asOfMs }: BillOptions, fromMs: number): boolean {
  return asOfMs === null || fromMs <= asOfMs
}
