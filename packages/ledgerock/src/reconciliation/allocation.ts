// Dollars by whose they are and how that is known, exact until the end. One row for each owner, basis, reason, model and day.

import type { Picodollars } from '../kernel/money.ts'
import { MS_PER_DAY } from '../kernel/time.ts'
import { wordTree } from '../kernel/word-tree.ts'
import type { BilledLine } from './cell.ts'
import type { Exact } from './exact.ts'
import { ownerKey, type Owner } from './owner.ts'

export const BASES = ['metered', 'principal', 'tag', 'shared', 'unattributed'] as const
export type Basis = (typeof BASES)[number]

export type Share = {
  /** Nobody's where the basis is `unattributed`, and where a pool is kept apart. */
  readonly owner: Owner
  readonly basis: Basis
  /** The rule that told it, the pool, or why nothing tells it. */
  readonly reason: string
  /** Empty: of no model. */
  readonly modelId: string
  /** Null: of the whole period. */
  readonly dayMs: number | null
}

export type ExactShare = Share & {
  readonly usd: Exact
  readonly list: Exact
  /** What the ledger said it would cost. */
  readonly metered: Picodollars
  readonly tokens: bigint
}

/** The line a share is a part of, and its part in tokens. */
export type ShareOrigin = { readonly line: BilledLine; readonly weight: bigint }

export type ShareBook = {
  readonly add: (
    share: Omit<ExactShare, 'dayMs'> & { readonly atMs: number },
    origin: ShareOrigin,
  ) => void
  readonly rows: () => readonly ExactShare[]
}

export function shareBook(): ShareBook {
  const rows = wordTree<{ -readonly [Field in keyof ExactShare]: ExactShare[Field] }>()
  return {
    add({ owner, basis, reason, modelId, atMs, usd, list, metered, tokens }) {
      const dayMs = Math.floor(atMs / MS_PER_DAY) * MS_PER_DAY
      const words = [basis, reason, modelId, dayMs, ownerKey(owner)]
      const row = rows.get(words)
      if (row === undefined) {
        rows.set(words, { owner, basis, reason, modelId, dayMs, usd, list, metered, tokens })
        return
      }
      row.usd = (row.usd + usd) as Exact
      row.list = (row.list + list) as Exact
      row.metered = (row.metered + metered) as Picodollars
      row.tokens += tokens
    },
    rows: () => inOrder(rows.values()),
  }
}

/** The same whatever was added first. */
function inOrder(rows: readonly ExactShare[]): readonly ExactShare[] {
  const keyed = rows.map((row) => {
    const { basis, reason, modelId, dayMs, owner } = row
    return { row, key: JSON.stringify([basis, reason, modelId, dayMs, ownerKey(owner)]) }
  })
  return keyed.toSorted((left, right) => (left.key < right.key ? -1 : 1)).map(({ row }) => row)
}
