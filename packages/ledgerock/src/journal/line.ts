// What a journal holds: an `opened` line before a call goes upstream, and a `settled` line before its last bytes go out.
// `settled` points at its `opened` line by sequence number and carries only what was not known then; together they make one
// `CallRecord`. In memory the lines are these plain objects; `line-codec.ts` writes them short.

import type {
  CallStatus,
  DimensionConflict,
  Interrupter,
  RefusalCode,
  Scope,
  Tier,
  UnpricedReason,
  UsageKind,
  UsageSource,
} from '@ledgerock/contract'
import type { Picodollars } from '../kernel/money.ts'

export type OpenedLine = {
  readonly kind: 'opened'
  readonly callId: string
  readonly logicalId: string
  readonly attempt: number
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly operation: string
  readonly endpoint: 'runtime' | 'mantle'
  readonly stream: boolean
  readonly accountId: string | null
  readonly region: string
  readonly modelRequested: string
  readonly modelId: string | null
  readonly inferenceProfile: string | null
  readonly scope: Scope | null
  /** The tier asked for; a settled line names the one that served. */
  readonly tier: Tier
  readonly traceId: string | null
  readonly keyName: string | null
  readonly principalArn: string | null
  readonly billedPrincipalArn: string | null
  readonly billedAccountId: string | null
  readonly dimensions: Readonly<Record<string, string>>
  readonly attributes: Readonly<Record<string, string>>
  readonly provenance: Readonly<Record<string, string>>
  readonly conflicts: readonly DimensionConflict[]
  /** A floor for what the input will cost if nothing better is ever learned; tokens. */
  readonly inputEstimate: number
  readonly policyVersion: number
  /** The most the attempt may cost, as it was reserved; null: no budget of dollars covers it. */
  readonly boundUsd: Picodollars | null
  /** The most tokens it may use; null: no budget of tokens covers it. */
  readonly boundTokens: number | null
  /** The budgets it is charged to. */
  readonly budgets: readonly BudgetUse[]
}

/** A budget's instance that a call is charged to. */
export type BudgetUse = {
  readonly budget: string
  /** When the instance begins; milliseconds since the epoch. */
  readonly fromMs: number
  /** The call's own value of the dimension, where the budget has a counter for each; null: it has one. */
  readonly per: string | null
  readonly unit: 'usd' | 'tokens'
}

export type SettledCharge = {
  readonly kind: UsageKind
  readonly quantity: number
  /** Exact USD per unit, a decimal string. */
  readonly rate: string
  readonly amount: Picodollars
  readonly rateId: string
}

export type SettledLine = {
  readonly kind: 'settled'
  /** Sequence number, in the same journal, of the call's opened line. */
  readonly opened: number
  readonly endedAt: number
  readonly status: CallStatus
  readonly interruptedBy: Interrupter | null
  readonly refusal: RefusalCode | null
  readonly httpStatus: number | null
  readonly errorType: string | null
  readonly latencyMs: number
  readonly firstByteMs: number | null
  readonly gatewayOverheadUs: number | null
  readonly inferenceRegion: string | null
  /** The tier that served, or null where it is the one asked for. */
  readonly tier: Tier | null
  readonly awsRequestId: string | null
  readonly usage: Readonly<Partial<Record<UsageKind, number>>>
  readonly usageSource: UsageSource
  readonly rawUsage: string | null
  readonly cost: Picodollars | null
  readonly unpricedReason: UnpricedReason | null
  readonly charges: readonly SettledCharge[]
  readonly priceBookVersion: string
  readonly changes: readonly string[]
  /** The budget that refused the call, or the one with the least left; null: none covers it. */
  readonly budgetName: string | null
  /** What was left of it, where it is one of dollars. */
  readonly budgetRemaining: Picodollars | null
  /** What the model that was asked for would have cost more than the one a route chose; null: no route did. */
  readonly saved: Picodollars | null
}

export type JournalLine = OpenedLine | SettledLine
