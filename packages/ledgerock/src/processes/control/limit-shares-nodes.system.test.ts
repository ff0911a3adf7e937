// Nodes that share limits through one store: the table on both databases, and two nodes on a real PostgreSQL.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openControlStore, type ControlStore } from '../../control/store/control-store.ts'
import { ENGINE_KINDS } from '../../control/store/engine.ts'
import { startStorePlaces, type StorePlaces } from '../../control/store/testing/store-places.ts'
import type { DividedRule } from '../../governance/limit/share-divider.ts'
import { createLimitNodes, type LimitNodes } from './limit-shares-nodes.ts'

const RULES: readonly DividedRule[] = [
  { name: 'places', limit: 10 },
  { name: 'rate', limit: null },
]
const time = { now: 1_800_000_000_000, monotonic: 0 }
const clock = { now: () => time.now, monotonic: () => time.monotonic }

let places: StorePlaces
beforeAll(async () => {
  places = await startStorePlaces()
})
afterAll(() => places.stop())

/** A node whose workers are asked for so much and hold so many places. */
function nodeOn(store: ControlStore, name: string) {
  const nodes: LimitNodes = createLimitNodes(store, clock, name)
  const stand = { asked: 0, heldSlots: 0 }
  let slots = 0
  let part = 0
  return {
    stand,
    slots: () => slots,
    part: () => part,
    async second(): Promise<void> {
      const parts = await nodes.claim(RULES, () => stand)
      slots = parts.get('places')?.slots ?? 0
      part = parts.get('rate')?.part ?? 0
      // Its workers use what they were given at once, and give back what they have too much.
      stand.heldSlots = slots
    },
  }
}

/** A second passes, in which every node of the list has its turn. */
async function pass(nodes: readonly ReturnType<typeof nodeOn>[], seconds = 1): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    time.now += 1_000
    time.monotonic += 1_000
    await Promise.all(nodes.map((node) => node.second()))
  }
}

describe.each(ENGINE_KINDS)('claims of limits on %s', (kind) => {
  it('[Z15] keeps the last word of every node', async () => {
    const { target } = await places.fresh(kind)
    const store = await openControlStore({ clock, onConnectionError: () => {} }, target)
    const claim = { asked: 3, part: 0.5, slots: 5 }
    const [first, other] = [
      { nodeId: 'a', beat: 1, claims: { places: claim } },
      { nodeId: 'b', beat: 1_800_000_000_000, claims: {} },
    ]
    await store.write(async ({ limitClaims }) => {
      await limitClaims.put(first)
      await limitClaims.put(other)
      await limitClaims.put({ ...first, beat: 2 })
    })
    expect(await store.read.limitClaims.all()).toEqual([{ ...first, beat: 2 }, other])
    await store.write(({ limitClaims }) => limitClaims.remove('a'))
    expect(await store.read.limitClaims.all()).toEqual([other])
    await store.close()
  })
})

describe('two nodes on one PostgreSQL', () => {
  it('[Z15] share places and rates by demand; who falls silent loses its part', async () => {
    const { target } = await places.fresh('postgres')
    const open = () => openControlStore({ clock, onConnectionError: () => {} }, target)
    const stores = await Promise.all([open(), open()])
    const [one, two] = [nodeOn(stores[0], 'node-a'), nodeOn(stores[1], 'node-b')]

    await pass([one])
    expect([one.slots(), one.part()]).toEqual([10, 1])

    // The newcomer takes nothing that the other holds; the other gives up what is asked for elsewhere.
    one.stand.asked = 10
    two.stand.asked = 30
    for (let second = 0; second < 20; second += 1) {
      await pass([one, two])
      expect(one.slots() + two.slots()).toBeLessThanOrEqual(10)
    }
    expect([one.slots(), two.slots()]).toEqual([3, 7])
    expect(one.part() + two.part()).toBeCloseTo(1, 1)
    expect(two.part()).toBeGreaterThan(0.65)

    // A short silence costs nothing; a long one does.
    await pass([one], 5)
    expect(one.slots()).toBe(3)
    await pass([one], 8)
    expect([one.slots(), one.part()]).toEqual([10, 1])

    // It comes back with what it had and is brought back to what is there.
    await pass([one, two], 20)
    expect(one.slots() + two.slots()).toBe(10)
    await Promise.all(stores.map((store) => store.close()))
  })
})
