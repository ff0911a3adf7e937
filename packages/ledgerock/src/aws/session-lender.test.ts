import { describe, expect, it } from 'vitest'
import type { CredentialLender, Lent } from './credential-lender.ts'
import {
  createSessionLender,
  type AssumedSession,
  type AssumeRole,
  type AssumeRoleAsk,
  type SessionIdentity,
} from './session-lender.ts'
import { fakeTime, settled } from './testing/fake-time.ts'

const HOUR = 3_600_000
const ROLE = 'arn:aws:iam::123456789012:role/ledgerock-bedrock'
const OWN: Lent = {
  credentials: { accessKeyId: 'AKIAOWN', secretAccessKey: 's' },
  accountId: '999999999999',
  principalArn: 'arn:aws:iam::999999999999:user/gateway',
  fellBack: false,
}

function assumed(ask: AssumeRoleAsk, number: number, endMs: number): AssumedSession {
  return {
    credentials: {
      accessKeyId: `ASIA${number}`,
      secretAccessKey: 's',
      sessionToken: JSON.stringify(ask),
    },
    expiresAtMs: endMs,
    principalArn: `arn:aws:sts::123456789012:assumed-role/ledgerock-bedrock/${ask.sessionName}`,
    accountId: '123456789012',
  }
}

type World = {
  readonly identity?: Partial<SessionIdentity>
  readonly sessionsMax?: number
  readonly own?: Lent | null
}

function world({ identity = {}, sessionsMax = 100, own = OWN }: World = {}) {
  const time = fakeTime()
  const asks: AssumeRoleAsk[] = []
  const reports: string[] = []
  let sts: AssumeRole = (ask) => Promise.resolve(assumed(ask, asks.length, time.now() + HOUR))
  const gateway: CredentialLender = {
    current: () => own,
    load: () => (own === null ? Promise.reject(new Error('none')) : Promise.resolve(own)),
    stop() {},
  }
  const lender = createSessionLender(
    {
      clock: time,
      timers: time,
      gateway,
      onFailure: (reason) => reports.push(reason),
      sessionsMax,
      assume(ask) {
        asks.push(ask)
        return sts(ask)
      },
    },
    {
      roleArn: ROLE,
      sessionName: 'lr-{team}',
      tags: { team: 'team', App: 'application' },
      onFailure: 'refuse',
      ...identity,
    },
  )
  const answer = (next: AssumeRole | 'down' | 'up' | 'hangs'): void => {
    if (next === 'down') sts = () => Promise.reject(new Error('STS is down'))
    else if (next === 'hangs') sts = () => new Promise(() => undefined)
    else if (next !== 'up') sts = next
    else sts = (ask) => Promise.resolve(assumed(ask, asks.length, time.now() + HOUR))
  }
  return { time, lender, asks, reports, answer }
}

const SEARCH = { team: 'search', application: 'api', user_id: 'jane' }

