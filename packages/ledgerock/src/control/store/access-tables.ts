// People of the control plane and how they prove who they are: users, API tokens, one-time login codes and sessions. Tokens,
// codes and cookies are kept as keyed digests only.

import type { Kysely, Transaction } from 'kysely'
import type { Role } from '../people/roles.ts'
import type { UserScope } from '../people/scope.ts'
import type { ControlDatabase } from './schema.ts'

export type StoredUser = {
  readonly userId: string
  readonly name: string
  readonly role: Role
  /** Null: sees the whole. */
  readonly scope: UserScope | null
}

/** Also who is disabled. */
export type KnownUser = StoredUser & {
  readonly createdAt: string
  readonly disabledAt: string | null
}

/** Without its digest, also when it works no more. */
export type KnownToken = {
  readonly tokenId: string
  readonly user: StoredUser
  readonly userDisabledAt: string | null
  readonly name: string
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
}

/** Names of those who made something and of those who made what it was made with; left out: nobody but Ledgerock. */
type Made = { readonly makers?: readonly string[] }

/** What stands for a user, with who made it and the account. */
export type Held = { readonly user: StoredUser; readonly makers: readonly string[] }

export type StoredToken = Made & {
  readonly tokenId: string
  readonly userId: string
  readonly name: string
  readonly digest: string
  readonly createdAt: string
  readonly expiresAt: string | null
}

/** Something short-lived, known by its digest, that stands for a user. */
export type StoredPass = Made & {
  readonly digest: string
  readonly userId: string
  readonly createdAt: string
  readonly expiresAt: string
}

/** `find…` finds only what is in force at `at`: nothing revoked, expired or of a disabled user. */
export type AccessReads = {
  /** Everybody who ever was, by name. */
  readonly users: () => Promise<readonly KnownUser[]>
  /** Every token that ever was, newest first. */
  readonly tokens: () => Promise<readonly KnownToken[]>
  readonly findUser: (name: string) => Promise<StoredUser | null>
  readonly findToken: (
    tokenId: string,
    at: string,
  ) => Promise<(Held & { readonly digest: string }) | null>
  readonly findSession: (
    digest: string,
    at: string,
  ) => Promise<(Held & { readonly expiresAt: string }) | null>
}

export type AccessWrites = AccessReads & {
  readonly insertUser: (user: StoredUser & Made, at: string) => Promise<void>
  readonly disableUser: (userId: string, at: string) => Promise<void>
  readonly revokeToken: (tokenId: string, at: string) => Promise<void>
  /** Ends the user's sessions and unused login codes. */
  readonly endSessions: (userId: string) => Promise<void>
  readonly insertToken: (token: StoredToken) => Promise<void>
  readonly insertLoginCode: (code: StoredPass) => Promise<void>
  /** Whom the code is for, once; null for a code that is unknown, used or expired. */
  readonly useLoginCode: (digest: string, at: string) => Promise<Held | null>
  readonly insertSession: (session: StoredPass) => Promise<void>
  readonly deleteSession: (digest: string) => Promise<void>
  /** Forgets codes and sessions that ended before `at`. */
  readonly sweep: (at: string) => Promise<void>
}

const USER = ['users.user_id as userId', 'users.name', 'users.role', 'users.scope'] as const

export function accessReads(database: Kysely<ControlDatabase>): AccessReads {
  return {
    ...accessLists(database),
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
        .select([...USER, 'users.made_by as accountBy', 'tokens.digest', 'tokens.made_by as by'])
        .where('tokens.token_id', '=', tokenId)
        .where('tokens.revoked_at', 'is', null)
        .where((eb) =>
          eb.or([eb('tokens.expires_at', 'is', null), eb('tokens.expires_at', '>', at)]),
        )
        .where('users.disabled_at', 'is', null)
        .executeTakeFirst()
      return row === undefined ? null : { digest: row.digest, ...heldOf(row) }
    },
    async findSession(digest, at) {
      const row = await database
        .selectFrom('sessions')
        .innerJoin('users', 'users.user_id', 'sessions.user_id')
        .select([
          ...USER,
          'users.made_by as accountBy',
          'sessions.expires_at as expiresAt',
          'sessions.made_by as by',
        ])
        .where('sessions.digest', '=', digest)
        .where('sessions.expires_at', '>', at)
        .where('users.disabled_at', 'is', null)
        .executeTakeFirst()
      return row === undefined ? null : { expiresAt: row.expiresAt, ...heldOf(row) }
    },
  }
}

