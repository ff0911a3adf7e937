// AWS's Security Token Service at `/sts/`, in its query protocol: AssumeRole with a session name and tags, GetCallerIdentity,
// signed in the header or in the query. What AssumeRole hands out signs later calls. Limits are those of the STS API
// reference.

import { hash } from 'node:crypto'

import type { Caller } from './authenticate.ts'
import type { Exchange } from './exchange.ts'
import { isRefusal, refuse, type ErrorType, type Refusal } from './refusal.ts'
import { partsOfRole, type Session, type SessionAsk, type SessionTags } from './sessions.ts'
import { presignedRequest, type SignedRequest } from './signature.ts'
import type { Simulation } from './simulation.ts'

export const STS_PATH = '/sts'

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/
const TAG_KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u
const TAGS_MAX = 50
const DURATION_S = { default: 3_600, min: 900, max: 43_200 } as const

/** STS's own names for what Bedrock calls otherwise. */
const CODES: { readonly [Type in ErrorType]?: string } = {
  AccessDeniedException: 'AccessDenied',
  ExpiredTokenException: 'ExpiredToken',
  IncompleteSignatureException: 'IncompleteSignature',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  ServiceUnavailableException: 'ServiceUnavailable',
  UnknownOperationException: 'InvalidAction',
  UnrecognizedClientException: 'InvalidClientTokenId',
  ValidationException: 'ValidationError',
}

