// What happened, put into the line that is kept: usage becomes cost, and every fact that was not known when the call was opened
// gets its place. Pure; the caller brings the instants.

import type {
  CallStatus,
  Interrupter,
  RefusalCode,
  Tier,
  UnpricedReason,
  UsageSource,
} from '@ledgerock/contract'
import { isFree, type Operation } from '../../bedrock/route.ts'
import type { MeteredUsage } from '../../bedrock/usage/usage-meter.ts'
import type { OpenedLine, SettledCharge, SettledLine } from '../../journal/line.ts'
import { picodollars, ZERO_DOLLARS, type Picodollars } from '../../kernel/money.ts'
import { costOfUsage, type Cost } from '../../pricing/cost-of-usage.ts'
import { resolveModel, type ModelIdentity } from '../../pricing/model-catalog.ts'
import type { PriceBook } from '../../pricing/price-book.ts'

export type Outcome = {
  readonly status: CallStatus
  readonly interruptedBy: Interrupter | null
  readonly refusal: RefusalCode | null
  readonly httpStatus: number | null
  readonly errorType: string | null
  readonly awsRequestId: string | null
  readonly usage: MeteredUsage
  /** Size and quality of an image, resolution of a video, where the price depends on them. */
  readonly variant: string | null
  /** Bedrock charges nothing for this, so that no usage is no riddle. */
  readonly free: boolean
  readonly usageSource: UsageSource
  readonly rawUsage: string | null
  readonly tierResolved: Tier | null
  /** The answer names a tier this version does not know: what it costs is unknown too. */
  readonly tierUnknown: boolean
}

export type Timing = {
  readonly endedAt: number
  readonly latencyMs: number
  readonly firstByteMs: number | null
  readonly gatewayOverheadUs: number | null
}

/** What budgets and routes add to a call's record. */
export type Governance = Pick<SettledLine, 'budgetName' | 'budgetRemaining' | 'saved'>

export const NOT_GOVERNED: Governance = { budgetName: null, budgetRemaining: null, saved: null }

export function settledLine(...known: Parameters<typeof meteredLine>): SettledLine {
  return { ...meteredLine(...known), ...NOT_GOVERNED }
}

/** Without what `Governance` adds, which follows from what this says. */
export type MeteredLine = Omit<SettledLine, keyof Governance>

export function meteredLine(
  book: PriceBook,
  opened: OpenedLine,
  openedSeq: number,
  identity: ModelIdentity,
  outcome: Outcome,
  timing: Timing,
  changes: readonly string[],
): MeteredLine {
  const tier = outcome.tierResolved ?? opened.tier
  const priced = priceOf(book, opened, identity, outcome, outcome.tierUnknown ? null : tier)
  return {
    kind: 'settled',
    opened: openedSeq,
    endedAt: timing.endedAt,
    status: outcome.status,
    interruptedBy: outcome.interruptedBy,
    refusal: outcome.refusal,
    httpStatus: outcome.httpStatus,
    errorType: outcome.errorType,
    latencyMs: timing.latencyMs,
    firstByteMs: timing.firstByteMs,
    gatewayOverheadUs: timing.gatewayOverheadUs,
    inferenceRegion: null,
    tier: tier === opened.tier ? null : tier,
    awsRequestId: outcome.awsRequestId,
    usage: outcome.usage,
    usageSource: outcome.usageSource,
    rawUsage: outcome.rawUsage,
    cost: priced.cost,
    unpricedReason: priced.reason,
    charges: priced.charges,
    priceBookVersion: book.version,
    changes,
  }
}

type Priced = {
  readonly cost: Picodollars | null
  readonly reason: UnpricedReason | null
  readonly charges: readonly SettledCharge[]
}

const NOTHING_USED: Priced = { cost: ZERO_DOLLARS, reason: null, charges: [] }

