// A past call as rules are tried on it: what they would have asked of it, as far as the ledger knows, and what it cost. What it asked for
// and did not get (its maximum of output, its guardrail) nobody wrote down.

import type { Scope, Tier } from '@ledgerock/contract'
import type { Operation } from '../../bedrock/operation.ts'
import type { Picodollars } from '../../kernel/money.ts'
import type { Governed } from '../rule-scope.ts'

export type PastCall = Governed & {
  readonly callId: string
  readonly startedMs: number
  readonly endedMs: number
  readonly operation: Operation
  /** False where no model is named: then no rule of models concerns it. */
  readonly callsModel: boolean
  readonly profileScope: Scope | null
  readonly tier: Tier
  readonly stream: boolean
  /** Null: no price is known. */
  readonly cost: Picodollars | null
  /** False: its usage is a guess, and budgets were charged its bound. */
  readonly isCounted: boolean
  /** The most it could cost; null: nobody worked it out. */
  readonly bound: Picodollars | null
  /** All of them, and those it read and wrote. */
  readonly tokens: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** A rule refused it then, so that it cost nothing. */
  readonly wasRefused: boolean
  /** False: it went to Bedrock by another way. It counts, and nothing here could have refused it. */
  readonly isOurs: boolean
}
