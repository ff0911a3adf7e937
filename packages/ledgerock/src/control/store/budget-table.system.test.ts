// Budgets people make, on SQLite and on a real PostgreSQL: whatever holds here holds for both.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Clock } from '../../kernel/time.ts'
import { budgetWith } from '../testing/budget.ts'
import type { StoredBudget } from './budget-table.ts'
import { openControlStore, type ControlStore } from './control-store.ts'
import { ENGINE_KINDS } from './engine.ts'
import { startStorePlaces, type StorePlaces } from './testing/store-places.ts'

const T0 = Date.parse('2026-10-14T12:00:00.000Z')
const iso = (offsetMs: number): string => new Date(T0 + offsetMs).toISOString()
const clock: Clock = { now: () => T0, monotonic: () => 0 }
const NOT_REMOVED = { removedAt: null, removedBy: null }

const stored = (budgetId: string, name: string, at: number): StoredBudget => ({
  budgetId,
  budget: budgetWith({
    name,
    scope: { team: ['it’s "odd"; drop table'] },
    // Beyond what a number of either store holds.
    limit: '123456789012345678901234567890',
    period: { kind: 'year', month: 4, startsOn: 6 },
  }),
  setAt: iso(at),
  setBy: 'mia',
  setByRole: 'lead',
  ...NOT_REMOVED,
})

let places: StorePlaces
beforeAll(async () => {
  places = await startStorePlaces()
})
afterAll(() => places.stop())

describe.each(ENGINE_KINDS)('budgets people make on %s', (kind) => {
  let store: ControlStore
  beforeEach(async () => {
    const { target } = await places.fresh(kind)
    store = await openControlStore({ clock, onConnectionError: () => {} }, target)
  })
  afterEach(() => store.close())

  it('[C76] come back as they were given, by name whatever the collation, until they are removed', async () => {
    const rows = [stored('b1', 'b', 1), stored('b2', 'A', 2), stored('b3', 'a', 3)]
    await store.write(async ({ budgets }) => {
      for (const row of rows) await budgets.insert(row)
    })
    const { budgets } = store.read
    expect(await budgets.inForce()).toEqual([rows[1], rows[2], rows[0]])
    await store.write((tables) => tables.budgets.remove('b3', iso(5), 'joe'))
    expect((await budgets.inForce()).map(({ budgetId }) => budgetId)).toEqual(['b2', 'b1'])
    const again = { ...stored('b0', 'a', 6), setByRole: 'admin' as const }
    await store.write((tables) => tables.budgets.insert(again))
    expect(await budgets.named('a')).toEqual([
      { ...rows[2], removedAt: iso(5), removedBy: 'joe' },
      again,
    ])
    // Whoever removed it first is told.
    await store.write((tables) => tables.budgets.remove('b3', iso(9), 'tom'))
    expect((await budgets.named('a'))[0]).toMatchObject({ removedBy: 'joe' })
    expect(await budgets.named('nothing')).toEqual([])
  })

  it('[C77] their counters are asked for anew, as a change that every node sees', async () => {
    const refused = { atMs: 7, limit: 9n }
    const none = { counter: null, fromMs: 0, toMs: null, carried: 0n, recalls: 0 }
    const row = { ...none, folded: 3, refused }
    const big = 123456789012345678901234567890n
    const rows = ['a', 'b'].map((budget) => {
      return { ...row, instance: `${budget}@0`, budget, other: big, revision: 1 }
    })
    await store.write(async ({ leases }) => {
      await leases.nextRevision(0)
      await leases.putInstances(rows)
    })
    await store.write(({ leases }) => leases.unask('a'))
    const { leases } = store.read
    expect(await leases.revision()).toBe(2)
    expect(await leases.instancesSince(1)).toEqual([
      { ...rows[0], other: null, folded: 4, refused: null, revision: 2 },
    ])
    await store.write((tables) => tables.leases.unask('nothing'))
    expect(await leases.revision()).toBe(2)
  })

  it('[C76] two of one name are never in force', async () => {
    await store.write(({ budgets }) => budgets.insert(stored('b1', 'a', 1)))
    await expect(
      store.write(({ budgets }) => budgets.insert(stored('b2', 'a', 2))),
    ).rejects.toThrow(/unique/i)
    expect(await store.read.budgets.inForce()).toHaveLength(1)
  })
})
