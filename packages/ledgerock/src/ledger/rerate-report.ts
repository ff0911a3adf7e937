// The sums of a re-rating, from its groups: pure. Where a unit costs whole picodollars the cost of many calls is what they used
// together times the rate, exactly; for finer rates every call is rounded apart, and the store brings those sums.

import { formatUsd, parseUsd, picodollars } from '../kernel/money.ts'
import { mustOk } from '../kernel/result.ts'
import type { UnpricedReason } from '@ledgerock/contract'
import type { RepriceAnswer, Repricer } from '../pricing/reprice-facts.ts'
import type { RerateGroup, RerateOrder } from './rerate-plan.ts'
import type { RerateReport, RerateSums } from './rerate-question.ts'

export type DecidedGroup = { readonly group: RerateGroup; readonly answer: RepriceAnswer }

/** One question for each key, however many teams and slices it is found in. */
export function decide(
  repricer: Repricer,
  groups: readonly RerateGroup[],
): readonly DecidedGroup[] {
  const answers = new Map<string, RepriceAnswer>()
  return groups.map((group) => {
    const answer = answers.get(group.key) ?? repricer.reprice(group.facts)
    answers.set(group.key, answer)
    return { group, answer }
  })
}

export function ordersOf(decided: readonly DecidedGroup[]): readonly RerateOrder[] {
  const orders = new Map<string, RerateOrder>()
  for (const { group, answer } of decided) {
    if (answer.kind === 'kept') continue
    const { facts, key } = group
    const moves = answer.modelId !== facts.modelId || answer.scope !== facts.scope
    orders.set(key, { key, to: answer, moves })
  }
  return [...orders.values()]
}

/** Whether the sums of these calls follow from what they used together. */
export function isLinear(answer: RepriceAnswer): boolean {
  return answer.kind === 'kept' || answer.rates.every(({ units }) => units === 1n)
}

type Sums = { calls: number; changed: number; before: bigint; after: bigint }
const nothing = (): Sums => ({ calls: 0, changed: 0, before: 0n, after: 0n })

export type Tally = {
  readonly teams: Map<string, Sums>
  newlyPriced: number
  newlyUnpriced: number
  readonly unpriced: Map<
    string,
    { reason: UnpricedReason; modelId: string | null; requested: string; calls: number }
  >
  readonly kept: Map<string | null, number>
}

export function newTally(): Tally {
  return {
    teams: new Map(),
    newlyPriced: 0,
    newlyUnpriced: 0,
    unpriced: new Map(),
    kept: new Map(),
  }
}

/** Adds all but the cost afterwards of groups that are not linear: `addCost` does that. */
export function addGroup(tally: Tally, { group, answer }: DecidedGroup): void {
  const { facts, calls } = group
  const sums = sumsOf(tally, group.team)
  const before = group.hasCost ? usd(group.beforeUsd) : 0n
  sums.calls += calls
  sums.before += before
  const changes = answer.kind === 'repriced'
  const reason = changes ? answer.unpricedReason : group.hasCost ? null : facts.unpricedReason
  if (!changes) {
    sums.after += before
    if (answer.reason !== 'same')
      tally.kept.set(facts.modelId, (tally.kept.get(facts.modelId) ?? 0) + calls)
  } else {
    sums.changed += calls
    if (reason === null && !group.hasCost) tally.newlyPriced += calls
    if (reason !== null && group.hasCost) tally.newlyUnpriced += calls
    if (reason === null && isLinear(answer)) {
      for (const { kind, picodollars: rate } of answer.rates) {
        sums.after += BigInt(group.used[kind] ?? '0') * rate
      }
    }
  }
  if (reason !== null) noteUnpriced(tally, reason, changes ? answer.modelId : facts.modelId, group)
}

export function addCost(tally: Tally, team: string, amount: string): void {
  sumsOf(tally, team).after += usd(amount)
}

function noteUnpriced(
  tally: Tally,
  reason: UnpricedReason,
  modelId: string | null,
  { facts, calls }: RerateGroup,
): void {
  const key = JSON.stringify([reason, modelId, facts.modelRequested])
  const requested = facts.modelRequested
  const noted = tally.unpriced.get(key) ?? { reason, modelId, requested, calls: 0 }
  noted.calls += calls
  tally.unpriced.set(key, noted)
}

function sumsOf(tally: Tally, team: string): Sums {
  const sums = tally.teams.get(team) ?? nothing()
  tally.teams.set(team, sums)
  return sums
}

export function totalOf(tally: Tally): Sums {
  const total = nothing()
  for (const { calls, changed, before, after } of tally.teams.values()) {
    total.calls += calls
    total.changed += changed
    total.before += before
    total.after += after
  }
  return total
}

/** What the teams' part of a report says, the dearest change first. */
export function tallied(
  tally: Tally,
): Omit<RerateReport, 'rerate_id' | 'dry_run' | 'book_version' | 'from' | 'to' | 'closed'> {
  const size = (sums: Sums): bigint => {
    const difference = sums.after - sums.before
    return difference < 0n ? 0n - difference : difference
  }
  const teams = [...tally.teams].toSorted(
    ([leftName, left], [rightName, right]) =>
      Number(size(right) - size(left)) || (leftName < rightName ? -1 : 1),
  )
  return {
    ...shown(totalOf(tally)),
    newly_priced: tally.newlyPriced,
    newly_unpriced: tally.newlyUnpriced,
    by: teams.map(([team, sums]) => ({ team, ...shown(sums) })),
    unpriced: [...tally.unpriced.values()]
      .toSorted(
        (left, right) => right.calls - left.calls || (left.requested < right.requested ? -1 : 1),
      )
      .map(({ reason, modelId, requested, calls }) => ({
        reason,
        model_id: modelId,
        model_requested: requested,
        calls,
      })),
    kept: [...tally.kept].map(([model_id, calls]) => ({ model_id, calls })),
  }
}

function shown({ calls, changed, before, after }: Sums): RerateSums {
  return {
    calls,
    changed,
    before_usd: formatUsd(picodollars(before)),
    after_usd: formatUsd(picodollars(after)),
    difference_usd: formatUsd(picodollars(after - before)),
  }
}

function usd(text: string): bigint {
  return mustOk(parseUsd(text))
}
