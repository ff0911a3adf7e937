// Whose call it is: the credential of the request against the keys of the policy. The reason of a refusal is for metrics; the
// caller learns only what helps an honest one.

import type { ClientHeaders } from '../attribution/client-headers.ts'
import { credentialFromHeaders } from '../governance/credential-headers.ts'
import type { PolicyKey } from '../governance/policy.ts'
import type { ActivePolicy } from './active-policy.ts'

export type Identified =
  | { readonly ok: true; readonly key: PolicyKey }
  | { readonly ok: false; readonly reason: string; readonly message: string }

export function identify(policy: ActivePolicy, client: ClientHeaders, nowMs: number): Identified {
  const presented = credentialFromHeaders(client.values)
  switch (presented.kind) {
    case 'none':
      return { ok: false, reason: 'none', message: 'A Ledgerock key is required.' }
    case 'refused':
      return { ok: false, reason: presented.reason, message: CREDENTIAL_HELP[presented.reason] }
    case 'presented': {
      const verdict = policy.verifier.verify(presented.secret, nowMs)
      if (verdict.ok) return verdict
      return { ok: false, reason: verdict.refused, message: 'The key is not valid.' }
    }
  }
}

const CREDENTIAL_HELP = {
  conflicting: 'Authorization and x-api-key carry different keys.',
  unsupported: 'Send a Ledgerock key as a bearer token (AWS_BEARER_TOKEN_BEDROCK) or x-api-key.',
} as const
