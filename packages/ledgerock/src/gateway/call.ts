// A call as the gateway sees it from the moment its caller is known, and what the gateway works with.

import type { Attribution } from '../attribution/attribute.ts'
import type { ClientHeaders } from '../attribution/client-headers.ts'
import type { RequestIds } from '../attribution/request-ids.ts'
import type { RequestFacts } from '../bedrock/request-facts.ts'
import type { Route } from '../bedrock/route.ts'
import type { PolicyKey } from '../governance/policy.ts'
import type { JournalWriter } from '../journal/writer.ts'
import type { Clock } from '../kernel/time.ts'
import type { Logger } from '../platform/logging.ts'
import type { PriceBook } from '../pricing/price-book.ts'
import type { ActivePolicy } from './active-policy.ts'
import type { GatewayMetrics } from './gateway-metrics.ts'
import type { GatewayRequest, GatewayResponse } from './listener.ts'
import type { BodyReader } from './read-body.ts'
import type { Upstream } from './upstream.ts'

export type GatewayDeps = {
  readonly clock: Clock
  /** Ten random bytes; they may be reused by the caller after the call. */
  readonly random: () => Uint8Array
  readonly logger: Logger
  /** Null until the first policy arrived, or when the one at hand is too old to be trusted. */
  readonly policy: () => ActivePolicy | null
  readonly journal: JournalWriter
  readonly book: () => PriceBook
  readonly upstream: Upstream
  readonly bodies: BodyReader
  readonly metrics: GatewayMetrics
  /** Whom the bill will name; null until it is known. */
  readonly identity: () => BilledIdentity | null
  readonly draining: () => boolean
  /** The longest a call may last once it was sent. */
  readonly callTimeoutMs: number
}

export type Call = {
  readonly route: Route
  readonly request: GatewayRequest
  readonly response: GatewayResponse
  readonly client: ClientHeaders
  readonly policy: ActivePolicy
  readonly key: PolicyKey
  readonly callId: string
  readonly startedAt: number
  /** Monotonic milliseconds. */
  readonly beganAt: number
}

/** What its headers and body say of a call. `facts` is null where the body could not be read. */
export type Known = {
  readonly who: Attribution
  readonly ids: RequestIds
  readonly facts: RequestFacts | null
}

export type BilledIdentity = { readonly accountId: string; readonly principalArn: string | null }
