// A worker writes calls, its ledger process ships them and dies now and then, and in the end the worker closes its journal, is killed, or
// the power goes. Whoever closes a lease by the word `ended` must find every call in the store, whenever the word is said.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listJournals } from '../journal/journal-directory.ts'
import type { FileLayer } from '../journal/file-layer.ts'
import { recoverJournal, recoverJournals, type RecoveryDeps } from '../journal/recovery.ts'
import { SEGMENT_HEADER_BYTES, segmentName } from '../journal/segment.ts'
import {
  createWorld,
  DIR,
  promisesToRun,
  SYNC_MS,
  type World,
} from '../journal/testing/journal-world.ts'
import { seededRandom } from '../journal/testing/seeded-random.ts'
import type { JournalWriter } from '../journal/journal-writer.ts'
import { createShipper, type Shipper } from './shipper.ts'
import { createModelStore, STORE_MISHAPS, type ModelStore } from './testing/model-store.ts'

const STEPS = [
  'call',
  'open call',
  'turn',
  'disk',
  'disk',
  'disk',
  'sync_time',
  'ship',
  'die',
] as const
const ENDS = ['closed', 'killed', 'power'] as const

type Process = { readonly shipper: Shipper; readonly kill: () => void }

/** `settles`: as the ledger process does, with what settles open calls of closed journals. */
async function boot(world: World, store: ModelStore, settles = false): Promise<Process> {
  const { files, kill } = world.disk.process()
  const clock = { now: () => 0, monotonic: () => 0 }
  const settleOpen = async (journalId: string): Promise<void> => {
    await recoverJournal(recoveryDeps(files, true, true), DIR, journalId)
  }
  const settling = settles ? { settleOpen } : {}
  const log = (): void => undefined
  const deps = { files, clock, scheduler: world.scheduler, store, log, ...settling }
  const places = { journalDirectory: DIR, stateDirectory: '/data/state', nodeId: 'node-1' }
  return { shipper: await world.until(createShipper(deps, { ...places, rowsMax: 4 })), kill }
}

function recoveryDeps(files: FileLayer, isAlive: boolean, isSameBoot: boolean): RecoveryDeps {
  const estimate = { usage: {}, cost: null, charges: [], priceBookVersion: 'none' } as const
  return {
    files,
    isAlive: () => isAlive,
    isSameBoot: () => isSameBoot,
    estimate: () => ({ ...estimate, unpricedReason: 'unknown_model' as const }),
    now: () => 0,
  }
}

/** As the ledger process does it, every few seconds. */
async function recover(world: World, isAlive: boolean, isSameBoot: boolean): Promise<void> {
  const { files } = world.disk.process()
  const recovery = recoverJournals(recoveryDeps(files, isAlive, isSameBoot), DIR)
  await world.until(recovery.catch(() => undefined))
}

/** Calls whose opened line was answered as safe: these may have gone upstream. */
function sentCalls(world: World): readonly string[] {
  return world.appended.flatMap(({ line, answer }) =>
    line.kind === 'opened' && answer === 'safe' ? [line.callId] : [],
  )
}

async function expectWord(
  world: World,
  store: ModelStore,
  process: Process,
  writer: JournalWriter,
): Promise<string> {
  const word = await world.until(process.shipper.endOf(writer.journalId))
  if (word !== 'ended') return word
  const stored = new Set(store.rows.map(({ record }) => record.call_id))
  expect(sentCalls(world).filter((id) => !stored.has(id))).toEqual([])
  return word
}

const ship = (world: World, { shipper }: Process): Promise<void> =>
  world.until(shipper.shipNow().catch(() => undefined))

