// Whose call it is: what the request presents as its credential, against the keys of the policy, or AWS's own word. The reason of
// a refusal is for metrics; the caller learns only what helps an honest one. A credential that is wrong never becomes an
// anonymous call.

import type { IdentityVerdict } from '../aws/identity-verifier.ts'
import type { ClientHeaders } from '../attribution/client-headers.ts'
import { classifyPrincipal } from '../attribution/principal.ts'
import {
  credentialFromHeaders,
  type PresentationRefusal,
} from '../governance/credential/credential-headers.ts'
import { REFUSAL_MESSAGES } from '../governance/credential/credential-refusal.ts'
import type { PolicyKey } from '../governance/policy.ts'
import type { ActivePolicy } from './active-policy.ts'
import type { GatewayDeps } from './call.ts'
import { ANONYMOUS, type Caller } from './caller.ts'
import type { GatewayRequest } from './server/gateway-request.ts'

export type Identified =
  | {
      readonly ok: true
      readonly caller: Caller
      /** For a signature: whether it is the caller's own for a body of this SHA-256. Null: nothing is left to be proved. */
      readonly confirm: ((bodySha256: string) => NotIdentified | null) | null
    }
  | NotIdentified

export type NotIdentified = {
  readonly ok: false
  readonly code: 'credential' | 'identity_unavailable'
  readonly reason: string
  readonly message: string
}

/** At once, but for an AWS identity seen for the first time: then STS is asked. Never rejects. */
export function identify(
  policy: ActivePolicy,
  { identities, ownAccounts }: Pick<GatewayDeps, 'identities' | 'ownAccounts'>,
  client: ClientHeaders,
  request: GatewayRequest,
  nowMs: number,
): Identified | Promise<Identified> {
  const { method = '', url = '', rawHeaders } = request
  const presented = credentialFromHeaders(client.values, url)
  switch (presented.kind) {
    case 'none': {
      if (policy.admitsAnonymous(request.socket.remoteAddress)) {
        return { ok: true, caller: ANONYMOUS, confirm: null }
      }
      return refused('none', 'A Ledgerock key is required.')
    }
    case 'refused':
      return refused(presented.reason, PRESENTATION_HELP[presented.reason])
    case 'presented': {
      const verdict = policy.verifier.verify(presented.secret, nowMs)
      if (!verdict.ok) return refused(verdict.refused, REFUSAL_MESSAGES[verdict.refused])
      return { ok: true, caller: callerOf(verdict.key, verdict.key.region), confirm: null }
    }
    case 'signature': {
      const begun = policy.verifier.beginSignature(
        presented.claim,
        { method, url, rawHeaders },
        nowMs,
      )
      if (!begun.ok) return refused(begun.refused, REFUSAL_MESSAGES[begun.refused])
      return {
        ok: true,
        caller: callerOf(begun.key, begun.region),
        confirm(bodySha256) {
          const verdict = begun.confirm(bodySha256)
          return verdict.ok ? null : refused(verdict.refused, REFUSAL_MESSAGES[verdict.refused])
        },
      }
    }
    case 'aws_identity': {
      const { token, region } = presented
      const verdict = identities.verify(token)
      const proven = (proof: IdentityVerdict): Identified =>
        provenCaller(proof, region, (principalArn, accountId) =>
          isKnown(policy, ownAccounts(), principalArn, accountId, nowMs),
        )
      if (!(verdict instanceof Promise)) return proven(verdict)
      return verdict.then(proven, () => ({
        ok: false,
        code: 'identity_unavailable',
        reason: 'sts_unavailable',
        message: 'AWS STS cannot be asked about this identity at the moment.',
      }))
    }
  }
}

/** STS vouches for every AWS account there is: let in are those Bedrock is called in, and whom an owner rule of the file knows. */
function isKnown(
  { doors }: ActivePolicy,
  ownAccounts: ReadonlySet<string>,
  principalArn: string,
  accountId: string,
  nowMs: number,
): boolean {
  if (ownAccounts.has(accountId)) return true
  const who = { principalArn, accountId, profile: null, project: null, keyName: null }
  return doors.ownerOf(who, nowMs) !== null
}

function provenCaller(
  verdict: IdentityVerdict,
  region: string | null,
  isOurs: (principalArn: string, accountId: string) => boolean,
): Identified {
  if (verdict.kind === 'refused') {
    return refused(verdict.reason, `The AWS identity is not accepted (${verdict.reason}).`)
  }
  const { principalArn, accountId } = verdict
  if (!isOurs(principalArn, accountId)) {
    return refused('account', 'Nobody here knows the AWS account of this identity.')
  }
  const caller: Caller = {
    kind: 'aws_identity',
    keyName: null,
    principalArn,
    principalKind: classifyPrincipal(principalArn).kind,
    accountId,
    bind: null,
    region,
  }
  return { ok: true, caller, confirm: null }
}

function callerOf({ name, bind }: PolicyKey, region: string | null): Caller {
  return {
    kind: 'key',
    keyName: name,
    principalArn: null,
    principalKind: null,
    accountId: null,
    bind,
    region,
  }
}

function refused(reason: string, message: string): NotIdentified {
  return { ok: false, code: 'credential', reason, message }
}

const PRESENTATION_HELP: Readonly<Record<PresentationRefusal, string>> = {
  conflicting: 'The request carries two credentials that differ; send one.',
  malformed: 'The Authorization header does not hold a whole signature.',
  presigned: 'Send the signature in a header; presigned URLs are not accepted.',
  unsupported:
    'Send a Ledgerock key as a bearer token (AWS_BEARER_TOKEN_BEDROCK) or x-api-key, or sign with an access key of Ledgerock’s.',
}
