// Who used what that was paid for by the hour: one row per owner and hour, as the ledger sums calls.

import type { Scope, Tier } from '@ledgerock/contract'

export type CapacityUse = {
  readonly owner: string
  /** Any instant within the hour. */
  readonly hourMs: number
  /** What the call named: for provisioned throughput its ARN. */
  readonly modelRequested: string
  readonly modelId: string | null
  readonly region: string
  readonly scope: Scope | null
  readonly tier: Tier | null
  readonly calls: number
  /** Everything read and everything written, cached tokens included as the pool counts them. */
  readonly inputTokens: number
  readonly outputTokens: number
}
