// The only form in which a credential is kept: HMAC-SHA256 of its whole text under a sub-key of the master key. Keyed, so that a
// stolen store cannot be tested against guesses; a KeyObject, because that is five times as fast as raw bytes.

import { createHmac, type KeyObject } from 'node:crypto'

/** Config-declared secrets are at least this long; shorter text is never a credential. */
export const SECRET_CHARS_MIN = 32
/** Longer text is refused before it is hashed. */
export const SECRET_CHARS_MAX = 512

export function digestOfSecret(pepper: KeyObject, secret: string): Buffer {
  return createHmac('sha256', pepper).update(secret, 'utf8').digest()
}
