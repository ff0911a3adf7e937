// Control and its workers on a virtual second: messages are late or lost, calls begin and end when they like. What runs together
// never passes the limit.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evenSlots, type LimitShares } from './limit-shares.ts'
import { createShareDivider, type DividedPart, type WorkerReport } from './share-divider.ts'

const RULE = 'limit-1'

/** What a worker does with it; the system's own runs in a process. */
function simulatedWorker(first: number) {
  let slots = first
  let told: { readonly round: number; readonly slots: number } | null = null
  let running = 0
  let asked = 0
  return {
    running: () => running,
    /** What it would have running if enough asked. */
    mayRun: () => Math.max(running, slots),
    begin(calls: number): void {
      asked += calls
      running = Math.max(running, Math.min(running + calls, slots))
    },
    end(calls: number): void {
      running = Math.max(0, running - calls)
    },
    take(round: number, shares: LimitShares): void {
      slots = shares[RULE]?.slots ?? slots
      told = { round, slots }
    },
    report(): WorkerReport {
      const demand = [{ rule: RULE, asked, running, slots: told?.slots ?? null }]
      asked = 0
      return { round: told?.round ?? null, demand }
    },
  }
}

/** Control, its workers, and what is on the way between them. */
function simulatedNode(count: number, limit: number) {
  const part: DividedPart = { name: RULE, limit, part: 1, slots: limit }
  const divider = createShareDivider(count)
  const workers = Array.from({ length: count }, () => simulatedWorker(evenSlots(limit, count)))
  const up: WorkerReport[][] = workers.map(() => [])
  const down: { round: number; shares: LimitShares }[][] = workers.map(() => [])
  let round = 0
  // Before the first word of a worker control gives its places to others.
  for (const [index, worker] of workers.entries()) {
    divider.reported(`worker-${index}`, worker.report())
  }
  return {
    workers,
    /** Every worker reports; what those of `heard` said until now arrives. */
    hear(heard: number, messages: number): void {
      for (const [index, worker] of workers.entries()) {
        up[index]?.push(worker.report())
        const arrives = has(heard, index) ? (up[index]?.splice(0, messages) ?? []) : []
        for (const report of arrives) divider.reported(`worker-${index}`, report)
      }
    },
    divide(told: number, messages: number): void {
      round += 1
      const given = divider.divide(round, [part])
      for (const [index, worker] of workers.entries()) {
        down[index]?.push({ round, shares: given[`worker-${index}`] ?? {} })
        const arrives = has(told, index) ? (down[index]?.splice(0, messages) ?? []) : []
        for (const message of arrives) worker.take(message.round, message.shares)
      }
    },
  }
}

/** Some seconds in which one worker is asked; what is said in them may arrive later. */
const spell = fc.record({
  busy: fc.nat({ max: 3 }),
  seconds: fc.array(
    fc.record({
      /** Whose messages reach control, and whom control's reach: a bit for each worker. */
      heard: fc.nat({ max: 15 }),
      told: fc.nat({ max: 15 }),
      /** How many of those that are on the way. */
      messages: fc.constantFrom(1, Infinity),
      /** Whose calls end, all of them. */
      ended: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.nat({ max: 15 })),
    }),
    { minLength: 1, maxLength: 12 },
  ),
})
const has = (bits: number, index: number): boolean => (bits & (1 << index)) !== 0

describe('limits divided among workers', () => {
  it('[Z13] calls at a time never pass the limit, whatever comes late or never', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 4 }),
        fc.nat({ max: 12 }),
        fc.array(spell, { maxLength: 8 }),
        (count, beyond, spells) => {
          const limit = count + beyond
          const node = simulatedNode(count, limit)
          for (const { busy, seconds } of spells) {
            for (const second of seconds) {
              node.workers[busy % count]?.begin(limit)
              for (const [index, worker] of node.workers.entries()) {
                if (has(second.ended, index)) worker.end(limit)
              }
              node.hear(second.heard, second.messages)
              node.divide(second.told, second.messages)
              const mayRun = node.workers.reduce((all, one) => all + one.mayRun(), 0)
              expect(mayRun).toBeLessThanOrEqual(limit)
            }
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  it('[Z13] places go where they are asked for within seconds, once those who had them let go', () => {
    const divider = createShareDivider(2)
    const workers = [simulatedWorker(5), simulatedWorker(5)] as const
    const part: DividedPart = { name: RULE, limit: 10, part: 1, slots: 10 }
    const second = (round: number): void => {
      for (const [index, worker] of workers.entries()) {
        divider.reported(`worker-${index}`, worker.report())
      }
      const given = divider.divide(round, [part])
      for (const [index, worker] of workers.entries()) {
        worker.take(round, given[`worker-${index}`] as LimitShares)
      }
    }
    for (let round = 1; round <= 20; round += 1) {
      workers[0].begin(20)
      second(round)
    }
    expect(workers[0].running()).toBe(9)
    workers[1].begin(20)
    expect(workers[1].running()).toBe(1)
    for (let round = 21; round <= 50; round += 1) {
      workers[0].end(1)
      workers[1].begin(20)
      second(round)
    }
    expect(workers[0].running()).toBe(0)
    expect(workers[1].running()).toBe(9)
  })

  it('[Z14] the part of a worker that died is divided at the next second', () => {
    const divider = createShareDivider(2)
    const part: DividedPart = { name: RULE, limit: 10, part: 1, slots: 10 }
    for (const name of ['worker-1', 'worker-2']) {
      const demand = [{ rule: RULE, asked: 5, running: 5, slots: null }]
      divider.reported(name, { round: null, demand })
    }
    expect(divider.divide(1, [part])).toEqual({
      'worker-1': { [RULE]: { share: 0.5, slots: 5 } },
      'worker-2': { [RULE]: { share: 0.5, slots: 5 } },
    })
    divider.gone('worker-2')
    expect(divider.divide(2, [part])).toEqual({ 'worker-1': { [RULE]: { share: 1, slots: 10 } } })
    expect(divider.uses()).toEqual([
      { worker: 'worker-1', rule: RULE, asked: 5, running: 5, share: 1, slots: 10 },
    ])
  })

  it('[Z12] a rule without calls at a time has shares only, and one that went is forgotten', () => {
    const divider = createShareDivider(2)
    divider.reported('worker-1', { round: null, demand: [] })
    divider.reported('worker-2', { round: null, demand: [] })
    const rate: DividedPart = { name: 'rate', limit: null, part: 0.5, slots: null }
    const own = { rate: { share: 0.25, slots: null } }
    expect(divider.divide(1, [rate])).toEqual({ 'worker-1': own, 'worker-2': own })
    expect(divider.divide(2, [])).toEqual({ 'worker-1': {}, 'worker-2': {} })
    expect(divider.uses()).toEqual([])
  })
})
