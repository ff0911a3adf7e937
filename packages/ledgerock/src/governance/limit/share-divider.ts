// Control's side of the limits on one node: remembers what each worker said and was given, and divides what the node may use
// anew, once a second. A worker has a place only after whoever had it is known to have given it up: a grant counts as held until
// the worker confirms the round that took it back and no call runs on it.

import {
  divideFractions,
  divideSlots,
  evenSlots,
  moveSlots,
  type LimitDemand,
  type LimitShare,
  type LimitShares,
} from './limit-shares.ts'
import type { NodePart } from './node-claims.ts'

export type WorkerReport = {
  /** The last round of shares the worker works by; null: none yet. */
  readonly round: number | null
  /** `slots`: what it works by; null: what it began with. */
  readonly demand: readonly (LimitDemand & { readonly slots: number | null })[]
}

/** A rule in force; `limit` is of its calls at a time, or null. */
export type DividedRule = { readonly name: string; readonly limit: number | null }
export type DividedPart = DividedRule & NodePart

export type WorkerUse = LimitDemand & LimitShare & { readonly worker: string }

export type ShareDivider = {
  readonly reported: (worker: string, report: WorkerReport) => void
  /** Its calls ended with it, so that nothing of it is held any more. */
  readonly gone: (worker: string) => void
  /** What was asked of the node, and the places its workers may be using. */
  readonly stand: (rule: DividedRule) => { readonly asked: number; readonly heldSlots: number }
  /** What each worker may use from now on. */
  readonly divide: (
    round: number,
    parts: readonly DividedPart[],
  ) => Readonly<Record<string, LimitShares>>
  /** By worker and rule, as of the last round. */
  readonly uses: () => readonly WorkerUse[]
}

type Worker = {
  /** The last round it was sent. */
  sent: number | null
  demand: ReadonlyMap<string, LimitDemand>
  rules: ReadonlyMap<string, WorkerRule>
}

/** What is known of one rule at one worker. */
type WorkerRule = {
  /** The most places it may work by; null: it has not said, so what it began with. */
  readonly maySlots: number | null
  /** Its fraction of what the node has; null: it has been given nothing yet. */
  readonly fraction: number | null
  readonly given: LimitShare | null
}
const UNKNOWN: WorkerRule = { maySlots: null, fraction: null, given: null }

/** `workers`: among how many what they begin with was divided. */
export function createShareDivider(workers: number): ShareDivider {
  const known = new Map<string, Worker>()
  return {
    reported(name, report) {
      const worker = known.get(name) ?? { sent: null, demand: new Map(), rules: new Map() }
      known.set(name, worker)
      note(worker, report)
    },
    gone: (name) => void known.delete(name),
    stand(rule) {
      const all = [...known.values()]
      return {
        asked: sum(all.map(({ demand }) => demand.get(rule.name)?.asked ?? 0)),
        heldSlots: sum(all.map((worker) => heldBy(worker, rule, workers))),
      }
    },
    divide(round, parts) {
      const all = [...known.values()]
      const byRule = parts.map((part) => [part.name, divideOne(all, part, workers)] as const)
      for (const [index, worker] of all.entries()) {
        worker.sent = round
        worker.rules = new Map(byRule.map(([rule, of]) => [rule, of[index] as WorkerRule]))
      }
      return Object.fromEntries([...known].map(([name, { rules }]) => [name, sharesOf(rules)]))
    },
    uses: () => [...known].flatMap(([name, worker]) => usesOf(name, worker)),
  }
}

function note(worker: Worker, { round, demand }: WorkerReport): void {
  const confirmed = round !== null && round === worker.sent
  const rules = new Map(worker.rules)
  for (const { rule, slots } of demand) {
    if (slots === null) continue
    const before = rules.get(rule) ?? UNKNOWN
    const maySlots = confirmed ? slots : Math.max(slots, before.maySlots ?? 0)
    rules.set(rule, { ...before, maySlots })
  }
  worker.demand = new Map(demand.map((one) => [one.rule, one]))
  worker.rules = rules
}

/** One for each worker, in their order. */
function divideOne(
  all: readonly Worker[],
  part: DividedPart,
  workers: number,
): readonly WorkerRule[] {
  const { name, slots } = part
  const fractions = divideFractions(
    all.map(({ demand, rules }) => ({
      asked: wishOf(demand.get(name)),
      before: rules.get(name)?.fraction ?? null,
    })),
  )
  const shares = fractions.map((fraction) => fraction * part.part)
  if (slots === null) {
    return fractions.map((fraction, index) => ({
      maySlots: null,
      fraction,
      given: { share: shares[index] as number, slots: null },
    }))
  }
  const held = all.map((worker) => heldBy(worker, part, workers))
  const next = moveSlots(slots, divideSlots(slots, fractions), held)
  return all.map((worker, index) => {
    const now = next[index] as number
    return {
      // Until it confirms this round it may work by this grant or by what it had before.
      maySlots: Math.max(maySlotsOf(worker, part, workers), now),
      fraction: fractions[index] as number,
      given: { share: shares[index] as number, slots: now },
    }
  })
}

/** Long calls ask once and stay. */
function wishOf(demand: LimitDemand | undefined): number {
  return demand === undefined ? 0 : demand.asked + demand.running
}

function heldBy(worker: Worker, rule: DividedRule, workers: number): number {
  if (rule.limit === null) return 0
  return Math.max(maySlotsOf(worker, rule, workers), worker.demand.get(rule.name)?.running ?? 0)
}

function maySlotsOf(worker: Worker, { name, limit }: DividedRule, workers: number): number {
  return worker.rules.get(name)?.maySlots ?? evenSlots(limit ?? 0, workers)
}

function sharesOf(rules: ReadonlyMap<string, WorkerRule>): LimitShares {
  const shares = [...rules].flatMap(([rule, { given }]) => (given === null ? [] : [[rule, given]]))
  return Object.fromEntries(shares) as LimitShares
}

function usesOf(worker: string, { demand, rules }: Worker): readonly WorkerUse[] {
  return [...rules].flatMap(([rule, { given }]) => {
    const { asked, running } = demand.get(rule) ?? { asked: 0, running: 0 }
    return given === null ? [] : [{ worker, rule, asked, running, ...given }]
  })
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
