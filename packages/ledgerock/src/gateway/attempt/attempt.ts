// One attempt of a call: what is known of it before it is made, and what is said of it afterwards, to its client and in its record.

import { ROUTE_HEADER } from '@ledgerock/contract'
import { budgetCharge, type BudgetCharge } from '../../journal/budget-charge.ts'
import type { OpenedLine, SettledLine } from '../../journal/line.ts'
import { formatUsd } from '../../kernel/money.ts'
import { resolveModel, type ModelIdentity } from '../../pricing/model-catalog.ts'
import type { BudgetHold } from '../budget/budget-hold.ts'
import { NOTHING_TOLD, type BudgetTold } from '../budget/budget-told.ts'
import { warningHeader } from '../budget/call-budgets.ts'
import type { GatewayDeps, Lent } from '../call.ts'
import type { AdmittedCall } from '../admitted-call.ts'
import type { Pass } from './circuit-breaker.ts'
import type { Ended, OwnHeaders } from './exchange.ts'
import type { RetryReason } from './next-attempt.ts'
import type { AttemptFacts } from './opened-line.ts'
import type { Step } from './plan-steps.ts'
import type { PreparedRequest } from './prepare-request.ts'
import type { OpenedCall } from '../refuse-call.ts'
import { meteredLine, savedBy, type Timing } from './settle.ts'
import type { Target } from './upstream.ts'

/** What tells one attempt from another; the first has the call's own. */
export type Beginning = Pick<AttemptFacts, 'callId' | 'startedAt' | 'attempt'> & {
  /** Monotonic milliseconds. */
  readonly beganAt: number
}

/** Where an attempt would go, as whom and as what. */
export type Way = {
  readonly step: Step<Target>
  readonly lent: Lent
  readonly pass: Pass
  readonly identity: ModelIdentity
}

/** An attempt about to be made: its own id and beginning, what it asks for and as whom. */
export type Attempt = Beginning &
  AttemptFacts &
  Way & {
    readonly prepared: PreparedRequest
    /** Everything that is not as the client sent it, for the record. */
    readonly changes: readonly string[]
    /** What it holds of its budgets; null: none covers it. */
    readonly budget: BudgetHold | null
  }

/** The target itself is unwell; what it refuses in good health is no sign of it. */
export function isIll({ outcome, firstByteAt }: Ended, reason: RetryReason | null): boolean {
  const { interruptedBy } = outcome
  if (reason === 'unreachable' || reason === 'unavailable') return true
  // Not a byte in all the time a call may take.
  const isSilent = interruptedBy === 'gateway' && firstByteAt === null
  return isSilent || interruptedBy === 'upstream'
}

const NO_HEADERS: OwnHeaders = {}

/** What the client is told whatever comes of the attempt: what serves it instead of what it asked for, and what it is warned of. */
export function ownHeaders(
  { budgets, known }: Pick<AdmittedCall, 'budgets' | 'known'>,
  { step, plan }: Pick<Attempt, 'step' | 'plan'>,
): OwnHeaders {
  const warning = plan === null ? null : (budgets?.warning(plan) ?? null)
  if (step.changes.length === 0 && warning === null) return NO_HEADERS
  const route = step.changes.length === 0 ? {} : { [ROUTE_HEADER]: routeTaken(step, known.model) }
  return { ...route, ...warningHeader(warning) }
}

/** `model=<id>,region=<region>`, and `,tier=<tier>` where that was changed. */
function routeTaken({ model, target, tier }: Step<Target>, asked: string): string {
  const route = `model=${model ?? asked},region=${target.region}`
  return tier === null ? route : `${route},tier=${tier}`
}

export type Recorded = {
  readonly line: SettledLine
  readonly charge: BudgetCharge
  readonly told: BudgetTold
}

/** How the attempt ended, as its record has it, and what its budgets are charged. */
export function recordOf(
  deps: Pick<GatewayDeps, 'book'>,
  { known, budgets }: Pick<AdmittedCall, 'known' | 'budgets'>,
  { step, budget, changes }: Pick<Attempt, 'step' | 'budget' | 'changes'>,
  { opened, seq, identity }: OpenedCall,
  { outcome }: Ended,
  timing: Timing,
): Recorded {
  const book = deps.book()
  const metered = meteredLine(book, opened, seq, identity, outcome, timing, changes)
  const charge = budgetCharge(opened, metered)
  const told =
    budgets === null || budget === null ? NOTHING_TOLD : budgets.told(budget.plan, charge)
  const { region, model, facts } = known
  const saved = step.isRouted
    ? savedBy(
        book,
        opened,
        metered,
        { identity: resolveModel(book, model), region, tier: facts.tierAsked },
        outcome.variant,
      )
    : null
  const governance = { budgetName: told.name, budgetRemaining: told.remainingUsd, saved }
  return { line: { ...metered, ...governance }, charge, told }
}

/** More was used than was held back: the call is charged in full, and somebody should know. */
export function noteExceeded(
  { metrics, logger }: Pick<GatewayDeps, 'metrics' | 'logger'>,
  { callId, modelId, boundUsd, boundTokens }: OpenedLine,
  { usd, tokens }: BudgetCharge,
): void {
  const isOver =
    (boundUsd !== null && usd > boundUsd) || (boundTokens !== null && tokens > BigInt(boundTokens))
  if (!isOver) return
  metrics.boundExceeded()
  const dollars = {
    bound_usd: boundUsd === null ? null : formatUsd(boundUsd),
    charge_usd: formatUsd(usd),
  }
  const counts = { bound_tokens: boundTokens, tokens: Number(tokens) }
  logger.warn({ call_id: callId, model: modelId, ...dollars, ...counts }, 'bound_exceeded')
}

export function isNothing({ usd, tokens }: BudgetCharge): boolean {
  return usd === 0n && tokens === 0n
}
