// Where a call carries its credential: `Authorization` (a bearer token or a signature), `x-api-key`, or the caller's AWS identity
// in a header of ours; nowhere else, never the URL. Two that differ are refused, because guessing which one is meant would let
// one key spend for another.

import { isAccessKeyId } from './access-key.ts'
import { isSigV4, parseSignatureClaim, type SignatureClaim } from './signature-claim.ts'

/**
 * `conflicting`: two credentials that differ. `unsupported`: a scheme we do not take, such as Basic. `malformed`: a signature
 * without one of its parts. `presigned`: a signature in the URL.
 */
export const PRESENTATION_REFUSALS = [
  'conflicting',
  'unsupported',
  'malformed',
  'presigned',
] as const
export type PresentationRefusal = (typeof PRESENTATION_REFUSALS)[number]

export type PresentedCredential =
  | { readonly kind: 'none' }
  | { readonly kind: 'presented'; readonly secret: string }
  | { readonly kind: 'signature'; readonly claim: SignatureClaim }
  /** Proof of an AWS identity, not yet looked at; `region` is where the AWS SDK that sends it thinks it calls, if it says so. */
  | { readonly kind: 'aws_identity'; readonly token: string; readonly region: string | null }
  | { readonly kind: 'refused'; readonly reason: PresentationRefusal }

export const AWS_IDENTITY_HEADER = 'x-ledgerock-aws-identity'

/** Headers as Node gives them, names in lower case. */
export type HeaderValues = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * `none` only where there is nothing of the kind: a wrong credential never becomes an anonymous call. `url` is the request's
 * target as received.
 */
export function credentialFromHeaders(headers: HeaderValues, url: string): PresentedCredential {
  if (isPresigned(url)) return refuse('presigned')
  const authorization = single(headers['authorization'])
  const apiKey = single(headers['x-api-key'])
  const identity = single(headers[AWS_IDENTITY_HEADER])
  if (authorization !== undefined && isSigV4(authorization)) {
    return fromSignature(authorization, apiKey, identity)
  }
  const secret = bearerOrKey(authorization, apiKey)
  if (identity === undefined) return secret ?? { kind: 'none' }
  if (secret !== null) return refuse('conflicting')
  return { kind: 'aws_identity', token: identity.trim(), region: null }
}

function fromSignature(
  authorization: string,
  apiKey: string | undefined,
  identity: string | undefined,
): PresentedCredential {
  const claim = parseSignatureClaim(authorization)
  if (claim === null) return refuse('malformed')
  if (apiKey !== undefined) return refuse('conflicting')
  if (identity === undefined) return { kind: 'signature', claim }
  // An AWS SDK signs whatever it sends. With a key of AWS's own that signature is for AWS, and proves nothing to us.
  if (isAccessKeyId(claim.accessKeyId)) return refuse('conflicting')
  return { kind: 'aws_identity', token: identity.trim(), region: claim.region }
}

/** Null where neither header is there. */
function bearerOrKey(
  authorization: string | undefined,
  apiKey: string | undefined,
): PresentedCredential | null {
  if (authorization === undefined) {
    return apiKey === undefined ? null : { kind: 'presented', secret: apiKey.trim() }
  }
  const bearer = /^bearer +(\S+) *$/i.exec(authorization)
  if (bearer === null) return refuse('unsupported')
  const secret = bearer[1] as string
  if (apiKey !== undefined && apiKey.trim() !== secret) return refuse('conflicting')
  return { kind: 'presented', secret }
}

/** A signature in the query can be replayed by whoever reads a log; AWS's own names, in any case. */
function isPresigned(url: string): boolean {
  const query = url.indexOf('?')
  if (query < 0) return false
  // Decoded, because a name may be written in escapes.
  const text = decoded(url.slice(query)).toLowerCase()
  return text.includes('x-amz-signature=') || text.includes('x-amz-credential=')
}

function decoded(query: string): string {
  return query.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

function refuse(reason: PresentationRefusal): PresentedCredential {
  return { kind: 'refused', reason }
}

/** A header sent twice is joined, as HTTP means it; the result is no valid secret. */
function single(value: string | readonly string[] | undefined): string | undefined {
  return value === undefined || typeof value === 'string' ? value : value.join(', ')
}
