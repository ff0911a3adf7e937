// How nodes on one store share a limit: each says once a second what was asked of it and what it uses, reads what the others
// said, and takes its own part. A part of a rate is what its demand makes it, so that nodes that look at different seconds are a
// little off together; places are taken only where no node holds them, so that those never pass the limit. Pure: whoever calls
// it lets one node at a time read, take and write.

import { divideFractions, divideSlots, moveSlots } from './limit-shares.ts'

/** What a node says of one rule. */
export type NodeClaim = {
  /** Calls in the last second, refused or not. */
  readonly asked: number
  /** Of the rates: 0 to 1. */
  readonly part: number
  /** Places its workers may hold or still hold; null: the rule limits none. */
  readonly slots: number | null
}
/** By the name of the rule. */
export type NodeClaims = Readonly<Record<string, NodeClaim>>

/** What a node may give to its workers. */
export type NodePart = { readonly part: number; readonly slots: number | null }

/** A node as it stands before it takes its part; `part` null: it comes to this rule now. */
export type NodeStand = {
  readonly asked: number
  readonly part: number | null
  readonly heldSlots: number
}

/** `others` in the same order on every node but for the one who asks, `place` being where it would stand among them. */
export function claimPart(
  slots: number | null,
  me: NodeStand,
  others: readonly NodeClaim[],
  place: number,
): NodePart {
  const parties = others.map(({ asked, part }) => ({ asked, before: part as number | null }))
  parties.splice(place, 0, { asked: me.asked, before: me.part })
  const fractions = divideFractions(parties)
  const part = fractions[place] as number
  if (slots === null) return { part, slots: null }
  const held = others.map((other) => other.slots ?? 0)
  held.splice(place, 0, me.heldSlots)
  // The others take theirs themselves: whatever they want now is not given away on their behalf.
  const wanted = divideSlots(slots, fractions).map((want, index) =>
    index === place ? want : Math.min(want, held[index] as number),
  )
  return { part, slots: moveSlots(slots, wanted, held)[place] as number }
}
