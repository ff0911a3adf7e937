// Hours of calls of several owners against an STS that is up, down, slow or hangs, on a clock of its own. Whatever the order of
// events, what must never happen never does. A failing run prints its seed and the shortest list of events that shows it.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../kernel/fault.ts'
import type { CredentialLender, Lent } from './credential-lender.ts'
import {
  createSessionLender,
  ON_FAILURE,
  STS_IN_FLIGHT_MAX,
  type AssumeRoleAsk,
} from './session-lender.ts'
import { sessionTagValue } from './session-words.ts'
import { fakeTime, settled } from './testing/fake-time.ts'

const SECOND = 1_000
const OWN: Lent = {
  credentials: { accessKeyId: 'AKIAOWN', secretAccessKey: 's' },
  accountId: null,
  principalArn: null,
  fellBack: false,
}
const SESSIONS_MAX = 3

type Mood = 'up' | 'slow' | 'down' | 'hangs'
type Event =
  | { readonly kind: 'calls'; readonly team: string; readonly count: number }
  | { readonly kind: 'wait'; readonly ms: number }
  /** STS goes down, and the owner's session comes to its end, or nearly. */
  | { readonly kind: 'brink'; readonly team: string; readonly offsetMs: number }
  | { readonly kind: 'mood'; readonly mood: Mood; readonly lifeSeconds: number }

const teams = fc.constantFrom('a', 'R&D', 'R D', 'é', 'x'.repeat(100))
const events: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('calls'),
      team: teams,
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait'),
      ms: fc.oneof(
        fc.integer({ max: 10 * SECOND, min: 1 }),
        fc.integer({ max: 4_000_000, min: 1 }),
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('brink'),
      team: teams,
      offsetMs: fc.integer({ min: -60 * SECOND, max: 60 * SECOND }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('mood'),
      mood: fc.constantFrom('up', 'slow', 'down', 'hangs'),
      lifeSeconds: fc.constantFrom(900, 3_600),
    }),
  },
)

class World {
  readonly time = fakeTime(1_000_000)
  readonly ends = new Map<string, { readonly ask: AssumeRoleAsk; readonly endMs: number }>()
  readonly violations: string[] = []
  readonly lender
  readonly canFallBack: boolean
  mood: Mood = 'up'
  lifeSeconds = 3_600
  asked = 0
  inFlight = new Map<string, number>()
  open = 0
  waiting = 0

  constructor(canFallBack: boolean) {
    this.canFallBack = canFallBack
    const gateway: CredentialLender = {
      current: () => OWN,
      load: () => Promise.resolve(OWN),
      stop() {},
    }
    this.lender = createSessionLender(
      {
        clock: this.time,
        timers: this.time,
        gateway,
        onFailure: () => undefined,
        sessionsMax: SESSIONS_MAX,
        assume: (ask) => this.#assume(ask),
      },
      {
        roleArn: 'arn:aws:iam::123456789012:role/r',
        sessionName: 'lr-{team}',
        tags: { team: 'team' },
        onFailure: canFallBack ? 'gateway' : 'refuse',
      },
    )
  }

  /** Not thrown: inside of what the lender calls that would only look like a failure of STS. */
  must(holds: boolean, violation: string): void {
    if (!holds) this.violations.push(violation)
  }

