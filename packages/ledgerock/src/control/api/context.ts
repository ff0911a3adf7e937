// What a request carries through the control API, and where it came from. A caller inside the process (the command line without
// a server) is trusted because it already holds the data directory; nothing that comes over a socket can claim that.

import type { Context } from 'hono'
import type { PolicyKey } from '../../governance/policy.ts'
import type { Actor } from '../people/actor.ts'
import type { UserScope } from '../people/scope.ts'

export type ApiBindings = {
  /** Set only by `inProcess`. */
  readonly inProcess?: Actor
  /** Set by the HTTP server. */
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } }
}

export type ApiEnv = {
  Bindings: ApiBindings
  Variables: {
    /** Whoever asks; not there where a gateway key does. */
    actor: Actor
    scope: UserScope | null
    /** On routes that take gateway keys, where one was presented. */
    key?: PolicyKey
  }
}
export type ApiContext = Context<ApiEnv>

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/

/** True only where the peer is known to be on this machine. */
export function isLocal(c: ApiContext): boolean {
  const bindings: ApiBindings | undefined = c.env
  if (bindings?.inProcess !== undefined) return true
  return LOOPBACK.test(bindings?.incoming?.socket?.remoteAddress ?? '')
}
