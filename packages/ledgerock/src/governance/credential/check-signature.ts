// Whether a signed request was signed with a key: canonical request, string to sign, HMAC (AWS Signature Version 4). Of the
// spellings a path may have been signed in, the one that arrived is tried first, which is the right one unless something on the
// way rewrote it.
// Source: AWS IAM user guide, "Create a signed AWS API request".

import { createHmac, createSecretKey, hash, timingSafeEqual, type KeyObject } from 'node:crypto'
import { canonicalUri } from '../../bedrock/canonical-uri.ts'
import { otherSpellings } from './path-spellings.ts'
import { SIGV4_SCHEME, type SignatureClaim } from './signature-claim.ts'
import type { HeaderBlock, SignedRequest } from './signed-request.ts'

/** The key of a day, region and service; a KeyObject, because an HMAC with one is several times as fast as with raw bytes. */
export function deriveSigningKey(secretAccessKey: string, claim: SignatureClaim): KeyObject {
  let key: Buffer = createHmac('sha256', `AWS4${secretAccessKey}`).update(claim.day).digest()
  for (const part of [claim.region, claim.service, 'aws4_request']) {
    key = createHmac('sha256', key).update(part).digest()
  }
  return createSecretKey(key)
}

/** `payload` is the body's hash in hex, or what stands for it. */
export function checkSignature(
  key: KeyObject,
  claim: SignatureClaim,
  request: SignedRequest,
  payload: string,
): boolean {
  const claimed = Buffer.from(claim.signature, 'hex')
  if (matchesPath(key, claim, request, payload, request.path, claimed)) return true
  for (const path of otherSpellings(request.path)) {
    if (matchesPath(key, claim, request, payload, path, claimed)) return true
  }
  return false
}

function matchesPath(
  key: KeyObject,
  claim: SignatureClaim,
  request: SignedRequest,
  payload: string,
  path: string,
  claimed: Buffer,
): boolean {
  const uri = canonicalUri(path)
  for (const block of request.headerBlocks) {
    const text = stringToSign(claim, request, uri, block, payload)
    if (timingSafeEqual(createHmac('sha256', key).update(text).digest(), claimed)) return true
  }
  return false
}

function stringToSign(
  claim: SignatureClaim,
  request: SignedRequest,
  uri: string,
  block: HeaderBlock,
  payload: string,
): string {
  const canonical =
    `${request.method}\n${uri}\n${request.query}\n${block.text}\n` +
    `${claim.signedHeaders}\n${payload}`
  const bytes = block.bytes === 'utf8' ? canonical : Buffer.from(canonical, 'latin1')
  return (
    `${SIGV4_SCHEME}\n${request.amzDate}\n` +
    `${claim.day}/${claim.region}/${claim.service}/aws4_request\n${hash('sha256', bytes, 'hex')}`
  )
}
