// Who a caller is according to AWS: its signed `GetCallerIdentity` is sent to STS once, and the answer holds no longer than the
// proof itself. Keyed by the proof's hash, so that no signature lies around in memory; one question per proof at a time.

import { hash } from 'node:crypto'
import { Fault } from '../kernel/fault.ts'
import { MS_PER_SECOND, type Clock } from '../kernel/time.ts'
import { parseIdentityToken, type IdentityProblem, type IdentityRequest } from './identity-token.ts'
import { createLimiter, type Limiter } from './limiter.ts'
import { readCallerIdentity } from './sts-answer.ts'

export type IdentityRefusal = IdentityProblem | 'sts_refused'

export type VerifiedIdentity = {
  readonly kind: 'verified'
  readonly principalArn: string
  readonly accountId: string
  readonly expiresAtMs: number
}
export type RefusedIdentity = { readonly kind: 'refused'; readonly reason: IdentityRefusal }
export type IdentityVerdict = VerifiedIdentity | RefusedIdentity

export type StsAnswer = {
  readonly status: number
  readonly contentType: string
  readonly body: string
}
/** Sends it once and never elsewhere; throws where there is no answer. */
export type SendToSts = (request: IdentityRequest) => Promise<StsAnswer>

export type IdentityVerifier = {
  /**
   * At once where the proof is known or cannot be right; else after asking STS.
   * @throws Fault `identity_unavailable`, from the promise
   */
  readonly verify: (token: string) => IdentityVerdict | Promise<IdentityVerdict>
}

export type IdentityVerifierDeps = {
  readonly clock: Clock
  /** What the signed `x-ledgerock-gateway` must say; null: nobody is let in this way. */
  readonly audience: string | null
  readonly send: SendToSts
  readonly verdictsMax?: number
  readonly inFlightMax?: number
  readonly waitingMax?: number
}

const VERDICTS_MAX = 10_000
const REFUSALS_MAX = 1_000
const IN_FLIGHT_MAX = 50
const WAITING_MAX = 500
/** Long enough to take the weight of a client that tries again and again, short enough for clocks and grants to be mended. */
const REFUSED_FOR_MS = 15 * MS_PER_SECOND

const STS_REFUSED: RefusedIdentity = { kind: 'refused', reason: 'sts_refused' }

export function createIdentityVerifier({
  clock,
  audience,
  send,
  verdictsMax = VERDICTS_MAX,
  inFlightMax = IN_FLIGHT_MAX,
  waitingMax = WAITING_MAX,
}: IdentityVerifierDeps): IdentityVerifier {
  const limiter: Limiter = createLimiter(clock, inFlightMax, waitingMax)
  // Apart, so that a stranger's inventions cannot push out who is known.
  const verified = new Map<string, VerifiedIdentity>()
  const refusedUntilMs = new Map<string, number>()
  const asking = new Map<string, Promise<IdentityVerdict>>()

  async function ask(id: string, request: IdentityRequest): Promise<IdentityVerdict> {
    const answer = await limiter.run(() => send(request)).catch(unavailable)
    const { expiresAtMs } = request
    const identity =
      answer.status === 200 ? readCallerIdentity(answer.contentType, answer.body) : null
    if (identity !== null) {
      const verdict: VerifiedIdentity = { kind: 'verified', ...identity, expiresAtMs }
      keep(verified, id, verdict, verdictsMax)
      return verdict
    }
    if (!isRefusal(answer)) unavailable(new Error(`its status was ${answer.status}`))
    keep(refusedUntilMs, id, clock.now() + REFUSED_FOR_MS, REFUSALS_MAX)
    return STS_REFUSED
  }

  return {
    verify(token) {
      const id = hash('sha256', token, 'base64')
      const now = clock.now()
      const known = verified.get(id)
      if (known !== undefined) {
        if (now < known.expiresAtMs) return known
        verified.delete(id)
      }
      const refusedUntil = refusedUntilMs.get(id)
      if (refusedUntil !== undefined) {
        if (now < refusedUntil) return STS_REFUSED
        refusedUntilMs.delete(id)
      }
      const parsed = parseIdentityToken(token, audience, now)
      if (!parsed.ok) return { kind: 'refused', reason: parsed.problem }
      const running = asking.get(id)
      if (running !== undefined) return running
      const started = ask(id, parsed.value).finally(() => asking.delete(id))
      asking.set(id, started)
      return started
    },
  }
}

/** The oldest one goes: it is also the one that expires first, near enough. */
function keep<Value>(into: Map<string, Value>, id: string, value: Value, max: number): void {
  if (into.size >= max) into.delete(into.keys().next().value as string)
  into.set(id, value)
}

/** STS was asked and says no. Being asked too often, or being broken, is no answer about this caller. */
function isRefusal({ status, body }: StsAnswer): boolean {
  return status >= 400 && status < 500 && status !== 429 && !/Throttl|RequestLimit/.test(body)
}

function unavailable(cause: unknown): never {
  if (cause instanceof Fault) throw cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  throw new Fault('identity_unavailable', `AWS STS gave no answer: ${reason}`, {
    retryable: true,
    cause,
  })
}
