// API tokens of people: create, list, revoke. The token leaves this file once, in the answer that made it; what stays is its keyed
// digest. Every request asks the store whether its token still counts, so a revoked one works no more from that moment on.

import type { KeyObject } from 'node:crypto'
import type { ProblemError } from '@ledgerock/contract'
import { mintKey } from '../../governance/credential/key-format.ts'
import { digestOfSecret } from '../../governance/credential/secret-digest.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import { makersFor, type Maker } from './access-person.ts'
import { unknownUser, type AccessProblem } from './access-problem.ts'
import { parseExpiry } from '../expiry.ts'
import type { KnownToken } from '../store/access-tables.ts'
import type { ControlStore } from '../store/control-store.ts'

/** What the list calls a token that somebody made, beside the one of the first start. */
const TOKEN_NAME = 'api'

export const TOKEN_STATES = ['active', 'expired', 'revoked', 'user_disabled'] as const
export type TokenState = (typeof TOKEN_STATES)[number]

export type NewToken = {
  readonly user: string
  /** A date, a timestamp or a time from now such as `90d`; null: no end. */
  readonly expires: string | null
  readonly reason: string | null
}

/** The only value that ever holds a token. */
export type MintedToken = {
  readonly token: string
  readonly token_id: string
  readonly user: string
  readonly expires_at: string | null
}

export type TokenView = {
  readonly token_id: string
  /** What the token begins with: how its holder recognises it. */
  readonly token_prefix: string
  readonly name: string
  readonly user: string
  readonly state: TokenState
  readonly created_at: string
  readonly expires_at: string | null
  readonly revoked_at: string | null
}

export type TokenService = {
  readonly create: (maker: Maker, token: NewToken) => Promise<Result<MintedToken, AccessProblem>>
  readonly list: () => Promise<readonly TokenView[]>
  /** Revoking what is revoked changes nothing. */
  readonly revoke: (
    actor: string,
    tokenId: string,
    reason: string | null,
  ) => Promise<Result<TokenView, AccessProblem>>
}

export type TokenServiceDeps = {
  readonly store: ControlStore
  readonly tokenKey: KeyObject
  readonly random: (bytes: number) => Uint8Array
  readonly clock: Clock
}

export function createTokenService(deps: TokenServiceDeps): TokenService {
  return {
    create: (maker, token) => createToken(deps, maker, token),
    async list() {
      const nowMs = deps.clock.now()
      return (await deps.store.read.access.tokens()).map((token) => viewOf(token, nowMs))
    },
    revoke: (actor, tokenId, reason) => revokeToken(deps, actor, tokenId, reason),
  }
}

async function createToken(
  deps: TokenServiceDeps,
  maker: Maker,
  { user: name, expires, reason }: NewToken,
): ReturnType<TokenService['create']> {
  const nowMs = deps.clock.now()
  const expiry = parseExpiry(expires, nowMs)
  const errors = expiryErrors(expiry, nowMs)
  if (errors.length > 0 || !expiry.ok) {
    return err({ code: 'invalid_request', detail: 'the token cannot be made like this', errors })
  }
  const { id, text } = mintKey(deps.random, 'lra')
  const expiresAt = expiry.value === null ? null : isoTime(expiry.value)
  return deps.store.write(async ({ access, audit }) => {
    const user = await access.findUser(name)
    if (user === null) return err(unknownUser(name))
    await access.insertToken({
      tokenId: id,
      userId: user.userId,
      name: TOKEN_NAME,
      digest: digestOfSecret(deps.tokenKey, text).toString('hex'),
      createdAt: isoTime(nowMs),
      expiresAt,
      makers: makersFor(maker),
    })
    const after = { token_id: id, expires_at: expiresAt }
    const [actor, action] = [maker.name, 'token.create']
    await audit.append({ actor, action, subject: name, before: null, after, reason })
    return ok({ token: text, token_id: id, user: name, expires_at: expiresAt })
  })
}

async function revokeToken(
  deps: TokenServiceDeps,
  actor: string,
  tokenId: string,
  reason: string | null,
): ReturnType<TokenService['revoke']> {
  const nowMs = deps.clock.now()
  const at = isoTime(nowMs)
  return deps.store.write(async ({ access, audit }) => {
    const token = (await access.tokens()).find((one) => one.tokenId === tokenId)
    if (token === undefined) return err(unknownToken(tokenId))
    if (token.revokedAt !== null) return ok(viewOf(token, nowMs))
    await access.revokeToken(tokenId, at)
    // A session may have been bought with this very token, and a stolen one must leave nothing open.
    await access.endSessions(token.user.userId)
    const facts = { token_id: tokenId, expires_at: token.expiresAt }
    await audit.append({
      actor,
      action: 'token.revoke',
      subject: token.user.name,
      before: { ...facts, revoked_at: null },
      after: { ...facts, revoked_at: at },
      reason,
    })
    return ok(viewOf({ ...token, revokedAt: at }, nowMs))
  })
}

function expiryErrors(
  expiry: Result<number | null, string>,
  nowMs: number,
): readonly ProblemError[] {
  if (!expiry.ok) return [{ path: 'expires', message: expiry.problem }]
  const isPast = expiry.value !== null && expiry.value <= nowMs
  return isPast ? [{ path: 'expires', message: 'must lie in the future' }] : []
}

function viewOf(token: KnownToken, nowMs: number): TokenView {
  return {
    token_id: token.tokenId,
    token_prefix: `lra_${token.tokenId}`,
    name: token.name,
    user: token.user.name,
    state: stateOf(token, nowMs),
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    revoked_at: token.revokedAt,
  }
}

function stateOf(token: KnownToken, nowMs: number): TokenState {
  if (token.revokedAt !== null) return 'revoked'
  if (token.userDisabledAt !== null) return 'user_disabled'
  const isOver = token.expiresAt !== null && Date.parse(token.expiresAt) <= nowMs
  return isOver ? 'expired' : 'active'
}

const unknownToken = (tokenId: string): AccessProblem => ({
  code: 'token_unknown',
  detail: `no token has the id ${tokenId}`,
  errors: [],
})
