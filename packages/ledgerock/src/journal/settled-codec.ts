// The short form of a settled line: only what differs from an untroubled call, with kinds by number and amounts as
// picodollars. The provider's own usage is JSON already; it follows the line verbatim after a newline (see
// `line-codec.ts`).

import type {
  CallStatus,
  Interrupter,
  RefusalCode,
  Tier,
  UnpricedReason,
  UsageKind,
  UsageSource,
} from '@ledgerock/contract'
import { picodollars, type Picodollars } from '../kernel/money.ts'
import type { SettledCharge, SettledLine } from './line.ts'
import { packAmount, packUuid, unpackUuid } from './short-form.ts'

/** Kinds by number. Fixed for format 1: only ever add at the end. */
const NUMBERED_KINDS = [
  'input',
  'output',
  'cache_read',
  'cache_write',
  'cache_write_5m',
  'cache_write_30m',
  'cache_write_1h',
  'audio_input',
  'audio_output',
  'image_input',
  'images',
  'video_seconds',
  'search_units',
  'requests',
  'model_unit_hours',
  'tpm_hours',
  'storage_months',
] as const satisfies readonly UsageKind[]
const NUMBER_OF: ReadonlyMap<string, number> = new Map(
  NUMBERED_KINDS.map((kind, number) => [kind, number]),
)

/** Changes by number. Fixed for format 1: only ever add at the end. */
const NUMBERED_CHANGES = ['request_metadata', 'include_usage', 'max_tokens'] as const
const NUMBER_OF_CHANGE: ReadonlyMap<string, number> = new Map(
  NUMBERED_CHANGES.map((change, number) => [change, number]),
)

const PICODOLLARS_PER_DOLLAR = 1e12

type KindName = number | string

/**
 * [kind, USD per unit, rate id, quantity, picodollars]: null or absent at the end is a quantity that is the usage of its
 * kind, and an amount that is what `plainAmount` makes of quantity and rate.
 */
export type ShortCharge = [
  kind: KindName,
  rate: string,
  rateId: string,
  quantity?: number | null,
  amount?: number | string,
]

/** The table: short key, its field, and what its absence means. */
export type SettledShort = {
  /** opened. Its key tells a settled line. */
  s: number
  /** endedAt. */
  t: number
  /** status; absent: ok. */
  st?: CallStatus
  /** interruptedBy; absent: null. */
  ib?: Interrupter
  /** refusal; absent: null. */
  rf?: RefusalCode
  /** httpStatus, null written out; absent: 200. */
  h?: number | null
  /** errorType; absent: null. */
  et?: string
  /** latencyMs. */
  l: number
  /** firstByteMs; absent: null. */
  f?: number
  /** gatewayOverheadUs; absent: null. */
  v?: number
  /** inferenceRegion; absent: null. */
  ir?: string
  /** tier; absent: null. */
  ti?: Tier
  /** awsRequestId: packed, or as it is; absent: null. */
  q?: string
  Q?: string
  /** usage: kind, count, kind, count …; absent: none. */
  u?: (KindName | number)[]
  /** usageSource; absent: response. */
  us?: UsageSource
  /** rawUsage where it cannot follow the line as it is; absent: what follows the line, or null. */
  ru?: string
  /** cost, null written out; absent: the sum of the charges. */
  c?: number | string | null
  /** unpricedReason; absent: null. */
  ur?: UnpricedReason
  /** charges; absent: none. */
  ch?: ShortCharge[]
  /** priceBookVersion. */
  pb: string
  /** changes: by number, or as they are; absent: none. */
  cg?: readonly (number | string)[]
  /** budgetName; absent: null. */
  bn?: string
  /** budgetRemaining in picodollars; absent: null. */
  br?: number | string
  /** saved in picodollars; absent: null. */
  sv?: number | string
}

export const SETTLED_KEYS: ReadonlySet<string> = new Set(
  's t st ib rf h et l f v ir ti q Q u us ru c ur ch pb cg bn br sv'.split(' '),
)

