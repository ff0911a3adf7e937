// The header by which a caller proves its AWS identity: base64url of the JSON `{method, url, headers, body}` of a signed but unsent
// `sts:GetCallerIdentity`. What it may hold is written out, and what goes to STS is built anew from what was checked, so nothing can
// be read one way here and another way there. Pure: whether the signature is right, only STS knows.

import { hash } from 'node:crypto'
import { err, ok, type Result } from '../kernel/result.ts'
import { MS_PER_MINUTE, MS_PER_SECOND } from '../kernel/time.ts'
import { readCallQuery, readQuery, writeQuery } from './identity-query.ts'
import { STS_HOSTS } from './sts-hosts.ts'

export const IDENTITY_PROBLEMS = [
  'not_configured',
  'too_large',
  'malformed',
  'method',
  'host',
  'action',
  'header',
  'signature',
  'audience',
  'expired',
  'not_yet',
] as const
export type IdentityProblem = (typeof IDENTITY_PROBLEMS)[number]

/** What to send to STS, to its last byte. */
export type IdentityRequest = {
  readonly method: 'GET' | 'POST'
  readonly host: string
  readonly path: string
  /** Lower-case names; `host` among them, `content-length` not. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** When the proof stops being one, whatever STS would still take. */
  readonly expiresAtMs: number
}

const AUDIENCE_HEADER = 'x-ledgerock-gateway'
const TOKEN_CHARACTERS_MAX = 16_384
const HEADERS_MAX = 24
const BODY = 'Action=GetCallerIdentity&Version=2011-06-15'
const BODY_SHA256 = hash('sha256', BODY, 'hex')
const EMPTY_SHA256 = hash('sha256', '', 'hex')
const AGE_MAX_MS = 15 * MS_PER_MINUTE
const AHEAD_MAX_MS = 5 * MS_PER_MINUTE

