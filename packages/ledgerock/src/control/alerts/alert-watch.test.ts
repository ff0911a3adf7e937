// The watch where stores fail and nodes share one: the real watch, outage and outbox over the real SQLite store, which can be unplugged.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlertsConfig } from '../../governance/alert-rule.ts'
import { Fault } from '../../kernel/fault.ts'
import { err, ok } from '../../kernel/result.ts'
import type { Clock } from '../../kernel/time.ts'
import { openControlStore, type ControlStore } from '../store/control-store.ts'
import { budgetWith, DOLLAR, stateWith } from '../testing/budget.ts'
import type { AlertEvent } from './alert-event.ts'
import { createAlertWatch } from './alert-watch.ts'
import type { AlertFacts } from './facts.ts'
import { createOutbox } from './outbox.ts'
import { createStoreOutage } from './store-outage.ts'

const T0 = Date.parse('2026-10-14T12:00:00Z')
const budget = budgetWith({ alertAt: [80] })
const config: AlertsConfig = {
  sinks: [
    { name: 'ops', type: 'sns', quietHours: null, topicArn: 'arn' },
    {
      name: 'asleep',
      type: 'sns',
      quietHours: { fromMinute: 0, toMinute: 1439, timeZone: 'UTC' },
      topicArn: 'arn',
    },
  ],
  rules: [
    {
      name: 'away',
      when: 'store',
      budget: null,
      scope: {},
      above: '60',
      forMs: 0,
      overMs: 0,
      severity: 'warning',
      to: ['ops', 'asleep'],
    },
  ],
  allowHosts: [],
}

let directory: string
let real: ControlStore
let nowMs: number
let isUnplugged: boolean
let facts: Partial<AlertFacts>
let deaf: Set<string>
let drawn = 0
let told: { readonly sink: string; readonly event: AlertEvent }[]
const clock: Clock = { now: () => nowMs, monotonic: () => nowMs }

beforeEach(async () => {
  nowMs = T0
  isUnplugged = false
  facts = {}
  told = []
  deaf = new Set()
  directory = mkdtempSync(join(tmpdir(), 'ledgerock-alerts-'))
  const target = { kind: 'embedded', path: join(directory, 'control.db') } as const
  real = await openControlStore({ clock, onConnectionError: () => {} }, target)
})
afterEach(async () => {
  await real.close()
  rmSync(directory, { recursive: true, force: true })
})

function node(nodeId: string, isOurs: boolean) {
  const plugged = async <T>(work: () => Promise<T>): Promise<T> => {
    if (isUnplugged) throw new Fault('control_store_unavailable', 'unplugged')
    return work()
  }
  const store = {
    kind: real.kind,
    read: {
      ...real.read,
      alerts: { ...real.read.alerts, firing: () => plugged(real.read.alerts.firing) },
    },
    write: ((work) => plugged(() => real.write(work))) as ControlStore['write'],
  }
  const send = async (sink: { readonly name: string }, text: string) => {
    if (deaf.has(sink.name)) return err('it is down')
    told.push({ sink: sink.name, event: JSON.parse(text) as AlertEvent })
    return ok(null)
  }
  const raising = {
    store,
    nodeId,
    random: (bytes: number) => new Uint8Array(bytes).fill((drawn += 1)),
    now: () => nowMs,
    url: (id: string) => id,
  }
  const outage = createStoreOutage({ ...raising, clock, sinks: () => config.sinks, send })
  const watch = createAlertWatch({
    ...raising,
    clock,
    config: () => config,
    budgets: () => [budget],
    facts: (_rules, controlMs) => ({
      nodeId,
      nowMs,
      budgets: [],
      spend: () => null,
      journal: null,
      clockOffsetMs: 0,
      ...facts,
      storeDown: { ledgerMs: 0, ...facts.storeDown, controlMs },
    }),
    post: { isOurs: async () => isOurs },
    outage,
    onRaised: () => {},
  })
  const outbox = createOutbox({
    store,
    sinks: () => config.sinks,
    send,
    clock,
    dice: () => 0,
    onOutcome: () => {},
    onError: (error) => {
      throw error
    },
  })
  return async () => {
    const done = await watch.look().catch(() => 'failed')
    if (done === true) await outbox.round()
    await outbox.idle()
    return done
  }
}

const heard = (): readonly string[] =>
  told.map(({ sink, event }) => `${sink}: ${event.status} ${event.rule}`)

describe('a control store that is away', () => {
  it('[C106] is told from memory, once, and its return like any other end', async () => {
    const look = node('n1', true)
    expect(await look()).toBe(true)
    isUnplugged = true
    for (let seconds = 0; seconds < 90; seconds += 10) {
      expect(await look()).toBe('failed')
      nowMs += 10_000
    }
    expect(heard()).toEqual(['ops: firing away'])
    isUnplugged = false
    expect(await look()).toBe(true)
    expect(heard()).toEqual(['ops: firing away', 'ops: resolved away'])
    expect(await look()).toBe(true)
    expect(heard()).toHaveLength(2)
    const [alert] = await real.read.alerts.page(null, 5)
    expect(alert).toMatchObject({ rule: 'away', nodeId: 'n1', subject: 'n1/control' })
    expect(alert?.resolvedAt).not.toBeNull()
  })

  it('[C106] a sink that was down too, or quiet, hears of it from the outbox', async () => {
    const look = node('n1', true)
    await look()
    isUnplugged = true
    deaf.add('ops')
    await look()
    nowMs += 61_000
    await look()
    expect(heard()).toEqual([])
    isUnplugged = false
    deaf.clear()
    // The store is found well at once, so the end is said too, after the beginning.
    for (let looks = 0; looks < 3; looks += 1) await look()
    expect(heard()).toEqual(['ops: firing away', 'ops: resolved away'])
    nowMs = Date.parse('2026-10-14T23:59:00Z')
    for (let looks = 0; looks < 3; looks += 1) await look()
    expect(heard().slice(2)).toEqual(['asleep: firing away', 'asleep: resolved away'])
  })

  it('[C106] a short absence is nobody’s business, and what was found meanwhile is not lost', async () => {
    const look = node('n1', true)
    isUnplugged = true
    facts = { budgets: [stateWith(budget, nowMs, null, { spent: 450n * DOLLAR })] }
    await look()
    nowMs += 5_000
    isUnplugged = false
    await look()
    expect(heard()).toEqual(['ops: firing search-monthly at 80 %'])
  })
})

describe('nodes on one store', () => {
  it('[C106] one watches for all, each watches itself, and none ends what another found', async () => {
    const [first, second] = [node('n1', true), node('n2', false)]
    const storeDown = { ledgerMs: 61_000, controlMs: 0 }
    facts = { budgets: [stateWith(budget, nowMs, null, { spent: 450n * DOLLAR })] }
    await second()
    expect(await real.read.alerts.firing()).toEqual([])
    await first()
    facts = { ...facts, storeDown }
    await second()
    facts = { budgets: facts.budgets ?? null }
    await first()
    const firing = await real.read.alerts.firing()
    expect(firing.map(({ rule, nodeId, subject }) => [rule, nodeId, subject])).toEqual(
      expect.arrayContaining([
        ['search-monthly at 80 %', null, expect.any(String)],
        ['away', 'n2', 'n2/ledger'],
      ]),
    )
    expect(firing).toHaveLength(2)
    // It finds itself well again, and leaves the budget alone, which it does not watch.
    facts = { budgets: [] }
    await second()
    expect((await real.read.alerts.firing()).map(({ rule }) => rule)).toEqual([
      'search-monthly at 80 %',
    ])
  })
})
