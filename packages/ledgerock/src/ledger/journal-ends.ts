// Answers for many journals at once whether they have ended, and what the calls of those that have were charged.

import { recoveredIdOf } from '../journal/journal-id.ts'
import type { JournalCharge, JournalEnd, JournalEndState } from './budget-question.ts'
import type { LedgerStore } from './store.ts'

export type JournalEndsDeps = {
  readonly store: Pick<LedgerStore, 'journalCharges'>
  readonly endOf: (journalId: string) => Promise<JournalEndState>
}

export async function askJournalEnds(
  deps: JournalEndsDeps,
  journalIds: readonly string[],
): Promise<readonly JournalEnd[]> {
  const states: (readonly [string, JournalEndState])[] = []
  for (const journalId of journalIds) states.push([journalId, await deps.endOf(journalId)])
  const over = states.flatMap(([journalId, state]) => (isOver(state) ? [journalId] : []))
  const charges =
    over.length === 0
      ? new Map<string, readonly JournalCharge[]>()
      : await deps.store.journalCharges(over.flatMap((id) => [id, recoveredIdOf(id)]))
  return states.map(([journalId, state]) => {
    if (!isOver(state)) return { journalId, state, charges: [] }
    const own = charges.get(journalId) ?? []
    return {
      journalId,
      state,
      charges: added([...own, ...(charges.get(recoveredIdOf(journalId)) ?? [])]),
    }
  })
}

function isOver(state: JournalEndState): boolean {
  return state === 'ended' || state === 'unsure'
}

/** One line for each counter of each budget and period. */
function added(charges: readonly JournalCharge[]): readonly JournalCharge[] {
  const sums = new Map<string, JournalCharge>()
  for (const charge of charges) {
    const { budget, fromMs, counter, unit, amount } = charge
    const key = JSON.stringify([budget, fromMs, counter, unit])
    const known = sums.get(key)?.amount ?? '0'
    sums.set(key, { ...charge, amount: (BigInt(known) + BigInt(amount)).toString() })
  }
  return [...sums.values()]
}
