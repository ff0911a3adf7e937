// Which cells of the ledger may stand for which cells of the bill: first those that say the same, then those where one side says less
// (no account, no principal), then those that say something else in one word, which is itself the cause of a difference.

import { wordTree } from '../kernel/word-tree.ts'
import { billedScope, type Cell } from './cell.ts'

/** A word that may differ, and what the difference is called. `null`: none may. */
export const LOOSENED = ['cache_ttl', 'tier', 'scope', 'sort'] as const
export type Loosened = (typeof LOOSENED)[number]

/** A side that does not say: a call without an account, a call whose billed principal is unknown, a bill without principals. */
export const SILENT = ['account', 'ledger_principal', 'bill_principal'] as const
export type Silent = (typeof SILENT)[number]

export type Pass = { readonly silent: readonly Silent[]; readonly loosened: Loosened | null }

const SILENCES: readonly (readonly Silent[])[] = [
  [],
  ['account'],
  ['ledger_principal'],
  ['bill_principal'],
  ['account', 'ledger_principal'],
  ['account', 'bill_principal'],
]

/** In the order in which they are tried. */
export const PASSES: readonly Pass[] = [null, ...LOOSENED].flatMap((loosened) =>
  SILENCES.map((silent) => ({ silent, loosened })),
)

const isWrite = (kind: string): boolean => kind.startsWith('cache_write')

function wordsOf(cell: Cell, { silent, loosened }: Pass): readonly (string | null)[] {
  const hasPrincipal = !silent.includes('ledger_principal') && !silent.includes('bill_principal')
  return [
    silent.includes('account') ? null : cell.accountId,
    cell.region,
    cell.modelId,
    loosened === 'cache_ttl' && isWrite(cell.kind) ? 'cache_write' : cell.kind,
    loosened === 'scope' ? '' : billedScope(cell.scope),
    loosened === 'tier' ? '' : (cell.tier ?? ''),
    loosened === 'sort' ? '' : cell.sort,
    hasPrincipal ? cell.principal : '',
  ]
}

export function keyOf(cell: Cell, pass: Pass): string {
  return JSON.stringify(wordsOf(cell, pass))
}

/** Rows that say the same; any of them speaks for the cell. */
export type RowsOfCell<Row> = { readonly key: string; readonly cell: Cell; readonly rows: Row[] }

/** By key. A month has some hundred rows for each of its cells, so that whatever is asked of a cell is asked once. */
export function rowsByCell<Row extends Cell>(rows: readonly Row[]): readonly RowsOfCell<Row>[] {
  const cells = wordTree<RowsOfCell<Row>>()
  for (const row of rows) {
    const words = wordsOf(row, EXACT_PASS)
    const known = cells.get(words)
    if (known === undefined)
      cells.set(words, { key: keyOf(row, EXACT_PASS), cell: row, rows: [row] })
    else known.rows.push(row)
  }
  return cells.values().toSorted((left, right) => (left.key < right.key ? -1 : 1))
}

export const EXACT_PASS: Pass = { silent: [], loosened: null }

/** What differs has a name only where both sides said something: a bill that says no tier, no size, no lifetime is just silent. */
export function differenceBetween(
  billed: Cell,
  metered: Cell,
  loosened: Loosened | null,
): 'cache_ttl' | 'tier' | 'scope' | null {
  switch (loosened) {
    case 'cache_ttl':
      return billed.kind === 'cache_write' || metered.kind === 'cache_write' ? null : 'cache_ttl'
    case 'tier':
      return billed.tier === null || metered.tier === null ? null : 'tier'
    case 'scope':
      return billed.scope === null || metered.scope === null ? null : 'scope'
    case 'sort':
    case null:
      return null
  }
}
