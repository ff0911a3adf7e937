// Who sends a request: a SigV4 signature or a Bedrock API key, checked against the credentials the simulator was given and
// the sessions it handed out. Given none it is in demo mode and takes any well-formed credential; a request without one is
// refused in either mode, and a session is checked in both.

import { hash } from 'node:crypto'

import { METADATA_HEADER } from './read-ask.ts'
import { refuse, type Refusal } from './refusal.ts'
import { NO_TAGS, type Sessions, type SessionTags } from './sessions.ts'
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
  /** Instead of the simulator's own account. */
  readonly accountId?: string
  /** Instead of an IAM user named after the access key. */
  readonly principalArn?: string
}

export type SimulatorBearerKey = {
  readonly key: string
  /** Where the key belongs; a Bedrock API key is bound to a region. */
  readonly region?: string
  readonly accountId?: string
  readonly principalArn?: string
}

export type Caller = {
  readonly kind: 'caller'
  readonly auth: 'sigv4' | 'bearer'
  readonly accessKeyId: string | null
  /** Tells bearer keys apart without giving them away. */
  readonly keyFingerprint: string | null
  readonly region: string
  readonly accountId: string
  readonly principalArn: string
  readonly sessionTags: SessionTags
}

/** Names services as signatures do. */
export type Service = 'bedrock' | 'bedrock-mantle' | 'sts'

export type Authenticate = (
  request: SignedRequest,
  service: Service,
  nowMs: number,
) => Caller | Refusal

export type AuthenticationOptions = {
  readonly credentials: readonly SimulatorCredential[]
  readonly bearerKeys: readonly (string | SimulatorBearerKey)[]
  readonly sessions: Sessions
  readonly accountId: string
  /** The first is where bearer calls belong. Null: any region, bearer calls in us-east-1. */
  readonly regions: readonly string[] | null
}

const SKEW_MS_MAX = 300_000
const DEFAULT_REGION = 'us-east-1'
const FINGERPRINT_LENGTH = 16

const UNKNOWN_KEY = 'The security token included in the request is invalid.'
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. ' +
  'Consult the service documentation for details.'

const EXPIRED = 'The security token included in the request is expired'

/** What a signature must have been made with, and whom it stands for. */
type Holder = {
  readonly secretAccessKey: string
  readonly sessionToken: string | undefined
  readonly expiresAtMs: number
  readonly accountId: string
  readonly principalArn: string
  readonly tags: SessionTags
}

/** What requests are checked against. */
type Keyring = {
  readonly holders: ReadonlyMap<string, Holder>
  readonly sessions: Sessions
  readonly bearerKeys: ReadonlyMap<string, SimulatorBearerKey>
  readonly accountId: string
  readonly regions: readonly string[] | null
  readonly isOpen: boolean
  readonly signingKeys: SigningKeys
}

export function createAuthenticate(options: AuthenticationOptions): Authenticate {
  const keyring: Keyring = {
    holders: new Map(
      options.credentials.map((one) => [one.accessKeyId, holderOf(one, options.accountId)]),
    ),
    sessions: options.sessions,
    bearerKeys: new Map(
      options.bearerKeys.map((one) =>
        typeof one === 'string' ? [one, { key: one }] : [one.key, one],
      ),
    ),
    accountId: options.accountId,
    regions: options.regions,
    isOpen: options.credentials.length === 0 && options.bearerKeys.length === 0,
    signingKeys: cachedSigningKeys(),
  }
  return (request, service, nowMs) => {
    const { authorization } = request.headers
    if (authorization === undefined || authorization === '') {
      return refuse('MissingAuthenticationTokenException', 'Missing Authentication Token')
    }
    if (/^bearer /i.test(authorization) && service !== 'sts') {
      return checkBearer(keyring, authorization.slice('bearer '.length).trim())
    }
    const claim = parseAuthorization(authorization)
    if (claim === null) {
      return refuse(
        'IncompleteSignatureException',
        'Authorization header requires Credential, SignedHeaders and Signature parameters.',
      )
    }
    return checkSigned(keyring, request, claim, service, nowMs)
  }
}

