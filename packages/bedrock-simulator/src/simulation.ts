// The state one simulator carries from call to call, put together once at start.

import type { Authenticate } from './authenticate.ts'
import type { CallLog } from './call-log.ts'
import type { FaultPlan, LatencyDistribution } from './fault.ts'
import type { OutputRange } from './generate.ts'
import type { PromptCache } from './prompt-cache.ts'

export type SimulatorClock = { readonly now: () => number }

export type Simulation = {
  readonly seed: number
  readonly clock: SimulatorClock
  readonly accountId: string
  readonly inferenceProfiles: ReadonlyMap<string, string>
  readonly authenticate: Authenticate
  /** Null when no fault is planned, so that such a run never draws. */
  readonly plan: FaultPlan | null
  readonly latency: number | LatencyDistribution
  readonly timeoutMs: number
  readonly outputTokens: OutputRange | null
  /** Instead of each model's own minimum. */
  readonly cachePrefixTokensMin: number | null
  readonly cache: PromptCache
  readonly log: CallLog
  readonly nextRequestId: () => string
}
