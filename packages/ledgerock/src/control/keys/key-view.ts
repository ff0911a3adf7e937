// A key as lists show it: everything but its secret and the secret's digest. `key_prefix` is how a holder recognises the key.

import type { KeySource } from '../../governance/policy.ts'
import { declaredKeyId } from '../policy/build-policy.ts'
import type { DeclaredKey } from '../policy/declared-policy.ts'
import type { StoredKey } from '../store/key-table.ts'

export const KEY_STATES = ['active', 'expired', 'revoked'] as const
export type KeyState = (typeof KEY_STATES)[number]

export type KeyView = {
  readonly name: string
  readonly key_id: string
  /** What the key begins with; null for declared secrets, which have no form. */
  readonly key_prefix: string | null
  /** Of the pair that signs requests; null: the key was made without. */
  readonly access_key_id: string | null
  readonly source: KeySource
  readonly state: KeyState
  readonly bind: Readonly<Record<string, string>>
  readonly region: string | null
  readonly created_at: string | null
  readonly created_by: string | null
  readonly expires_at: string | null
  readonly revoked_at: string | null
  /** Until when the secret before the last rotation still works, or null. */
  readonly old_secret_until: string | null
}

export function declaredKeyView(key: DeclaredKey): KeyView {
  return {
    name: key.name,
    key_id: declaredKeyId(key.name),
    key_prefix: null,
    access_key_id: null,
    source: 'file',
    state: 'active',
    bind: key.bind,
    region: key.region,
    created_at: null,
    created_by: null,
    expires_at: null,
    revoked_at: null,
    old_secret_until: null,
  }
}

export function storedKeyView(key: StoredKey, nowMs: number): KeyView {
  const oldUntil = key.secrets[1]?.validUntil ?? null
  return {
    name: key.name,
    key_id: key.keyId,
    key_prefix: `lrk_${key.keyId}`,
    access_key_id: key.secrets[0]?.sigV4?.accessKeyId ?? null,
    source: 'api',
    state: stateOf(key, nowMs),
    bind: key.bind,
    region: key.region,
    created_at: key.createdAt,
    created_by: key.createdBy,
    expires_at: key.expiresAt,
    revoked_at: key.revokedAt,
    old_secret_until: oldUntil !== null && Date.parse(oldUntil) > nowMs ? oldUntil : null,
  }
}

function stateOf(key: StoredKey, nowMs: number): KeyState {
  if (key.revokedAt !== null) return 'revoked'
  return key.expiresAt !== null && Date.parse(key.expiresAt) <= nowMs ? 'expired' : 'active'
}
