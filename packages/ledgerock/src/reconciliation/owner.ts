// Whose dollars are: dimensions with their values. What several pieces of evidence say is put together so that the strongest is
// believed, and a weaker one adds what is still open only where it does not contradict.

/** `team`, `application`, … → value. Empty: nobody's. */
export type Owner = Readonly<Record<string, string>>

export const NOBODY: Owner = Object.freeze({})

/** One text for one owner, whatever the order of its dimensions. */
export type OwnerKey = string

const keys = new WeakMap<Owner, OwnerKey>()

export function ownerKey(owner: Owner): OwnerKey {
  const known = keys.get(owner)
  if (known !== undefined) return known
  const key = JSON.stringify(
    Object.entries(owner).toSorted(([left], [right]) => (left < right ? -1 : 1)),
  )
  keys.set(owner, key)
  return key
}

export function isNobody(owner: Owner): boolean {
  return Object.keys(owner).length === 0
}

/** No dimension has two values. */
export function agree(left: Owner, right: Owner): boolean {
  for (const [dimension, value] of Object.entries(right)) {
    const said = left[dimension]
    if (said !== undefined && said !== value) return false
  }
  return true
}

/** What `weaker` adds; the same owner where it adds nothing. */
export function completed(owner: Owner, weaker: Owner): Owner {
  if (!agree(owner, weaker)) return owner
  const adds = Object.keys(weaker).some((dimension) => owner[dimension] === undefined)
  return adds ? { ...weaker, ...owner } : owner
}
