// Puts a policy together from the store's keys and the declared ones. Pure: the same inputs give the same content, and the
// content's hash says whether anything changed.

import { createHash, type KeyObject } from 'node:crypto'
import { MS_PER_DAY } from '../kernel/time.ts'
import type { Policy, PolicyKey, PolicySigV4 } from '../governance/policy.ts'
import { digestOfSecret } from '../governance/secret-digest.ts'
import type { DeclaredKey, DeclaredPolicy } from './declared-policy.ts'
import type { StoredKey, StoredSecret } from './store/key-table.ts'

/** So long the use of a revoked or expired key is still told apart from a guess. */
const ENDED_KEYS_KEPT_MS = 30 * MS_PER_DAY

export type PolicyContent = Pick<Policy, 'keys' | 'dimensions' | 'owners' | 'anonymous'>

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
    owners: declared.owners,
    anonymous: declared.anonymous,
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
    sigV4: null,
    bind: key.bind,
    region: key.region,
    expiresAt: null,
    revokedAt: null,
  }
}

function fromStore(key: StoredKey, nowMs: number): PolicyKey {
  const secrets = key.secrets.filter(
    ({ validUntil }) => validUntil === null || Date.parse(validUntil) > nowMs,
  )
  return {
    keyId: key.keyId,
    name: key.name,
    source: 'api',
    secrets: secrets.map(({ digest, validUntil }) => ({ digest, until: validUntil })),
    sigV4: pairsOf(secrets),
    bind: key.bind,
    region: key.region,
    expiresAt: key.expiresAt,
    revokedAt: key.revokedAt,
  }
}

/** A pair is made and ends with its secret, so a key made with a pair has one with each. */
function pairsOf([current, previous]: readonly StoredSecret[]): PolicySigV4 | null {
  if (current === undefined || current.sigV4 === null) return null
  const { sigV4, validUntil } = previous ?? { sigV4: null, validUntil: null }
  const overlapping = sigV4 === null || validUntil === null ? null : { ...sigV4, until: validUntil }
  return { ...current.sigV4, previous: overlapping }
}

function worthKeeping(key: StoredKey, nowMs: number): boolean {
  const ended = key.revokedAt ?? key.expiresAt
  return ended === null || Date.parse(ended) > nowMs - ENDED_KEYS_KEPT_MS
}
