// Who may use the control API, and how they prove it: a bearer token `lra_…`, or a session cookie bought once with a one-time
// login code. Tokens, codes and cookies are 256 random bits and are kept only as keyed digests, each kind under its own key.

import { timingSafeEqual, type KeyObject } from 'node:crypto'
import { base62 } from '../../governance/credential/base62.ts'
import { parseKey } from '../../governance/credential/key-format.ts'
import { digestOfSecret, SECRET_CHARS_MAX } from '../../governance/credential/secret-digest.ts'
import { assert } from '../../kernel/assert.ts'
import { isoTime, MS_PER_HOUR, MS_PER_MINUTE, type Clock } from '../../kernel/time.ts'
import { makersFor, type Maker } from './access-person.ts'
import type { Held, StoredUser } from '../store/access-tables.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { Actor } from './actor.ts'

export const LOGIN_CODE_LIFETIME_MS = 10 * MS_PER_MINUTE
export const SESSION_LIFETIME_MS = 12 * MS_PER_HOUR
const RANDOM_BYTES = 32
const RANDOM_CHARS = 43

export type LoginCode = { readonly code: string; readonly expiresAt: string }
export type Session = {
  readonly cookie: string
  readonly user: StoredUser
  readonly expiresAt: string
}

export type Access = {
  /** Who holds this `lra_` token; null for anything else. */
  readonly byToken: (presented: string) => Promise<Actor | null>
  /** Whose session this cookie is; null for anything else. */
  readonly bySession: (
    cookie: string,
  ) => Promise<{ readonly actor: Actor; readonly expiresAt: string } | null>
  /** A code for the dashboard link: ten minutes, single use. The user must be there. */
  readonly createLoginCode: (maker: Maker, userName: string) => Promise<LoginCode>
  /** Null for a code that is unknown, used or too old. */
  readonly openSession: (code: string) => Promise<Session | null>
  readonly closeSession: (cookie: string) => Promise<void>
}

export type AccessDeps = {
  readonly store: ControlStore
  readonly tokenKey: KeyObject
  readonly sessionKey: KeyObject
  readonly random: (bytes: number) => Uint8Array
  readonly clock: Clock
}

const NO_DIGEST = Buffer.alloc(32)

export function createAccess(deps: AccessDeps): Access {
  const { store, clock } = deps
  return {
    async byToken(presented) {
      const parsed = parseKey(presented)
      if (parsed?.kind !== 'lra') return null
      const digest = digestOfSecret(deps.tokenKey, presented)
      const found = await store.read.access.findToken(parsed.id, isoTime(clock.now()))
      const kept = found === null ? NO_DIGEST : Buffer.from(found.digest, 'hex')
      const same = kept.length === digest.length && timingSafeEqual(kept, digest)
      return found !== null && same ? actorOf(found, 'token') : null
    },
    async bySession(cookie) {
      if (cookie.length > SECRET_CHARS_MAX) return null
      const at = isoTime(clock.now())
      const found = await store.read.access.findSession(digestOf(deps, 'session', cookie), at)
      if (found === null) return null
      return { actor: actorOf(found, 'session'), expiresAt: found.expiresAt }
    },
    createLoginCode: (maker, userName) => createLoginCode(deps, maker, userName),
    openSession: (code) => openSession(deps, code),
    closeSession: (cookie) =>
      store.write(({ access }) => access.deleteSession(digestOf(deps, 'session', cookie))),
  }
}

async function createLoginCode(
  deps: AccessDeps,
  maker: Maker,
  userName: string,
): Promise<LoginCode> {
  const code = base62(deps.random(RANDOM_BYTES), RANDOM_CHARS)
  const at = isoTime(deps.clock.now())
  const expiresAt = isoTime(deps.clock.now() + LOGIN_CODE_LIFETIME_MS)
  await deps.store.write(async ({ access, audit }) => {
    const user = await access.findUser(userName)
    assert(user !== null, `there is no user ${userName}`)
    await access.sweep(at)
    const pass = { digest: digestOf(deps, 'code', code), userId: user.userId }
    await access.insertLoginCode({ ...pass, createdAt: at, expiresAt, makers: makersFor(maker) })
    const [action, after] = ['login_code.create', { expires_at: expiresAt }]
    await audit.append({ actor: maker.name, action, subject: userName, before: null, after })
  })
  return { code, expiresAt }
}

async function openSession(deps: AccessDeps, code: string): Promise<Session | null> {
  if (code.length > SECRET_CHARS_MAX) return null
  const cookie = base62(deps.random(RANDOM_BYTES), RANDOM_CHARS)
  const at = isoTime(deps.clock.now())
  const expiresAt = isoTime(deps.clock.now() + SESSION_LIFETIME_MS)
  const user = await deps.store.write(async ({ access, audit }) => {
    const holder = await access.useLoginCode(digestOf(deps, 'code', code), at)
    if (holder === null) return null
    const pass = { digest: digestOf(deps, 'session', cookie), userId: holder.user.userId }
    const { name } = holder.user
    await access.insertSession({ ...pass, createdAt: at, expiresAt, makers: holder.makers })
    const after = { expires_at: expiresAt }
    await audit.append({ actor: name, action: 'session.open', subject: name, before: null, after })
    return holder.user
  })
  return user === null ? null : { cookie, user, expiresAt }
}

/** The purpose is part of what is hashed, so that a login code is never a cookie. */
function digestOf(deps: AccessDeps, purpose: 'code' | 'session', text: string): string {
  return digestOfSecret(deps.sessionKey, `${purpose}:${text}`).toString('hex')
}

function actorOf({ user, makers }: Held, by: Actor['by']): Actor {
  return { name: user.name, role: user.role, scope: user.scope, by, makers }
}