function accessLists(database: Kysely<ControlDatabase>): Pick<AccessReads, 'users' | 'tokens'> {
  return {
    async users() {
      const rows = await database
        .selectFrom('users')
        .select([...USER, 'users.created_at as createdAt', 'users.disabled_at as disabledAt'])
        .orderBy('users.name')
        .execute()
      return rows.map((row) => ({
        ...userOf(row),
        createdAt: row.createdAt,
        disabledAt: row.disabledAt,
      }))
    },
    async tokens() {
      const rows = await database
        .selectFrom('tokens')
        .innerJoin('users', 'users.user_id', 'tokens.user_id')
        .select([
          ...USER,
          'users.disabled_at as userDisabledAt',
          'tokens.token_id as tokenId',
          'tokens.name as tokenName',
          'tokens.created_at as createdAt',
          'tokens.expires_at as expiresAt',
          'tokens.revoked_at as revokedAt',
        ])
        .orderBy('tokens.created_at', 'desc')
        .orderBy('tokens.token_id')
        .execute()
      return rows.map((row) => ({
        tokenId: row.tokenId,
        user: userOf(row),
        userDisabledAt: row.userDisabledAt,
        name: row.tokenName,
        createdAt: row.createdAt,
        expiresAt: row.expiresAt,
        revokedAt: row.revokedAt,
      }))
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
          scope: user.scope === null ? null : JSON.stringify(user.scope),
          created_at: at,
          disabled_at: null,
          made_by: makersText(user),
        })
        .execute()
    },
    async disableUser(userId, at) {
      await transaction
        .updateTable('users')
        .set({ disabled_at: at })
        .where('user_id', '=', userId)
        .where('disabled_at', 'is', null)
        .execute()
    },
    async revokeToken(tokenId, at) {
      await transaction
        .updateTable('tokens')
        .set({ revoked_at: at })
        .where('token_id', '=', tokenId)
        .where('revoked_at', 'is', null)
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
          made_by: makersText(token),
        })
        .execute()
    },
  }
}

type LoginWrites = Pick<
  AccessWrites,
  'insertLoginCode' | 'useLoginCode' | 'insertSession' | 'deleteSession' | 'endSessions' | 'sweep'
>

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
        .select([...USER, 'users.made_by as accountBy', 'login_codes.made_by as by'])
        .where('login_codes.digest', '=', digest)
        .where('users.disabled_at', 'is', null)
        .executeTakeFirst()
      return row === undefined ? null : heldOf(row)
    },
    async insertSession(session) {
      await transaction.insertInto('sessions').values(passRow(session)).execute()
    },
    async deleteSession(digest) {
      await transaction.deleteFrom('sessions').where('digest', '=', digest).execute()
    },
    async endSessions(userId) {
      await transaction.deleteFrom('sessions').where('user_id', '=', userId).execute()
      await transaction.deleteFrom('login_codes').where('user_id', '=', userId).execute()
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
    made_by: makersText(pass),
  }
}

function makersText({ makers = [] }: Made): string | null {
  return makers.length === 0 ? null : JSON.stringify(makers)
}

type UserRow = {
  readonly userId: string
  readonly name: string
  readonly role: string
  readonly scope: string | null
}
type HeldRow = UserRow & { readonly accountBy: string | null; readonly by: string | null }

function heldOf(row: HeldRow): Held {
  const lists = [row.accountBy, row.by].filter((text) => text !== null)
  const makers = lists.flatMap((text) => JSON.parse(text) as readonly string[])
  return { user: userOf(row), makers: [...new Set(makers)] }
}

function userOf(row: UserRow): StoredUser {
  const scope = row.scope === null ? null : (JSON.parse(row.scope) as UserScope)
  return { userId: row.userId, name: row.name, role: row.role as Role, scope }
}
