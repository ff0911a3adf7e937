// What a Ledgerock credential looks like: `lrk_<id>_<secret><crc>` for calls, `lra_…` for the control API. The prefix makes leaked
// keys findable, the id says which key it is without giving it away, the 256-bit secret needs no slow hash, and the checksum
// lets scanners and the gateway throw out typos without a look-up.

import { crc32 } from 'node:zlib'
import { base62, base62Number } from './base62.ts'

/** `lrk` opens the gateway, `lra` the control API; one is never accepted for the other. */
export const KEY_KINDS = ['lrk', 'lra'] as const
export type KeyKind = (typeof KEY_KINDS)[number]

const ID_BYTES = 8
const ID_CHARS = 12
const SECRET_BYTES = 32
const SECRET_CHARS = 43
const CRC_CHARS = 6

/** For secret scanners: everything that looks like a credential of ours (its checksum says whether it is one). */
export const KEY_PATTERN = /lr[ka]_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}/

const WHOLE = /^(lr[ka])_([0-9A-Za-z]{12})_[0-9A-Za-z]{49}$/
export const KEY_CHARS = 'lrk__'.length + ID_CHARS + SECRET_CHARS + CRC_CHARS

export type MintedKey = { readonly id: string; readonly text: string }

/** A new credential. `random` must be a cryptographic source: 40 bytes are taken from it. */
export function mintKey(random: (bytes: number) => Uint8Array, kind: KeyKind = 'lrk'): MintedKey {
  const id = base62(random(ID_BYTES), ID_CHARS)
  return { id, text: keyText(kind, id, random(SECRET_BYTES)) }
}

/** Rotation: the same id, another secret. */
export function mintSecret(
  random: (bytes: number) => Uint8Array,
  id: string,
  kind: KeyKind = 'lrk',
): MintedKey {
  return { id, text: keyText(kind, id, random(SECRET_BYTES)) }
}

/** The id of a well-formed credential, or null. Says nothing about whether such a key exists. */
export function parseKey(text: string): { readonly kind: KeyKind; readonly id: string } | null {
  if (text.length !== KEY_CHARS) return null
  const match = WHOLE.exec(text)
  if (match === null) return null
  if (text.slice(-CRC_CHARS) !== checksum(text.slice(0, -CRC_CHARS))) return null
  return { kind: match[1] as KeyKind, id: match[2] as string }
}

function keyText(kind: KeyKind, id: string, secret: Uint8Array): string {
  const body = `${kind}_${id}_${base62(secret, SECRET_CHARS)}`
  return body + checksum(body)
}

function checksum(body: string): string {
  return base62Number(crc32(body), CRC_CHARS)
}