export function serveSts(simulation: Simulation, exchange: Exchange, body: Buffer): void {
  const nowMs = simulation.clock.now()
  const form = new URLSearchParams(exchange.method === 'POST' ? body.toString() : exchange.query)
  const action = form.get('Action') ?? ''
  const requestId = simulation.nextRequestId()
  const caller = callerOf(simulation, exchange, body, nowMs)
  const isCaller = !isRefusal(caller)
  simulation.sideCalls.add({
    service: 'sts',
    action,
    atMs: nowMs,
    principalArn: isCaller ? caller.principalArn : null,
    subject: form.get('RoleArn'),
  })
  const answer = simulation.isDown('sts')
    ? refuse('ServiceUnavailableException', 'Service unavailable.')
    : isCaller
      ? perform(simulation, action, form, caller, nowMs)
      : caller
  if (typeof answer === 'string') {
    const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`
    const name = `${action}Response`
    send(exchange, 200, `<${name} xmlns="${NAMESPACE}">${answer}${metadata}</${name}>`, requestId)
  } else {
    const code = CODES[answer.type] ?? answer.type
    const status = code === 'ServiceUnavailable' ? 503 : code === 'ValidationError' ? 400 : 403
    const error =
      `<Error><Type>${status === 503 ? 'Receiver' : 'Sender'}</Type><Code>${code}</Code>` +
      `<Message>${escaped(answer.message)}</Message></Error><RequestId>${requestId}</RequestId>`
    const xml = `<ErrorResponse xmlns="${NAMESPACE}">${error}</ErrorResponse>`
    send(exchange, status, xml, requestId)
  }
}

/** A request may have been signed for a host where STS stands at the root, and been sent on to this path. */
function callerOf(
  simulation: Simulation,
  { method, path, query, headers }: Exchange,
  body: Buffer,
  nowMs: number,
): Caller | Refusal {
  const bodySha256 = hash('sha256', body, 'hex')
  const sent: SignedRequest = { method, path, query, headers, bodySha256 }
  const signed = headers.authorization === undefined ? (presignedRequest(sent) ?? sent) : sent
  const caller = simulation.authenticate(signed, 'sts', nowMs)
  if (!isRefusal(caller) || caller.type !== 'InvalidSignatureException') return caller
  const rooted = path.slice(STS_PATH.length)
  return simulation.authenticate({ ...signed, path: rooted === '' ? '/' : rooted }, 'sts', nowMs)
}

function perform(
  simulation: Simulation,
  action: string,
  form: URLSearchParams,
  caller: Caller,
  nowMs: number,
): string | Refusal {
  if (action === 'GetCallerIdentity') {
    return (
      `<GetCallerIdentityResult><Arn>${escaped(caller.principalArn)}</Arn>` +
      `<UserId>${escaped(userIdOf(caller))}</UserId><Account>${caller.accountId}</Account>` +
      `</GetCallerIdentityResult>`
    )
  }
  if (action !== 'AssumeRole') {
    return refuse('UnknownOperationException', `Could not find operation ${action}.`)
  }
  const ask = readAssumeRole(form)
  if (isRefusal(ask)) return ask
  const { roles, sessions } = simulation
  if (roles !== null && !roles.has(ask.roleArn)) {
    return refuse(
      'AccessDeniedException',
      `User: ${caller.principalArn} is not authorized to perform: sts:AssumeRole on resource: ` +
        ask.roleArn,
    )
  }
  return assumeRoleResult(sessions.issue(ask, nowMs))
}

function readAssumeRole(form: URLSearchParams): SessionAsk | Refusal {
  const roleArn = form.get('RoleArn') ?? ''
  const sessionName = form.get('RoleSessionName') ?? ''
  const durationSeconds = Number(form.get('DurationSeconds') ?? DURATION_S.default)
  if (partsOfRole(roleArn) === null) return outOfBounds('roleArn')
  if (!SESSION_NAME.test(sessionName)) return outOfBounds('roleSessionName')
  if (!(durationSeconds >= DURATION_S.min && durationSeconds <= DURATION_S.max)) {
    return outOfBounds('durationSeconds')
  }
  const tags = readTags(form)
  return isTags(tags) ? { roleArn, sessionName, durationSeconds, tags: tags.tags } : tags
}

type ReadTags = { readonly tags: SessionTags }

function readTags(form: URLSearchParams): ReadTags | Refusal {
  const tags: { [key: string]: string } = {}
  const seen = new Set<string>()
  for (let index = 1; form.has(`Tags.member.${index}.Key`); index++) {
    const key = form.get(`Tags.member.${index}.Key`) ?? ''
    const value = form.get(`Tags.member.${index}.Value`) ?? ''
    if (index > TAGS_MAX || !TAG_KEY.test(key) || !TAG_VALUE.test(value)) return outOfBounds('tags')
    if (seen.has(key.toLowerCase())) {
      return refuse(
        'ValidationException',
        'Duplicate tag keys found. Tag keys are case insensitive.',
      )
    }
    seen.add(key.toLowerCase())
    tags[key] = value
  }
  return { tags }
}

function isTags(value: ReadTags | Refusal): value is ReadTags {
  return 'tags' in value
}

function assumeRoleResult(session: Session): string {
  const expiration = new Date(session.expiresAtMs).toISOString().replace(/\.\d{3}Z$/, 'Z')
  const name = session.principalArn.slice(session.principalArn.lastIndexOf('/') + 1)
  return (
    `<AssumeRoleResult><AssumedRoleUser><AssumedRoleId>${roleIdOf(session.roleArn)}:${escaped(name)}` +
    `</AssumedRoleId><Arn>${escaped(session.principalArn)}</Arn></AssumedRoleUser>` +
    `<Credentials><AccessKeyId>${session.accessKeyId}</AccessKeyId>` +
    `<SecretAccessKey>${session.secretAccessKey}</SecretAccessKey>` +
    `<SessionToken>${session.sessionToken}</SessionToken>` +
    `<Expiration>${expiration}</Expiration></Credentials>` +
    `<PackedPolicySize>1</PackedPolicySize></AssumeRoleResult>`
  )
}

function userIdOf({ principalArn, accessKeyId }: Caller): string {
  const session = /:assumed-role\/[^/]+\/(.+)$/.exec(principalArn)?.[1]
  return session === undefined ? `AIDA${hashed(accessKeyId ?? '')}` : `AROA${hashed('')}:${session}`
}

function roleIdOf(roleArn: string): string {
  return `AROA${hashed(roleArn)}`
}

function hashed(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 17).toUpperCase()
}

function outOfBounds(member: string): Refusal {
  return refuse(
    'ValidationException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint`,
  )
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function send(exchange: Exchange, status: number, xml: string, requestId: string): void {
  exchange.head(status, {
    'content-type': 'text/xml',
    'content-length': Buffer.byteLength(xml),
    'x-amzn-requestid': requestId,
  })
  exchange.end(xml)
}
