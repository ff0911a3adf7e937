// Damage of every kind, named where it can be after the regression tests of Vector's disk buffer.

import { describe, expect, it } from 'vitest'
import { RECORD_HEADER_BYTES, sealRecord } from './record.ts'
import { openReader, type Finding } from './reader.ts'
import { SEGMENT_HEADER_BYTES, segmentName } from './segment.ts'
import { createDeadJournal, type DeadJournal, type Placed } from './testing/damaged-journal.ts'
import { createWorld, DIR, readAll, SYNC_MS, type World } from './testing/journal-world.ts'

const CALLS = 3
const LINES = 2 * CALLS

function placeOf(journal: DeadJournal, seq: number): Placed {
  const place = journal.records[seq - 1]
  if (place === undefined) throw new Error(`no record ${seq}`)
  return place
}

function seqsOf(read: { readonly records: readonly { readonly seq: number }[] }): number[] {
  return read.records.map(({ seq }) => seq)
}

function all(except?: number): number[] {
  return Array.from({ length: LINES }, (_, index) => index + 1).filter((seq) => seq !== except)
}

function flipBit(bytes: Buffer, at: number, bit: number): Buffer {
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << bit), at)
  return bytes
}

describe('journal reader on damage (R3)', () => {
  it('[J11] keeps the valid prefix before a torn tail, wherever the last record is cut', async () => {
    const journal = await createDeadJournal(CALLS)
    const last = placeOf(journal, LINES)
    for (let cut = last.start; cut < last.end; cut += 1) {
      journal.world.disk.edit(journal.path, () => Buffer.from(journal.bytes.subarray(0, cut)))
      const read = await readAll(journal.world, journal.journalId)
      expect(seqsOf(read)).toEqual(all(LINES))
      const tail = { kind: 'tail_cut', segment: 1, offset: last.start }
      expect(read.findings).toMatchObject(cut === last.start ? [] : [tail])
    }
  })

  it('[J11] keeps the valid prefix before a tail that was only partly written', async () => {
    const journal = await createDeadJournal(CALLS)
    const last = placeOf(journal, LINES)
    for (let cut = last.start + 1; cut < last.end; cut += 1) {
      journal.world.disk.edit(journal.path, () => {
        const bytes = Buffer.from(journal.bytes)
        bytes.fill(0, cut)
        return bytes
      })
      const read = await readAll(journal.world, journal.journalId)
      expect(seqsOf(read)).toEqual(all(LINES))
      expect(read.findings).toMatchObject([{ kind: 'tail_cut', offset: last.start }])
    }
  })

  it.each([
    ['leading', 1],
    ['middle', 3],
  ])('[J12] recovers all others when any bit of the %s record flips', async (_, seq) => {
    const journal = await createDeadJournal(CALLS)
    const place = placeOf(journal, seq)
    for (let at = place.start; at < place.end; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        journal.world.disk.edit(journal.path, () => flipBit(Buffer.from(journal.bytes), at, bit))
        const read = await readAll(journal.world, journal.journalId)
        expect(seqsOf(read)).toEqual(all(seq))
        const keptAt = `${DIR}/${journal.journalId}/quarantine/00000001-${place.start}.bin`
        const { start, end } = place
        expect(read.findings).toEqual([
          { kind: 'quarantined', segment: 1, offset: start, bytes: end - start, keptAt },
          { kind: 'gap', fromSeq: seq, toSeq: seq },
        ])
        const kept = journal.world.disk.bytesOf(keptAt)
        expect(kept).toEqual(flipBit(Buffer.from(journal.bytes), at, bit).subarray(start, end))
      }
    }
  })

  it('[J12] recovers all others when any bit of the last record flips', async () => {
    const journal = await createDeadJournal(CALLS)
    const place = placeOf(journal, LINES)
    for (let at = place.start; at < place.end; at += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        journal.world.disk.edit(journal.path, () => flipBit(Buffer.from(journal.bytes), at, bit))
        const read = await readAll(journal.world, journal.journalId)
        expect(seqsOf(read)).toEqual(all(LINES))
        expect(read.findings).toMatchObject([{ kind: 'tail_cut', offset: place.start }])
      }
    }
  })

  it('[J12] reads all records when any bit of the segment header flips', async () => {
    const journal = await createDeadJournal(1)
    for (let at = 0; at < SEGMENT_HEADER_BYTES; at += 5) {
      const bit = at % 8
      journal.world.disk.edit(journal.path, () => flipBit(Buffer.from(journal.bytes), at, bit))
      const read = await readAll(journal.world, journal.journalId)
      expect(seqsOf(read)).toEqual([1, 2])
      const isZeroFill = journal.bytes[at] === 0 && read.findings.length === 0
      if (!isZeroFill) expect(read.findings).toEqual([{ kind: 'header_damaged', segment: 1 }])
    }
  })

  it('[J12] takes a zero-length record at start-up for the end, and damage for what it is', async () => {
    const journal = await createDeadJournal(CALLS)
    const first = placeOf(journal, 1)
    journal.world.disk.edit(journal.path, (bytes) => bytes.fill(0, first.start))
    expect(await readAll(journal.world, journal.journalId)).toEqual({ records: [], findings: [] })
    journal.world.disk.edit(journal.path, () =>
      Buffer.from(journal.bytes).fill(0, first.start, first.start + 4),
    )
    const read = await readAll(journal.world, journal.journalId)
    expect(seqsOf(read)).toEqual(all(1))
    expect(read.findings).toMatchObject([
      { kind: 'quarantined' },
      { kind: 'gap', fromSeq: 1, toSeq: 1 },
    ])
  })

  it('[J12] finds records behind a hole that power loss left, and names the gap', async () => {
    const journal = await createDeadJournal(CALLS)
    const { start } = placeOf(journal, 2)
    const { end } = placeOf(journal, 4)
    journal.world.disk.edit(journal.path, (bytes) => bytes.fill(0, start, end))
    const read = await readAll(journal.world, journal.journalId)
    expect(seqsOf(read)).toEqual([1, 5, 6])
    expect(read.findings).toEqual([{ kind: 'gap', fromSeq: 2, toSeq: 4 }])
  })

  it('[J12] quarantines a complete record with a valid checksum that is no line', async () => {
    const journal = await createDeadJournal(CALLS)
    const { start, end } = placeOf(journal, 3)
    journal.world.disk.edit(journal.path, (bytes) => {
      bytes.fill(' ', start + RECORD_HEADER_BYTES, end)
      sealRecord(bytes, start, 3, end - start - RECORD_HEADER_BYTES)
      return bytes
    })
    const read = await readAll(journal.world, journal.journalId)
    expect(seqsOf(read)).toEqual(all(3))
    expect(read.findings).toMatchObject([
      { kind: 'quarantined', bytes: end - start },
      { kind: 'gap' },
    ])
  })

  it('[J3] stops before a record of a newer version, and gives what is before it', async () => {
    const journal = await createDeadJournal(CALLS)
    const { start, end } = placeOf(journal, 3)
    journal.world.disk.edit(journal.path, (bytes) => {
      const text = '{"v":2}'
      bytes.write(text.padEnd(end - start - RECORD_HEADER_BYTES), start + RECORD_HEADER_BYTES)
      sealRecord(bytes, start, 3, end - start - RECORD_HEADER_BYTES)
      return bytes
    })
    const { files } = journal.world.disk.process()
    const reader = openReader({ files }, { dir: DIR, journalId: journal.journalId, dead: true })
    const read = await journal.world.until(reader.read(100))
    expect(seqsOf(read)).toEqual([1, 2])
    await expect(journal.world.until(reader.read(100))).rejects.toMatchObject({
      code: 'journal_newer',
    })
    reader.close()
  })

  it('[J12] reads around a sector that cannot be read', async () => {
    const journal = await createDeadJournal(120)
    journal.world.disk.breakAt(journal.path, placeOf(journal, 40).start)
    const read = await readAll(journal.world, journal.journalId, { dead: true, limit: 1_000 })
    expect(read.records.length).toBeGreaterThan(100)
    expect(read.findings.map(({ kind }) => kind)).toContain('quarantined')
    expect(seqsOf(read)).not.toContain(40)
    expect(seqsOf(read).at(-1)).toBe(240)
  })

  it('[J12] goes on where the copy of damaged bytes cannot be kept', async () => {
    const journal = await createDeadJournal(CALLS)
    const { start } = placeOf(journal, 3)
    journal.world.disk.edit(journal.path, (bytes) => flipBit(bytes, start + 20, 1))
    journal.world.disk.quotaBytes = 0
    const read = await readAll(journal.world, journal.journalId)
    expect(seqsOf(read)).toEqual(all(3))
    expect(read.findings).toMatchObject([{ kind: 'quarantined', keptAt: null }, { kind: 'gap' }])
  })

  it('[J9] names the tail that a closed journal has lost', async () => {
    const world = createWorld()
    const writer = await world.open()
    for (let count = 0; count < CALLS; count += 1) world.call(writer)
    await world.until(writer.close())
    const path = `${DIR}/${writer.journalId}/${segmentName(1)}`
    world.disk.edit(path, (bytes) => bytes.fill(0, SEGMENT_HEADER_BYTES + 2_000))
    const read = await readAll(world, writer.journalId, { dead: false })
    const lastSeq = seqsOf(read).at(-1) ?? 0
    expect(read.findings.at(-1)).toEqual({ kind: 'gap', fromSeq: lastSeq + 1, toSeq: LINES })
  })
})

