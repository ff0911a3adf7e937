// One AWS session per owner, so that the bill itself names the owner: `AssumeRole` for each set of values of the dimensions in
// use, kept in memory, renewed at half life while the old one serves on, and asked for once however many calls wait. What a
// session is called and tagged with comes from the values handed in and from nothing else (I9).

import { UNKNOWN } from '@ledgerock/contract'
import { assert } from '../kernel/assert.ts'
import { Fault } from '../kernel/fault.ts'
import { MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND, type Clock } from '../kernel/time.ts'
import type { AwsCredentials } from '../platform/sigv4.ts'
import type { CredentialLender, Lent } from './credential-lender.ts'
import { createLimiter, type Limiter } from './limiter.ts'
import { compileSessionTemplate, sessionName, sessionTagValue } from './session-words.ts'
import { systemTimers, within, type Timers } from './timers.ts'

/** `gateway`: the call goes out with the gateway's own credentials, and says so, because the bill then names another one. */
export const ON_FAILURE = ['refuse', 'gateway'] as const
export type OnFailure = (typeof ON_FAILURE)[number]

export type SessionIdentity = {
  readonly roleArn: string
  /** `lr-{team}` */
  readonly sessionName: string
  /** Tag key → dimension. */
  readonly tags: Readonly<Record<string, string>>
  readonly onFailure: OnFailure
}

export type AssumeRoleAsk = {
  readonly roleArn: string
  readonly sessionName: string
  readonly tags: readonly (readonly [key: string, value: string])[]
}

export type AssumedSession = {
  readonly credentials: AwsCredentials
  readonly expiresAtMs: number
  readonly principalArn: string
  readonly accountId: string
}

export type AssumeRole = (ask: AssumeRoleAsk) => Promise<AssumedSession>

export type SessionLenderDeps = {
  readonly clock: Clock
  readonly assume: AssumeRole
  /** Lends the gateway's own credentials where `onFailure` says so. */
  readonly gateway: CredentialLender
  /** Hears of every ask that failed; a call need not have noticed. */
  readonly onFailure: (reason: string) => void
  /** To share one between lenders; else each has its own of 50 in flight. */
  readonly limiter?: Limiter
  readonly timers?: Timers
  readonly sessionsMax?: number
}

export type SessionLender = CredentialLender & {
  /** Makes sessions ready before a call asks for them, as places are free. */
  readonly prefetch: (known: readonly Readonly<Record<string, string>>[]) => void
}

export const STS_IN_FLIGHT_MAX = 50
const WAITING_MAX = 1_000
const SESSIONS_MAX = 5_000
/** What a call waits at most for a session that is not there yet. */
const WAIT_MAX_MS = 5 * MS_PER_SECOND
const EXPIRY_MARGIN_MS = 30 * MS_PER_SECOND
const RENEW_BEFORE_END_MS = 5 * MS_PER_MINUTE
const RETRY_FIRST_MS = MS_PER_SECOND
const RETRY_MAX_MS = 30 * MS_PER_SECOND
const SWEEP_MS = 15 * MS_PER_SECOND
/** A session nobody used for so long is let go. */
const KEEP_MS = 2 * MS_PER_HOUR

type Session = {
  readonly ask: AssumeRoleAsk
  lent: Lent | null
  expiresAtMs: number
  renewAtMs: number
  retryAtMs: number
  retryPauseMs: number
  failure: Fault | null
  loading: Promise<void> | null
  usedAtMs: number
}

export function createStsLimiter(clock: Clock): Limiter {
  return createLimiter(clock, STS_IN_FLIGHT_MAX, WAITING_MAX, WAIT_MAX_MS)
}

/** The template must be one `compileSessionTemplate` takes. */
export function createSessionLender(
  deps: SessionLenderDeps,
  identity: SessionIdentity,
): SessionLender {
  return new Lender(deps, identity)
}

type Dimensions = Readonly<Record<string, string>>

