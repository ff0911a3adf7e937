// Prices in the control store, on SQLite and on a real PostgreSQL.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/time.ts'
import { openControlStore, type ControlStore } from './control-store.ts'
import { ENGINE_KINDS } from './engine.ts'
import type { NewDocument } from './price-tables.ts'
import { startStorePlaces, type StorePlaces } from './testing/store-places.ts'

const T0 = Date.parse('2026-10-14T12:00:00.000Z')
const iso = (offsetMs: number): string => new Date(T0 + offsetMs).toISOString()
const clock: Clock = { now: () => T0, monotonic: () => 0 }
const deps = { clock, onConnectionError: () => {} }

const document = (documentId: string, rest: Partial<NewDocument> = {}): NewDocument => ({
  documentId,
  layer: 'price_list',
  period: null,
  sha256: documentId,
  summary: '{"rates":1}',
  content: `{"of":"${documentId}"}`,
  createdAt: iso(0),
  createdBy: 'admin',
  ...rest,
})
const override = (overrideId: string, name: string, at = 0) => ({
  overrideId,
  name,
  origin: 'api' as const,
  terms: `{"overrideId":"${overrideId}"}`,
  setAt: iso(at),
  setBy: 'admin',
})

let places: StorePlaces
beforeAll(async () => {
  places = await startStorePlaces()
})
afterAll(() => places.stop())

describe.each(ENGINE_KINDS)('prices in the control store on %s', (kind) => {
  let store: ControlStore
  beforeEach(async () => {
    store = await openControlStore(deps, (await places.fresh(kind)).target)
  })
  afterEach(() => store.close())

  it('[C50] keeps documents for ever, oldest first, with what was decided about them', async () => {
    await store.write(async ({ prices }) => {
      await prices.insertDocument(document('d2', { createdAt: iso(2) }), 'active')
      await prices.insertDocument(
        document('d1', { layer: 'learned', period: '2026-09', createdAt: iso(1) }),
        'proposed',
      )
      await prices.decideDocument('d2', 'superseded', iso(3), 'finance')
    })
    const { content: _content, ...known } = document('d1', {
      layer: 'learned',
      period: '2026-09',
      createdAt: iso(1),
    })
    const documents = await store.read.prices.documents()
    expect(documents[0]).toEqual({ ...known, state: 'proposed', decidedAt: null, decidedBy: null })
    expect(documents[1]).toMatchObject({
      documentId: 'd2',
      state: 'superseded',
      decidedAt: iso(3),
      decidedBy: 'finance',
    })
    expect(await store.read.prices.content('d2')).toBe('{"of":"d2"}')
    expect(await store.read.prices.content('d3')).toBeNull()
  })

  it('[C50] what is in force at once was decided when it came', async () => {
    await store.write(({ prices }) => prices.insertDocument(document('d1'), 'active'))
    const [only] = await store.read.prices.documents()
    expect(only).toMatchObject({ state: 'active', decidedAt: iso(0), decidedBy: 'admin' })
  })

  it('[C50] a document of any size survives as it is', async () => {
    const content = JSON.stringify({ text: '€ “x” '.repeat(500_000) })
    await store.write(({ prices }) => prices.insertDocument(document('d1', { content }), 'active'))
    expect((await store.read.prices.content('d1')) === content).toBe(true)
  })

  it('[C50] an override is set, removed and set again under its one id', async () => {
    await store.write(({ prices }) => prices.setOverride(override('o1', 'edp')))
    await store.write(({ prices }) => prices.setOverride(override('o2', 'a')))
    await store.write(({ prices }) => prices.removeOverride('o1', iso(5), 'finance'))
    expect(await store.read.prices.overrides()).toEqual([
      { ...override('o2', 'a'), removedAt: null, removedBy: null },
      { ...override('o1', 'edp'), removedAt: iso(5), removedBy: 'finance' },
    ])
    await store.write(({ prices }) => prices.setOverride(override('o1', 'edp', 9)))
    expect((await store.read.prices.overrides())[1]).toEqual({
      ...override('o1', 'edp', 9),
      removedAt: null,
      removedBy: null,
    })
  })

  it('[C52] the fingerprint changes exactly when what is in force does', async () => {
    const seen: string[] = [await store.read.prices.fingerprint()]
    const isNew = async (): Promise<boolean> => {
      const next = await store.read.prices.fingerprint()
      const known = seen.includes(next)
      seen.push(next)
      return !known
    }
    await store.write(({ prices }) => prices.insertDocument(document('d1'), 'proposed'))
    expect(await isNew()).toBe(false)
    await store.write(({ prices }) => prices.decideDocument('d1', 'active', iso(1), 'admin'))
    expect(await isNew()).toBe(true)
    await store.write(({ prices }) => prices.setOverride(override('o1', 'edp')))
    expect(await isNew()).toBe(true)
    await store.write(({ prices }) =>
      prices.setOverride({ ...override('o2', 'declared'), origin: 'file' }),
    )
    expect(await isNew()).toBe(false)
    await store.write(({ prices }) => prices.insertDocument(document('d2'), 'active'))
    expect(await isNew()).toBe(true)
    await store.write(({ prices }) => prices.removeOverride('o1', iso(2), 'admin'))
    expect(await isNew()).toBe(true)
  })
})
