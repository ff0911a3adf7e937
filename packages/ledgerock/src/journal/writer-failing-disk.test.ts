import { describe, expect, it } from 'vitest'
import { CLOSED_FILE } from './closed-mark.ts'
import { OPERATIONS } from './testing/forgetful-files.ts'
import {
  createWorld,
  DIR,
  readAll,
  RETRY_MS,
  SYNC_MS,
  type World,
} from './testing/journal-world.ts'
import { openedLine, settledLine } from './testing/sample-lines.ts'

function answers(world: World): string[] {
  return world.appended.map(({ answer }) => answer)
}

describe('journal writer on a failing disk (R4, R5)', { timeout: 60_000 }, () => {
  it('[J10] seals the segment of a failed sync and writes the unsynced lines anew', async () => {
    const world = createWorld()
    const writer = await world.open({ sync: 'each' })
    await world.calm()
    world.disk.failures.push({
      operation: 'sync',
      from: world.disk.counts.sync + 1,
      times: 1,
      code: 'EIO',
    })
    for (let count = 0; count < 3; count += 1) world.call(writer)
    world.endTurn()
    await world.calm()
    expect(new Set(answers(world))).toEqual(new Set(['safe']))
    expect(writer.status()).toMatchObject({
      state: 'open',
      failovers: 1,
      syncedSeq: 6,
      lastError: null,
    })
    expect(world.disk.syncsAfterFailure).toBe(0)
    expect(world.call(writer)).toBe(true)
    await world.calm()
    // What the first segment lost is in the second: power loss shows what is on the disk.
    world.disk.losePower(() => 0)
    const { records, findings } = await readAll(world, writer.journalId)
    expect(records.map(({ line }) => line)).toEqual(world.appended.map(({ line }) => line))
    expect(new Set(records.map(({ segment }) => segment))).toEqual(new Set([2]))
    expect(findings).toEqual([])
  })

  it('[J10] answers with a fault, and refuses calls, until a disk that is gone comes back', async () => {
    const world = createWorld()
    const writer = await world.open()
    await world.calm()
    world.call(writer)
    world.endTurn()
    const counts = world.disk.counts
    world.disk.failures.push(
      { operation: 'write', from: counts.write + 1, times: 1_000, code: 'EIO' },
      { operation: 'create', from: counts.create + 1, times: 1_000, code: 'EIO' },
    )
    world.call(writer, { settle: false })
    world.endTurn()
    await world.calm()
    expect(answers(world)).toEqual(['safe', 'safe', 'fault'])
    expect(writer.status()).toMatchObject({ state: 'failed', lastError: 'EIO' })
    expect(writer.reserve()).toBeNull()
    world.passTime(RETRY_MS)
    await world.calm()
    expect(writer.status().state).toBe('failed')
    world.disk.failures.length = 0
    world.passTime(RETRY_MS)
    await world.calm()
    expect(writer.status()).toMatchObject({ state: 'open', syncedSeq: 3, lastError: null })
    const { records, findings } = await readAll(world, writer.journalId)
    expect(records.map(({ line }) => line)).toEqual(world.appended.map(({ line }) => line))
    expect(findings).toEqual([])
  })

  it('[J10] answers the settled lines of calls in flight with a fault too, and keeps them', async () => {
    const world = createWorld()
    const writer = await world.open()
    await world.calm()
    const reservation = writer.reserve()
    if (reservation === null) throw new Error('refused')
    const faults: unknown[] = []
    const seq = writer.append(reservation, openedLine(1), () => undefined)
    world.endTurn()
    const { counts, failures } = world.disk
    failures.push(
      { operation: 'sync', from: counts.sync + 1, times: 1_000, code: 'EIO' },
      { operation: 'create', from: counts.create + 1, times: 1_000, code: 'EIO' },
    )
    world.passTime(SYNC_MS)
    await world.calm()
    writer.append(reservation, settledLine(seq), (error) => faults.push(error))
    world.endTurn()
    expect(faults).toEqual([
      expect.objectContaining({ code: 'journal_unavailable', retryable: true }),
    ])
    failures.length = 0
    world.passTime(RETRY_MS)
    await world.calm()
    const { records } = await readAll(world, writer.journalId)
    expect(records.map(({ line }) => line.kind)).toEqual(['opened', 'settled'])
  })

  it('[J10] rejects the closing of a journal it could not sync', async () => {
    const world = createWorld()
    const writer = await world.open()
    await world.calm()
    world.call(writer)
    const { counts, failures } = world.disk
    failures.push({ operation: 'sync', from: counts.sync + 1, times: 1_000, code: 'EIO' })
    await expect(world.until(writer.close())).rejects.toMatchObject({ code: 'journal_unavailable' })
    expect(world.disk.names(`${DIR}/${writer.journalId}`)).not.toContain(CLOSED_FILE)
  })

  it.each(OPERATIONS.filter((operation) => operation !== 'read' && operation !== 'readWhole'))(
    '[J10] loses nothing it answered as safe when any %s fails, each in turn',
    async (operation) => {
      for (const from of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20, 40]) {
        const world = createWorld()
        world.disk.failures.push({ operation, from, times: 1, code: 'EIO' })
        const writer = await world
          .open({ sync: from % 2 === 0 ? 'each' : 'interval' })
          .catch(() => null)
        if (writer === null) continue
        for (let count = 0; count < 60; count += 1) {
          world.call(writer)
          world.endTurn()
          if (count % 7 === 0) world.passTime(count % 2 === 0 ? SYNC_MS : RETRY_MS)
          await world.calm()
        }
        world.passTime(RETRY_MS)
        await world.calm()
        await world.until(writer.close())
        expect(world.appended.length).toBeGreaterThan(80)
        expect(world.appended.map((line) => line.answers)).toEqual(world.appended.map(() => 1))
        expect(world.disk.syncsAfterFailure).toBe(0)
        world.disk.failures.length = 0
        world.disk.losePower(() => 0)
        const { records } = await readAll(world, writer.journalId)
        expect(records.map(({ line }) => line)).toEqual(world.appended.map(({ line }) => line))
      }
    },
  )

  it('[J10] never has more unsynced than one fresh segment takes', async () => {
    const world = createWorld()
    const writer = await world.open()
    for (let count = 0; count < 200; count += 1) {
      // No time passes, so only urgency makes it sync.
      world.call(writer)
      await world.calm()
    }
    const { counts, failures } = world.disk
    failures.push({ operation: 'write', from: counts.write + 1, times: 1, code: 'EIO' })
    world.call(writer)
    await world.calm()
    expect(writer.status()).toMatchObject({ failovers: 1, syncedSeq: 402, state: 'open' })
    world.disk.losePower(() => 0)
    const { records, findings } = await readAll(world, writer.journalId)
    expect(records.map(({ line }) => line)).toEqual(world.appended.map(({ line }) => line))
    expect(findings).toEqual([])
  })
})
