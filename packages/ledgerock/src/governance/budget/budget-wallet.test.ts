// A wallet against a control that answers as the test says, message by message.

import { describe, expect, it } from 'vitest'
import { createBudgetWallet } from './budget-wallet.ts'
import type { BudgetClaim, BudgetReservation, ReserveOutcome } from './budget-claim.ts'
import type { FromWallet, LeaseAnswer } from './lease.ts'
import { VirtualTime } from '../testing/virtual-time.ts'

const MINUTE = 60_000

function setUp() {
  const time = new VirtualTime()
  const sent: FromWallet[] = []
  const send = (message: FromWallet): void => void sent.push(message)
  const { after, now } = time
  const wallet = createBudgetWallet({ holder: 'j1', send, now, after, patienceMs: 250 })
  const outcomes: ReserveOutcome[] = []
  return {
    time,
    sent,
    wallet,
    outcomes,
    reserve: (...claims: readonly BudgetClaim[]) => {
      wallet.reserve(claims, (outcome) => outcomes.push(outcome))
    },
    lastAsk: () => {
      const ask = sent.findLast((message) => message.kind === 'budget-ask')
      if (ask?.kind !== 'budget-ask') throw new Error('nothing was asked')
      return ask
    },
    lastReport: () => {
      const report = sent.findLast((message) => message.kind === 'budget-report')
      if (report?.kind !== 'budget-report') throw new Error('nothing was reported')
      return report
    },
    grant(total: number, answer: LeaseAnswer = 'granted', bare = false, instance = 'b@0') {
      const { id } = this.lastAsk()
      const totals = { granted: `${total}`, returned: '0', settled: '0' }
      wallet.taken({ kind: 'budget-grant', id, grants: [{ instance, ...totals, bare, answer }] })
    },
    held: (at = 0): BudgetReservation => {
      const outcome = outcomes[at]
      if (outcome?.kind !== 'held') throw new Error(`not held: ${outcome?.kind}`)
      return outcome.reservation
    },
    kinds: () => outcomes.map(({ kind }) => kind),
  }
}

const claim = (amount: number, budget = 'b', hard = true): BudgetClaim => ({
  instance: `${budget}@0`,
  budget,
  counter: null,
  fromMs: 0,
  toMs: 3_600_000,
  hard,
  amount: BigInt(amount),
})