class Lender implements SessionLender {
  readonly #clock: Clock
  readonly #deps: SessionLenderDeps
  readonly #timers: Timers
  readonly #sessionsMax: number
  readonly #canFallBack: boolean
  readonly #used: readonly string[]
  readonly #askFor: (dimensions: Dimensions) => AssumeRoleAsk
  readonly #limiter: Limiter
  readonly #sessions = new Map<string, Session>()
  #fallback: Lent | null = null
  #cancelSweep: (() => void) | null = null
  #stopped = false

  constructor(deps: SessionLenderDeps, identity: SessionIdentity) {
    this.#deps = deps
    this.#clock = deps.clock
    this.#timers = deps.timers ?? systemTimers
    this.#sessionsMax = deps.sessionsMax ?? SESSIONS_MAX
    this.#canFallBack = identity.onFailure === 'gateway'
    this.#limiter = deps.limiter ?? createStsLimiter(deps.clock)
    const template = compileSessionTemplate(identity.sessionName)
    assert(template.ok, `a session name that was not checked: ${identity.sessionName}`)
    const tags = Object.entries(identity.tags)
    this.#used = [...new Set([...template.value.dimensions, ...tags.map(([, name]) => name)])]
    this.#askFor = (dimensions) => ({
      roleArn: identity.roleArn,
      sessionName: sessionName(
        template.value,
        template.value.dimensions.map((name) => valueOf(dimensions, name)),
      ),
      tags: tags.map(([key, name]) => [key, sessionTagValue(valueOf(dimensions, name))]),
    })
    this.#sweepLater()
  }

  readonly current = (dimensions: Dimensions): Lent | null => {
    const session = this.#sessions.get(this.#keyOf(dimensions))
    if (session === undefined) return null
    const now = this.#clock.now()
    session.usedAtMs = now
    if (session.lent !== null && now < session.expiresAtMs - EXPIRY_MARGIN_MS) {
      // A failed renewal is not an error of this call: the credentials at hand are still good.
      if (now >= session.renewAtMs) this.#renewIfFree(session, now)
      return session.lent
    }
    // STS is known to be down: it is asked again behind this call's back.
    if (!this.#canFallBack || session.failure === null) return null
    this.#renewIfFree(session, now)
    const own = this.#deps.gateway.current(dimensions)
    return own === null ? null : this.#fellBack(own)
  }

  readonly load = async (dimensions: Dimensions): Promise<Lent> => {
    const session = this.#sessionFor(dimensions)
    const lent = this.#valid(session)
    if (lent !== null) return lent
    // Just asked in vain: the next call need not find out for itself.
    if (session.loading !== null || this.#clock.now() >= session.retryAtMs) {
      const done =
        session.loading ??
        this.#start(
          session,
          this.#limiter.run(() => this.#assume(session)),
        )
      await within(this.#timers, WAIT_MAX_MS, done, () => {
        if (this.#valid(session) === null) this.#failed(session, new Error('STS takes too long'))
      })
    }
    const loaded = this.#valid(session)
    if (loaded !== null) return loaded
    if (!this.#canFallBack) throw session.failure ?? unavailable('STS gave none')
    return this.#fellBack(await this.#deps.gateway.load(dimensions))
  }

  readonly prefetch = (known: readonly Dimensions[]): void => {
    for (const dimensions of known) this.#sessionFor(dimensions)
    this.#sweep()
  }

  readonly stop = (): void => {
    this.#stopped = true
    this.#cancelSweep?.()
  }

  #sessionFor(dimensions: Dimensions): Session {
    const key = this.#keyOf(dimensions)
    const now = this.#clock.now()
    let session = this.#sessions.get(key)
    if (session === undefined) {
      this.#makeRoom()
      session = {
        ask: this.#askFor(dimensions),
        lent: null,
        expiresAtMs: 0,
        renewAtMs: 0,
        retryAtMs: 0,
        retryPauseMs: RETRY_FIRST_MS,
        failure: null,
        loading: null,
        usedAtMs: now,
      }
      this.#sessions.set(key, session)
    }
    session.usedAtMs = now
    return session
  }

  /** Lengths in front, so that no value can be read as the end of one and the beginning of another. */
  #keyOf(dimensions: Dimensions): string {
    let key = ''
    for (const name of this.#used) {
      const value = valueOf(dimensions, name)
      key += `${value.length}:${value}`
    }
    return key
  }

  #valid({ lent, expiresAtMs }: Session): Lent | null {
    return this.#clock.now() < expiresAtMs - EXPIRY_MARGIN_MS ? lent : null
  }

  #renewIfFree(session: Session, now: number): boolean {
    if (session.loading !== null || now < session.retryAtMs || this.#stopped) return true
    const task = this.#limiter.runIfFree(() => this.#assume(session))
    if (task !== null) void this.#start(session, task)
    return task !== null
  }

  #start(session: Session, task: Promise<void>): Promise<void> {
    const loading = task
      .catch((cause: unknown) => this.#failed(session, cause))
      .finally(() => {
        session.loading = null
      })
    session.loading = loading
    return loading
  }

  async #assume(session: Session): Promise<void> {
    const { credentials, expiresAtMs, principalArn, accountId } = await this.#deps.assume(
      session.ask,
    )
    const now = this.#clock.now()
    session.lent = { credentials, accountId, principalArn, fellBack: false }
    session.expiresAtMs = expiresAtMs
    session.renewAtMs = Math.min(now + (expiresAtMs - now) / 2, expiresAtMs - RENEW_BEFORE_END_MS)
    session.retryAtMs = 0
    session.retryPauseMs = RETRY_FIRST_MS
    session.failure = null
  }

  #failed(session: Session, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause)
    session.retryAtMs = this.#clock.now() + session.retryPauseMs
    session.retryPauseMs = Math.min(session.retryPauseMs * 2, RETRY_MAX_MS)
    session.failure = cause instanceof Fault ? cause : unavailable(reason, cause)
    this.#deps.onFailure(reason)
  }

  #fellBack(own: Lent): Lent {
    const last = this.#fallback
    if (
      last?.credentials !== own.credentials ||
      last.principalArn !== own.principalArn ||
      last.accountId !== own.accountId
    ) {
      this.#fallback = { ...own, fellBack: true }
    }
    return this.#fallback as Lent
  }

  /** One that is being asked for stays, or it would be asked for twice; there are never many of those. */
  #makeRoom(): void {
    while (this.#sessions.size >= this.#sessionsMax) {
      let oldest: string | null = null
      let oldestAtMs = Number.POSITIVE_INFINITY
      for (const [key, session] of this.#sessions) {
        if (session.loading !== null || session.usedAtMs >= oldestAtMs) continue
        oldest = key
        oldestAtMs = session.usedAtMs
      }
      if (oldest === null) return
      this.#sessions.delete(oldest)
    }
  }

  #sweepLater(): void {
    if (this.#stopped) return
    this.#cancelSweep = this.#timers.after(SWEEP_MS, () => {
      this.#sweep()
      this.#sweepLater()
    })
  }

  /** Keeps known sessions fresh without a call that asks, so that STS may go down at any time. */
  #sweep(): void {
    const now = this.#clock.now()
    for (const [key, session] of this.#sessions) {
      if (now - session.usedAtMs > KEEP_MS) {
        if (this.#valid(session) === null && session.loading === null) this.#sessions.delete(key)
      } else if (now >= session.renewAtMs && !this.#renewIfFree(session, now)) return
    }
  }
}

function valueOf(dimensions: Dimensions, name: string): string {
  return dimensions[name] ?? UNKNOWN
}

function unavailable(reason: string, cause?: unknown): Fault {
  return new Fault('identity_unavailable', `no AWS session for this owner: ${reason}`, {
    retryable: true,
    cause,
  })
}
