// How a shared cost goes to owners: the rules of `billing.pools` in the configuration. Here they decide who pays for capacity
// that nobody used.

export const SPLIT_KINDS = ['proportional', 'even', 'fixed', 'owner', 'apart'] as const
export type SplitKind = (typeof SPLIT_KINDS)[number]

export type SplitRule =
  | { readonly kind: 'proportional' }
  | { readonly kind: 'even' }
  /** Whole-number weights by owner. */
  | { readonly kind: 'fixed'; readonly weights: { readonly [owner: string]: bigint } }
  | { readonly kind: 'owner'; readonly owner: string }
  | { readonly kind: 'apart' }
