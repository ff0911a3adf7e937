// Pauses and requests for access, on SQLite and on a real PostgreSQL: whatever holds here holds for both.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/time.ts'
import type { StoredAccessRequest } from './access-request-table.ts'
import { openControlStore, type ControlStore } from './control-store.ts'
import { ENGINE_KINDS } from './engine.ts'
import type { StoredPause } from './pause-table.ts'
import { startStorePlaces, type StorePlaces } from './testing/store-places.ts'

const T0 = Date.parse('2026-10-14T12:00:00.000Z')
const iso = (offsetMs: number): string => new Date(T0 + offsetMs).toISOString()
const clock: Clock = { now: () => T0, monotonic: () => 0 }

const pause = (pauseId: string, at: number): StoredPause => ({
  pauseId,
  scope: { team: ['it’s "odd"', 'b'], model: ['*'] },
  reason: 'why; drop table',
  pausedAt: iso(at),
  pausedBy: 'mia',
  pausedByRole: 'lead',
})
const request = (requestId: string, at: number, until: number): StoredAccessRequest => ({
  requestId,
  model: 'anthropic.*',
  scope: {},
  until: iso(until),
  reason: 'a trial',
  state: 'pending',
  askedAt: iso(at),
  askedBy: 'mia',
  decidedAt: null,
  decidedBy: null,
  decisionReason: null,
})

let places: StorePlaces
beforeAll(async () => {
  places = await startStorePlaces()
})
afterAll(() => places.stop())

describe.each(ENGINE_KINDS)('pauses and requests on %s', (kind) => {
  let store: ControlStore
  beforeEach(async () => {
    const { target } = await places.fresh(kind)
    store = await openControlStore({ clock, onConnectionError: () => {} }, target)
  })
  afterEach(() => store.close())

  it('[C60] a pause comes back as it was given, oldest first, until it is resumed', async () => {
    await store.write(async ({ pauses }) => {
      await pauses.insert(pause('p2', 2))
      await pauses.insert(pause('p1', 1))
    })
    expect(await store.read.pauses.inForce()).toEqual([pause('p1', 1), pause('p2', 2)])
    await store.write(({ pauses }) => pauses.resume('p1', iso(5), 'joe'))
    expect(await store.read.pauses.inForce()).toEqual([pause('p2', 2)])
  })

  it('[C65] a request comes back as it was given and decided; only approved ones in their time are grants', async () => {
    await store.write(async ({ accessRequests }) => {
      for (const [index, until] of [10, 20, 30, 40].entries()) {
        await accessRequests.insert(request(`r${index}`, index, until))
      }
      const decided = { at: iso(5), by: 'joe', reason: 'ok' }
      await accessRequests.decide('r0', { ...decided, state: 'approved' })
      await accessRequests.decide('r1', { ...decided, state: 'approved' })
      await accessRequests.decide('r2', { ...decided, state: 'denied' })
    })
    const { accessRequests } = store.read
    expect((await accessRequests.list()).map(({ requestId }) => requestId)).toEqual([
      'r3',
      'r2',
      'r1',
      'r0',
    ])
    expect(await accessRequests.find('r3')).toEqual(request('r3', 3, 40))
    expect(await accessRequests.find('r9')).toBeNull()
    const approved = { state: 'approved', decidedAt: iso(5), decidedBy: 'joe' } as const
    const second = { ...request('r1', 1, 20), ...approved, decisionReason: 'ok' }
    expect(await accessRequests.approvedUntilAfter(iso(10))).toEqual([second])
  })
})
