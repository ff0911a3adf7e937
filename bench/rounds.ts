// Runs the compared variants in turn, round after round (A B C, C B A, A B C …), so that whatever else the machine does falls
// on all of them alike. Ratios are taken within a round, then the median over the rounds.

const ROUNDS_MIN = 2

/** `until`: no round begins that would probably end later; but two are made in any case, where two were asked for. */
export async function interleave<Value>(
  variants: Readonly<Record<string, () => Promise<Value>>>,
  rounds: number,
  until = Infinity,
): Promise<Readonly<Record<string, readonly Value[]>>> {
  const measured: Record<string, Value[]> = {}
  for (const name of Object.keys(variants)) measured[name] = []
  let longestMs = 0
  for (let round = 0; round < rounds; round += 1) {
    const began = performance.now()
    if (round >= ROUNDS_MIN && began + longestMs > until) break
    const order = Object.entries(variants)
    if (round % 2 === 1) order.reverse()
    for (const [name, measure] of order) measured[name]?.push(await measure())
    longestMs = Math.max(longestMs, performance.now() - began)
  }
  return measured
}

/** Value by value, `left` with `right` of the same round. */
export function byRound<Value>(
  left: readonly Value[],
  right: readonly Value[],
  combine: (left: Value, right: Value) => number,
): readonly number[] {
  return left.map((value, round) => combine(value, right[round] as Value))
}