describe('session lender', () => {
  it('[W11] a session is called and tagged by the values handed in, and by nothing else', async () => {
    const { lender, asks } = world()
    expect(lender.current(SEARCH)).toBeNull()
    const lent = await lender.load(SEARCH)
    expect(asks).toEqual([
      {
        roleArn: ROLE,
        sessionName: 'lr-search',
        tags: [
          ['team', 'search'],
          ['App', 'api'],
        ],
      },
    ])
    expect(lent).toMatchObject({
      accountId: '123456789012',
      principalArn: 'arn:aws:sts::123456789012:assumed-role/ledgerock-bedrock/lr-search',
      fellBack: false,
    })
    expect(lender.current({ ...SEARCH, user_id: 'joe' })).toBe(lent)
    expect(lender.current({ ...SEARCH, application: 'web' })).toBeNull()
    await lender.load({})
    expect(asks[1]?.sessionName).toBe('lr-unknown')
    expect(asks[1]?.tags).toEqual([
      ['team', 'unknown'],
      ['App', 'unknown'],
    ])
  })

  it('[W11] no value can be read as the end of one and the beginning of another', async () => {
    const { lender, asks } = world({ identity: { sessionName: '{team}{application}', tags: {} } })
    await lender.load({ team: 'ab', application: 'c' })
    expect(lender.current({ team: 'a', application: 'bc' })).toBeNull()
    await lender.load({ team: 'a', application: 'bc' })
    expect(new Set(asks.map(({ sessionName }) => sessionName)).size).toBe(2)
  })

  it('[W1] asks once however many calls wait for a session', async () => {
    const { lender, asks } = world()
    const all = await Promise.all(Array.from({ length: 100 }, () => lender.load(SEARCH)))
    expect(new Set(all).size).toBe(1)
    expect(asks).toHaveLength(1)
  })

  it('[W2] renews at half life in the background while the old one serves on', async () => {
    const { lender, asks, time, answer } = world()
    // Not a multiple of the sweep, so that it is the call that notices.
    const lifeMs = HOUR + 2_000
    answer((ask) => Promise.resolve(assumed(ask, asks.length, time.now() + lifeMs)))
    const first = await lender.load(SEARCH)
    await time.advance(lifeMs / 2 - 1)
    expect(lender.current(SEARCH)).toBe(first)
    expect(asks).toHaveLength(1)
    await time.advance(1)
    expect(lender.current(SEARCH)).toBe(first)
    await settled()
    expect(asks).toHaveLength(2)
    expect(lender.current(SEARCH)).not.toBe(first)
  })

  it('[W13] keeps known sessions fresh without a call, and lets go of those nobody uses', async () => {
    const { lender, asks, time } = world()
    await lender.load(SEARCH)
    await time.advance(100 * 60_000)
    expect(lender.current(SEARCH)).not.toBeNull()
    const renewals = asks.length
    expect(renewals).toBeGreaterThanOrEqual(4)
    await time.advance(24 * HOUR)
    expect(lender.current(SEARCH)).toBeNull()
    // Two hours of renewals, and then none.
    expect(asks.length - renewals).toBeLessThanOrEqual(5)
  })

  it('[W13] prefetches, and tries again until STS is there', async () => {
    const { lender, asks, time, answer } = world()
    answer('down')
    lender.prefetch([SEARCH, { team: 'support' }])
    await time.advance(60_000)
    answer('up')
    await time.advance(60_000)
    expect(lender.current(SEARCH)).not.toBeNull()
    expect(lender.current({ team: 'support' })).not.toBeNull()
    expect(asks.length).toBeGreaterThanOrEqual(4)
  })

  it('[W3] STS down costs no call while sessions are valid, and expired ones are never used', async () => {
    const { lender, time, answer, reports } = world()
    const first = await lender.load(SEARCH)
    answer('down')
    await time.advance(HOUR - 30_001)
    expect(lender.current(SEARCH)).toBe(first)
    expect(reports.length).toBeGreaterThan(0)
    await time.advance(1)
    expect(lender.current(SEARCH)).toBeNull()
    await expect(lender.load(SEARCH)).rejects.toMatchObject({
      code: 'identity_unavailable',
      retryable: true,
    })
    answer('up')
    await time.advance(60_000)
    expect(lender.current(SEARCH)?.fellBack).toBe(false)
  })

  it('[W14] falls back on the gateway’s own credentials where that is asked for, and says so', async () => {
    const { lender, time, answer, asks } = world({ identity: { onFailure: 'gateway' } })
    answer('down')
    const lent = await lender.load(SEARCH)
    expect(lent).toEqual({ ...OWN, fellBack: true })
    // Known to be down: no call waits again, and each uses the same loan.
    expect(lender.current(SEARCH)).toBe(lent)
    await time.advance(90_000)
    expect(lender.current(SEARCH)).toBe(lent)
    expect(asks.length).toBeLessThan(10)
    answer('up')
    await time.advance(60_000)
    expect(lender.current(SEARCH)).toMatchObject({ fellBack: false, accountId: '123456789012' })
    const bare = world({ identity: { onFailure: 'gateway' }, own: null })
    bare.answer('down')
    await expect(bare.lender.load(SEARCH)).rejects.toThrow('none')
  })

  it('[W14] a call waits at most five seconds for an STS that hangs', async () => {
    const { lender, time, answer } = world()
    answer('hangs')
    let outcome = 'waits'
    const waiting = lender.load(SEARCH).catch((error: unknown) => {
      outcome = String(error)
    })
    await time.advance(4_999)
    expect(outcome).toBe('waits')
    await time.advance(1)
    await waiting
    expect(outcome).toContain('STS takes too long')
    const kind = world({ identity: { onFailure: 'gateway' } })
    kind.answer('hangs')
    const lent = kind.lender.load(SEARCH)
    await kind.time.advance(5_000)
    expect((await lent).fellBack).toBe(true)
  })

  it('[W15] asks for at most fifty sessions at a time, and refuses past a thousand waiting', async () => {
    const { lender, asks, answer, time } = world({ sessionsMax: 2_000 })
    const open: (() => void)[] = []
    answer(
      (ask) =>
        new Promise((resolve) => {
          open.push(() => resolve(assumed(ask, 1, time.now() + HOUR)))
        }),
    )
    const all = Array.from({ length: 1_051 }, (_, index) =>
      lender.load({ team: `t${index}` }).then(
        () => 'lent',
        () => 'refused',
      ),
    )
    await settled()
    expect(asks).toHaveLength(50)
    expect(await all[1_050]).toBe('refused')
    while (open.length > 0) {
      for (const one of open.splice(0)) one()
      await settled()
    }
    expect(await Promise.all(all.slice(0, 1_050))).toEqual(Array(1_050).fill('lent'))
    expect(asks).toHaveLength(1_050)
  })

  it('[W15] holds only so many sessions; the one that was not used for longest goes', async () => {
    const { lender, time } = world({ sessionsMax: 2 })
    await lender.load({ team: 'a' })
    await time.advance(1)
    await lender.load({ team: 'b' })
    await time.advance(1)
    lender.current({ team: 'a' })
    await time.advance(1)
    await lender.load({ team: 'c' })
    expect(lender.current({ team: 'b' })).toBeNull()
    expect(lender.current({ team: 'a' })).not.toBeNull()
    expect(lender.current({ team: 'c' })).not.toBeNull()
  })

  it('[W13] stops: nothing is renewed any more, and no timer is left', async () => {
    const { lender, time, asks } = world()
    await lender.load(SEARCH)
    lender.stop()
    await time.advance(24 * HOUR)
    lender.current(SEARCH)
    expect(asks).toHaveLength(1)
    expect(time.pending()).toBe(0)
  })
})
