// Gateway keys as they are kept: metadata, digests of their secrets and sealed secrets of signing pairs, never a secret. Names
// are never given out twice, because they stand on every call in the ledger.

import type { Kysely, Transaction } from 'kysely'
import type { SigningPair } from '../../governance/policy.ts'
import type { ControlDatabase, KeySecretsTable, KeysTable } from './schema.ts'

/** What is kept of a credential: the digest of its bearer secret, and its signing pair if it has one. */
export type NewSecret = { readonly digest: string; readonly sigV4: SigningPair | null }

export type StoredSecret = NewSecret & {
  readonly createdAt: string
  readonly validUntil: string | null
}

export type StoredKey = {
  readonly keyId: string
  readonly name: string
  readonly bind: Readonly<Record<string, string>>
  readonly region: string | null
  readonly createdAt: string
  readonly createdBy: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
  /** The current one, then the one it replaces while that is still valid or until the next rotation. */
  readonly secrets: readonly StoredSecret[]
}

export type KeyReads = {
  /** By name. */
  readonly list: () => Promise<readonly StoredKey[]>
  readonly find: (name: string) => Promise<StoredKey | null>
}

export type KeyWrites = KeyReads & {
  /** The name must be free: look with `find` in the same transaction. */
  readonly insert: (
    key: Omit<StoredKey, 'secrets' | 'revokedAt'>,
    secret: NewSecret,
  ) => Promise<void>
  /** Makes `secret` the key's secret; the one before ends at `overlapUntil`, any still older one now. */
  readonly replaceSecret: (
    keyId: string,
    secret: NewSecret,
    at: string,
    overlapUntil: string,
  ) => Promise<void>
  readonly revoke: (keyId: string, at: string) => Promise<void>
}

export function keyReads(database: Kysely<ControlDatabase>): KeyReads {
  return {
    async list() {
      const keys = await database.selectFrom('keys').selectAll().orderBy('name').execute()
      const secrets = await database.selectFrom('key_secrets').selectAll().execute()
      const byKey = Map.groupBy(secrets, (secret) => secret.key_id)
      return keys.map((key) => storedKey(key, byKey.get(key.key_id) ?? []))
    },
    async find(name) {
      const key = await database
        .selectFrom('keys')
        .selectAll()
        .where('name', '=', name)
        .executeTakeFirst()
      if (key === undefined) return null
      const secrets = await database
        .selectFrom('key_secrets')
        .selectAll()
        .where('key_id', '=', key.key_id)
        .execute()
      return storedKey(key, secrets)
    },
  }
}

export function keyWrites(transaction: Transaction<ControlDatabase>): KeyWrites {
  const addSecret = async (keyId: string, secret: NewSecret, at: string): Promise<void> => {
    await transaction
      .insertInto('key_secrets')
      .values({
        key_id: keyId,
        digest: secret.digest,
        created_at: at,
        valid_until: null,
        access_key_id: secret.sigV4?.accessKeyId ?? null,
        sealed_secret: secret.sigV4?.sealedSecret ?? null,
      })
      .execute()
  }
  return {
    ...keyReads(transaction),
    async insert(key, secret) {
      await transaction
        .insertInto('keys')
        .values({
          key_id: key.keyId,
          name: key.name,
          bind: JSON.stringify(key.bind),
          region: key.region,
          created_at: key.createdAt,
          created_by: key.createdBy,
          expires_at: key.expiresAt,
          revoked_at: null,
        })
        .execute()
      await addSecret(key.keyId, secret, key.createdAt)
    },
    async replaceSecret(keyId, secret, at, overlapUntil) {
      await transaction
        .deleteFrom('key_secrets')
        .where('key_id', '=', keyId)
        .where('valid_until', 'is not', null)
        .execute()
      await transaction
        .updateTable('key_secrets')
        .set({ valid_until: overlapUntil })
        .where('key_id', '=', keyId)
        .execute()
      await addSecret(keyId, secret, at)
    },
    async revoke(keyId, at) {
      await transaction
        .updateTable('keys')
        .set({ revoked_at: at })
        .where('key_id', '=', keyId)
        .where('revoked_at', 'is', null)
        .execute()
    },
  }
}

function storedKey(key: KeysTable, secrets: readonly KeySecretsTable[]): StoredKey {
  return {
    keyId: key.key_id,
    name: key.name,
    bind: JSON.parse(key.bind) as Readonly<Record<string, string>>,
    region: key.region,
    createdAt: key.created_at,
    createdBy: key.created_by,
    expiresAt: key.expires_at,
    revokedAt: key.revoked_at,
    secrets: secrets
      .toSorted((left) => (left.valid_until === null ? -1 : 1))
      .map((secret) => ({
        digest: secret.digest,
        sigV4: pairOf(secret),
        createdAt: secret.created_at,
        validUntil: secret.valid_until,
      })),
  }
}

function pairOf({ access_key_id, sealed_secret }: KeySecretsTable): SigningPair | null {
  if (access_key_id === null || sealed_secret === null) return null
  return { accessKeyId: access_key_id, sealedSecret: sealed_secret }
}