/** AWS does not charge for an answer that is an error; what was served without counts is not free but unknown (I5). */
function priceOf(
  book: PriceBook,
  opened: OpenedLine,
  identity: ModelIdentity,
  outcome: Pick<Outcome, 'status' | 'httpStatus' | 'usage' | 'variant' | 'free'>,
  tier: Tier | null,
): Priced {
  if (isEmpty(outcome.usage)) {
    const isError = outcome.httpStatus !== null && outcome.httpStatus >= 400
    const served =
      !outcome.free && !isError && (outcome.status === 'ok' || outcome.status === 'interrupted')
    return served ? { cost: null, reason: 'unknown_kind', charges: [] } : NOTHING_USED
  }
  if (identity.kind === 'unresolved') return { cost: null, reason: identity.reason, charges: [] }
  return pricedLines(
    costOfUsage(book, {
      modelId: identity.modelId,
      region: opened.region,
      scope: identity.scope,
      tier,
      atMs: opened.startedAt,
      usage: outcome.usage,
      variant: outcome.variant,
      accountId: opened.billedAccountId,
    }),
  )
}

function pricedLines(cost: Cost): Priced {
  const charges = cost.charges.map(({ kind, quantity, rate, amount, rateId }) => ({
    kind,
    quantity,
    rate,
    amount,
    rateId,
  }))
  return cost.kind === 'priced'
    ? { cost: cost.cost, reason: null, charges }
    : { cost: null, reason: cost.reason, charges }
}

function isEmpty(usage: MeteredUsage): boolean {
  for (const _kind in usage) return false
  return true
}

/** What the call as it was asked for would have cost more than it did as a route had it; null: one of the two is not known. */
export function savedBy(
  book: PriceBook,
  opened: OpenedLine,
  { cost, usage }: Pick<MeteredLine, 'cost' | 'usage'>,
  asked: { readonly identity: ModelIdentity; readonly region: string; readonly tier: Tier },
  variant: string | null,
): Picodollars | null {
  const { identity, region, tier } = asked
  if (cost === null || isEmpty(usage) || identity.kind === 'unresolved') return null
  const { modelId, scope } = identity
  const { startedAt: atMs, billedAccountId: accountId } = opened
  const call = { modelId, region, scope, tier, atMs, usage, variant, accountId }
  const instead = costOfUsage(book, call)
  return instead.kind === 'priced' ? picodollars(instead.cost - cost) : null
}

/** Of a call that was sent and never answered: its input, if Bedrock charges for such calls at all. */
export function probableUsage(operation: string, inputEstimate: number): MeteredUsage {
  const isCharged = inputEstimate > 0 && !isFree(operation as Operation)
  return isCharged ? { input: inputEstimate } : {}
}

/**
 * What a call is taken to have used when its worker died over it: its input, which was sent. A floor, marked as an estimate,
 * until better evidence arrives.
 */
export function estimateInterrupted(
  book: PriceBook,
  opened: OpenedLine,
): {
  readonly usage: MeteredUsage
  readonly cost: Picodollars | null
  readonly charges: readonly SettledCharge[]
  readonly unpricedReason: UnpricedReason | null
  readonly priceBookVersion: string
} {
  const usage = probableUsage(opened.operation, opened.inputEstimate)
  const outcome = {
    status: 'interrupted',
    httpStatus: null,
    usage,
    variant: null,
    free: isFree(opened.operation as Operation),
  } as const
  const priced = priceOf(book, opened, identityOfLine(book, opened), outcome, opened.tier)
  return {
    usage,
    cost: priced.cost,
    charges: priced.charges,
    unpricedReason: priced.reason,
    priceBookVersion: book.version,
  }
}

/** As the line has it: what was called may have been a fallback, or the model behind a profile that only AWS could name. */
function identityOfLine(book: PriceBook, opened: OpenedLine): ModelIdentity {
  const { modelId, inferenceProfile, scope } = opened
  if (modelId === null || scope === null) return resolveModel(book, opened.modelRequested)
  return { kind: 'resolved', modelId, inferenceProfile, scope }
}
