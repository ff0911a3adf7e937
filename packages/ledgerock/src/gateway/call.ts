// A call as the gateway sees it from the moment its caller is known, and what the gateway works with.

import type { CredentialLender } from '../aws/credential-lender.ts'
import type { IdentityVerifier } from '../aws/identity-verifier.ts'
import type { ProfileLookup } from '../aws/inference-profiles.ts'
import type { Attribution } from '../attribution/attribute.ts'
import type { ClientHeaders } from '../attribution/client-headers.ts'
import type { RequestIds } from '../attribution/request-ids.ts'
import type { RequestFacts } from '../bedrock/request/request-facts.ts'
import type { Route } from '../bedrock/route.ts'
import type { BudgetWallet } from '../governance/budget/budget-wallet.ts'
import type { JournalWriter } from '../journal/journal-writer.ts'
import type { Clock } from '../kernel/time.ts'
import type { Logger } from '../platform/logging.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import type { ActivePolicy } from './active-policy.ts'
import type { CallTraces } from './telemetry/call-traces.ts'
import type { Caller } from './caller.ts'
import type { DisconnectRule, DrainRoom } from './attempt/disconnect.ts'
import type { GatewayMetrics } from './telemetry/gateway-metrics.ts'
import type { GatewayRequest, GatewayResponse } from './server/gateway-request.ts'
import type { OverloadGuard } from './server/overload.ts'
import type { RouteRule } from './attempt/plan-steps.ts'
import type { BodyReader } from './server/read-body.ts'
import type { RetryBudget } from './attempt/retry-budget.ts'
import type { Target } from './attempt/upstream.ts'

export type GatewayDeps = {
  readonly clock: Clock
  /** Ten random bytes; they may be reused by the caller after the call. */
  readonly random: () => Uint8Array
  /** From 0 up to, not including, 1: spreads retries. */
  readonly jitter: () => number
  readonly logger: Logger
  /** Null until the first policy arrived, or when the one at hand is too old to be trusted. */
  readonly policy: () => ActivePolicy | null
  readonly journal: JournalWriter
  /** What may be spent of budgets; its journal is the one above. */
  readonly wallet: BudgetWallet
  readonly book: () => PriceBook
  readonly targets: readonly Target[]
  readonly bodies: BodyReader
  readonly metrics: GatewayMetrics
  readonly traces: CallTraces | null
  /** Proves AWS identities. */
  readonly identities: IdentityVerifier
  /** The accounts Bedrock is called in, as far as they are known. */
  readonly ownAccounts: () => ReadonlySet<string>
  /** Says which model is behind an application inference profile. */
  readonly profiles: ProfileLookup
  readonly overload: OverloadGuard
  readonly drains: DrainRoom
  readonly retryBudget: RetryBudget
  readonly draining: () => boolean
  readonly settings: GatewaySettings
}

export type GatewaySettings = {
  /** Of calls that name no region. */
  readonly defaultRegion: string
  /** The longest a call may last, its attempts together. */
  readonly callTimeoutMs: number
  readonly injectMetadata: boolean
  readonly disconnect: readonly DisconnectRule[]
  /** At one target, the first included. */
  readonly attemptsMax: number
  readonly routes: readonly RouteRule[]
  /** Where people can ask for access; null: nowhere but by the command line. */
  readonly dashboardUrl: string | null
}

/** A request whose route is known. */
export type Arrival = {
  readonly route: Route
  readonly request: GatewayRequest
  readonly response: GatewayResponse
  readonly callId: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  /** Monotonic milliseconds. */
  readonly beganAt: number
}

export type Call = Arrival & {
  readonly client: ClientHeaders
  readonly policy: ActivePolicy
  readonly caller: Caller
}

/** What its headers and body say of a call. `facts` is null where the body could not be read. */
export type Known = {
  readonly who: Attribution
  readonly ids: RequestIds
  readonly facts: RequestFacts | null
  readonly region: string
  /** As the client names the model, in the path or in the body. */
  readonly model: string
}

/** With a body that could be read. */
export type KnownWhole = Known & { readonly facts: RequestFacts }

export type Lent = NonNullable<ReturnType<CredentialLender['current']>>
