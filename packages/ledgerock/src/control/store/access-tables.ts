// People of the control plane and how they prove who they are: users, API tokens, one-time login codes and sessions. Tokens,
// codes and cookies are kept as keyed digests only.

import type { Kysely, Transaction } from 'kysely'
import type { ControlDatabase } from './schema.ts'

export const ROLES = ['admin', 'finance', 'lead', 'viewer'] as const
export type Role = (typeof ROLES)[number]

export type StoredUser = { readonly userId: string; readonly name: string; readonly role: Role }

export type StoredToken = {
  readonly tokenId: string
  readonly userId: string
  readonly name: string
  readonly digest: string
  readonly createdAt: string
  readonly expiresAt: string | null
}

/** Something short-lived, known by its digest, that stands for a user. */
export type StoredPass = {
  readonly digest: string
  readonly userId: string
  readonly createdAt: string
  readonly expiresAt: string
}

/** Only what is in force at `at` is found: nothing revoked, expired or of a disabled user. */
export type AccessReads = {
  readonly findUser: (name: string) => Promise<StoredUser | null>
  readonly findToken: (
    tokenId: string,
    at: string,
  ) => Promise<{ readonly digest: string; readonly user: StoredUser } | null>
  readonly findSession: (
    digest: string,
    at: string,
  ) => Promise<{ readonly expiresAt: string; readonly user: StoredUser } | null>
}

export type AccessWrites = AccessReads & {
  readonly insertUser: (user: StoredUser, at: string) => Promise<void>
  readonly insertToken: (token: StoredToken) => Promise<void>
  readonly insertLoginCode: (code: StoredPass) => Promise<void>
  /** The code's user, once; null for a code that is unknown, used or expired. */
  readonly useLoginCode: (digest: string, at: string) => Promise<StoredUser | null>
  readonly insertSession: (session: StoredPass) => Promise<void>
  readonly deleteSession: (digest: string) => Promise<void>
  /** Forgets codes and sessions that ended before `at`. */
  readonly sweep: (at: string) => Promise<void>
}

const USER = ['users.user_id as userId', 'users.name', 'users.role'] as const

export function accessReads(database: Kysely<ControlDatabase>): AccessReads {
  return {
    async findUser(name) {
      const row = await database
        .selectFrom('users')
        .select(USER)
        .where('users.name', '=', name)
        .where('users.disabled_at', 'is', null)
        .executeTakeFirst()
      return row === undefined ? null : userOf(row)
    },
    async findToken(tokenId, at) {
      const row = await database
        .selectFrom('tokens')
        .innerJoin('users', 'users.user_id', 'tokens.user_id')
        .select([...USER, 'tokens.digest'])
        .where('tokens.token_id', '=', tokenId)
        .where('tokens.revoked_at', 'is', null)
        .where((eb) =>
          eb.or([eb('tokens.expires_at', 'is', null), eb('tokens.expires_at', '>', at)]),
        )
        .where('users.disabled_at', 'is', null)
        .executeTakeFirst()
      return row === undefined ? null : { digest: row.digest, user: userOf(row) }
    },
    async findSession(digest, at) {
      const row = await database
        .selectFrom('sessions')
        .innerJoin('users', 'users.user_id', 'sessions.user_id')
        .select([...USER, 'sessions.expires_at as expiresAt'])
        .where('sessions.digest', '=', digest)
        .where('sessions.expires_at', '>', at)
        .where('users.disabled_at', 'is', null)
        .executeTakeFirst()
      return row === undefined ? null : { expiresAt: row.expiresAt, user: userOf(row) }
    },
  }
}

export function accessWrites(transaction: Transaction<ControlDatabase>): AccessWrites {
  return {
    ...accessReads(transaction),
    ...loginWrites(transaction),
    async insertUser(user, at) {
      await transaction
        .insertInto('users')
        .values({
          user_id: user.userId,
          name: user.name,
          role: user.role,
          created_at: at,
          disabled_at: null,
        })
        .execute()
    },
    async insertToken(token) {
      await transaction
        .insertInto('tokens')
        .values({
          token_id: token.tokenId,
          user_id: token.userId,
          name: token.name,
          digest: token.digest,
          created_at: token.createdAt,
          expires_at: token.expiresAt,
          revoked_at: null,
        })
        .execute()
    },
  }
}

type LoginWrites = Omit<AccessWrites, keyof AccessReads | 'insertUser' | 'insertToken'>

function loginWrites(transaction: Transaction<ControlDatabase>): LoginWrites {
  return {
    async insertLoginCode(code) {
      await transaction
        .insertInto('login_codes')
        .values({ ...passRow(code), used_at: null })
        .execute()
    },
    async useLoginCode(digest, at) {
      const { numUpdatedRows } = await transaction
        .updateTable('login_codes')
        .set({ used_at: at })
        .where('digest', '=', digest)
        .where('used_at', 'is', null)
        .where('expires_at', '>', at)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) return null
      const row = await transaction
        .selectFrom('login_codes')
        .innerJoin('users', 'users.user_id', 'login_codes.user_id')
        .select(USER)
        .where('login_codes.digest', '=', digest)
        .where('users.disabled_at', 'is', null)
        .executeTakeFirst()
      return row === undefined ? null : userOf(row)
    },
    async insertSession(session) {
      await transaction.insertInto('sessions').values(passRow(session)).execute()
    },
    async deleteSession(digest) {
      await transaction.deleteFrom('sessions').where('digest', '=', digest).execute()
    },
    async sweep(at) {
      await transaction.deleteFrom('login_codes').where('expires_at', '<=', at).execute()
      await transaction.deleteFrom('sessions').where('expires_at', '<=', at).execute()
    },
  }
}

function passRow(pass: StoredPass) {
  return {
    digest: pass.digest,
    user_id: pass.userId,
    created_at: pass.createdAt,
    expires_at: pass.expiresAt,
  }
}

function userOf(row: {
  readonly userId: string
  readonly name: string
  readonly role: string
}): StoredUser {
  return { userId: row.userId, name: row.name, role: row.role as Role }
}
