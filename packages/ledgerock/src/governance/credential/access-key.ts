// What a pair for signed requests looks like: in length and alphabet as AWS's own, because clients, forms and configuration
// files check for that, with a prefix of ours so that it is never taken for one. The id is public, like a user name; the secret
// only signs and is never sent.

import { base62 } from './base62.ts'

export type SigV4Pair = { readonly accessKeyId: string; readonly secretAccessKey: string }

/** For secret scanners, like `KEY_PATTERN`: the id gives a leaked pair away, its secret has no form of its own. */
export const ACCESS_KEY_PATTERN = /LRKA[A-Z2-7]{16}/

const PREFIX = 'LRKA'
const ID_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const ID_BYTES = 10
const ID_CHARS = 20
/** The most whole bytes that 40 base62 digits hold. */
const SECRET_BYTES = 29
const SECRET_CHARS = 40

/** A new pair. `random` must be a cryptographic source: 39 bytes are taken from it. */
export function mintSigV4Pair(random: (bytes: number) => Uint8Array): SigV4Pair {
  return {
    accessKeyId: PREFIX + base32(random(ID_BYTES)),
    secretAccessKey: base62(random(SECRET_BYTES), SECRET_CHARS),
  }
}

/** Whether an id could be one of ours; says nothing about whether there is such a key. */
export function isAccessKeyId(text: string): boolean {
  return text.length === ID_CHARS && text.startsWith(PREFIX)
}

/**
 * Under which id a pair's secret is sealed. It names the key too, so that nobody who can write to the store can move a pair
 * from one key, and so from one payer, to another.
 */
export function sealedPairId(keyId: string, accessKeyId: string): string {
  return `sigv4/${keyId}/${accessKeyId}`
}

/** RFC 4648, without padding: five bytes are eight digits. */
function base32(bytes: Uint8Array): string {
  let rest = BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
  let text = ''
  for (let place = 0; place < (bytes.length * 8) / 5; place += 1) {
    text = (ID_DIGITS[Number(rest % 32n)] as string) + text
    rest /= 32n
  }
  return text
}
