import { describe, expect, it } from 'vitest'
import { CLOSED_FILE, readClosedMark } from './closed-mark.ts'
import { deleteShipped, listJournals } from './journal-directory.ts'
import { isJournalId } from './journal-id.ts'
import { OPERATIONS } from './testing/forgetful-files.ts'
import {
  createWorld,
  DIR,
  readAll,
  RETRY_MS,
  SMALL_SEGMENT_BYTES,
  SYNC_MS,
  WRITER_PROCESS,
  type World,
} from './testing/journal-world.ts'
import { openedLine, settledLine } from './testing/sample-lines.ts'
import type { JournalWriter } from './writer.ts'

function answers(world: World): string[] {
  return world.appended.map(({ answer }) => answer)
}

function admitUntilFull(world: World, writer: JournalWriter): number {
  let calls = 0
  while (world.call(writer)) {
    calls += 1
    world.endTurn()
  }
  return calls
}

describe('journal writer', () => {
  it('[J1] opens a journal of its own at every boot, with its owner on disk', async () => {
    const world = createWorld()
    const first = await world.open()
    const second = await world.open()
    expect(isJournalId(first.journalId)).toBe(true)
    expect(first.journalId).not.toBe(second.journalId)
    const journals = await world.until(listJournals(world.files, DIR))
    expect(journals.map(({ journalId }) => journalId)).toEqual([first.journalId, second.journalId])
    expect(journals[0]?.owner).toMatchObject({
      journalId: first.journalId,
      nodeId: 'node-1',
      role: 'gateway',
      process: WRITER_PROCESS,
    })
  })

  it('[J5] gives numbers at once, and answers after the one write of the turn', async () => {
    const world = createWorld()
    const writer = await world.open()
    await world.calm()
    const writesBefore = world.disk.counts.write
    for (let count = 0; count < 10; count += 1) world.call(writer)
    expect(world.appended.map(({ seq }) => seq)).toEqual(
      world.appended.map((_, index) => index + 1),
    )
    expect(new Set(answers(world))).toEqual(new Set(['none']))
    world.endTurn()
    expect(new Set(answers(world))).toEqual(new Set(['safe']))
    expect(world.disk.counts.write - writesBefore).toBe(1)
    expect(writer.status()).toMatchObject({ writtenSeq: 20, syncedSeq: 0 })
  })

  it('[J6] syncs once per interval, and not at all without lines', async () => {
    const world = createWorld()
    const writer = await world.open()
    await world.calm()
    const syncsBefore = world.disk.counts.sync
    world.passTime(SYNC_MS * 10)
    await world.calm()
    expect(world.disk.counts.sync - syncsBefore).toBe(0)
    for (let count = 0; count < 5; count += 1) {
      world.call(writer)
      world.endTurn()
    }
    world.passTime(SYNC_MS)
    await world.calm()
    world.passTime(SYNC_MS * 10)
    await world.calm()
    expect(world.disk.counts.sync - syncsBefore).toBe(1)
    expect(writer.status().syncedSeq).toBe(10)
  })

  it('[J6] answers after the sync in `each` mode, one sync for all that waited', async () => {
    const world = createWorld()
    const writer = await world.open({ sync: 'each' })
    await world.calm()
    const syncsBefore = world.disk.counts.sync
    world.call(writer)
    world.endTurn()
    for (let count = 0; count < 5; count += 1) world.call(writer)
    world.endTurn()
    expect(new Set(answers(world))).toEqual(new Set(['none']))
    await world.calm()
    expect(new Set(answers(world))).toEqual(new Set(['safe']))
    expect(world.disk.counts.sync - syncsBefore).toBe(2)
  })

  it('[J7] goes on in the next segment, prepared before it is needed', async () => {
    const world = createWorld()
    const writer = await world.open()
    for (let count = 0; count < 200; count += 1) {
      await world.calm()
      expect(world.call(writer)).toBe(true)
      world.endTurn()
    }
    expect(new Set(answers(world))).toEqual(new Set(['safe']))
    expect(writer.status().segments).toBeGreaterThan(3)
    const { records, findings } = await readAll(world, writer.journalId)
    expect(records.map(({ line }) => line)).toEqual(world.appended.map(({ line }) => line))
    expect(findings).toEqual([])
  })

  it('[J7] has room for both lines of every call it admitted, at their largest', async () => {
    const world = createWorld()
    const writer = await world.open({ maxBytes: 3 * SMALL_SEGMENT_BYTES })
    await world.calm()
    const reservations = []
    for (;;) {
      const reservation = writer.reserve()
      if (reservation === null) break
      reservations.push(reservation)
      await world.calm()
    }
    expect(reservations.length).toBeGreaterThan(5)
    const attributes = { note: 'x'.repeat(7_000) }
    const rawUsage = 'y'.repeat(3_400)
    const faults: unknown[] = []
    for (const [index, reservation] of reservations.entries()) {
      const done = (error: unknown): void => {
        faults.push(error)
      }
      const seq = writer.append(reservation, openedLine(index, { attributes }), done)
      writer.append(reservation, settledLine(seq, { rawUsage }), done)
      await world.calm()
    }
    // The cap has kept anything more from being prepared.
    expect(writer.status().segments).toBe(3)
    expect(writer.status().writtenSeq).toBe(2 * reservations.length)
    expect(faults).toEqual(faults.map(() => null))
  })

  it('[J7] admits nothing at its cap, and again once the shipper has deleted', async () => {
    const world = createWorld()
    const writer = await world.open({ maxBytes: 3 * SMALL_SEGMENT_BYTES })
    await world.calm()
    while (admitUntilFull(world, writer) > 0) await world.calm()
    expect(writer.status()).toMatchObject({ state: 'full', bytes: 3 * SMALL_SEGMENT_BYTES })
    expect(writer.reserve()).toBeNull()
    expect(new Set(answers(world))).toEqual(new Set(['safe']))
    await world.until(deleteShipped(world.files, DIR, writer.journalId, 3))
    world.passTime(RETRY_MS)
    await world.calm()
    expect(writer.status().state).toBe('open')
    expect(world.call(writer)).toBe(true)
    world.endTurn()
    expect(answers(world).at(-1)).toBe('safe')
  })

  it('[J7] admits nothing while the disk is full, and again when it is not', async () => {
    const world = createWorld()
    const writer = await world.open()
    await world.calm()
    world.disk.quotaBytes = world.disk.usedBytes() + SMALL_SEGMENT_BYTES
    while (admitUntilFull(world, writer) > 0) await world.calm()
    expect(writer.status()).toMatchObject({ state: 'full', lastError: 'ENOSPC', failovers: 0 })
    expect(new Set(answers(world))).toEqual(new Set(['safe']))
    world.passTime(RETRY_MS)
    await world.calm()
    expect(writer.reserve()).toBeNull()
    world.disk.quotaBytes = Number.POSITIVE_INFINITY
    world.passTime(RETRY_MS)
    await world.calm()
    expect(writer.status()).toMatchObject({ state: 'open', lastError: null })
    expect(world.call(writer)).toBe(true)
    world.endTurn()
    const { records, findings } = await readAll(world, writer.journalId)
    expect(records.map(({ line }) => line)).toEqual(world.appended.map(({ line }) => line))
    expect(findings).toEqual([])
  })

  it('[J7] takes back the room of a call that never wrote a line', async () => {
    const world = createWorld()
    const writer = await world.open()
    await world.calm()
    for (let count = 0; count < 1_000; count += 1) {
      const reservation = writer.reserve()
      if (reservation === null) throw new Error('refused')
      expect(writer.status().inFlight).toBe(1)
      writer.release(reservation)
    }
    expect(writer.status().inFlight).toBe(0)
  })

  it('[J4] takes no number for an opened line that is too large', async () => {
    const world = createWorld()
    const writer = await world.open()
    const reservation = writer.reserve()
    if (reservation === null) throw new Error('refused')
    const tooLarge = openedLine(1, { dimensions: { team: 't'.repeat(9_000) } })
    expect(() => writer.append(reservation, tooLarge, () => undefined)).toThrow(
      expect.objectContaining({ code: 'line_too_large' }),
    )
    expect(writer.append(reservation, openedLine(1), () => undefined)).toBe(1)
  })

  it('[J9] closes with everything synced, and says so', async () => {
    const world = createWorld()
    const writer = await world.open()
    for (let count = 0; count < 9; count += 1) world.call(writer)
    await world.until(writer.close())
    expect(writer.status()).toMatchObject({ state: 'closed', syncedSeq: 18, segments: 1 })
    expect(writer.reserve()).toBeNull()
    const mark = await world.until(readClosedMark(world.files, `${DIR}/${writer.journalId}`))
    expect(mark).toEqual({ reason: 'closed', lastSeq: 18, recoveredAs: null })
    const { records } = await readAll(world, writer.journalId, { dead: false })
    expect(records).toHaveLength(18)
  })

  it('[J9] leaves a journal with open calls to recovery', async () => {
    const world = createWorld()
    const writer = await world.open()
    world.call(writer)
    world.call(writer, { settle: false })
    await world.until(writer.close())
    expect(world.disk.names(`${DIR}/${writer.journalId}`)).not.toContain(CLOSED_FILE)
    expect(writer.status().syncedSeq).toBe(3)
  })
})

describe('journal writer on a failing disk', () => {
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
})
