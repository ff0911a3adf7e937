import { describe, expect, it } from 'vitest'
import type { AlertRule } from '../../governance/alert-rule.ts'
import { err, ok } from '../../kernel/result.ts'
import type { LedgerStatus } from '../../ledger/ledger-status.ts'
import { createFactSource, type FactSourceDeps } from './fact-source.ts'

const rule = (when: AlertRule['when'], team: string): AlertRule => ({
  name: when,
  when,
  budget: null,
  scope: { team: [team] },
  above: '1',
  forMs: 0,
  overMs: 3_600_000,
  severity: 'info',
  to: [],
})
const status = (state: 'ok' | 'unreachable', lagBytes: number): LedgerStatus => ({
  store: { kind: 'embedded', state, schema_version: 1 },
  shipping: {
    state: 'idle',
    lag_bytes: lagBytes,
    lag_seconds: 0,
    journals: 1,
    shipped_calls: 0,
    quarantined: 0,
    last_shipped_at: null,
    last_error: null,
  },
})

function source() {
  const world = {
    nowMs: 0,
    asked: 0,
    takesMs: 0,
    status: status('ok', 7) as LedgerStatus | null,
    spend: '1.5' as string | null,
  }
  const ledger: FactSourceDeps['ledger'] = {
    async spend() {
      world.asked += 1
      world.nowMs += world.takesMs
      if (world.spend === null) return err({ code: 'invalid_question', detail: 'no', errors: [] })
      return ok({ rows: [], total: { cost_usd: world.spend, calls: 1, unpriced_calls: 0 } })
    },
    async status() {
      if (world.status === null) throw new Error('away')
      return world.status
    },
  }
  const facts = createFactSource({
    ledger,
    budgets: () => null,
    journalMaxBytes: () => 100,
    clockOffsetMs: () => null,
    nodeId: 'n',
    clock: { now: () => world.nowMs, monotonic: () => world.nowMs },
  })
  /** Looks, and lets what is asked in the background be answered. */
  const look = async (...rules: readonly AlertRule[]) => {
    const found = facts(rules, 0)
    await new Promise((resolve) => setImmediate(resolve))
    return found
  }
  return { world, look }
}

describe('facts', () => {
  it('[C102] of the ledger are not known until it has answered, and not for ever after', async () => {
    const { world, look } = source()
    const rate = rule('spend_rate', 'a')
    expect((await look(rate)).spend(rate)?.cost ?? null).toBe(1_500_000_000_000n)
    world.spend = null
    world.nowMs += 60_000
    expect((await look(rate)).spend(rate)?.cost).toBe(1_500_000_000_000n)
    world.nowMs += 300_000
    expect((await look(rate)).spend(rate)).toBeNull()
  })

  it('[C102] are asked for every five seconds, and for a twentieth of the time at most', async () => {
    const { world, look } = source()
    const rate = rule('spend_rate', 'a')
    for (let second = 0; second < 10; second += 1) {
      await look(rate, rule('spend_rate', 'a'))
      world.nowMs += 1_000
    }
    expect(world.asked).toBe(2)
    world.takesMs = 10_000
    await look(rate)
    world.takesMs = 0
    for (let second = 0; second < 199; second += 1) {
      world.nowMs += 1_000
      await look(rate)
    }
    expect(world.asked).toBe(3)
    world.nowMs += 1_000
    await look(rate)
    expect(world.asked).toBe(4)
  })

  it('[C102] tell how full the journal is and since when the store is away', async () => {
    const { world, look } = source()
    const away = rule('store', 'a')
    await look(away)
    expect(await look(away)).toMatchObject({
      journal: { usedBytes: 7, maxBytes: 100 },
      storeDown: { ledgerMs: 0 },
    })
    world.status = status('unreachable', 9)
    world.nowMs += 5_000
    await look(away)
    world.nowMs += 5_000
    world.status = null
    await look(away)
    world.nowMs += 5_000
    expect(await look(away)).toMatchObject({
      journal: { usedBytes: 9 },
      storeDown: { ledgerMs: 10_000 },
    })
    world.status = status('ok', 0)
    world.nowMs += 5_000
    await look(away)
    expect(await look(away)).toMatchObject({ storeDown: { ledgerMs: 0 } })
  })
})
