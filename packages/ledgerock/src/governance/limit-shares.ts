// How a limit is divided among the workers that enforce it: by what was asked of each of them, smoothed, with a floor so that a
// worker whose traffic begins is not shut out until the next second. The shares add up to one. Pure: control runs it once a
// second on what the workers report.

/** By worker; what was asked of a rule in the last second. */
export type Demand = ReadonlyMap<string, number>

/** Of the limit, divided evenly whatever the demand: what a worker can always use at once. */
const EVEN_PART = 0.1
/** How much of the last shares stays, so that a burst of one second does not starve the others. */
const KEPT_PART = 0.5

export function divideLimit(
  workers: readonly string[],
  demand: Demand,
  before: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  if (workers.length === 0) return new Map()
  const even = 1 / workers.length
  const asked = workers.map((worker) => demand.get(worker) ?? 0)
  const total = asked.reduce((sum, one) => sum + one, 0)
  const wanted = asked.map((one) => {
    const byDemand = total === 0 ? even : one / total
    return EVEN_PART * even + (1 - EVEN_PART) * byDemand
  })
  const mixed = workers.map((worker, index) => {
    const last = before.get(worker) ?? even
    return KEPT_PART * last + (1 - KEPT_PART) * (wanted[index] as number)
  })
  // Workers come and go, so that the last shares need not add up to one.
  const sum = mixed.reduce((all, one) => all + one, 0)
  return new Map(workers.map((worker, index) => [worker, (mixed[index] as number) / sum]))
}
