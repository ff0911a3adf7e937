// The kill switch: a scope whose calls are refused until somebody resumes it.

import {
  compileScope,
  scopeText,
  type Covers,
  type Governed,
  type RuleScope,
} from './rule-scope.ts'

export type Pause = {
  readonly scope: RuleScope
  /** Told to the callers. */
  readonly reason: string | null
  readonly since: string
}

/** What tells a paused caller why, or null. */
export type PausedBy = (call: Governed) => string | null

export function compilePauses(pauses: readonly Pause[]): PausedBy {
  const compiled = pauses.map((pause): { covers: Covers; message: string } => ({
    covers: compileScope(pause.scope),
    message:
      `Calls of ${scopeText(pause.scope)} are paused since ${pause.since}` +
      `${pause.reason === null ? '' : `: ${pause.reason}`}.`,
  }))
  return (call) => {
    for (let index = 0; index < compiled.length; index += 1) {
      const pause = compiled[index] as (typeof compiled)[number]
      if (pause.covers(call)) return pause.message
    }
    return null
  }
}
