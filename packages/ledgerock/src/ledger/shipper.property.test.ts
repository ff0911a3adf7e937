// Any interleaving of calls, disk operations, deaths of the ledger process and failures of the store, ended by nothing worse or
// by power loss: what is settled and safe is in the store once, and nothing else is.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listJournals } from '../journal/journal-directory.ts'
import {
  createWorld,
  DIR,
  promisesToRun,
  readAll,
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

/** Every row is a settled line that was appended, and no line is there twice. */
function expectNoInvention(world: World, store: ModelStore): void {
  const places = store.rows.map(({ record }) => `${record.journal_id} ${record.seq}`)
  expect(new Set(places).size).toBe(places.length)
  for (const { record } of store.rows) {
    const line = world.appended[record.seq - 1]?.line
    expect(line?.kind).toBe('settled')
    const opened = line?.kind === 'settled' ? world.appended[line.opened - 1]?.line : undefined
    expect(opened?.kind === 'opened' ? opened.callId : null).toBe(record.call_id)
  }
}

describe('the shipper', () => {
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
        }
        ledger.kill()
        ledger = await boot(world, store, rowsMax)
        // Damage in a journal that may still grow is passed at the second look.
        await drain(world, ledger.shipper, store)
        await drain(world, ledger.shipper, store)
        expectNoInvention(world, store)
        const stored = new Set(store.rows.map(({ record }) => record.seq))
        const settled = world.appended.filter(({ line }) => line.kind === 'settled')
        const missing = settled.filter(({ seq }) => seq <= safeSeq && !stored.has(seq))
        expect(missing).toEqual([])
        const { files } = world.disk.process()
        for (const { journalId } of await world.until(listJournals(files, DIR))) {
          const { records } = await readAll(world, journalId)
          const left = records.filter(({ line }) => line.kind === 'settled')
          expect(left.filter(({ seq }) => !stored.has(seq))).toEqual([])
        }
        await ledger.shipper.stop()
      }),
      { numRuns: 150 },
    )
  })
})