export function shortenSettled(line: SettledLine): SettledShort {
  const short: SettledShort = {
    s: line.opened,
    t: line.endedAt,
    l: line.latencyMs,
    pb: line.priceBookVersion,
  }
  if (line.status !== 'ok') short.st = line.status
  if (line.interruptedBy !== null) short.ib = line.interruptedBy
  if (line.refusal !== null) short.rf = line.refusal
  if (line.httpStatus !== 200) short.h = line.httpStatus
  if (line.errorType !== null) short.et = line.errorType
  if (line.firstByteMs !== null) short.f = line.firstByteMs
  if (line.gatewayOverheadUs !== null) short.v = line.gatewayOverheadUs
  if (line.inferenceRegion !== null) short.ir = line.inferenceRegion
  if (line.tier !== null) short.ti = line.tier
  if (line.awsRequestId !== null) {
    const packed = packUuid(line.awsRequestId)
    if (packed === null) short.Q = line.awsRequestId
    else short.q = packed
  }
  for (const kind in line.usage) {
    short.u ??= []
    short.u.push(NUMBER_OF.get(kind) ?? kind, line.usage[kind as UsageKind] as number)
  }
  if (line.usageSource !== 'response') short.us = line.usageSource
  if (line.cost === null) short.c = null
  else if (line.cost !== sumOf(line.charges)) short.c = packAmount(line.cost)
  if (line.unpricedReason !== null) short.ur = line.unpricedReason
  if (line.charges.length > 0) {
    short.ch = line.charges.map((charge) => shortenCharge(charge, line.usage))
  }
  if (line.changes.length > 0) {
    short.cg = line.changes.map((change) => NUMBER_OF_CHANGE.get(change) ?? change)
  }
  if (line.budgetName !== null) short.bn = line.budgetName
  if (line.budgetRemaining !== null) short.br = packAmount(line.budgetRemaining)
  if (line.saved !== null) short.sv = packAmount(line.saved)
  return short
}

function shortenCharge(charge: SettledCharge, usage: SettledLine['usage']): ShortCharge {
  const { kind, quantity, rate, amount, rateId } = charge
  const short: ShortCharge = [NUMBER_OF.get(kind) ?? kind, rate, rateId]
  const plain = plainAmount(quantity, rate) === Number(amount)
  if (usage[kind] !== quantity) short[3] = quantity
  else if (!plain) short[3] = null
  if (!plain) short[4] = packAmount(amount)
  return short
}

/** Quantity × rate in picodollars where plain arithmetic is certainly exact, else NaN. The same sum both ways. */
function plainAmount(quantity: number, rate: string): number {
  const amount = quantity * Math.round(Number(rate) * PICODOLLARS_PER_DOLLAR)
  return Number.isSafeInteger(amount) ? amount : Number.NaN
}

function sumOf(charges: readonly SettledCharge[]): bigint {
  let sum = 0n
  for (const charge of charges) sum += charge.amount
  return sum
}

export function lengthenSettled(short: SettledShort, rawUsage: string | null): SettledLine {
  const usage = lengthenUsage(short.u ?? [])
  const charges = (short.ch ?? []).map((charge) => lengthenCharge(charge, usage))
  return {
    kind: 'settled',
    opened: short.s,
    endedAt: short.t,
    status: short.st ?? 'ok',
    interruptedBy: short.ib ?? null,
    refusal: short.rf ?? null,
    httpStatus: short.h === undefined ? 200 : short.h,
    errorType: short.et ?? null,
    latencyMs: short.l,
    firstByteMs: short.f ?? null,
    gatewayOverheadUs: short.v ?? null,
    inferenceRegion: short.ir ?? null,
    tier: short.ti ?? null,
    awsRequestId: short.q === undefined ? (short.Q ?? null) : unpackUuid(short.q),
    usage,
    usageSource: short.us ?? 'response',
    rawUsage: short.ru ?? rawUsage,
    cost: lengthenCost(short.c, charges),
    unpricedReason: short.ur ?? null,
    charges,
    priceBookVersion: short.pb,
    changes: (short.cg ?? []).map(lengthenChange),
    budgetName: short.bn ?? null,
    budgetRemaining: lengthenAmount(short.br),
    saved: lengthenAmount(short.sv),
  }
}

function lengthenUsage(pairs: readonly (KindName | number)[]): SettledLine['usage'] {
  const usage: Partial<Record<UsageKind, number>> = {}
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    usage[kindOf(pairs[at] as KindName)] = pairs[at + 1] as number
  }
  return usage
}

function lengthenCharge(short: ShortCharge, usage: SettledLine['usage']): SettledCharge {
  const [name, rate, rateId, said, amount] = short
  const kind = kindOf(name)
  const quantity = said ?? usage[kind] ?? 0
  const exact = amount ?? plainAmount(quantity, rate)
  return { kind, quantity, rate, amount: picodollars(BigInt(exact)), rateId }
}

function lengthenCost(
  short: SettledShort['c'],
  charges: readonly SettledCharge[],
): SettledLine['cost'] {
  if (short === null) return null
  return picodollars(short === undefined ? sumOf(charges) : BigInt(short))
}

function lengthenChange(short: number | string): string {
  return typeof short === 'number' ? (NUMBERED_CHANGES[short] as string) : short
}

function lengthenAmount(short: number | string | undefined): Picodollars | null {
  return short === undefined ? null : picodollars(BigInt(short))
}

function kindOf(name: KindName): UsageKind {
  return typeof name === 'number' ? (NUMBERED_KINDS[name] as UsageKind) : (name as UsageKind)
}
