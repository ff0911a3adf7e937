// Pools as people write them, in the configuration or through the API: plain data that travels as JSON, shares in percent. Here they
// become the rules that share costs out.

import { assert, exhaustive } from '../kernel/assert.ts'
import type { Owner } from './owner.ts'
import type { PoolRule, Split } from './pool.ts'

/** A decimal of at most nine places: `33.333333333`. All shares of a pool add up to 100. */
export type DeclaredShare = { readonly owner: Owner; readonly percent: string }

export type DeclaredSplit =
  | { readonly kind: 'proportional' | 'even' | 'apart' }
  | { readonly kind: 'fixed'; readonly shares: readonly DeclaredShare[] }
  /** Null: to whom each line's own evidence names. */
  | { readonly kind: 'owner'; readonly owner: Owner | null }

export type DeclaredPool = Omit<PoolRule, 'split'> & { readonly split: DeclaredSplit }

const PERCENT = /^(\d{1,3})(?:\.(\d{1,9}))?$/

/** In billionths of a percent; null where it is no share from 0 to 100. */
export function percentWeight(percent: string): bigint | null {
  const [, whole, decimals = ''] = PERCENT.exec(percent) ?? []
  if (whole === undefined) return null
  const weight = BigInt(whole + decimals.padEnd(9, '0'))
  return weight <= WHOLE_WEIGHT ? weight : null
}

export const WHOLE_WEIGHT = 100_000_000_000n

export function splitOf(declared: DeclaredSplit): Split {
  switch (declared.kind) {
    case 'proportional':
    case 'even':
    case 'apart':
      return { kind: declared.kind }
    case 'owner':
      return { kind: 'owner', owner: declared.owner }
    case 'fixed': {
      const shares = declared.shares.map(({ owner, percent }) => {
        const weight = percentWeight(percent)
        assert(weight !== null, 'percentages were checked where they were written')
        return { owner, weight }
      })
      return { kind: 'fixed', shares }
    }
    default:
      return exhaustive(declared)
  }
}

export function poolRuleOf({ split, ...pool }: DeclaredPool): PoolRule {
  return { ...pool, split: splitOf(split) }
}
