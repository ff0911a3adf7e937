// Verifies AWS Signature Version 4 as the real service does, from the bytes of the request: canonical request (the path as
// sent, encoded once more), string to sign, derived key. Written from AWS's description and checked against their signer;
// it shares no code with anything it is used to test. Derived keys are kept, so a request costs two hashes and one HMAC.

import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

export type SignedRequest = {
  readonly method: string
  /** As sent, still encoded, without the query. */
  readonly path: string
  /** As sent, without the question mark. */
  readonly query: string
  readonly headers: IncomingHttpHeaders
  readonly bodySha256: string
  /** Signed in the query: how long that is to hold. The date and the token then stand there, unsigned as headers. */
  readonly presignedForMs?: number
}

export type ClaimedSignature = {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
const KEYS_MAX = 1_000
/** A week, as AWS has it. */
const PRESIGNED_S_MAX = 604_800
const FORM =
  /^AWS4-HMAC-SHA256\s+Credential=([^\s,]+),\s*SignedHeaders=([^\s,]+),\s*Signature=([0-9a-f]{64})$/

/** Null when the header is not a complete SigV4 authorization. */
export function parseAuthorization(authorization: string): ClaimedSignature | null {
  const match = FORM.exec(authorization)
  if (match === null) return null
  const [, credential = '', signedHeaders = '', signature = ''] = match
  const parts = credential.split('/')
  const [terminal, service, region, date] = parts.toReversed()
  const accessKeyId = parts.slice(0, -4).join('/')
  if (terminal !== 'aws4_request' || accessKeyId === '') return null
  if (service === undefined || region === undefined || date === undefined) return null
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature }
}

/** The same request with what its query says put where a signed header has it; null when the query holds no signature. */
export function presignedRequest(request: SignedRequest): SignedRequest | null {
  const query = new URLSearchParams(request.query)
  const signature = query.get('X-Amz-Signature')
  const expires = Number(query.get('X-Amz-Expires'))
  if (signature === null || !(expires >= 1 && expires <= PRESIGNED_S_MAX)) return null
  const credential = query.get('X-Amz-Credential') ?? ''
  const signedHeaders = query.get('X-Amz-SignedHeaders') ?? ''
  const token = query.get('X-Amz-Security-Token')
  const rest = request.query.split('&').filter((pair) => !pair.startsWith('X-Amz-Signature='))
  return {
    ...request,
    query: rest.join('&'),
    headers: {
      ...request.headers,
      authorization:
        `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders}, ` +
        `Signature=${signature}`,
      'x-amz-date': query.get('X-Amz-Date') ?? '',
      ...(token === null ? {} : { 'x-amz-security-token': token }),
    },
    presignedForMs: expires * 1_000,
  }
}

export type SigningKeys = (secretAccessKey: string, claim: ClaimedSignature) => KeyObject

export function cachedSigningKeys(): SigningKeys {
  const keys = new Map<string, KeyObject>()
  return (secretAccessKey, { accessKeyId, date, region, service }) => {
    const name = `${accessKeyId}/${date}/${region}/${service}`
    const known = keys.get(name)
    if (known !== undefined) return known
    if (keys.size >= KEYS_MAX) keys.clear()
    let key = Buffer.from(`AWS4${secretAccessKey}`)
    for (const part of [date, region, service, 'aws4_request']) {
      key = createHmac('sha256', key).update(part).digest()
    }
    const derived = createSecretKey(key)
    keys.set(name, derived)
    return derived
  }
}

export function expectedSignature(
  request: SignedRequest,
  claim: ClaimedSignature,
  amzDate: string,
  key: KeyObject,
): string {
  const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`
  const canonical = hash('sha256', canonicalRequest(request, claim.signedHeaders), 'hex')
  return createHmac('sha256', key)
    .update(`${ALGORITHM}\n${amzDate}\n${scope}\n${canonical}`)
    .digest('hex')
}

export function canonicalRequest(
  { method, path, query, headers, bodySha256 }: SignedRequest,
  signedHeaders: readonly string[],
): string {
  let block = ''
  for (const name of signedHeaders) block += `${name}:${headerText(headers, name)}\n`
  return (
    `${method}\n${canonicalPath(path)}\n${canonicalQuery(query)}\n${block}\n` +
    `${signedHeaders.join(';')}\n${bodySha256}`
  )
}

/** Over HTTP/2 `:authority` is signed in place of `host`; a proxy may have turned one into the other. */
export function headerText(headers: IncomingHttpHeaders, name: string): string {
  const value =
    headers[name] ??
    (name === 'host' ? headers[':authority'] : name === ':authority' ? headers.host : undefined)
  if (value === undefined) return ''
  const text = Array.isArray(value) ? value.join(',') : value
  return text.trim().replace(/ {2,}/g, ' ')
}

function canonicalPath(path: string): string {
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue
    if (segment === '..') segments.pop()
    else segments.push(encodeStrictly(segment))
  }
  const trailing = path.endsWith('/') && segments.length > 0 ? '/' : ''
  return `/${segments.join('/')}${trailing}`
}

function canonicalQuery(query: string): string {
  if (query === '') return ''
  return query
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=')
      const name = equals === -1 ? pair : pair.slice(0, equals)
      const value = equals === -1 ? '' : pair.slice(equals + 1)
      return [encodeStrictly(decodeLoosely(name)), encodeStrictly(decodeLoosely(value))] as const
    })
    .toSorted(([leftName, leftValue], [rightName, rightValue]) =>
      leftName === rightName ? compare(leftValue, rightValue) : compare(leftName, rightName),
    )
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function compare(left: string, right: string): number {
  if (left === right) return 0
  return left < right ? -1 : 1
}

/** RFC 3986: only letters, digits and `-._~` stay. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
