// Says which key signed a request, in two steps, because the hash of the body comes after the headers: `begin` reads the headers
// and looks the key up, `confirm` has the last word. Where the request names its body's hash, the signature is checked in the
// first step and the body against that hash in the second. An unknown access key costs the same hashes as a wrong signature.

import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Result } from '../../kernel/result.ts'
import { sealedPairId } from './access-key.ts'
import { checkSignature, deriveSigningKey } from './check-signature.ts'
import { refuse, type CredentialVerdict, type RefusedCredential } from './credential-refusal.ts'
import { endingMs } from '../ending.ts'
import type { PolicyKey, SigningPair } from '../policy.ts'
import type { SignatureClaim } from './signature-claim.ts'
import {
  readSignedRequest,
  UNSIGNED_PAYLOAD,
  type IncomingRequest,
  type SignedRequest,
} from './signed-request.ts'

/** What opens a sealed secret: `platform/sealing.ts` under the sealing key. */
export type Unsealer = {
  readonly open: (recordId: string, sealed: string) => Result<string, string>
}

/** `ok` means: not refused so far. Only `confirm`, with the hash of the whole body in lower-case hex, lets the call in. */
export type BegunSignature =
  | {
      readonly ok: true
      readonly key: PolicyKey
      /** The region the client signed for. */
      readonly region: string
      readonly confirm: (bodySha256: string) => CredentialVerdict
    }
  | RefusedCredential

export type SignatureVerifier = (
  claim: SignatureClaim,
  request: IncomingRequest,
  nowMs: number,
) => BegunSignature

type Entry = {
  readonly key: PolicyKey
  readonly pair: SigningPair
  readonly endsMs: number
  /** By scope. Today's and, around midnight, another day's, for each region in use. */
  readonly signingKeys: Map<string, KeyObject>
}

/** A stranger who knows an access key id can name any region, so what is kept for it has an end. */
const SIGNING_KEYS_MAX = 16
/** Signs for nobody: what is unknown is hashed with this, and refused whatever comes out. */
const NOBODY = createSecretKey(Buffer.alloc(32))

export function createSignatureVerifier(
  keys: readonly PolicyKey[],
  sealing: Unsealer,
): SignatureVerifier {
  const byAccessKey = new Map(
    keys.flatMap(entriesOf).map((entry) => [entry.pair.accessKeyId, entry]),
  )
  return function begin(claim, request, nowMs) {
    const read = readSignedRequest(claim, request, nowMs)
    if (!read.ok) return refuse(read.problem)
    const signed = read.value
    const entry = byAccessKey.get(claim.accessKeyId)
    const signingKey = entry === undefined ? NOBODY : signingKeyOf(entry, claim, sealing)
    if (signingKey === null) return refuse('unreadable')
    const { payload } = signed
    const isGood = payload === null || checkSignature(signingKey, claim, signed, payload)
    if (entry === undefined) return refuse('unknown')
    if (!isGood) return refuse('signature')
    if (entry.key.revokedAt !== null) return refuse('revoked')
    if (nowMs >= entry.endsMs) return refuse('expired')
    return {
      ok: true,
      key: entry.key,
      region: claim.region,
      confirm: (bodySha256) => confirm(entry.key, signingKey, claim, signed, bodySha256),
    }
  }
}

function confirm(
  key: PolicyKey,
  signingKey: KeyObject,
  claim: SignatureClaim,
  signed: SignedRequest,
  bodySha256: string,
): CredentialVerdict {
  if (signed.payload === null) {
    const isGood = checkSignature(signingKey, claim, signed, bodySha256)
    return isGood ? { ok: true, key } : refuse('signature')
  }
  const isSame = signed.payload === bodySha256 || signed.payload === UNSIGNED_PAYLOAD
  return isSame ? { ok: true, key } : refuse('body')
}

function entriesOf(key: PolicyKey): readonly Entry[] {
  if (key.sigV4 === null) return []
  const { previous } = key.sigV4
  const endsMs = endingMs(key.expiresAt)
  const entry = (pair: SigningPair, untilMs: number): Entry => ({
    key,
    pair,
    endsMs: Math.min(endsMs, untilMs),
    signingKeys: new Map(),
  })
  const current = entry(key.sigV4, Number.POSITIVE_INFINITY)
  return previous === null ? [current] : [current, entry(previous, endingMs(previous.until))]
}

/** Derived once per scope, about ten microseconds; the secret itself is not kept. Null: the sealed secret does not open. */
function signingKeyOf(entry: Entry, claim: SignatureClaim, sealing: Unsealer): KeyObject | null {
  const { key, pair, signingKeys } = entry
  const scope = `${claim.day}/${claim.region}/${claim.service}`
  const known = signingKeys.get(scope)
  if (known !== undefined) return known
  const opened = sealing.open(sealedPairId(key.keyId, pair.accessKeyId), pair.sealedSecret)
  if (!opened.ok) return null
  if (signingKeys.size >= SIGNING_KEYS_MAX) signingKeys.clear()
  const derived = deriveSigningKey(opened.value, claim)
  signingKeys.set(scope, derived)
  return derived
}