function holderOf(credential: SimulatorCredential, ownAccountId: string): Holder {
  const accountId = credential.accountId ?? ownAccountId
  return {
    secretAccessKey: credential.secretAccessKey,
    sessionToken: credential.sessionToken,
    expiresAtMs: Infinity,
    accountId,
    principalArn: credential.principalArn ?? userArn(accountId, credential.accessKeyId),
    tags: NO_TAGS,
  }
}

function userArn(accountId: string, name: string): string {
  return `arn:aws:iam::${accountId}:user/${name}`
}

function checkBearer(keyring: Keyring, key: string): Caller | Refusal {
  const known = keyring.bearerKeys.get(key)
  if (key === '' || (!keyring.isOpen && known === undefined)) {
    return refuse(
      'AccessDeniedException',
      'Authentication failed: Please make sure your API Key is valid.',
    )
  }
  const keyFingerprint = hash('sha256', key, 'hex').slice(0, FINGERPRINT_LENGTH)
  const accountId = known?.accountId ?? keyring.accountId
  return {
    kind: 'caller',
    auth: 'bearer',
    accessKeyId: null,
    keyFingerprint,
    region: known?.region ?? keyring.regions?.[0] ?? DEFAULT_REGION,
    accountId,
    // A long-term key is a credential of an IAM user that the console makes for it.
    principalArn:
      known?.principalArn ?? userArn(accountId, `BedrockAPIKey-${keyFingerprint.slice(0, 4)}`),
    sessionTags: NO_TAGS,
  }
}

function checkSigned(
  keyring: Keyring,
  request: SignedRequest,
  claim: ClaimedSignature,
  service: Service,
  nowMs: number,
): Caller | Refusal {
  const problem = checkClaim(claim, request, service, keyring.regions)
  if (problem !== null) return problem
  const { accessKeyId, region } = claim
  const session = keyring.sessions.find(accessKeyId)
  const holder = session ?? keyring.holders.get(accessKeyId)
  const caller: Caller = {
    kind: 'caller',
    auth: 'sigv4',
    accessKeyId,
    keyFingerprint: null,
    region,
    accountId: holder?.accountId ?? keyring.accountId,
    principalArn: holder?.principalArn ?? userArn(keyring.accountId, accessKeyId),
    sessionTags: holder?.tags ?? NO_TAGS,
  }
  if (holder === undefined) {
    return keyring.isOpen ? caller : refuse('UnrecognizedClientException', UNKNOWN_KEY)
  }
  if (request.headers['x-amz-security-token'] !== holder.sessionToken) {
    return refuse('UnrecognizedClientException', UNKNOWN_KEY)
  }
  if (nowMs >= holder.expiresAtMs) return refuse('ExpiredTokenException', EXPIRED)
  const amzDate = headerText(request.headers, 'x-amz-date')
  const stale = checkDate(amzDate, claim, nowMs, request.presignedForMs ?? SKEW_MS_MAX)
  if (stale !== null) return stale
  const payload = request.headers['x-amz-content-sha256']
  if (payload !== undefined && payload !== request.bodySha256) return badSignature(MISMATCH)
  const key = keyring.signingKeys(holder.secretAccessKey, claim)
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
  service: Service,
  regions: readonly string[] | null,
): Refusal | null {
  if (claim.service !== service) {
    return badSignature(`Credential should be scoped to correct service: '${service}'.`)
  }
  if (regions !== null && service !== 'sts' && !regions.includes(claim.region)) {
    return badSignature(`Credential should be scoped to a valid region.`)
  }
  const { signedHeaders } = claim
  if (!signedHeaders.includes('host') && !signedHeaders.includes(':authority')) {
    return badSignature(`'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.`)
  }
  if (request.presignedForMs !== undefined) return null
  for (const name of ['x-amz-date', 'x-amz-security-token', METADATA_HEADER]) {
    if (request.headers[name] !== undefined && !signedHeaders.includes(name)) {
      return badSignature(
        `'${name}' must be a 'SignedHeader' in the AWS Authorization when it is sent.`,
      )
    }
  }
  return null
}

function checkDate(
  amzDate: string,
  claim: ClaimedSignature,
  nowMs: number,
  holdsMs: number,
): Refusal | null {
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
  if (signedAtMs < nowMs - holdsMs) {
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
