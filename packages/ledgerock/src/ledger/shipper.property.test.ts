// Any interleaving of calls, disk operations, deaths of the ledger process and failures of the store, ended by nothing worse or
// by power loss: what is settled and safe is in the store once, and nothing else is.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listJournals } from '../journal/journal-directory.ts'
import { recoverJournals } from '../journal/recovery.ts'
import {
  createWorld,
  DIR,
  promisesToRun,
  SYNC_MS,
  type World,
} from '../journal/testing/journal-world.ts'
import { seededRandom } from '../journal/testing/seeded-random.ts'
import { createShipper, type Shipper } from './shipper.ts'
import { createModelStore, STORE_MISHAPS, type ModelStore } from './testing/model-store.ts'

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant('call' as const) },
  { weight: 4, arbitrary: fc.constant('turn' as const) },
  { weight: 12, arbitrary: fc.constant('disk' as const) },
  { weight: 2, arbitrary: fc.constant('sync_time' as const) },
  { weight: 4, arbitrary: fc.constant('ship' as const) },
  { weight: 1, arbitrary: fc.constant('kill' as const) },
)

type LedgerProcess = { readonly shipper: Shipper; readonly kill: () => void }

async function boot(world: World, store: ModelStore, rowsMax: number): Promise<LedgerProcess> {
  const { files, kill } = world.disk.process()
  const shipper = await world.until(
    createShipper(
      {
        files,
        clock: { now: () => 0, monotonic: () => 0 },
        scheduler: world.scheduler,
        store,
        log: () => undefined,
      },
      { journalDirectory: DIR, stateDirectory: '/data/state', nodeId: 'node-1', rowsMax },
    ),
  )
  return { shipper, kill }
}

async function drain(world: World, shipper: Shipper, store: ModelStore): Promise<void> {
  const failures = store.mishaps.length
  for (let tries = 0; tries <= failures; tries += 1) {
    const done = await world.until(
      shipper.shipNow().then(
        () => true,
        () => false,
      ),
    )
    if (done) return
  }
  throw new Error('the shipper does not come to an end')
}

/** What the node does after its worker died: calls cut off in the middle are settled in a journal of their own. */
async function recover(world: World): Promise<void> {
  const { files } = world.disk.process()
  const estimate = { usage: {}, cost: null, charges: [], priceBookVersion: 'none' } as const
  const deps = {
    files,
    isAlive: () => false,
    isSameBoot: () => true,
    estimate: () => ({ ...estimate, unpricedReason: 'unknown_model' as const }),
    now: () => 0,
  }
  await world.until(recoverJournals(deps, DIR))
}

/** Every row is a settled line that was appended, or a call that was cut off; no call is there twice. */
function expectNoInvention(world: World, store: ModelStore, journalId: string): void {
  const ids = store.rows.map(({ record }) => record.call_id)
  expect(new Set(ids).size).toBe(ids.length)
  const opened = new Map(
    world.appended.flatMap(({ seq, line }) => (line.kind === 'opened' ? [[seq, line.callId]] : [])),
  )
  for (const { record } of store.rows) {
    if (record.journal_id !== journalId) {
      expect(record.status).toBe('interrupted')
      expect([...opened.values()]).toContain(record.call_id)
      continue
    }
    const line = world.appended[record.seq - 1]?.line
    expect(line?.kind === 'settled' ? opened.get(line.opened) : null).toBe(record.call_id)
  }
}

describe('the shipper (R2, R8)', () => {
  const runs = {
    steps: fc.array(step, { minLength: 10, maxLength: 90 }),
    mishaps: fc.array(fc.option(fc.constantFrom(...STORE_MISHAPS), { nil: null }), {
      maxLength: 6,
    }),
    rowsMax: fc.integer({ min: 1, max: 9 }),
    powerLoss: fc.option(fc.nat(), { nil: null }),
  }

  it('[L13][L14][L15] ships what is safe once, whatever dies whenever', async () => {
    await fc.assert(
      fc.asyncProperty(fc.record(runs), async ({ steps, mishaps, rowsMax, powerLoss }) => {
        const world = createWorld()
        const store = createModelStore()
        store.mishaps.push(...mishaps)
        const writer = await world.open()
        let ledger = await boot(world, store, rowsMax)
        for (const next of steps) {
          if (next === 'call') world.call(writer)
          else if (next === 'turn') world.endTurn()
          else if (next === 'disk') await world.endDiskOperation()
          else if (next === 'sync_time') world.passTime(SYNC_MS)
          else if (next === 'ship') ledger.shipper.shipNow().catch(() => undefined)
          else {
            ledger.kill()
            ledger = await boot(world, store, rowsMax)
          }
          await promisesToRun()
        }
        let safeSeq = Number.POSITIVE_INFINITY
        if (powerLoss === null) await world.calm()
        else {
          safeSeq = writer.status().syncedSeq
          world.disk.losePower(seededRandom(powerLoss))
          await recover(world)
        }
        ledger.kill()
        ledger = await boot(world, store, rowsMax)
        await drain(world, ledger.shipper, store)
        // With nothing left to ship, what is finished is removed.
        await drain(world, ledger.shipper, store)
        expectNoInvention(world, store, writer.journalId)
        const stored = new Set(
          store.rows
            .filter(({ record }) => record.journal_id === writer.journalId)
            .map(({ record }) => record.seq),
        )
        const settled = world.appended.filter(({ line }) => line.kind === 'settled')
        const missing = settled.filter(({ seq }) => seq <= safeSeq && !stored.has(seq))
        expect(missing).toEqual([])
        const { files } = world.disk.process()
        const left = await world.until(listJournals(files, DIR))
        if (powerLoss !== null) expect(left).toEqual([])
        await ledger.shipper.stop()
      }),
      { numRuns: 150 },
    )
  })
})
