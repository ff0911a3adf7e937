import { describe, expect, it } from 'vitest'
import { CLOSED_FILE, readClosedMark } from './closed-mark.ts'
import { deleteShipped, listJournals } from './journal-directory.ts'
import { isJournalId } from './journal-id.ts'
import { encodeLine, OPENED_BYTES_MAX, SETTLED_BYTES_MAX } from './line-codec.ts'
import type { JournalLine } from './line.ts'
import { PAYLOAD_BYTES_MAX } from './record.ts'
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
import type { JournalWriter, Reservation } from './journal-writer.ts'

/** Found by trial: one character more, and the line is over its cap. */
function largest<Line extends JournalLine>(bytesMax: number, make: (filler: string) => Line): Line {
  const scratch = Buffer.alloc(2 * PAYLOAD_BYTES_MAX)
  const bare = encodeLine(make(''), scratch, 0)
  const line = make('x'.repeat(bytesMax - bare))
  expect(encodeLine(line, scratch, 0)).toBe(bytesMax)
  return line
}

const LARGEST_OPENED = largest(OPENED_BYTES_MAX, (note) => openedLine(1, { attributes: { note } }))
const LARGEST_SETTLED = largest(SETTLED_BYTES_MAX, (filler) =>
  settledLine(1, { rawUsage: `"${filler}"` }),
)

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

  it.each(['call by call', 'opened lines first'])(
    '[J7] has room for both lines of every call it admitted, at their largest, %s',
    async (order) => {
      const world = createWorld()
      const writer = await world.open({ maxBytes: 3 * SMALL_SEGMENT_BYTES })
      await world.calm()
      const reservations: Reservation[] = []
      for (let room = writer.reserve(); room !== null; room = writer.reserve()) {
        reservations.push(room)
        await world.calm()
      }
      expect(reservations.length).toBeGreaterThan(5)
      const answered: unknown[] = []
      const append = async (room: Reservation, line: JournalLine): Promise<number> => {
        const seq = writer.append(room, line, (error) => answered.push(error))
        await world.calm()
        return seq
      }
      const seqs: number[] = []
      for (const room of reservations) {
        const seq = await append(room, LARGEST_OPENED)
        seqs.push(seq)
        if (order === 'call by call') await append(room, { ...LARGEST_SETTLED, opened: seq })
      }
      for (const [index, room] of reservations.entries()) {
        const opened = seqs[index] ?? 0
        if (room.stage === 'opened') await append(room, { ...LARGEST_SETTLED, opened })
      }
      // The cap has kept anything more from being prepared, and nothing had to be written over it.
      expect(writer.status()).toMatchObject({ segments: 3, failovers: 0 })
      expect(answered).toEqual(Array.from({ length: 2 * reservations.length }, () => null))
    },
  )

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
    expect(mark).toEqual({ reason: 'closed', lastSeq: 18, recoveredAs: null, mayLack: false })
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
