// The answer to "who used the capacity we pay for by the hour, and what did a token come to", as plain data. Dollars are decimal
// strings; in every pool `used_usd` of the owners, their `idle_usd` and `apart_usd` add up to `cost_usd` exactly.

import type { Scope } from '@ledgerock/contract'
import type { UnreadReason } from '../learning/learned-proposal.ts'
import type { SplitKind } from './split-rule.ts'

export type CapacityProblem = UnreadReason | 'undated' | 'not_usage'

export type CapacityOwner = {
  readonly owner: string
  readonly calls: number
  readonly tokens: string
  /** For the share of the capacity it used. */
  readonly used_usd: string
  /** Its part of what nobody used. */
  readonly idle_usd: string
  readonly total_usd: string
  /** USD for a million tokens: for the capacity used alone, and with the idle part; null without tokens. */
  readonly use_usd_per_million: string | null
  readonly allocation_usd_per_million: string | null
}

export type PoolReport = {
  readonly pool: string
  readonly kind: 'provisioned' | 'reserved'
  readonly model_id: string | null
  readonly region: string
  readonly scope: Scope | null
  readonly variant: string | null
  readonly hours: number
  readonly used_hours: number
  /** `tokens_per_minute`: an hour's capacity is known. `any_use`: it is not, and an hour with any use counts as fully used. */
  readonly capacity_basis: 'tokens_per_minute' | 'any_use'
  readonly capacity_tokens: string | null
  readonly used_tokens: string
  /** Tokens beyond the capacity of their hour: the capacity stated is too small, or they were billed elsewhere. */
  readonly over_tokens: string
  readonly utilisation: string | null
  readonly cost_usd: string
  readonly used_usd: string
  /** What nobody used: given to owners by the rule, and kept apart from all of them. */
  readonly idle_usd: string
  readonly apart_usd: string
  /** Over all owners; the second is the whole pool's cost for a million tokens. */
  readonly use_usd_per_million: string | null
  readonly allocation_usd_per_million: string | null
  /** The rule applied to the idle part; `apart` where the rule asked for found nobody to give it to. */
  readonly split: SplitKind
  readonly owners: readonly CapacityOwner[]
}

export type CapacityReport = {
  readonly pools: readonly PoolReport[]
  /** All pools together, by owner. */
  readonly owners: readonly CapacityOwner[]
  /** Use that names capacity of which the bill has no line. */
  readonly unmatched: readonly {
    readonly owner: string
    readonly model_requested: string
    readonly calls: number
    readonly tokens: string
  }[]
  /** Capacity on the bill that could not be placed; other lines of the bill are not capacity and not listed. */
  readonly unread: readonly {
    readonly reason: CapacityProblem
    readonly usage_type: string
    readonly lines: number
    readonly usd: string
  }[]
  readonly total: {
    readonly cost_usd: string
    readonly used_usd: string
    readonly idle_usd: string
    readonly apart_usd: string
    readonly unread_usd: string
    /** Exact sum of the bill's lines less all of the above, which are whole picodollars. */
    readonly rounding_usd: string
  }
}