describe('budget wallet', () => {
  it('[G28] asks for what lacks, then spends without asking', () => {
    const at = setUp()
    at.reserve(claim(10))
    expect(at.outcomes).toEqual([])
    expect(at.lastAsk().asks[0]).toMatchObject({ knows: '0', isNew: true, need: '10', least: '10' })
    at.grant(30)
    at.reserve(claim(15))
    expect(at.kinds()).toEqual(['held', 'held'])
    expect(at.sent.length).toBe(1)
    at.wallet.settle(at.held(0), [4n])
    at.reserve(claim(11))
    expect(at.kinds()).toEqual(['held', 'held', 'held'])
    expect(at.wallet.reserveAgain([claim(1)])).toBeNull()
  })

  it('[G28] holds in all budgets or in none', () => {
    const at = setUp()
    at.reserve(claim(10), claim(10, 'parent'))
    expect(at.lastAsk().asks.map(({ budget }) => budget)).toEqual(['b', 'parent'])
    at.grant(10)
    expect(at.outcomes).toEqual([])
    at.reserve(claim(10))
    expect(at.kinds()).toEqual(['held'])
    at.time.play(251)
    expect(at.outcomes[1]).toMatchObject({ kind: 'unavailable', claim: { budget: 'b' } })
  })

  it('[G28] a call waits as long as its patience, asking again and again', () => {
    const at = setUp()
    at.reserve(claim(10))
    at.time.play(249)
    expect(at.outcomes).toEqual([])
    const asks = at.sent.length
    expect(asks).toBeGreaterThan(3)
    expect(asks).toBeLessThan(10)
    at.time.play(1)
    expect(at.kinds()).toEqual(['unavailable'])
    at.time.play(MINUTE)
    expect(at.sent.length).toBe(asks)
  })

  it('[G27] takes `spent` only for calls that the ask spoke for', () => {
    const at = setUp()
    at.reserve(claim(10))
    at.reserve(claim(3))
    at.grant(4, 'spent', true)
    // The second came after the ask, and what there is serves it.
    expect(at.kinds()).toEqual(['held', 'spent'])
    // What is at hand beside the call that was served.
    expect(at.outcomes[1]).toMatchObject({ claim: { amount: 10n }, left: 1n })
    at.reserve(claim(5))
    at.wallet.taken({ kind: 'budget-grant', id: 1, grants: [] })
    expect(at.kinds().length).toBe(2)
  })

  it('[G27] hands on what control could still grant, and says whether it would be asked for', () => {
    const at = setUp()
    at.reserve({ ...claim(10), mayShrink: true })
    expect(at.lastAsk().asks).toMatchObject([{ mayShrink: true }])
    const totals = { granted: '0', returned: '0', settled: '0', bare: true, left: '7' }
    const grant = { instance: 'b@0', ...totals, answer: 'spent' as const }
    at.wallet.taken({ kind: 'budget-grant', id: at.lastAsk().id, grants: [grant] })
    expect(at.outcomes).toMatchObject([{ kind: 'spent', left: 7n }])
    at.time.play(MINUTE)
    at.reserve({ ...claim(10), mayShrink: true })
    at.reserve(claim(20))
    at.time.play(100)
    // One that asks for no less would be refused.
    expect(at.lastAsk().asks).toMatchObject([{ mayShrink: false }])
  })

  it('a budget that is not hard never waits, and is counted from where it stood', () => {
    const at = setUp()
    at.reserve(claim(1_000, 'soft', false))
    at.wallet.settle(at.held(), [7n])
    at.wallet.report()
    expect(at.lastReport().leases).toEqual([])
    expect(at.lastAsk().asks[0]).toMatchObject({ isNew: true, need: '0', settled: '0' })
    const totals = { granted: '0', returned: '0', settled: '100' }
    const grant = { instance: 'soft@0', ...totals, bare: false, answer: 'unavailable' as const }
    at.wallet.taken({ kind: 'budget-grant', id: at.lastAsk().id, grants: [grant] })
    at.wallet.report()
    expect(at.lastReport().leases[0]).toMatchObject({ settled: '107' })
  })

  it('says what it said until it is heard', () => {
    const at = setUp()
    at.reserve(claim(10))
    at.grant(10)
    at.wallet.report()
    at.wallet.report()
    expect(at.lastReport().leases[0]).toMatchObject({ reserved: '10', settled: '0' })
    at.wallet.taken({ kind: 'budget-heard', id: at.lastReport().id })
    at.wallet.report()
    expect(at.lastReport().leases).toEqual([])
    at.wallet.settle(at.held(), [10n])
    at.wallet.report()
    expect(at.lastReport().leases[0]).toMatchObject({ reserved: '0', settled: '10' })
  })

  it('[G29] gives back when recalled, and keeps nothing idle then', () => {
    const at = setUp()
    at.reserve(claim(10))
    at.grant(30)
    const totals = { granted: '40', returned: '0', settled: '0' }
    const recall = { instance: 'b@0', ...totals, bare: true, answer: null }
    at.wallet.taken({ kind: 'budget-recall', grants: [recall] })
    // Ten of them in a grant that never came.
    expect(at.lastReport().leases[0]).toMatchObject({ returned: '30', reserved: '10', bare: true })
    at.wallet.settle(at.held(), [4n])
    at.time.play(10)
    expect(at.lastReport().leases[0]).toMatchObject({ returned: '36', reserved: '0', settled: '4' })
  })

  it('[G27] stays bare when the grant that a recall overtook comes at last', () => {
    const at = setUp()
    at.reserve(claim(10))
    const totals = { granted: '30', returned: '0', settled: '0' }
    at.grant(20)
    const recall = { instance: 'b@0', ...totals, bare: true, answer: null }
    at.wallet.taken({ kind: 'budget-recall', grants: [recall] })
    at.grant(30)
    at.wallet.settle(at.held(), [4n])
    at.time.play(10)
    expect(at.lastReport().leases[0]).toMatchObject({ returned: '26', settled: '4', bare: true })
  })

  it('[G29] gives a slice back that nobody used for a minute, and goes on from there an hour later', () => {
    const at = setUp()
    at.reserve(claim(10))
    at.grant(30)
    at.wallet.settle(at.held(), [10n])
    at.time.play(MINUTE)
    at.wallet.report()
    expect(at.lastReport().leases[0]).toMatchObject({ returned: '20', settled: '10' })
    at.wallet.taken({ kind: 'budget-heard', id: at.lastReport().id })
    at.wallet.report()
    expect(at.wallet.figures().accounts).toBe(1)
    at.time.play(60 * MINUTE)
    at.wallet.report()
    expect(at.wallet.figures().accounts).toBe(0)
    at.reserve(claim(10))
    const grant = { instance: 'b@0', granted: '40', returned: '20', settled: '10' }
    const answer = { ...grant, bare: false, answer: 'granted' as const }
    // One from before it was forgotten comes late: it says nothing.
    at.wallet.taken({ kind: 'budget-grant', id: 1, grants: [{ ...answer, settled: '0' }] })
    expect(at.kinds()).toEqual(['held'])
    at.wallet.taken({ kind: 'budget-grant', id: at.lastAsk().id, grants: [answer] })
    expect(at.kinds()).toEqual(['held', 'held'])
    expect(at.wallet.reserveAgain([claim(1)])).toBeNull()
  })

  it('asks for the next period before it begins', () => {
    const at = setUp()
    at.reserve(claim(10))
    at.grant(30)
    expect(at.wallet.endingBy(3_599_999)).toEqual([])
    const [ending] = at.wallet.endingBy(3_600_000)
    expect(ending).toMatchObject({ instance: 'b@0' })
    const next = { ...claim(0), instance: 'b@next', fromMs: 3_600_000, toMs: 7_200_000 }
    at.wallet.settle(at.held(), [10n])
    at.wallet.expect(next, 'b@0')
    at.wallet.expect(next, 'b@0')
    expect(at.sent.length).toBe(2)
    expect(at.lastAsk().asks[0]).toMatchObject({ instance: 'b@next', need: '0', recent: '10' })
    at.grant(20, 'granted', false, 'b@next')
    at.reserve({ ...next, amount: 20n })
    expect(at.kinds()).toEqual(['held', 'held'])
  })

  it('knows how a budget stands, with what it spent since', () => {
    const at = setUp()
    expect(at.wallet.state('b@0')).toBeNull()
    at.reserve(claim(10))
    at.grant(30)
    const states = [{ instance: 'b@0', limit: '100', spent: '50' }]
    at.wallet.taken({ kind: 'budget-states', states })
    at.wallet.settle(at.held(), [8n])
    expect(at.wallet.state('b@0')).toEqual({ limit: 100n, spent: 58n })
  })

  it('[G28] a reservation ends once', () => {
    const at = setUp()
    at.reserve(claim(10))
    at.grant(10)
    at.wallet.release(at.held())
    expect(() => {
      at.wallet.settle(at.held(), [1n])
    }).toThrow('ends once')
  })

  it('[G29] gives everything back at its end', () => {
    const at = setUp()
    at.reserve(claim(10))
    at.grant(30)
    at.wallet.close()
    expect(at.lastReport().leases[0]).toMatchObject({ returned: '20', reserved: '10' })
    at.wallet.settle(at.held(), [4n])
    at.time.play(10)
    expect(at.lastReport().leases[0]).toMatchObject({ returned: '26', reserved: '0', settled: '4' })
  })
})
