// Outcomes as people and programs send them: each is checked, entered once by its key, and refused where the key stands for something
// else already. What is refused of a list does not keep the rest out.

import { dimensionWord, type DimensionRules } from '../../attribution/dimension-rule.ts'
import type { Clock } from '../../kernel/time.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Outcome } from '../../ledger/outcome.ts'
import {
  checkOutcome,
  contentOf,
  isOutcomeField,
  type OutcomeContext,
  type OutcomeRefusal,
} from './outcome-check.ts'

export type RejectedOutcome = OutcomeRefusal & { readonly index: number }

export type OutcomesTaken = {
  readonly accepted: number
  readonly duplicate: number
  readonly rejected: readonly RejectedOutcome[]
}

/** An entry of a list, and where it stands if that can be its key. */
export type SentOutcome = { readonly entry: unknown; readonly place: OutcomeContext['place'] }

export type TakenOutcomes = OutcomesTaken & {
  /** Those that stand, recorded now or before. */
  readonly stands: readonly Outcome[]
}

export type OutcomeService = {
  /** `bind`: of the key that sends them; null: a person. At most `OUTCOMES_SENT_MAX`. */
  readonly record: (
    bind: OutcomeContext['bind'],
    sent: readonly SentOutcome[],
  ) => Promise<TakenOutcomes>
  /** Those that are neither a field of an outcome nor a declared dimension. */
  readonly unknownFields: (fields: readonly string[]) => readonly string[]
}

export type OutcomeServiceDeps = {
  readonly ledger: Pick<Ledger, 'recordOutcomes' | 'outcomesKept'>
  readonly clock: Pick<Clock, 'now'>
  readonly rules: () => DimensionRules
}

export const OUTCOMES_SENT_MAX = 1_000

export function createOutcomeService(deps: OutcomeServiceDeps): OutcomeService {
  return {
    record: (bind, sent) => record(deps, bind, sent),
    unknownFields: (fields) => {
      const { indexOf } = deps.rules()
      return fields.filter((field) => !isOutcomeField(field) && !indexOf.has(dimensionWord(field)))
    },
  }
}

async function record(
  { ledger, clock, rules }: OutcomeServiceDeps,
  bind: OutcomeContext['bind'],
  sent: readonly SentOutcome[],
): Promise<TakenOutcomes> {
  const context = { rules: rules(), nowMs: clock.now(), bind }
  const rejected: RejectedOutcome[] = []
  const sound: { readonly index: number; readonly outcome: Outcome }[] = []
  for (const [index, { entry, place }] of sent.entries()) {
    const checked = checkOutcome(entry, { ...context, place })
    if (checked.ok) sound.push({ index, outcome: checked.value })
    else rejected.push({ index, ...checked.problem })
  }
  const kept = await ledger.outcomesKept([
    ...new Set(sound.map(({ outcome }) => outcome.outcome_id)),
  ])
  const byId = new Map(kept.map((outcome) => [outcome.outcome_id, contentOf(outcome)]))
  const stands: Outcome[] = []
  const fresh: Outcome[] = []
  for (const { index, outcome } of sound) {
    const content = contentOf(outcome)
    const before = byId.get(outcome.outcome_id)
    if (before !== undefined && before !== content) {
      rejected.push({ index, ...CONFLICT })
      continue
    }
    stands.push(outcome)
    if (before === undefined) fresh.push(outcome)
    byId.set(outcome.outcome_id, content)
  }
  // Somebody else may have recorded one meanwhile: the ledger says how many were new.
  const { accepted } = await ledger.recordOutcomes(fresh)
  return {
    accepted,
    duplicate: stands.length - accepted,
    rejected: rejected.toSorted((left, right) => left.index - right.index),
    stands,
  }
}

const CONFLICT = {
  code: 'idempotency_conflict',
  message: 'this idempotency_key was used before, for something else',
} as const