describe('journal reader on a journal that is being written', () => {
  async function liveJournal(): Promise<{
    readonly world: World
    readonly journalId: string
    readonly path: string
    readonly write: (calls: number) => Promise<void>
  }> {
    const world = createWorld()
    const writer = await world.open()
    await world.calm()
    const write = async (calls: number): Promise<void> => {
      for (let count = 0; count < calls; count += 1) {
        world.call(writer)
        await world.calm()
      }
    }
    const path = `${DIR}/${writer.journalId}/${segmentName(1)}`
    return { world, journalId: writer.journalId, path, write }
  }

  it('[J8] waits at a partial last record and is not blocked once it is whole', async () => {
    const { world, journalId, path, write } = await liveJournal()
    const { files } = world.disk.process()
    const reader = openReader({ files }, { dir: DIR, journalId })
    await write(1)
    const whole = world.disk.bytesOf(path)
    world.disk.edit(path, (bytes) => bytes.fill(0, SEGMENT_HEADER_BYTES + 500))
    for (let time = 0; time < 3; time += 1) {
      const read = await world.until(reader.read(10))
      expect(read).toMatchObject({ findings: [], state: 'waiting' })
      expect(read.records).toHaveLength(time === 0 ? 1 : 0)
    }
    world.disk.edit(path, () => whole)
    expect(seqsOf(await world.until(reader.read(10)))).toEqual([2])
    reader.close()
  })

  it('[J8] gives a bad middle record a second look before it is quarantined', async () => {
    const { world, journalId, path, write } = await liveJournal()
    const { files } = world.disk.process()
    const reader = openReader({ files }, { dir: DIR, journalId })
    await write(2)
    world.disk.edit(path, (bytes) => flipBit(bytes, SEGMENT_HEADER_BYTES + 30, 3))
    expect(await world.until(reader.read(10))).toEqual({
      records: [],
      findings: [],
      state: 'waiting',
    })
    const second = await world.until(reader.read(10))
    expect(seqsOf(second)).toEqual([2, 3, 4])
    expect(second.findings.map(({ kind }) => kind)).toEqual(['quarantined', 'gap'])
    reader.close()
  })

  it('[J8] begins at an advisory place: a segment behind, ahead, or right', async () => {
    const { world, journalId, write } = await liveJournal()
    await write(150)
    const { files } = world.disk.process()
    const { records } = await readAll(world, journalId, { dead: false })
    const third = records.find(({ segment }) => segment === 3)
    if (third === undefined) throw new Error('three segments were to be filled')
    const seqsFrom = async (segment: number, offset: number): Promise<number[]> => {
      const reader = openReader({ files }, { dir: DIR, journalId, from: { segment, offset } })
      const read = await world.until(reader.read(10_000))
      expect(read.findings).toEqual([])
      reader.close()
      return seqsOf(read)
    }
    expect((await seqsFrom(3, third.offset))[0]).toBe(third.seq)
    expect((await seqsFrom(99, 0))[0]).toBe(1)
    await world.until(files.remove(`${DIR}/${journalId}/${segmentName(1)}`))
    const second = records.find(({ segment }) => segment === 2)
    expect((await seqsFrom(1, 5_000))[0]).toBe(second?.seq)
  })

  it('[J8] never syncs a failed descriptor again, and answers only what is safe', async () => {
    const { world, journalId, write } = await liveJournal()
    const { files } = world.disk.process()
    const reader = openReader({ files }, { dir: DIR, journalId })
    await world.until(reader.read(10))
    await write(1)
    await world.until(reader.read(10))
    world.disk.failures.push({
      operation: 'sync',
      from: world.disk.counts.sync + 1,
      times: 1,
      code: 'EIO',
    })
    expect(await world.until(reader.sync())).toBe(0)
    const expected: Finding = { kind: 'sync_failed', segment: 1, code: 'EIO' }
    expect((await world.until(reader.read(10))).findings).toEqual([expected])
    expect(await world.until(reader.sync())).toBe(0)
    // The writer hears of the same failure at its own sync, and writes the lines anew.
    world.passTime(SYNC_MS)
    await world.calm()
    await world.until(reader.read(10))
    expect(await world.until(reader.sync())).toBe(2)
    expect(world.disk.syncsAfterFailure).toBe(0)
    reader.close()
    world.disk.losePower(() => 0)
    expect(seqsOf(await readAll(world, journalId))).toEqual([1, 2])
  })

  it('[J8] answers only what is safe at every step of a writer that writes anew', async () => {
    for (let steps = 0; steps < 12; steps += 1) {
      const { world, journalId, write } = await liveJournal()
      const { files } = world.disk.process()
      const reader = openReader({ files }, { dir: DIR, journalId })
      await write(2)
      await world.until(reader.read(100))
      world.disk.failures.push({
        operation: 'sync',
        from: world.disk.counts.sync + 1,
        times: 1,
        code: 'EIO',
      })
      world.passTime(SYNC_MS)
      for (let step = 0; step < steps; step += 1) await world.endDiskOperation()
      world.kill()
      await world.until(reader.read(100))
      const durableSeq = await world.until(reader.sync())
      world.disk.losePower(() => 0)
      const left = seqsOf(await readAll(world, journalId))
      expect(left.slice(0, durableSeq)).toEqual([1, 2, 3, 4].slice(0, durableSeq))
    }
  })

  it('[J8] copies a segment of a dead journal that cannot be synced', async () => {
    const journal = await createDeadJournal(CALLS)
    const { world, journalId } = journal
    const { files } = world.disk.process()
    const reader = openReader({ files }, { dir: DIR, journalId, dead: true })
    await world.until(reader.read(100))
    world.disk.failures.push({
      operation: 'sync',
      from: world.disk.counts.sync + 1,
      times: 1,
      code: 'EIO',
    })
    expect(await world.until(reader.sync())).toBe(LINES)
    reader.close()
    world.disk.losePower(() => 0)
    expect(seqsOf(await readAll(world, journalId))).toEqual(all())
  })
})
