// Reads overrides as a file or the API writes them. All of them are read together and every fault is named with its place, because
// two rules that want the same call with equal right are a fault of both; nothing is repaired and nothing taken in part.

import type { ProblemError } from '@ledgerock/contract'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { PriceBook } from '../price-book.ts'
import { overrideConflicts } from './override-conflicts.ts'
import { overrideOfTerms, type OverrideOrigin, type PriceOverride } from './price-override.ts'
import { readTerms } from './read-terms.ts'

const OVERRIDES_MAX = 1_000

/**
 * `terms` is the list as parsed from YAML or JSON; `book` is the one without overrides. Places are `[0].models`. Who knows when they
 * were set says so; it is nothing the terms can claim.
 */
export function readOverrides(
  terms: unknown,
  origin: OverrideOrigin,
  book: PriceBook,
  setAt: string | null = null,
): Result<readonly PriceOverride[], readonly ProblemError[]> {
  if (!Array.isArray(terms)) return err([{ path: '', message: 'must be a list of overrides' }])
  if (terms.length > OVERRIDES_MAX) {
    return err([{ path: '', message: `must be at most ${OVERRIDES_MAX} overrides` }])
  }
  const faults: ProblemError[] = []
  const read: (PriceOverride | null)[] = []
  for (const [index, value] of (terms as readonly unknown[]).entries()) {
    const one = readTerms(value, book)
    read.push(one.ok ? overrideOfTerms(one.value, origin, setAt) : null)
    if (one.ok) continue
    faults.push(
      ...one.problem.map(({ path, message }) => ({
        path: path === '' ? `[${index}]` : `[${index}].${path}`,
        message,
      })),
    )
  }
  faults.push(...overrideConflicts(read, book))
  return faults.length > 0 ? err(faults) : ok(read.filter((override) => override !== null))
}

export type { OverrideTerms, PriceOverride } from './price-override.ts'
