// Who sends a request: a SigV4 signature or a Bedrock API key, checked against the credentials the simulator was given.
// Given none it is in demo mode and takes any well-formed credential; a request without one is refused in either mode.

import { hash } from 'node:crypto'

import { METADATA_HEADER } from './read-ask.ts'
import { refuse, type Refusal } from './refusal.ts'
import {
  cachedSigningKeys,
  expectedSignature,
  headerText,
  parseAuthorization,
  type ClaimedSignature,
  type SignedRequest,
  type SigningKeys,
} from './signature.ts'

export type SimulatorCredential = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

export type Caller = {
  readonly kind: 'caller'
  readonly auth: 'sigv4' | 'bearer'
  readonly accessKeyId: string | null
  /** Tells bearer keys apart without giving them away. */
  readonly keyFingerprint: string | null
  readonly region: string
}

export type Authenticate = (request: SignedRequest, nowMs: number) => Caller | Refusal

export type AuthenticationOptions = {
  readonly credentials: readonly SimulatorCredential[]
  readonly bearerKeys: readonly string[]
  /** The first is where bearer calls belong. Null: any region, bearer calls in us-east-1. */
  readonly regions: readonly string[] | null
}

const SERVICE = 'bedrock'
const SKEW_MS_MAX = 300_000
const DEFAULT_REGION = 'us-east-1'
const FINGERPRINT_LENGTH = 16

const UNKNOWN_KEY = 'The security token included in the request is invalid.'
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. ' +
  'Consult the service documentation for details.'

/** What requests are checked against. */
type Keyring = {
  readonly credentials: ReadonlyMap<string, SimulatorCredential>
  readonly bearerKeys: ReadonlySet<string>
  readonly regions: readonly string[] | null
  readonly isOpen: boolean
  readonly signingKeys: SigningKeys
}

export function createAuthenticate(options: AuthenticationOptions): Authenticate {
  const keyring: Keyring = {
    credentials: new Map(options.credentials.map((one) => [one.accessKeyId, one])),
    bearerKeys: new Set(options.bearerKeys),
    regions: options.regions,
    isOpen: options.credentials.length === 0 && options.bearerKeys.length === 0,
    signingKeys: cachedSigningKeys(),
  }
  return (request, nowMs) => {
    const authorization = request.headers.authorization
    if (authorization === undefined || authorization === '') {
      return refuse('MissingAuthenticationTokenException', 'Missing Authentication Token')
    }
    if (/^bearer /i.test(authorization)) {
      return checkBearer(keyring, authorization.slice('bearer '.length).trim())
    }
    const claim = parseAuthorization(authorization)
    if (claim === null) {
      return refuse(
        'IncompleteSignatureException',
        'Authorization header requires Credential, SignedHeaders and Signature parameters.',
      )
    }
    return checkSigned(keyring, request, claim, nowMs)
  }
}

function checkBearer({ bearerKeys, isOpen, regions }: Keyring, key: string): Caller | Refusal {
  if (key === '' || (!isOpen && !bearerKeys.has(key))) {
    return refuse(
      'AccessDeniedException',
      'Authentication failed: Please make sure your API Key is valid.',
    )
  }
  const keyFingerprint = hash('sha256', key, 'hex').slice(0, FINGERPRINT_LENGTH)
  const region = regions?.[0] ?? DEFAULT_REGION
  return { kind: 'caller', auth: 'bearer', accessKeyId: null, keyFingerprint, region }
}

function checkSigned(
  keyring: Keyring,
  request: SignedRequest,
  claim: ClaimedSignature,
  nowMs: number,
): Caller | Refusal {
  const problem = checkClaim(claim, request, keyring.regions)
  if (problem !== null) return problem
  const { accessKeyId, region } = claim
  const caller: Caller = {
    kind: 'caller',
    auth: 'sigv4',
    accessKeyId,
    keyFingerprint: null,
    region,
  }
  if (keyring.isOpen) return caller
  const credential = keyring.credentials.get(accessKeyId)
  if (credential === undefined) return refuse('UnrecognizedClientException', UNKNOWN_KEY)
  if (request.headers['x-amz-security-token'] !== credential.sessionToken) {
    return refuse('UnrecognizedClientException', UNKNOWN_KEY)
  }
  const amzDate = headerText(request.headers, 'x-amz-date')
  const stale = checkDate(amzDate, claim, nowMs)
  if (stale !== null) return stale
  const payload = request.headers['x-amz-content-sha256']
  if (payload !== undefined && payload !== request.bodySha256) return badSignature(MISMATCH)
  const key = keyring.signingKeys(credential.secretAccessKey, claim)
  const expected = expectedSignature(request, claim, amzDate, key)
  return expected === claim.signature ? caller : badSignature(MISMATCH)
}

/** The region a refused request was meant for, as far as it says. */
export function claimedRegion(authorization: string | undefined): string {
  const claim = authorization === undefined ? null : parseAuthorization(authorization)
  return claim?.region ?? DEFAULT_REGION
}

/** What can be checked without the secret. */
function checkClaim(
  claim: ClaimedSignature,
  request: SignedRequest,
  regions: readonly string[] | null,
): Refusal | null {
  if (claim.service !== SERVICE) {
    return badSignature(`Credential should be scoped to correct service: '${SERVICE}'.`)
  }
  if (regions !== null && !regions.includes(claim.region)) {
    return badSignature(`Credential should be scoped to a valid region.`)
  }
  const { signedHeaders } = claim
  if (!signedHeaders.includes('host') && !signedHeaders.includes(':authority')) {
    return badSignature(`'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.`)
  }
  for (const name of ['x-amz-date', 'x-amz-security-token', METADATA_HEADER]) {
    if (request.headers[name] !== undefined && !signedHeaders.includes(name)) {
      return badSignature(
        `'${name}' must be a 'SignedHeader' in the AWS Authorization when it is sent.`,
      )
    }
  }
  return null
}

function checkDate(amzDate: string, claim: ClaimedSignature, nowMs: number): Refusal | null {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(amzDate)
  if (match === null) {
    return refuse('IncompleteSignatureException', `Date must be in ISO-8601 'basic format'.`)
  }
  if (!amzDate.startsWith(claim.date)) {
    return badSignature(`Date in Credential scope does not match YYYYMMDD from ISO-8601 version.`)
  }
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number)
  const signedAtMs = Date.UTC(
    year ?? 0,
    (month ?? 0) - 1,
    day ?? 0,
    hour ?? 0,
    minute ?? 0,
    second ?? 0,
  )
  if (signedAtMs < nowMs - SKEW_MS_MAX) {
    return badSignature(
      `Signature expired: ${amzDate} is now earlier than ${basicTime(nowMs)} - 5 min.`,
    )
  }
  if (signedAtMs > nowMs + SKEW_MS_MAX) {
    return badSignature(
      `Signature not yet current: ${amzDate} is still later than ${basicTime(nowMs)} + 5 min.`,
    )
  }
  return null
}

function basicTime(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')
}

function badSignature(message: string): Refusal {
  return refuse('InvalidSignatureException', message)
}
