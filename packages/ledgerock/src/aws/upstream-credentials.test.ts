import { describe, expect, it } from 'vitest'
import { createUpstreamCredentials, type ExpiringCredentials } from './upstream-credentials.ts'

function at(start: number): {
  now: () => number
  monotonic: () => number
  set: (ms: number) => void
} {
  let ms = start
  return { now: () => ms, monotonic: () => ms, set: (to) => (ms = to) }
}

const HOUR = 3_600_000

function credentials(id: string, endMs?: number): ExpiringCredentials {
  return {
    accessKeyId: id,
    secretAccessKey: 's',
    ...(endMs === undefined ? {} : { expiration: new Date(endMs) }),
  }
}

describe('upstream credentials', () => {
  it('[W1] asks once however many calls wait for the first ones', async () => {
    let asked = 0
    const store = createUpstreamCredentials(at(0), () =>
      Promise.resolve(credentials(`A${++asked}`)),
    )
    expect(store.current()).toBeNull()
    const all = await Promise.all([store.load(), store.load(), store.load()])
    expect(all.map((one) => one.accessKeyId)).toEqual(['A1', 'A1', 'A1'])
    expect(store.current()?.accessKeyId).toBe('A1')
  })

  it('[W2] renews in the background at half life and serves the old ones meanwhile', async () => {
    const clock = at(0)
    let asked = 0
    const store = createUpstreamCredentials(clock, () =>
      Promise.resolve(credentials(`A${++asked}`, clock.now() + HOUR)),
    )
    await store.load()
    clock.set(HOUR / 2)
    expect(store.current()?.accessKeyId).toBe('A1')
    await new Promise(setImmediate)
    expect(store.current()?.accessKeyId).toBe('A2')
  })

  it('[W3] keeps valid credentials while renewal fails, and none once they expired', async () => {
    const clock = at(0)
    let failing = false
    const store = createUpstreamCredentials(clock, () =>
      failing ? Promise.reject(new Error('sts is down')) : Promise.resolve(credentials('A', HOUR)),
    )
    await store.load()
    failing = true
    clock.set(HOUR - 60_000)
    expect(store.current()?.accessKeyId).toBe('A')
    await new Promise(setImmediate)
    expect(store.current()?.accessKeyId).toBe('A')
    clock.set(HOUR)
    expect(store.current()).toBeNull()
    await expect(store.load()).rejects.toMatchObject({ code: 'identity_unavailable' })
  })
})
