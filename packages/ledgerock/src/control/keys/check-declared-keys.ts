// What may be wrong with keys that the file declares, beyond their shape: secrets two keys share, names the store already gave
// out. All of it at once, and never with a secret in the text.

import type { ProblemError } from '@ledgerock/contract'
import { parseKey } from '../../governance/credential/key-format.ts'
import { SECRET_CHARS_MAX, SECRET_CHARS_MIN } from '../../governance/credential/secret-digest.ts'
import type { DeclaredKey } from '../policy/declared-policy.ts'

export function checkDeclaredKeys(
  declared: readonly DeclaredKey[],
  storedNames: ReadonlySet<string>,
): readonly ProblemError[] {
  const errors: ProblemError[] = []
  const firstWithName = new Map<string, number>()
  const firstWithSecret = new Map<string, number>()
  for (const [index, { name, secret }] of declared.entries()) {
    const say = (field: string, message: string): void =>
      void errors.push({ path: `keys[${index}].${field}`, message })
    const sameName = firstWithName.get(name)
    const sameSecret = firstWithSecret.get(secret)
    firstWithName.set(name, sameName ?? index)
    firstWithSecret.set(secret, sameSecret ?? index)
    if (sameName !== undefined) say('name', `${name} is the name of keys[${sameName}] too`)
    if (storedNames.has(name)) say('name', `${name} is the name of a key that was made by the API`)
    if (sameSecret !== undefined) say('secret_env', `the secret is that of keys[${sameSecret}] too`)
    if (secret.length < SECRET_CHARS_MIN || secret.length > SECRET_CHARS_MAX) {
      say(
        'secret_env',
        `the secret must have ${SECRET_CHARS_MIN} to ${SECRET_CHARS_MAX} characters`,
      )
    } else if (!/^\S+$/.test(secret)) {
      say('secret_env', 'the secret must not contain spaces: it travels in a header')
    } else if (secret.startsWith('lrk_') && parseKey(secret) === null) {
      say('secret_env', 'the secret looks like an lrk_ key, but its checksum is wrong')
    }
  }
  return errors
}
