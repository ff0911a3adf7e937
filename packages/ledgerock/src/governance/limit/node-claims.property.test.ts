// Nodes that take their parts of a limit one after the other, in any order, while calls of their workers go on.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claimPart, type NodeClaim } from './node-claims.ts'

type Node = { asked: number; part: number | null; held: number; claim: NodeClaim | null }

/** Takes a turn as `processes/limit-shares-nodes.ts` does: what others claim is read, what is taken is written. */
function turn(nodes: readonly Node[], index: number, limit: number | null): void {
  const node = nodes[index] as Node
  const others = nodes.flatMap(({ claim }, at) => (at === index || claim === null ? [] : [claim]))
  const place = nodes.slice(0, index).filter(({ claim }) => claim !== null).length
  const me = { asked: node.asked, part: node.part, heldSlots: node.held }
  const { part, slots } = claimPart(limit, me, others, place)
  node.part = part
  node.claim = {
    asked: node.asked,
    part,
    slots: slots === null ? null : Math.max(slots, node.held),
  }
}

const newNode = (): Node => ({ asked: 0, part: null, held: 0, claim: null })
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)
const slotsOf = (nodes: readonly Node[]): number => sum(nodes.map(({ claim }) => claim?.slots ?? 0))

const step = fc.record({
  node: fc.nat({ max: 3 }),
  asked: fc.nat({ max: 100 }),
  held: fc.double({ min: 0, max: 1, noNaN: true }),
})

describe('limits shared by nodes', () => {
  it('[Z15] claimed places never pass the limit, in whatever order nodes take them', () => {
    fc.assert(
      fc.property(fc.nat({ max: 40 }), fc.array(step, { maxLength: 100 }), (limit, steps) => {
        const nodes = [newNode(), newNode(), newNode(), newNode()]
        for (const { node: index, asked, held } of steps) {
          const node = nodes[index] as Node
          node.asked = asked
          // Its workers use something of what it had, and some calls stay when it has less.
          node.held = Math.floor(held * (node.claim?.slots ?? 0))
          turn(nodes, index, limit)
          expect(slotsOf(nodes)).toBeLessThanOrEqual(limit)
        }
      }),
    )
  })

  it('[Z15] steady nodes agree within seconds: rates add up to one, all places are given out', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 100 }), { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 4, max: 60 }),
        (demand, limit) => {
          const nodes = demand.map((asked) => ({ ...newNode(), asked }))
          const given = Array.from({ length: 30 }, () => {
            for (const index of nodes.keys()) turn(nodes, index, limit)
            return slotsOf(nodes)
          })
          const parts = nodes.map(({ part }) => part ?? 0)
          expect(Math.abs(sum(parts) - 1)).toBeLessThan(0.02)
          // A place that goes from one node to another is nobody's for a second, for some where their claims are all but equal.
          const late = given.slice(-10)
          expect(Math.max(...late)).toBe(limit)
          expect(Math.min(...late)).toBeGreaterThanOrEqual(limit - 1)
          for (const { claim } of nodes) expect(claim?.slots).toBeGreaterThanOrEqual(1)
        },
      ),
    )
  })

  it('[Z15] a node alone has everything', () => {
    const [node] = [newNode()]
    turn([node], 0, 7)
    expect(node.claim).toEqual({ asked: 0, part: 1, slots: 7 })
    turn([node], 0, null)
    expect(node.claim).toEqual({ asked: 0, part: 1, slots: null })
  })
})
