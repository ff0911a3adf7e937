// Requests for more of a budget, on SQLite and on a real PostgreSQL: whatever holds here holds for both.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/time.ts'
import type { StoredBudgetRequest } from './budget-request-table.ts'
import { openControlStore, type ControlStore } from './control-store.ts'
import { ENGINE_KINDS } from './engine.ts'
import { startStorePlaces, type StorePlaces } from './testing/store-places.ts'

const T0 = Date.parse('2026-10-14T12:00:00.000Z')
const iso = (offsetMs: number): string => new Date(T0 + offsetMs).toISOString()
const clock: Clock = { now: () => T0, monotonic: () => 0 }

const request = (requestId: string, at: number, until: number): StoredBudgetRequest => ({
  requestId,
  budget: 'each-user',
  unit: at % 2 === 0 ? 'usd' : 'tokens',
  // Beyond what a number of either store holds.
  amount: '123456789012345678901234567890',
  counter: at % 2 === 0 ? 'it’s "odd"' : null,
  scope: { team: ['search'], user_id: ['it’s "odd"'] },
  until: iso(until),
  carryOver: at % 2 === 0,
  reason: 'why; drop table',
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

describe.each(ENGINE_KINDS)('requests for more of a budget on %s', (kind) => {
  let store: ControlStore
  beforeEach(async () => {
    const { target } = await places.fresh(kind)
    store = await openControlStore({ clock, onConnectionError: () => {} }, target)
  })
  afterEach(() => store.close())

  it('[C74] come back as they were given and decided; only approved ones in their time are raises', async () => {
    await store.write(async ({ budgetRequests }) => {
      for (const [index, until] of [10, 20, 30, 40].entries()) {
        await budgetRequests.insert(request(`r${index}`, index, until))
      }
      const decided = { at: iso(5), by: 'joe', reason: 'ok' }
      await budgetRequests.decide('r0', { ...decided, state: 'approved' })
      await budgetRequests.decide('r1', { ...decided, state: 'approved' })
      await budgetRequests.decide('r2', { ...decided, state: 'denied' })
    })
    const { budgetRequests } = store.read
    const listed = await budgetRequests.list()
    expect(listed.map(({ requestId }) => requestId)).toEqual(['r3', 'r2', 'r1', 'r0'])
    expect(await budgetRequests.find('r3')).toEqual(request('r3', 3, 40))
    expect(await budgetRequests.find('r9')).toBeNull()
    const approved = { state: 'approved', decidedAt: iso(5), decidedBy: 'joe' } as const
    const decisions = { ...approved, decisionReason: 'ok' }
    expect(await budgetRequests.find('r0')).toEqual({ ...request('r0', 0, 10), ...decisions })
    expect(await budgetRequests.approvedUntilAfter(iso(10))).toEqual([
      { ...request('r1', 1, 20), ...decisions },
    ])
  })
})
