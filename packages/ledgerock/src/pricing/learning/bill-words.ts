// How the bill's words are read: which rate a usage type stands for, and how many units one billed unit is. Handed in, so that
// learning can be tested with words of its own; `bedrockWords` are AWS's.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import type { Result } from '../../kernel/result.ts'
import type { PriceUnit } from '../price-unit.ts'
import type { BilledUsage } from './billed-usage.ts'

/** What a usage type is a price of. A null `kind` is something known that no call uses: training, storage of a custom model, … */
export type ReadUsage = {
  readonly region: string | null
  readonly modelId: string | null
  readonly what: {
    readonly kind: UsageKind | null
    readonly unit: PriceUnit
    readonly medium: string
    readonly variant: string | null
    readonly longContext: boolean
  }
  /** `in-region` also where a geography's profile was called: AWS sells both under one word, at one price. */
  readonly scope: Scope
  readonly tier: Tier
}

export type BillWords = {
  readonly readUsage: (line: BilledUsage) => Result<ReadUsage, 'not_bedrock' | 'unknown_shape'>
  /** Units in one billed unit: 1,000 for `1K tokens`; null where the text does not say. */
  readonly unitsPerBilled: (line: BilledUsage, unit: PriceUnit) => bigint | null
}
