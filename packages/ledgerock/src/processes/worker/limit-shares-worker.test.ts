import { describe, expect, it } from 'vitest'
import type { LimitShares } from '../../governance/limit/limit-shares.ts'
import { createWorkerShares, type SharedLimits } from './limit-shares-worker.ts'
import type { FromChild } from '../messages.ts'

/** The limits of one policy: what they were last told, and when. */
function limitsOf(...rules: readonly string[]) {
  const told: { shares: LimitShares; nowMs: number }[] = []
  const limits: SharedLimits = {
    takeDemand: () => rules.map((rule) => ({ rule, asked: 5, running: 1 })),
    setShares: (shares, nowMs) => void told.push({ shares, nowMs }),
  }
  return { limits, told }
}

const given: LimitShares = { 'limit-1': { share: 0.25, slots: 3 } }

describe('a worker’s shares', () => {
  it('[Z12] reports what was asked, what it works by and by which round', () => {
    const sent: FromChild[] = []
    const { limits, told } = limitsOf('limit-1', 'limit-2')
    const shares = createWorkerShares(
      () => limits,
      (message) => sent.push(message),
      () => 77,
    )
    shares.report()
    shares.taken(12, given)
    shares.report()
    const demand = (slots: number | null) => [
      { rule: 'limit-1', asked: 5, running: 1, slots },
      { rule: 'limit-2', asked: 5, running: 1, slots: null },
    ]
    expect(sent).toEqual([
      { kind: 'limit-demand', report: { round: null, demand: demand(null) } },
      { kind: 'limit-demand', report: { round: 12, demand: demand(3) } },
    ])
    expect(told.at(-1)).toEqual({ shares: given, nowMs: 77 })
  })

  it('[Z14] the last shares stay, also for the limits of another policy', () => {
    const sent: FromChild[] = []
    const [first, second] = [limitsOf('limit-1'), limitsOf('limit-1')]
    let inForce: SharedLimits | null = first.limits
    const shares = createWorkerShares(
      () => inForce,
      (message) => sent.push(message),
      () => 1,
    )
    shares.taken(12, given)
    inForce = second.limits
    shares.report()
    shares.report()
    expect(second.told.map((one) => one.shares)).toEqual([given, given])
    inForce = null
    shares.report()
    expect(sent).toHaveLength(2)
  })
})
