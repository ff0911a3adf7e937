// The state one simulator carries from call to call, put together once at start.

import type { AsyncInvokes } from './async-invokes.ts'
import type { Authenticate } from './authenticate.ts'
import type { CallLog } from './call-log.ts'
import type { FaultPlan, LatencyDistribution } from './fault.ts'
import type { OutputRange } from './generate.ts'
import type { GuardrailPolicy } from './guardrail.ts'
import type { PromptCache } from './prompt-cache.ts'
import type { Sessions } from './sessions.ts'
import type { SideCalls, SideService } from './side-calls.ts'
import type { StoredResponses } from './stored-responses.ts'

export type SimulatorClock = { readonly now: () => number }

export type Simulation = {
  readonly seed: number
  readonly clock: SimulatorClock
  readonly accountId: string
  readonly inferenceProfiles: ReadonlyMap<string, string>
  readonly authenticate: Authenticate
  readonly sessions: Sessions
  /** Roles that may be assumed; null: any. */
  readonly roles: ReadonlySet<string> | null
  /** By id; null: any guardrail exists, with the default policies. */
  readonly guardrails: ReadonlyMap<string, readonly GuardrailPolicy[]> | null
  /** Null when no fault is planned, so that such a run never draws. */
  readonly plan: FaultPlan | null
  readonly latency: number | LatencyDistribution
  readonly timeoutMs: number
  readonly outputTokens: OutputRange | null
  /** Instead of each model's own minimum. */
  readonly cachePrefixTokensMin: number | null
  readonly cache: PromptCache
  readonly responses: StoredResponses
  readonly asyncInvokes: AsyncInvokes
  /** How long a job of StartAsyncInvoke is under way. */
  readonly asyncInvokeMs: number
  readonly log: CallLog
  readonly sideCalls: SideCalls
  readonly isDown: (service: SideService) => boolean
  readonly nextRequestId: () => string
}
