// Gateway keys as they are kept: metadata and digests of their secrets, never a secret. Names are never given out twice,
// because they stand on every call in the ledger.

import type { Kysely, Transaction } from 'kysely'
import type { ControlDatabase, KeySecretsTable, KeysTable } from './schema.ts'

export type StoredSecret = {
  readonly digest: string
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
  readonly insert: (key: Omit<StoredKey, 'secrets' | 'revokedAt'>, digest: string) => Promise<void>
  /** Makes `digest` the key's secret; the one before ends at `overlapUntil`, any still older one now. */
  readonly replaceSecret: (
    keyId: string,
    digest: string,
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
  const addSecret = async (keyId: string, digest: string, at: string): Promise<void> => {
    await transaction
      .insertInto('key_secrets')
      .values({ key_id: keyId, digest, created_at: at, valid_until: null })
      .execute()
  }
  return {
    ...keyReads(transaction),
    async insert(key, digest) {
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
      await addSecret(key.keyId, digest, key.createdAt)
    },
    async replaceSecret(keyId, digest, at, overlapUntil) {
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
      await addSecret(keyId, digest, at)
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
        createdAt: secret.created_at,
        validUntil: secret.valid_until,
      })),
  }
}
