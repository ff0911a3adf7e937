import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { instanceAt } from '../../governance/budget/budget-period.ts'
import { compileBudgets } from '../../governance/budget/budget-rules.ts'
import type { FromWallet } from '../../governance/budget/lease.ts'
import { sampleBudget } from '../../governance/testing/sample-budget.ts'
import { createWorkerBudgets } from './budget-worker.ts'

const HOURLY = sampleBudget({ name: 'hourly', period: { kind: 'hour' }, per: 'team' })
const NOON = Date.parse('2026-11-20T12:00:00Z')
const MINUTE = 60_000
const CALL = { dimensions: { team: 'search' }, keyName: null, modelRequested: 'm', modelId: null }

function open(journalId: string, rules = compileBudgets([HOURLY])) {
  const clock = { nowMs: NOON }
  const journal = { journalId }
  const sent: FromWallet[] = []
  const budgets = createWorkerBudgets(
    { now: () => clock.nowMs, monotonic: () => clock.nowMs },
    journal,
    () => ({ budgets: rules }),
    (message) => sent.push(message),
  )
  const [covering] = compileBudgets([HOURLY]).covering(CALL, NOON)
  if (covering === undefined) throw new Error('not covered')
  const { key: instance, counter, instance: period } = covering
  const claim = { instance, budget: 'hourly', counter, ...period, hard: true, amount: 5n }
  const outcomes: string[] = []
  budgets.wallet.reserve([claim], ({ kind }) => outcomes.push(kind))
  const asked = (): readonly string[] =>
    sent.flatMap((message) =>
      message.kind === 'budget-ask' ? message.asks.map((ask) => ask.instance) : [],
    )
  return { clock, journal, sent, budgets, instance, outcomes, asked }
}

describe('a worker’s budgets', () => {
  it('[Z16] pay for the calls of its journal, and say nothing before that is there', () => {
    const { journal, sent, budgets, clock, asked } = open('')
    budgets.report()
    expect(sent).toEqual([])
    journal.journalId = 'j1'
    clock.nowMs += 1_000
    budgets.report()
    expect(new Set(sent.map(({ holder }) => holder))).toEqual(new Set(['j1']))
    expect(asked()).toHaveLength(1)
  })

  it('[Z17] ask a minute ahead for the next period of a budget in use, once', () => {
    const { clock, budgets, instance, asked, outcomes } = open('j1')
    const grant = { instance, granted: '9', returned: '0', settled: '0', bare: false }
    budgets.wallet.taken({ kind: 'budget-grant', id: 1, grants: [{ ...grant, answer: 'granted' }] })
    expect(outcomes).toEqual(['held'])
    const { toMs } = instanceAt(HOURLY.period, 'UTC', NOON)
    clock.nowMs = (toMs ?? 0) - MINUTE - 1
    budgets.report()
    expect(new Set(asked())).toEqual(new Set([instance]))
    clock.nowMs += 1
    budgets.report()
    const next = `hourly@${(toMs ?? 0).toString(36)}/search`
    expect(asked()).toEqual([instance, next])
  })

  it('[Z17] ask for nothing of a budget that is gone', () => {
    const { clock, budgets, asked } = open('j1', compileBudgets([]))
    const before = asked().length
    clock.nowMs += 60 * MINUTE
    budgets.wallet.close()
    budgets.report()
    expect(new Set(asked().slice(before)).size).toBeLessThanOrEqual(1)
    expect(asked().every((key) => key.startsWith(`hourly@${NOON.toString(36)}`))).toBe(true)
  })
})

describe('a worker’s first word', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const opened = (rules = compileBudgets([HOURLY])) => {
    const journal = { journalId: '' }
    const sent: FromWallet[] = []
    const clock = { now: () => NOON, monotonic: () => 0 }
    const policy = () => ({ budgets: rules })
    const budgets = createWorkerBudgets(clock, journal, policy, (message) => sent.push(message))
    const state = { isOver: false }
    void budgets.firstWord().then(() => {
      state.isOver = true
    })
    return { journal, sent, budgets, state }
  }

  it('[Z23] is said at once, and again until it is heard', async () => {
    const { journal, sent, budgets, state } = opened()
    expect(sent).toEqual([])
    journal.journalId = 'j1'
    await vi.advanceTimersByTimeAsync(300)
    expect(sent.length).toBeGreaterThan(1)
    expect(state.isOver).toBe(false)
    budgets.taken({ kind: 'budget-heard', id: sent[0]?.id ?? 0 })
    await vi.advanceTimersByTimeAsync(0)
    expect(state.isOver).toBe(true)
    const said = sent.length
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sent).toHaveLength(said)
  })

  it('[Z23] is waited for only so long', async () => {
    const { state } = opened()
    await vi.advanceTimersByTimeAsync(4_900)
    expect(state.isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(200)
    expect(state.isOver).toBe(true)
  })

  it('[Z23] is not waited for where no budget can refuse', async () => {
    const soft = sampleBudget({ name: 'soft', mode: 'soft' })
    const shadow = sampleBudget({ name: 'shadow', mode: 'hard', shadow: true })
    const { state } = opened(compileBudgets([soft, shadow]))
    await vi.advanceTimersByTimeAsync(0)
    expect(state.isOver).toBe(true)
  })

  it('[Z25] hears that its leases were given up, and says so to who can end it', async () => {
    const { budgets, instance } = open('j1')
    let isOver = false
    void budgets.over.then(() => (isOver = true))
    const grant = { instance, granted: '0', returned: '0', settled: '0', bare: false }
    const answer = 'unavailable'
    budgets.taken({ kind: 'budget-grant', id: 1, grants: [{ ...grant, answer }] })
    await Promise.resolve()
    expect(isOver).toBe(false)
    budgets.taken({ kind: 'budget-grant', id: 1, grants: [{ ...grant, answer, isOver: true }] })
    await budgets.over
    expect(isOver).toBe(true)
  })
})
