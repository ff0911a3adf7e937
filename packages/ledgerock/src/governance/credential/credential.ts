// Says which key a presented secret is, on every call: the first time one HMAC, one look-up, two constant-time comparisons, whether the key
// exists or not. An `lrk_` key is found by the id it carries, any other secret by its keyed digest; a signed request has a way of
// its own (`signature-verifier.ts`). The reason of a refusal is for metrics; the caller only ever learns `credential`.

import { hash, timingSafeEqual, type KeyObject } from 'node:crypto'
import { refuse, type CredentialVerdict } from './credential-refusal.ts'
import { endingMs } from '../ending.ts'
import { parseKey } from './key-format.ts'
import type { Policy, PolicyKey } from '../policy.ts'
import { digestOfSecret, SECRET_CHARS_MAX, SECRET_CHARS_MIN } from './secret-digest.ts'
import {
  createSignatureVerifier,
  type SignatureVerifier,
  type Unsealer,
} from './signature-verifier.ts'

export type CredentialVerifier = {
  readonly verify: (presented: string, nowMs: number) => CredentialVerdict
  readonly beginSignature: SignatureVerifier
}

export type CredentialSecrets = { readonly pepper: KeyObject; readonly sealing: Unsealer }

type Slot = { readonly digest: Buffer; readonly untilMs: number }
type Entry = {
  readonly key: PolicyKey
  /** Always `SLOTS` of them, so that every comparison costs the same. */
  readonly slots: readonly Slot[]
  readonly expiresMs: number
}

/** A key has at most two valid secrets at a time: the current one and the one it replaces. */
export const SLOTS = 2
const DIGEST_BYTES = 32
const EMPTY_SLOT: Slot = { digest: Buffer.alloc(DIGEST_BYTES), untilMs: 0 }

/** Builds the look-up tables once per policy. */
export function createCredentialVerifier(
  policy: Policy,
  { pepper, sealing }: CredentialSecrets,
): CredentialVerifier {
  const entries = policy.keys.map(entryOf)
  const byId = new Map(
    entries.filter(({ key }) => key.source === 'api').map((entry) => [entry.key.keyId, entry]),
  )
  const byDigest = new Map(
    entries
      .filter(({ key }) => key.source === 'file')
      .flatMap((entry) => entry.key.secrets.map(({ digest }) => [digest, entry] as const)),
  )
  /**
   * Secrets that were found to be a key's, by their plain hash, so that a caller who comes again costs one hash instead of a
   * keyed digest. Only true ones are in it, and it goes with the policy.
   */
  const seen = new Map<string, { readonly entry: Entry; readonly slot: Slot }>()
  const nobody: readonly Slot[] = Array.from({ length: SLOTS }, () => EMPTY_SLOT)

  return {
    beginSignature: createSignatureVerifier(policy.keys, sealing),
    verify(presented, nowMs) {
      if (presented.length < SECRET_CHARS_MIN || presented.length > SECRET_CHARS_MAX) {
        return refuse('malformed')
      }
      const print = hash('sha256', presented, 'base64')
      const known = seen.get(print)
      if (known !== undefined) return verdictOf(known.entry, known.slot, nowMs)
      const ours = presented.startsWith('lrk_')
      const parsed = ours ? parseKey(presented) : null
      if (ours && parsed === null) return refuse('malformed')

      const digest = digestOfSecret(pepper, presented)
      const named = parsed === null ? undefined : byId.get(parsed.id)
      const entry = named ?? byDigest.get(digest.toString('hex'))
      let matching: Slot | null = null
      for (const slot of entry?.slots ?? nobody) {
        if (timingSafeEqual(slot.digest, digest)) matching = slot
      }
      if (entry === undefined || matching === null) return refuse('unknown')
      seen.set(print, { entry, slot: matching })
      return verdictOf(entry, matching, nowMs)
    },
  }
}

/** What may have changed since the secret was found to be this key's. */
function verdictOf({ key, expiresMs }: Entry, { untilMs }: Slot, nowMs: number): CredentialVerdict {
  if (key.revokedAt !== null) return refuse('revoked')
  if (nowMs >= expiresMs || nowMs >= untilMs) return refuse('expired')
  return { ok: true, key }
}

function entryOf(key: PolicyKey): Entry {
  const slots: Slot[] = key.secrets
    .slice(0, SLOTS)
    .map(({ digest, until }) => ({ digest: Buffer.from(digest, 'hex'), untilMs: endingMs(until) }))
  while (slots.length < SLOTS) slots.push(EMPTY_SLOT)
  return { key, slots, expiresMs: endingMs(key.expiresAt) }
}
