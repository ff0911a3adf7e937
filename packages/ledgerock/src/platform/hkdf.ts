// Splits one secret into many that say nothing about each other (HKDF-SHA256, RFC 5869). Each purpose has a name of its own, so
// that a digest made for one use can never be mistaken for, or turned against, another.

import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'

/**
 * `pepper`: digests of gateway keys. `token`: digests of API tokens. `session`: login codes and cookies. `sealing`: encryption
 * of secrets that must be read back.
 */
export const KEY_PURPOSES = ['pepper', 'token', 'session', 'sealing', 'audit'] as const
export type KeyPurpose = (typeof KEY_PURPOSES)[number]

const SUB_KEY_BYTES = 32

/** A key for one purpose. The info string is part of every stored digest: changing it makes all of them worthless. */
export function deriveKey(master: Uint8Array, purpose: KeyPurpose): KeyObject {
  const bytes = hkdfSync('sha256', master, '', `ledgerock/v1/${purpose}`, SUB_KEY_BYTES)
  return createSecretKey(new Uint8Array(bytes))
}
