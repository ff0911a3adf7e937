// How pairs that sign requests are kept, on SQLite and on a real PostgreSQL.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openControlStore, type ControlStore } from './control-store.ts'
import { ENGINE_KINDS } from './engine.ts'
import { startStorePlaces, type StorePlaces } from './testing/store-places.ts'

const AT = '2026-10-14T12:00:00.000Z'
const LATER = '2026-10-14T13:00:00.000Z'
const clock = { now: () => Date.parse(AT), monotonic: () => 0 }
const digest = (letter: string): string => letter.repeat(64)
const secret = (letter: string) => ({ digest: digest(letter), sigV4: null })
const pair = (letter: string) => ({
  digest: digest(letter),
  sigV4: {
    accessKeyId: `LRKA${letter.toUpperCase().repeat(16)}`,
    sealedSecret: `sealed ${letter}`,
  },
})
const key = (name: string) => ({
  keyId: name.padEnd(12, '.'),
  name,
  bind: {},
  region: null,
  createdAt: AT,
  createdBy: 'admin',
  expiresAt: null,
})

let places: StorePlaces
beforeAll(async () => {
  places = await startStorePlaces()
})
afterAll(() => places.stop())

describe.each(ENGINE_KINDS)('pairs on %s', (kind) => {
  let store: ControlStore
  beforeEach(async () => {
    const { target } = await places.fresh(kind)
    store = await openControlStore({ clock, onConnectionError: () => {} }, target)
  })
  afterEach(() => store.close())

  it('[C1] a pair is kept, replaced and ended with its secret', async () => {
    const { keyId } = key('search')
    await store.write(({ keys }) => keys.insert(key('search'), pair('a')))
    await store.write(({ keys }) => keys.replaceSecret(keyId, pair('b'), AT, LATER))
    const secrets = [
      { ...pair('b'), createdAt: AT, validUntil: null },
      { ...pair('a'), createdAt: AT, validUntil: LATER },
    ]
    expect((await store.read.keys.find('search'))?.secrets).toEqual(secrets)
    expect((await store.read.keys.list())[0]?.secrets).toEqual(secrets)
    await store.write(({ keys }) => keys.replaceSecret(keyId, secret('c'), AT, LATER))
    expect((await store.read.keys.find('search'))?.secrets.map(({ sigV4 }) => sigV4)).toEqual([
      null,
      pair('b').sigV4,
    ])
  })

  it('[C2] no two keys have one access key id; any number have none', async () => {
    await store.write(async ({ keys }) => {
      await keys.insert(key('search'), pair('a'))
      await keys.insert(key('batch'), secret('b'))
      await keys.insert(key('ops'), secret('c'))
    })
    const stolen = { ...pair('a'), digest: digest('d') }
    const taking = store.write(({ keys }) => keys.insert(key('other'), stolen))
    await expect(taking).rejects.toThrow(/unique/i)
    expect(await store.read.keys.list()).toHaveLength(3)
  })
})