  async #assume(ask: AssumeRoleAsk) {
    const running = (this.inFlight.get(ask.sessionName) ?? 0) + 1
    this.inFlight.set(ask.sessionName, running)
    this.open += 1
    this.must(running === 1, 'two asks for one owner')
    this.must(this.open <= STS_IN_FLIGHT_MAX, 'too many asks')
    const { mood, lifeSeconds } = this
    try {
      // The client gives up after a while, as the real one does.
      const takesMs = { up: 0, slow: 3 * SECOND, down: 10, hangs: 7 * SECOND }[mood]
      if (takesMs > 0) await new Promise<void>((resolve) => this.time.after(takesMs, resolve))
      if (mood === 'down' || mood === 'hangs') throw new Error(mood)
      this.asked += 1
      const accessKeyId = `ASIA${this.asked}`
      const endMs = this.time.now() + lifeSeconds * SECOND
      this.ends.set(accessKeyId, { ask, endMs })
      const credentials = { accessKeyId, secretAccessKey: 's', sessionToken: 't' }
      const principalArn = `arn:aws:sts::123456789012:assumed-role/r/${ask.sessionName}`
      return { credentials, expiresAtMs: endMs, principalArn, accountId: '123456789012' }
    } finally {
      this.open -= 1
      this.inFlight.set(ask.sessionName, running - 1)
    }
  }

  /** What holds of everything that is ever lent. */
  check(team: string, lent: Lent): void {
    if (lent.fellBack) {
      this.must(this.canFallBack, 'nobody asked to fall back')
      this.must(lent.credentials === OWN.credentials, 'fell back on something else')
      return
    }
    const made = this.ends.get(lent.credentials.accessKeyId)
    const tags = JSON.stringify(made?.ask.tags)
    this.must(tags === JSON.stringify([['team', sessionTagValue(team)]]), 'of another owner')
    const name = `/${made?.ask.sessionName}`
    this.must(lent.principalArn?.endsWith(name) === true, 'names another principal')
    this.must((made?.endMs ?? 0) > this.time.now(), 'expired')
  }

  call(team: string): void {
    const now = this.lender.current({ team, user_id: String(this.asked) })
    if (now !== null) return this.check(team, now)
    this.waiting += 1
    const since = this.time.now()
    void this.lender.load({ team }).then(
      (lent) => {
        this.waiting -= 1
        this.check(team, lent)
        this.must(this.time.now() - since <= 5 * SECOND, 'waited too long')
      },
      (error: unknown) => {
        this.waiting -= 1
        this.must(!this.canFallBack, 'refused instead of falling back')
        this.must(error instanceof Fault && error.code === 'identity_unavailable', 'another fault')
      },
    )
  }

  async play(event: Event): Promise<void> {
    switch (event.kind) {
      case 'calls':
        for (let count = 0; count < event.count; count += 1) this.call(event.team)
        return settled()
      case 'wait':
        return this.time.advance(event.ms)
      case 'brink': {
        this.mood = 'down'
        const tag = sessionTagValue(event.team)
        const own = [...this.ends.values()].filter(({ ask }) => ask.tags[0]?.[1] === tag)
        const endMs = Math.max(0, ...own.map((made) => made.endMs))
        await this.time.advance(Math.max(0, endMs + event.offsetMs - this.time.now()))
        this.call(event.team)
        return settled()
      }
      case 'mood':
        this.mood = event.mood
        this.lifeSeconds = event.lifeSeconds
    }
  }
}

describe('session lender against a flaky STS', () => {
  it.each(ON_FAILURE)(
    '[W3] [W11] [W14] [W15] lends only what is valid and the owner’s, and nobody waits for ever: %s',
    async (onFailure) => {
      const failures: unknown[] = []
      const note = (error: unknown): void => void failures.push(error)
      process.on('unhandledRejection', note)
      try {
        await fc.assert(
          fc.asyncProperty(fc.array(events, { minLength: 1, maxLength: 40 }), async (list) => {
            const world = new World(onFailure === 'gateway')
            for (const event of list) await world.play(event)
            await world.time.advance(10 * SECOND)
            expect(world.waiting).toBe(0)
            // And it mends itself.
            world.mood = 'up'
            await world.time.advance(60 * SECOND)
            const lent = await world.lender.load({ team: 'a' })
            world.check('a', lent)
            expect(lent.fellBack).toBe(false)
            world.lender.stop()
            await settled()
            expect([...world.violations, ...failures]).toEqual([])
          }),
          { numRuns: 200 },
        )
      } finally {
        process.off('unhandledRejection', note)
      }
    },
  )
})
