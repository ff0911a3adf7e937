// The part a reader sees, on a real store: what `scope.property.test.ts` proves on plain arithmetic holds for sums from rollups and
// from calls, for pages, for single calls and for what arrives.

import type { CallRecord } from '@ledgerock/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { askCall, askCalls, askCallsSince } from '../../ledger/calls.ts'
import { entryOf } from '../../ledger/entry.ts'
import { askSpend } from '../../ledger/spend.ts'
import type { LedgerStore } from '../../ledger/store.ts'
import { arbitraryRecord } from '../../ledger/testing/arbitrary-record.ts'
import { monthBatches } from '../../ledger/testing/month-batches.ts'
import { fieldOf } from '../../ledger/testing/naive-spend.ts'
import { openRoom, TEST_DIMENSIONS, type Room } from '../../ledger/testing/store-rooms.ts'
import type { Actor } from './actor.ts'
import { createApi } from '../api.ts'
import type { UserScope } from './scope.ts'
import { ledgerWithin, type LedgerReads } from './scoped-ledger.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'

const range = {
  fromMs: Date.parse('2026-10-01T00:00:00Z'),
  toMs: Date.parse('2026-10-08T00:00:00Z'),
  dimensions: TEST_DIMENSIONS,
}
const WHEN = 'from=2026-10-01&to=2026-10-08'
const DIMENSIONS = TEST_DIMENSIONS.slice(0, 8)

let room: Room
let store: LedgerStore
let plane: ControlPlane
let ledger: LedgerReads
let beginning: string
let records: readonly CallRecord[]

beforeAll(async () => {
  plane = await startControlPlane()
  room = await openRoom('embedded')
  store = await room.open()
  const dimensions = TEST_DIMENSIONS
  ledger = {
    spend: (question) =>
      askSpend({ spend: store.spend, dimensions, keptSinceMs: () => null }, question),
    calls: (question) => askCalls({ store, dimensions }, question),
    call: (callId) => askCall({ store, dimensions }, callId),
    callsSince: (question) => askCallsSince({ store, dimensions }, question),
    outcomeSums: store.outcomeSums,
    outcomeTotals: store.outcomeTotals,
  }
  beginning = mustOk(await ledger.callsSince({ cursor: null, where: [], limit: 1 })).cursor
  const drawn = fc.sample(arbitraryRecord(range), { numRuns: 300, seed: 5 })
  const byId = new Map(drawn.map((record) => [record.call_id, record]))
  records = [...byId.values()].map((record, index) => ({ ...record, seq: index + 1 }))
  for (const batch of monthBatches(records.map(entryOf), 'scope')) await store.insertBatch(batch)
})
afterAll(async () => {
  await store.close()
  await room.close()
  await plane.stop()
})

const scopes: fc.Arbitrary<UserScope> = fc
  .uniqueArray(fc.constantFrom(...DIMENSIONS), { minLength: 1, maxLength: 2 })
  .chain((names) =>
    fc.record(
      Object.fromEntries(
        names.map((name) => [
          name,
          fc.uniqueArray(fc.constantFrom(`${name}-1`, `${name}-2`, 'x'), { minLength: 1 }),
        ]),
      ),
    ),
  )

const lies = (call: CallRecord, scope: UserScope): boolean =>
  Object.keys(scope).every((name) => (scope[name] ?? []).includes(fieldOf(call, name)))

function askAs(actor: Pick<Actor, 'role' | 'scope'>) {
  const api = createApi({ ...plane.apiDeps, ledger: { ...plane.ledger, ...ledger } })
  const inProcess: Actor = { ...actor, name: 'someone', by: 'in-process' }
  return async (path: string) => {
    const response = await api.request(`/api/v1/${path}`, {}, { inProcess })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
}

async function arrivals(reads: LedgerReads): Promise<readonly string[]> {
  const ids: string[] = []
  let cursor = beginning
  for (;;) {
    const page = mustOk(await reads.callsSince({ cursor, where: [], limit: 50 }))
    ids.push(...page.items.map((call) => call.call_id))
    if (page.items.length < 50) return ids
    cursor = page.cursor
  }
}

describe('a reader who sees a part of a real ledger', () => {
  it('[C40] gets the rows, totals and pages that the admin gets with that filter', async () => {
    const admin = askAs({ role: 'admin', scope: null })
    let shown = 0
    await fc.assert(
      fc.asyncProperty(scopes, async (scope) => {
        const viewer = askAs({ role: 'viewer', scope })
        const filter = Object.entries(scope)
          .map(([name, values]) => `&where=${name}=${values.join(',')}`)
          .join('')
        for (const question of [
          `spend?by=team,model_id&${WHEN}`,
          `spend?by=tenant_id&where=team=team-1&granularity=day&${WHEN}`,
          `spend?by=kind&${WHEN}`,
          `calls?limit=1000&${WHEN}`,
        ]) {
          const part = await viewer(question)
          expect(part.status).toBe(200)
          expect(part).toEqual(await admin(question + filter))
        }
        const own = records.filter((call) => lies(call, scope)).map((call) => call.call_id)
        expect((await arrivals(ledgerWithin(ledger, scope))).toSorted()).toEqual(own.toSorted())
        shown += own.length
      }),
      { numRuns: 15 },
    )
    expect(shown).toBeGreaterThan(0)
  })

  it('[C40] knows no call outside the part', async () => {
    const scope = { team: ['team-1'] }
    const viewer = askAs({ role: 'viewer', scope })
    for (const call of records.slice(0, 60)) {
      const { status, body } = await viewer(`calls/${call.call_id}`)
      expect([call.call_id, status]).toEqual([call.call_id, lies(call, scope) ? 200 : 404])
      const attempts = (body['attempts'] ?? []) as readonly { readonly team: string }[]
      expect(attempts.filter(({ team }) => team !== 'team-1')).toEqual([])
    }
  })
})
