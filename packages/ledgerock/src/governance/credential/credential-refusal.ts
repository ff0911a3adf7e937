// Why a credential is refused. The reason is a label of a metric; what a caller is told says no more than it could know
// without the secret, so every reason that depends on a look-up reads the same.

import type { PolicyKey } from '../policy.ts'

export const CREDENTIAL_REFUSALS = [
  /** Not in the form of a credential. */
  'malformed',
  'unknown',
  'revoked',
  'expired',
  /** Signed with an access key that is not one of ours, such as AWS's own. */
  'foreign',
  /** Temporary credentials: ours have no session token. */
  'session_token',
  /** The signature's scope names another service, or another day than the request. */
  'scope',
  /** The request's clock and ours are too far apart. */
  'skewed',
  /** A header is not signed that must be. */
  'unsigned',
  /** The body is signed in a way that is not taken, such as chunk by chunk. */
  'payload',
  /** The signature is not the one this request should have. */
  'signature',
  /** The body is not the one that was signed. */
  'body',
  /** The key's sealed secret does not open: the store was tampered with, or belongs to another master key. */
  'unreadable',
] as const
export type CredentialRefusal = (typeof CREDENTIAL_REFUSALS)[number]

export type RefusedCredential = { readonly ok: false; readonly refused: CredentialRefusal }
export type CredentialVerdict = { readonly ok: true; readonly key: PolicyKey } | RefusedCredential

export function refuse(refused: CredentialRefusal): RefusedCredential {
  return { ok: false, refused }
}

const NOT_VALID = 'The key is not valid.'

/** For the message of a refusal: to help an honest caller, and nobody else. */
export const REFUSAL_MESSAGES: Readonly<Record<CredentialRefusal, string>> = {
  malformed: 'The credential is malformed.',
  unknown: NOT_VALID,
  revoked: NOT_VALID,
  expired: NOT_VALID,
  signature: NOT_VALID,
  body: NOT_VALID,
  unreadable: NOT_VALID,
  foreign:
    'The request is signed with an access key that is not of this gateway. Make one with "ledgerock keys create --sigv4".',
  session_token: 'Access keys of this gateway have no session token; do not send one.',
  scope:
    'The signature must be for the service bedrock or bedrock-mantle, and for the day of x-amz-date.',
  skewed: 'x-amz-date is more than five minutes away from the time here; check the clock.',
  unsigned:
    'host (over HTTP/2 :authority), x-amz-date, every x-amz-* header and the request metadata must be signed.',
  payload: 'x-amz-content-sha256 must be the hash of the body or UNSIGNED-PAYLOAD.',
}
