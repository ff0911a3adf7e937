// The owners in force: those the file declares, in its order, and after them those people assigned, the narrower first, so that the
// order in which they were assigned says nothing. Where both speak of one dimension the file is believed.

import type { ProblemError } from '@ledgerock/contract'
import {
  compareRank,
  contradictedDimension,
  endOf,
  isSameMatch,
  overlap,
  startOf,
} from '../../attribution/owner-line.ts'
import type { OwnerRule } from '../../attribution/owner-rule.ts'
import type { DeclaredPolicy } from '../policy/declared-policy.ts'
import type { StoredOwner } from '../store/owner-table.ts'

export function ownersOf(
  declared: readonly OwnerRule[],
  assigned: readonly StoredOwner[],
): readonly OwnerRule[] {
  return [...declared, ...inOrder(assigned).map(ruleOf)]
}

/** As they are asked, and as people read them: one match's time line together. */
export function inOrder(assigned: readonly StoredOwner[]): readonly StoredOwner[] {
  return assigned.toSorted(
    (left, right) => compareRank(left, right) || startOf(left) - startOf(right),
  )
}

/** What a call that comes after `sinceMs` may be owned by. */
export function stillToCome(
  assigned: readonly StoredOwner[],
  sinceMs: number,
): readonly StoredOwner[] {
  return assigned.filter((rule) => endOf(rule) > sinceMs)
}

/** Why the file cannot be in force while these are, with paths in it. What is over is over, and stands in no file's way. */
export function checkDeclaredOwners(
  { owners, dimensions }: Pick<DeclaredPolicy, 'owners' | 'dimensions'>,
  assigned: readonly StoredOwner[],
  nowMs: number,
): readonly ProblemError[] {
  const known = new Set(dimensions.map(({ name }) => name))
  const current = stillToCome(assigned, nowMs)
  const gone = current.flatMap((rule) =>
    Object.keys(rule.set)
      .filter((name) => !known.has(name))
      .map((name) => {
        const message = `${name} is gone, and owner ${rule.ownerId} sets it; remove that first`
        return { path: 'dimensions', message }
      }),
  )
  const contradicted = owners.flatMap((rule, index) =>
    current
      .filter((other) => isSameMatch(rule, other) && overlap(rule, other))
      .flatMap((other) => {
        const name = contradictedDimension(rule, other)
        if (name === null) return []
        const message = `contradicts owner ${other.ownerId}, which was assigned to the same; end or remove that first`
        return [{ path: `owners[${index}].set.${name}`, message }]
      }),
  )
  return [...gone, ...contradicted]
}

function ruleOf({ match, set, from, to }: StoredOwner): OwnerRule {
  // Who assigns owners does not thereby say who may call.
  return { match, set, from, to, letsIn: false }
}
