// Which model stands behind an application inference profile: asked of AWS once, then known, also after a restart, since a profile's
// source never changes. A call waits for that at most two seconds and once; what could not be answered stays unresolved for a
// while without anybody waiting again, and is unpriced rather than guessed.

import { MS_PER_MINUTE, MS_PER_SECOND, type Clock } from '../kernel/time.ts'
import type { AskProfile, ProfileAnswer } from './ask-inference-profile.ts'
import { createLimiter } from './limiter.ts'
import { PROFILES_MAX, type ProfileMemory } from './profile-file.ts'
import { isProfileArn, type LookedUpModel } from './profile-model.ts'
import { systemTimers, within, type Timers } from './timers.ts'

export type ProfileLookup = {
  /** At once: null where it is worth asking. */
  readonly known: (arn: string) => ProfileAnswer | null
  /** Within two seconds, and never a fault. */
  readonly look: (arn: string) => Promise<ProfileAnswer>
  /** Waits until what was learned is on disk. */
  readonly close: () => Promise<void>
}

export type ProfileLookupDeps = {
  readonly clock: Clock
  readonly ask: AskProfile
  readonly memory: ProfileMemory
  /** Hears why a question had no answer: nearly always a permission that is missing. */
  readonly report: (arn: string, reason: string) => void
  readonly timers?: Timers
}

const WAIT_MAX_MS = 2 * MS_PER_SECOND
const IN_FLIGHT_MAX = 10
const WAITING_MAX = 100
const MISSES_MAX = 10_000
/** AWS said there is no such thing, or nothing we could price. */
const UNRESOLVABLE_FOR_MS = 5 * MS_PER_MINUTE
/** AWS did not say. */
const UNANSWERED_FOR_MS = 30 * MS_PER_SECOND
const SAVE_AFTER_MS = MS_PER_SECOND

export function createProfileLookup({
  clock,
  ask,
  memory,
  report,
  timers = systemTimers,
}: ProfileLookupDeps): ProfileLookup {
  const limiter = createLimiter(clock, IN_FLIGHT_MAX, WAITING_MAX, WAIT_MAX_MS)
  const models = new Map<string, LookedUpModel>()
  const missedUntilMs = new Map<string, number>()
  const asking = new Map<string, Promise<ProfileAnswer>>()
  let unsaved = new Map<string, string>()
  let cancelSave: (() => void) | null = null
  let saving = Promise.resolve()
  for (const [arn, modelId] of memory.load()) models.set(arn, { modelId, source: 'profile' })

  function missed(arn: string, forMs: number): 'unresolvable' {
    keep(missedUntilMs, arn, clock.now() + forMs, MISSES_MAX)
    return 'unresolvable'
  }

  function save(): Promise<void> {
    cancelSave?.()
    cancelSave = null
    const learned = unsaved
    unsaved = new Map()
    if (learned.size > 0) saving = saving.then(() => memory.keep(learned))
    return saving
  }

  async function answerOf(arn: string): Promise<ProfileAnswer> {
    try {
      const answer = await limiter.run(() => ask(arn))
      if (answer === 'unresolvable') return missed(arn, UNRESOLVABLE_FOR_MS)
      missedUntilMs.delete(arn)
      keep(models, arn, answer, PROFILES_MAX)
      unsaved.set(arn, answer.modelId)
      cancelSave ??= timers.after(SAVE_AFTER_MS, () => void save())
      return answer
    } catch (error) {
      report(arn, error instanceof Error ? error.message : String(error))
      return missed(arn, UNANSWERED_FOR_MS)
    }
  }

  function known(arn: string): ProfileAnswer | null {
    const model = models.get(arn)
    if (model !== undefined) return model
    const until = missedUntilMs.get(arn)
    if (until !== undefined && clock.now() < until) return 'unresolvable'
    return isProfileArn(arn) ? null : 'unresolvable'
  }

  return {
    known,
    async look(arn) {
      const before = known(arn)
      if (before !== null) return before
      let answer = asking.get(arn)
      if (answer === undefined) {
        answer = answerOf(arn).finally(() => asking.delete(arn))
        asking.set(arn, answer)
      }
      return within(timers, WAIT_MAX_MS, answer, () => missed(arn, UNANSWERED_FOR_MS))
    },
    close: save,
  }
}

/** What has been there longest makes room. */
function keep<Value>(into: Map<string, Value>, key: string, value: Value, max: number): void {
  if (into.size >= max && !into.has(key)) into.delete(into.keys().next().value as string)
  into.set(key, value)
}
