// Whether a writer's journal has ended and the store has all of it, the calls that recovery made of it included.

import { recoveredIdOf } from '../journal/journal-id.ts'
import type { JournalEndState } from './budget-question.ts'
import type { EndLog } from './end-log.ts'
import type { Progress } from './journal-tails.ts'

export type JournalEndDeps = {
  readonly ends: EndLog
  readonly progressOf: (journalId: string) => Promise<Progress>
  /** A call of it was set aside: the store will never have it. */
  readonly isPoisoned: (journalId: string) => boolean
}

export async function journalEndOf(
  deps: JournalEndDeps,
  journalId: string,
): Promise<JournalEndState> {
  const { ends, progressOf } = deps
  const progress = await progressOf(journalId)
  if (progress.kind === 'shipped') await ends.shipped(journalId, progress.mark)
  else if (progress.kind !== 'absent') return 'running'
  const end = ends.of(journalId)
  if (end === null || !end.shipped) return 'unknown'
  if (end.recovered_as !== null) {
    // Removed only once it was shipped.
    const rest = await progressOf(end.recovered_as)
    if (rest.kind === 'shipping') return 'running'
  }
  const lacks =
    end.may_lack || [journalId, recoveredIdOf(journalId)].some((id) => deps.isPoisoned(id))
  return lacks ? 'unsure' : 'ended'
}
