// What re-rating is asked and answers: plain data, because the asker sits in another process.

import type { UnpricedReason } from '@ledgerock/contract'

export type RerateQuestion = {
  /** From inclusive, to exclusive. */
  readonly fromMs: number
  readonly toMs: number
  /** Only what would change. */
  readonly dryRun: boolean
  /** Stands in every new version as what it was made by (`corrects`): 1 to 64 letters, digits, `_` or `-`. */
  readonly rerateId: string
  /** The asker's prices; with other ones nothing is done. */
  readonly bookVersion: string
  /** `YYYY-MM`, UTC: months whose calls stay as they are and are only reported. */
  readonly closedPeriods: readonly string[]
}

export type RerateSums = {
  /** Looked at. */
  readonly calls: number
  /** Have another cost, model, reason or rate. */
  readonly changed: number
  readonly before_usd: string
  readonly after_usd: string
  readonly difference_usd: string
}

export type RerateReport = RerateSums & {
  readonly rerate_id: string
  readonly dry_run: boolean
  readonly book_version: string
  readonly from: string
  readonly to: string
  /** Had no cost before and have one now. */
  readonly newly_priced: number
  readonly newly_unpriced: number
  readonly by: readonly (RerateSums & { readonly team: string })[]
  /** Without a cost, afterwards. */
  readonly unpriced: readonly {
    readonly reason: UnpricedReason
    readonly model_id: string | null
    readonly model_requested: string
    readonly calls: number
  }[]
  /** Keep what they cost, because the books do not say which variant (size, quality) was asked for and there are several prices. */
  readonly kept: readonly { readonly model_id: string | null; readonly calls: number }[]
  /** Of closed months, what would have changed; in no other number here. */
  readonly closed: readonly {
    readonly period: string
    readonly changed: number
    readonly difference_usd: string
  }[]
}
