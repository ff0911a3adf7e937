// What a signed request says, in the form in which it was signed (AWS Signature Version 4): its canonical headers and query, when,
// and which body. Read from the raw header list, so that a header sent twice is seen as such. What cannot be a good signature
// is refused here, before any key is looked at: an unsigned `x-amz-…` header, a clock that is wrong, a temporary credential.
// Source: AWS IAM user guide, "Create a signed AWS API request"; SignedHeaders must name host (over HTTP/2 `:authority`) and
// every x-amz-* header.

import { METADATA_HEADER } from '../../attribution/client-headers.ts'
import { canonicalQuery } from '../../bedrock/canonical-query.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { MS_PER_MINUTE } from '../../kernel/time.ts'
import { isAccessKeyId } from './access-key.ts'
import type { CredentialRefusal } from './credential-refusal.ts'
import { isDigits, isHex, type SignatureClaim } from './signature-claim.ts'

/** A request as it came: the target with its query, and the flat header list, pseudo headers of HTTP/2 included. */
export type IncomingRequest = {
  readonly method: string
  readonly url: string
  readonly rawHeaders: readonly string[]
}

/** Header lines and the bytes they stand for: `latin1`, each character one byte as on the wire. */
export type HeaderBlock = { readonly text: string; readonly bytes: 'utf8' | 'latin1' }

export type SignedRequest = {
  readonly method: string
  /** As received, without the query. */
  readonly path: string
  readonly query: string
  /** One, or two where a value is not ASCII: then clients do not agree on the bytes that are signed. */
  readonly headerBlocks: readonly HeaderBlock[]
  /** `20261014T120000Z` */
  readonly amzDate: string
  /** What the request says its body's hash is, `UNSIGNED_PAYLOAD`, or null: it says nothing, the body itself must tell. */
  readonly payload: string | null
}

export const SIGNING_SERVICES: readonly string[] = ['bedrock', 'bedrock-mantle']
/** As with AWS; both ends are inside. */
export const SKEW_MAX_MS = 5 * MS_PER_MINUTE
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD'
const SHA256_HEX_CHARS = 64
/** Added by CloudFront on the way, so no client can have signed it. */
const ADDED_ON_THE_WAY = 'x-amz-cf-id'

export function readSignedRequest(
  claim: SignatureClaim,
  request: IncomingRequest,
  nowMs: number,
): Result<SignedRequest, CredentialRefusal> {
  const headers = joinedHeaders(request.rawHeaders)
  if (headers === null) return err('malformed')
  if (headers.has('x-amz-security-token')) return err('session_token')
  if (!isAccessKeyId(claim.accessKeyId)) return err('foreign')
  if (!allSigned(headers, claim.signedNames)) return err('unsigned')
  const amzDate = headers.get('x-amz-date') ?? ''
  const at = instantOf(amzDate)
  if (at === null) return err('malformed')
  if (!SIGNING_SERVICES.includes(claim.service) || !amzDate.startsWith(claim.day)) {
    return err('scope')
  }
  if (Math.abs(nowMs - at) > SKEW_MAX_MS) return err('skewed')
  const payload = headers.get('x-amz-content-sha256') ?? null
  if (payload !== null && payload !== UNSIGNED_PAYLOAD && !isHex(payload, SHA256_HEX_CHARS)) {
    return err('payload')
  }
  const headerBlocks = headerBlocksOf(claim.signedNames, headers)
  if (headerBlocks === null) return err('signature')
  const question = request.url.indexOf('?')
  return ok({
    method: request.method,
    path: question < 0 ? request.url : request.url.slice(0, question),
    query: question < 0 ? '' : canonicalQuery(request.url),
    headerBlocks,
    amzDate,
    payload,
  })
}

/** By lower-case name; repeated ones joined by a comma, as they are signed. Null where two authorizations contradict each other. */
function joinedHeaders(raw: readonly string[]): ReadonlyMap<string, string> | null {
  const headers = new Map<string, string>()
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] as string).toLowerCase()
    const value = canonicalValue(raw[at + 1] as string)
    const before = headers.get(name)
    if (before !== undefined && name === 'authorization') return null
    headers.set(name, before === undefined ? value : `${before},${value}`)
  }
  return headers
}

/** Whether what must be signed is: else whoever is on the way could add it or change it. */
function allSigned(headers: ReadonlyMap<string, string>, signed: readonly string[]): boolean {
  if (!signed.includes('host') && !signed.includes(':authority')) return false
  if (!signed.includes('x-amz-date')) return false
  for (const name of headers.keys()) {
    const mustBe =
      (name.startsWith('x-amz-') && name !== ADDED_ON_THE_WAY) || name === METADATA_HEADER
    if (mustBe && !signed.includes(name)) return false
  }
  return true
}

/** Null where a header that is signed did not arrive. */
function headerBlocksOf(
  names: readonly string[],
  headers: ReadonlyMap<string, string>,
): readonly HeaderBlock[] | null {
  let text = ''
  for (const name of names) {
    const value = headers.get(name) ?? otherHost(name, headers)
    if (value === undefined) return null
    text += `${name}:${value}\n`
  }
  if (!/[\u0080-\u00ff]/.test(text)) return [{ text, bytes: 'utf8' }]
  const ofText = names
    .map((name) => `${name}:${textValue(headers.get(name) ?? otherHost(name, headers) ?? '')}\n`)
    .join('')
  return [
    { text: ofText, bytes: 'utf8' },
    { text, bytes: 'latin1' },
  ]
}

/** A proxy that turns HTTP/2 into HTTP/1.1, or the other way, turns one into the other. */
function otherHost(name: string, headers: ReadonlyMap<string, string>): string | undefined {
  if (name === 'host') return headers.get(':authority')
  return name === ':authority' ? headers.get('host') : undefined
}

/** Without blanks around it, runs of them as one space. What is already so, which is nearly everything, costs one scan. */
function canonicalValue(value: string): string {
  if (/^[!-~\u0080-\u00ff]+(?: [!-~\u0080-\u00ff]+)*$/.test(value)) return value
  return value.replaceAll(/[ \t]+/g, ' ').replaceAll(/^ | $/g, '')
}

/**
 * For signers that hash text rather than bytes (JavaScript's, Python's): their white space includes two characters beyond ASCII
 * which a header may hold, the no-break space and the next-line character.
 */
function textValue(value: string): string {
  return value.replaceAll(/[\s\u0085]+/g, ' ').trim()
}

/** `20261014T120000Z` as milliseconds, or null. */
function instantOf(text: string): number | null {
  const isWhole =
    text.length === 16 &&
    text[8] === 'T' &&
    text[15] === 'Z' &&
    isDigits(text.slice(0, 8), 8) &&
    isDigits(text.slice(9, 15), 6)
  if (!isWhole) return null
  return Date.UTC(
    Number(text.slice(0, 4)),
    Number(text.slice(4, 6)) - 1,
    Number(text.slice(6, 8)),
    Number(text.slice(9, 11)),
    Number(text.slice(11, 13)),
    Number(text.slice(13, 15)),
  )
}
