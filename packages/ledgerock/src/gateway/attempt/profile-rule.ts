// Application inference profiles chosen by the gateway: the profile stands in for the model a call asks for, so that AWS's own
// bill carries the profile's tags. Pure.

import { holds } from './choose-target.ts'

export type ProfileRule = {
  readonly when: Readonly<Record<string, string>>
  /** A base id, a profile id or an ARN: as it is asked for, or the base id behind that. */
  readonly model: string
  /** Of the application inference profile. */
  readonly arn: string
}

/** The ARN to call instead, or null. */
export function profileFor(
  rules: readonly ProfileRule[],
  model: { readonly requested: string; readonly baseId: string | null },
  dimensions: Readonly<Record<string, string>>,
): string | null {
  for (const rule of rules) {
    const fits = rule.model === model.requested || rule.model === model.baseId
    if (fits && holds(rule.when, dimensions)) return rule.arn
  }
  return null
}