describe('the end of a journal', () => {
  const runs = fc.record({
    steps: fc.array(fc.constantFrom(...STEPS), { minLength: 10, maxLength: 70 }),
    mishaps: fc.array(fc.option(fc.constantFrom(...STORE_MISHAPS), { nil: null }), {
      maxLength: 5,
    }),
    end: fc.constantFrom(...ENDS),
    deaths: fc.array(fc.nat(9), { maxLength: 3 }),
    power: fc.nat(),
  })

  it('[L29] is said only when the store has every call, and stays said', async () => {
    const said = { closed: 0, killed: 0, power: 0 }
    await fc.assert(
      fc.asyncProperty(runs, async ({ steps, mishaps, end, deaths, power }) => {
        const world = createWorld()
        const store = createModelStore()
        store.mishaps.push(...mishaps)
        const writer = await world.open()
        let process = await boot(world, store)
        const restart = async (): Promise<void> => {
          process.kill()
          process = await boot(world, store)
        }
        for (const step of steps) {
          if (step === 'call') world.call(writer)
          else if (step === 'open call') world.call(writer, { settle: end === 'closed' })
          else if (step === 'turn') world.endTurn()
          else if (step === 'disk') await world.endDiskOperation()
          else if (step === 'sync_time') world.passTime(SYNC_MS)
          else if (step === 'die') await restart()
          else process.shipper.shipNow().catch(() => undefined)
          await promisesToRun()
        }
        expect(['running', 'unknown']).toContain(await expectWord(world, store, process, writer))
        if (end === 'closed') await world.until(writer.close())
        else if (end === 'killed') world.kill()
        else world.disk.losePower(seededRandom(power))
        if (end === 'power') await restart()
        for (let round = 0; round < 10; round += 1) {
          if (deaths.includes(round)) await restart()
          // What the dead worker left is looked at before, between and after shipments.
          if (round === 1) await recover(world, end === 'closed', end !== 'power')
          await ship(world, process)
          await expectWord(world, store, process, writer)
        }
        await restart()
        const { files } = world.disk.process()
        const word = await expectWord(world, store, process, writer)
        const isMade = word !== 'unknown'
        if (isMade) {
          said[end] += 1
          expect(word).toBe(end === 'power' ? 'unsure' : 'ended')
          expect(await world.until(listJournals(files, DIR))).toEqual([])
        }
        expect(await world.until(process.shipper.endOf('0192f3a00000aaaaaaaaaaaa'))).toBe('unknown')
        await process.shipper.stop()
      }),
      { numRuns: 120 },
    )
    // Not a property of nothing: every kind of end was met.
    for (const end of ENDS) expect(said[end]).toBeGreaterThan(10)
  }, 60_000)

  it('[L29] is not sure where a record of it was damaged', async () => {
    const world = createWorld()
    const store = createModelStore()
    const writer = await world.open()
    for (let count = 0; count < 5; count += 1) world.call(writer)
    await world.until(writer.close())
    world.disk.edit(`${DIR}/${writer.journalId}/${segmentName(1)}`, (bytes) => {
      bytes.fill(0xff, SEGMENT_HEADER_BYTES + 20, SEGMENT_HEADER_BYTES + 40)
      return bytes
    })
    let process = await boot(world, store)
    await ship(world, process)
    process.kill()
    process = await boot(world, store)
    await recover(world, false, true)
    await ship(world, process)
    expect(await world.until(process.shipper.endOf(writer.journalId))).toBe('unsure')
    await process.shipper.stop()
  })

  it('[L29] is not sure where a closed journal has lost a settled line', async () => {
    const world = createWorld()
    const store = createModelStore()
    const writer = await world.open()
    for (let count = 0; count < 5; count += 1) world.call(writer)
    await world.until(writer.close())
    world.disk.edit(`${DIR}/${writer.journalId}/${segmentName(1)}`, (bytes) => {
      const end = bytes.findLastIndex((byte) => byte !== 0)
      return Buffer.from(bytes.fill(0xff, end - 9, end))
    })
    const { shipper } = await boot(world, store)
    await ship(world, { shipper, kill: world.kill })
    expect(await world.until(shipper.endOf(writer.journalId))).toBe('unsure')
    expect(store.rows).toHaveLength(4)
    await shipper.stop()
  })

  it('[L30] waits for the call whose settled line was lost, which is settled once, wherever the ledger process dies', async () => {
    for (let dieAfter = 0; dieAfter < 60; dieAfter += 1) {
      const world = createWorld()
      const store = createModelStore()
      const writer = await world.open()
      for (let count = 0; count < 5; count += 1) world.call(writer)
      await world.until(writer.close())
      world.disk.edit(`${DIR}/${writer.journalId}/${segmentName(1)}`, (bytes) => {
        const end = bytes.findLastIndex((byte) => byte !== 0)
        return Buffer.from(bytes.fill(0xff, end - 9, end))
      })
      const dying = await boot(world, store, true)
      dying.shipper.shipNow().catch(() => undefined)
      for (let count = 0; count < dieAfter; count += 1) await world.endDiskOperation()
      dying.kill()
      await world.calm()
      const process = await boot(world, store, true)
      const word = await world.until(process.shipper.endOf(writer.journalId))
      if (word !== 'unsure') expect(['running', 'unknown']).toContain(word)
      else expect(store.rows).toHaveLength(5)
      // Others are looked after meanwhile.
      await recover(world, false, true)
      for (let round = 0; round < 2; round += 1) await ship(world, process)
      const statuses = store.rows.map(({ record }) => record.status).toSorted()
      expect(statuses, `died after ${dieAfter}`).toEqual(['interrupted', 'ok', 'ok', 'ok', 'ok'])
      expect(new Set(store.rows.map(({ record }) => record.call_id)).size).toBe(5)
      expect(await world.until(process.shipper.endOf(writer.journalId))).toBe('unsure')
      const { files } = world.disk.process()
      expect(await world.until(listJournals(files, DIR))).toEqual([])
      await process.shipper.stop()
    }
  })
})