/** What signers put into such a request. Of these only what is signed goes on; anything else is not the request it should be. */
const HEADERS_ALLOWED: ReadonlySet<string> = new Set([
  AUDIENCE_HEADER,
  'accept',
  'accept-encoding',
  'amz-sdk-invocation-id',
  'amz-sdk-request',
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'host',
  'user-agent',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-user-agent',
  'x-amzn-trace-id',
])
const VALUE = /^[\x20-\x7e]{1,8192}$/
const FORM = /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^ ,]+), ?SignedHeaders=([^ ,]+), ?Signature=([0-9a-f]{64})$/
const SCOPE = /^\w{1,128}\/(\d{8})\/[a-z0-9-]{1,32}\/sts\/aws4_request$/
const URL_FORM = /^https:\/\/([a-z0-9.-]{1,64})\/?(?:\?([^#]*))?$/
const TOKEN_FORM = /^[A-Za-z0-9_-]+={0,2}$/

type Written = {
  readonly method: unknown
  readonly host: string
  readonly query: string
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** What the signature says of itself, wherever it stands. */
type Signed = {
  readonly signedHeaders: string
  readonly scope: string
  readonly date: string
  readonly livesMs: number
}

/** `audience` is what the signed `x-ledgerock-gateway` must say; null lets nobody in. */
export function parseIdentityToken(
  token: string,
  audience: string | null,
  nowMs: number,
): Result<IdentityRequest, IdentityProblem> {
  if (audience === null || audience === '') return err('not_configured')
  const read = readToken(token)
  if (!read.ok) return read
  const { method, host, query, headers, body } = read.value
  if (!STS_HOSTS.has(host)) return err('host')
  const isPost = method === 'POST'
  if (!isPost && method !== 'GET') return err('method')
  if (isPost ? body !== BODY || query !== '' : body !== '') return err('action')
  const pairs = isPost ? null : readQuery(query)
  const signed = isPost ? signedByHeader(headers) : signedByQuery(pairs, headers)
  if (!signed.ok) return signed
  const chosen = sentHeaders(signed.value.signedHeaders, headers, host, isPost)
  if (!chosen.ok) return chosen
  if (chosen.value[AUDIENCE_HEADER] !== audience) return err('audience')
  const signedAtMs = instantOf(signed.value)
  if (signedAtMs === null) return err('signature')
  const expiresAtMs = signedAtMs + signed.value.livesMs
  if (signedAtMs - nowMs > AHEAD_MAX_MS) return err('not_yet')
  if (nowMs >= expiresAtMs) return err('expired')
  return ok({
    method: isPost ? 'POST' : 'GET',
    host,
    path: pairs === null ? '/' : `/?${writeQuery(pairs)}`,
    headers: chosen.value,
    body,
    expiresAtMs,
  })
}

function readToken(token: string): Result<Written, IdentityProblem> {
  if (token.length > TOKEN_CHARACTERS_MAX) return err('too_large')
  if (!TOKEN_FORM.test(token)) return err('malformed')
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'))
  } catch {
    return err('malformed')
  }
  if (!isRecord(parsed)) return err('malformed')
  const { method, url, headers, body = '', ...others } = parsed
  if (Object.keys(others).length > 0 || typeof url !== 'string') return err('malformed')
  if (!isRecord(headers) || typeof body !== 'string') return err('malformed')
  const [, host, query = ''] = URL_FORM.exec(url) ?? []
  if (host === undefined) return err('host')
  const byName = new Map<string, string>()
  for (const [written, value] of Object.entries(headers)) {
    const name = written.toLowerCase()
    if (byName.has(name) || !HEADERS_ALLOWED.has(name)) return err('header')
    if (typeof value !== 'string' || !VALUE.test(value)) return err('header')
    byName.set(name, value)
  }
  if (byName.size > HEADERS_MAX) return err('header')
  return ok({ method, host, query, headers: byName, body })
}

function signedByHeader(headers: ReadonlyMap<string, string>): Result<Signed, IdentityProblem> {
  const [, scope, signedHeaders] = AUTHORIZATION.exec(headers.get('authorization') ?? '') ?? []
  const date = headers.get('x-amz-date')
  if (scope === undefined || signedHeaders === undefined || date === undefined) {
    return err('signature')
  }
  // A date that is not signed may be anybody's.
  if (!signedHeaders.split(';').includes('x-amz-date')) return err('signature')
  return ok({ signedHeaders, scope, date, livesMs: AGE_MAX_MS })
}

function signedByQuery(
  pairs: ReadonlyMap<string, string> | null,
  headers: ReadonlyMap<string, string>,
): Result<Signed, IdentityProblem> {
  if (headers.has('authorization') || headers.has('x-amz-date')) return err('signature')
  const call = pairs === null ? null : readCallQuery(pairs)
  if (call === null) return err('action')
  const { signedHeaders, scope, date, expiresSeconds } = call
  const livesMs = Math.min(AGE_MAX_MS, expiresSeconds * MS_PER_SECOND)
  return ok({ signedHeaders, scope, date, livesMs })
}

/** Only what is signed goes to STS, and all of it, as it was signed. */
function sentHeaders(
  signedHeaders: string,
  headers: ReadonlyMap<string, string>,
  host: string,
  isPost: boolean,
): Result<Record<string, string>, IdentityProblem> {
  const sent: Record<string, string> = { accept: 'application/json' }
  const names = signedHeaders.split(';')
  for (const [index, name] of names.entries()) {
    if (index > 0 && name <= (names[index - 1] as string)) return err('signature')
    const value = name === 'host' ? (headers.get('host') ?? host) : headers.get(name)
    if (value === undefined || name === 'authorization') return err('signature')
    if (!isRight(name, value, host, isPost)) return err('header')
    if (name !== 'content-length') sent[name] = value
  }
  if (sent['host'] === undefined) return err('signature')
  if (isPost) {
    sent['content-type'] ??= 'application/x-www-form-urlencoded'
    sent['authorization'] = headers.get('authorization') as string
  }
  return ok(sent)
}

function isRight(name: string, value: string, host: string, isPost: boolean): boolean {
  switch (name) {
    case 'host':
      return value === host
    case 'content-length':
      return isPost && value === String(BODY.length)
    case 'content-type':
      return isPost && FORM.test(value)
    case 'accept':
      return value === 'application/json' || value === '*/*'
    case 'accept-encoding':
      return value === 'identity'
    case 'x-amz-content-sha256':
      return value === (isPost ? BODY_SHA256 : EMPTY_SHA256)
    default:
      return true
  }
}

/** The instant of `20261120T231400Z`, where the signature's scope is of the same day. */
function instantOf({ date, scope }: Signed): number | null {
  const [, day] = SCOPE.exec(scope) ?? []
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? []
  if (day === undefined || !date.startsWith(day)) return null
  const ms = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
  return Number.isNaN(ms) ? null : ms
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
