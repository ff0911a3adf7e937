// A gateway key on a route that takes one, in the headers in which the gateway takes it.

import { REFUSAL_MESSAGES } from '../../governance/credential/credential-refusal.ts'
import { credentialFromHeaders } from '../../governance/credential/credential-headers.ts'
import type { PolicyKey } from '../../governance/policy.ts'
import type { KeyCheck } from '../keys/key-holder.ts'
import type { ApiContext } from './context.ts'
import { refuse } from './problem.ts'

const TOKEN_PREFIX = 'lra_'

/** Null: no key is presented, so it is a person who asks. A wrong key is never anybody else. */
export function keyHeld(c: ApiContext, check: KeyCheck): PolicyKey | Response | null {
  const presented = credentialFromHeaders(c.req.header(), c.req.url)
  switch (presented.kind) {
    case 'none':
      return null
    case 'presented': {
      if (presented.secret.startsWith(TOKEN_PREFIX)) return null
      const verdict = check(presented.secret)
      if (verdict === null) {
        return refuse(503, 'policy_unpublished', 'no policy is published yet; try again')
      }
      return verdict.ok ? verdict.key : unauthenticated(REFUSAL_MESSAGES[verdict.refused])
    }
    case 'signature':
    case 'aws_identity':
    case 'refused':
      return unauthenticated('send a token lra_… or a gateway key as a bearer token')
  }
}

function unauthenticated(detail: string): Response {
  return refuse(401, 'unauthenticated', detail)
}
