// `lr-{team}`: a RoleSessionName with dimensions in it. What stands around them must be what STS takes, and leave room for values;
// those are brought into its characters and its length when a session is made.

import { err, ok, type Result } from '../kernel/result.ts'

/** STS takes 64 characters; half of them are for values. */
const FIXED_CHARACTERS_MAX = 32
const CHARACTERS_MIN = 2
const FIXED = /^[\w+=,.@-]*$/

/** The dimensions of the name, in order. */
export function readSessionName(template: string): Result<readonly string[], string> {
  const dimensions = [...template.matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name)
  const fixed = template.replaceAll(/\{[^{}]+\}/g, '')
  if (!FIXED.test(fixed)) {
    return err('must be letters, digits and _+=,.@- with dimensions in braces, such as lr-{team}')
  }
  if (fixed.length > FIXED_CHARACTERS_MAX) {
    return err(`must have at most ${FIXED_CHARACTERS_MAX} characters around its dimensions`)
  }
  if (dimensions.length === 0 && fixed.length < CHARACTERS_MIN) {
    return err(`must have at least ${CHARACTERS_MIN} characters`)
  }
  return ok(dimensions)
}
