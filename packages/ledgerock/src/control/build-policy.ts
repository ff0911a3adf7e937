// Puts a policy together from the store's keys and the declared ones. Pure: the same inputs give the same content, and the
// content's hash says whether anything changed.

import { createHash, type KeyObject } from 'node:crypto'
import { MS_PER_DAY } from '../kernel/time.ts'
import type { Policy, PolicyKey } from '../governance/policy.ts'
import { digestOfSecret } from '../governance/secret-digest.ts'
import type { DeclaredKey, DeclaredPolicy } from './declared-policy.ts'
import type { StoredKey } from './store/key-table.ts'

/** So long the use of a revoked or expired key is still told apart from a guess. */
const ENDED_KEYS_KEPT_MS = 30 * MS_PER_DAY

export type PolicyContent = Pick<Policy, 'keys' | 'dimensions'>

export function policyContent(
  stored: readonly StoredKey[],
  declared: DeclaredPolicy,
  pepper: KeyObject,
  nowMs: number,
): PolicyContent {
  const keys = [
    ...declared.keys.map((key) => fromFile(key, pepper)),
    ...stored.filter((key) => worthKeeping(key, nowMs)).map((key) => fromStore(key, nowMs)),
  ]
  return {
    keys: keys.toSorted((left, right) => (left.keyId < right.keyId ? -1 : 1)),
    dimensions: declared.dimensions,
  }
}

export function contentHash(content: PolicyContent): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}

/** How the id of a declared key is made; it cannot be one of `lrk_`, which has no colon. */
export function declaredKeyId(name: string): string {
  return `file:${name}`
}

function fromFile(key: DeclaredKey, pepper: KeyObject): PolicyKey {
  return {
    keyId: declaredKeyId(key.name),
    name: key.name,
    source: 'file',
    secrets: [{ digest: digestOfSecret(pepper, key.secret).toString('hex'), until: null }],
    bind: key.bind,
    region: key.region,
    expiresAt: null,
    revokedAt: null,
  }
}

function fromStore(key: StoredKey, nowMs: number): PolicyKey {
  return {
    keyId: key.keyId,
    name: key.name,
    source: 'api',
    secrets: key.secrets
      .filter(({ validUntil }) => validUntil === null || Date.parse(validUntil) > nowMs)
      .map(({ digest, validUntil }) => ({ digest, until: validUntil })),
    bind: key.bind,
    region: key.region,
    expiresAt: key.expiresAt,
    revokedAt: key.revokedAt,
  }
}

function worthKeeping(key: StoredKey, nowMs: number): boolean {
  const ended = key.revokedAt ?? key.expiresAt
  return ended === null || Date.parse(ended) > nowMs - ENDED_KEYS_KEPT_MS
}
