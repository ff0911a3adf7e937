// Says which key a presented secret is, on every call: one HMAC, one look-up, two constant-time comparisons, whether the key
// exists or not. An `lrk_` key is found by the id it carries, any other secret by its keyed digest. The reason of a refusal is
// for metrics; the caller only ever learns `credential`.

import { timingSafeEqual, type KeyObject } from 'node:crypto'
import { parseKey } from './key-format.ts'
import type { Policy, PolicyKey } from './policy.ts'
import { digestOfSecret, SECRET_CHARS_MAX, SECRET_CHARS_MIN } from './secret-digest.ts'

export const CREDENTIAL_REFUSALS = ['malformed', 'unknown', 'revoked', 'expired'] as const
export type CredentialRefusal = (typeof CREDENTIAL_REFUSALS)[number]

export type CredentialVerdict =
  | { readonly ok: true; readonly key: PolicyKey }
  | { readonly ok: false; readonly refused: CredentialRefusal }

export type CredentialVerifier = {
  readonly verify: (presented: string, nowMs: number) => CredentialVerdict
}

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

const refuse = (refused: CredentialRefusal): CredentialVerdict => ({ ok: false, refused })

/** Builds the look-up tables once per policy; `verify` then allocates only the digest. */
export function createCredentialVerifier(policy: Policy, pepper: KeyObject): CredentialVerifier {
  const entries = policy.keys.map(entryOf)
  const byId = new Map(
    entries.filter(({ key }) => key.source === 'api').map((entry) => [entry.key.keyId, entry]),
  )
  const byDigest = new Map(
    entries
      .filter(({ key }) => key.source === 'file')
      .flatMap((entry) => entry.key.secrets.map(({ digest }) => [digest, entry] as const)),
  )
  const nobody: readonly Slot[] = Array.from({ length: SLOTS }, () => EMPTY_SLOT)

  return {
    verify(presented, nowMs) {
      if (presented.length < SECRET_CHARS_MIN || presented.length > SECRET_CHARS_MAX) {
        return refuse('malformed')
      }
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
      if (entry.key.revokedAt !== null) return refuse('revoked')
      if (nowMs >= entry.expiresMs || nowMs >= matching.untilMs) return refuse('expired')
      return { ok: true, key: entry.key }
    },
  }
}

function entryOf(key: PolicyKey): Entry {
  const slots: Slot[] = key.secrets
    .slice(0, SLOTS)
    .map(({ digest, until }) => ({ digest: Buffer.from(digest, 'hex'), untilMs: instant(until) }))
  while (slots.length < SLOTS) slots.push(EMPTY_SLOT)
  return { key, slots, expiresMs: instant(key.expiresAt) }
}

/** An instant that cannot be read has passed: a damaged limit must not become no limit. */
function instant(iso: string | null): number {
  if (iso === null) return Number.POSITIVE_INFINITY
  const ms = Date.parse(iso)
  return Number.isNaN(ms) ? 0 : ms
}
