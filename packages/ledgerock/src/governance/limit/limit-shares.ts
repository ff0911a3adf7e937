// How a limit is divided among those who enforce it, nodes first and then the workers of each: by what was asked of each of
// them, smoothed, with a floor so that one whose traffic begins is not shut out until the next second. Shares of a rate are
// fractions, places for calls at a time are whole. Pure: control runs it once a second on what the workers report.

/** What one worker says of one rule. */
export type LimitDemand = {
  readonly rule: string
  /** Calls that asked since the last report, refused or not. */
  readonly asked: number
  /** Calls that hold a place; where a rule counts `per` value, the most of any value. */
  readonly running: number
}

/** What one worker may use of one rule. */
export type LimitShare = {
  /** Of the requests and tokens per minute: 0 to 1. */
  readonly share: number
  /** Calls at a time, of each value where the rule counts `per` value; null: the rule does not limit them. */
  readonly slots: number | null
}
/** By the name of the rule. */
export type LimitShares = Readonly<Record<string, LimitShare>>

/** One among those a limit is divided between. */
export type Party = {
  readonly asked: number
  /** Its last fraction; null: it is new. */
  readonly before: number | null
}

/** Of the limit, divided evenly whatever the demand: what anyone can use at once, and what idle ones keep from busy ones. */
const EVEN_PART = 0.1
/** How much of the last fractions stays: half of a move is done in three seconds, and a burst of one starves nobody. */
const KEPT_PART = 0.8

/** One fraction for each party; they add up to one. Nobody asking changes nothing but that newcomers get theirs. */
export function divideFractions(parties: readonly Party[]): readonly number[] {
  const even = 1 / parties.length
  const total = parties.reduce((sum, { asked }) => sum + asked, 0)
  const mixed = parties.map(({ asked, before }) => {
    const last = before ?? even
    if (total === 0) return last
    const wanted = EVEN_PART * even + (1 - EVEN_PART) * (asked / total)
    return KEPT_PART * last + (1 - KEPT_PART) * wanted
  })
  // Parties come and go, so that the last fractions need not add up to one.
  const sum = mixed.reduce((all, one) => all + one, 0)
  return mixed.map((one) => (sum > 0 ? one / sum : even))
}

/** Whole places by largest remainder; one for each party first, where there are enough. They add up to `slots`. */
export function divideSlots(slots: number, fractions: readonly number[]): readonly number[] {
  if (fractions.length === 0) return []
  const first = slots >= fractions.length ? 1 : 0
  const rest = slots - first * fractions.length
  const exact = fractions.map((fraction) => fraction * rest)
  const whole = exact.map(Math.floor)
  // Rounding of fractions that add up to a little more than one must not make a place.
  let left = rest - whole.reduce((sum, one) => sum + one, 0)
  const byRemainder = exact
    .map((one, index) => ({ index, remainder: one - Math.floor(one) }))
    .toSorted((one, other) => other.remainder - one.remainder || one.index - other.index)
  for (const { index } of byRemainder) {
    if (left <= 0) break
    whole[index] = (whole[index] as number) + 1
    left -= 1
  }
  return whole.map((one) => one + first)
}

/**
 * The next whole places for each party, so that those in use never pass `slots`: one that is to have fewer gives them up now, one
 * that is to have more gets only what nobody holds. `held` is what a party may still be using, from before or by calls that run.
 */
export function moveSlots(
  slots: number,
  wanted: readonly number[],
  held: readonly number[],
): readonly number[] {
  let free = slots - held.reduce((sum, one) => sum + one, 0)
  return wanted.map((want, index) => {
    const has = held[index] as number
    if (want <= has) return want
    const more = Math.max(0, Math.min(want - has, free))
    free -= more
    return has + more
  })
}

/** What a worker begins with before control has said anything. Never none: it must serve where control is down. */
export function evenSlots(slots: number, workers: number): number {
  return Math.max(1, Math.floor(slots / workers))
}
