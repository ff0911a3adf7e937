// The calls served, oldest first, up to a limit; beyond it the oldest are forgotten. Ordinals run on when the log is
// cleared, so a reader that asks "after N" never misses or repeats a call.

import { toSimulatedCall, type CallDraft, type SimulatedCall } from './call-record.ts'

export type CallLog = {
  /** Gives the draft its ordinal and keeps it. */
  readonly add: (draft: CallDraft) => void
  readonly calls: () => readonly SimulatedCall[]
  readonly after: (ordinal: number, limit: number) => readonly SimulatedCall[]
  readonly served: () => number
  readonly clear: () => void
  /** Forgets everything, the count too. */
  readonly reset: () => void
}

export function createCallLog(recordLimit: number): CallLog {
  let drafts: CallDraft[] = []
  let served = 0

  /** Drafts within the limit. */
  const kept = (): readonly CallDraft[] =>
    drafts.length > recordLimit ? drafts.slice(drafts.length - recordLimit) : drafts

  return {
    add: (draft) => {
      served += 1
      draft.ordinal = served
      if (recordLimit === 0) return
      drafts.push(draft)
      // Trimmed in bulk: dropping one from the front on each call would move the whole array.
      if (drafts.length >= recordLimit * 2 + 64) drafts = drafts.slice(drafts.length - recordLimit)
    },
    calls: () => kept().map(toSimulatedCall),
    after: (ordinal, limit) => {
      const list = kept()
      const first = list[0]?.ordinal ?? 0
      const from = Math.max(0, ordinal + 1 - first)
      return list.slice(from, from + limit).map(toSimulatedCall)
    },
    served: () => served,
    clear: () => {
      drafts = []
    },
    reset: () => {
      drafts = []
      served = 0
    },
  }
}
