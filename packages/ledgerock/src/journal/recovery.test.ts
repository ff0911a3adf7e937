import { describe, expect, it } from 'vitest'
import { picodollars } from '../kernel/money.ts'
import { callRecordOf } from './call-record-of.ts'
import { readClosedMark } from './closed-mark.ts'
import { deleteShipped, listJournals, removeJournal } from './journal-directory.ts'
import { recoveredIdOf } from './journal-id.ts'
import type { SettledLine } from './line.ts'
import { OWNER_FILE } from './owner.ts'
import { createPairing, type SettledCall } from './pairing.ts'
import { recoverJournal, recoverJournals, type RecoveryDeps } from './recovery.ts'
import { SEGMENT_HEADER_BYTES, segmentName } from './segment.ts'
import { OPERATIONS } from './testing/forgetful-files.ts'
import { createWorld, DIR, readAll, WORLD_START_MS, type World } from './testing/journal-world.ts'
import { seededRandom } from './testing/seeded-random.ts'

const OPEN_CALLS = 3

function depsOf(world: World, alive = false): RecoveryDeps & { readonly kill: () => void } {
  const { files, kill } = world.disk.process()
  return {
    files,
    kill,
    isAlive: () => alive,
    isSameBoot: () => true,
    now: () => WORLD_START_MS + 3_600_001,
    estimate: (opened) => ({
      usage: { input: opened.inputEstimate },
      cost: picodollars(BigInt(opened.inputEstimate) * 3n),
      charges: [],
      unpricedReason: null,
      priceBookVersion: 'book-1',
    }),
  }
}

/** A journal with three settled and three open calls, whose process was killed. */
async function diedInFlight(): Promise<{ readonly world: World; readonly journalId: string }> {
  const world = createWorld()
  const writer = await world.open()
  for (let count = 0; count < OPEN_CALLS; count += 1) {
    world.call(writer)
    world.call(writer, { settle: false })
  }
  await world.calm()
  world.kill()
  return { world, journalId: writer.journalId }
}

/** Every call that shipping all journals of the folder would bring, by call id. */
async function shippedCalls(world: World): Promise<Map<string, SettledCall[]>> {
  const calls = new Map<string, SettledCall[]>()
  const { files } = world.disk.process()
  for (const { journalId } of await world.until(listJournals(files, DIR))) {
    const pairing = createPairing()
    const { records } = await readAll(world, journalId, { dead: false })
    for (const record of records) {
      const fed = pairing.feed(record)
      if (fed.kind !== 'settled') continue
      const { callId } = fed.call.opened
      calls.set(callId, [...(calls.get(callId) ?? []), fed.call])
    }
  }
  return calls
}

async function expectEachCallOnce(world: World): Promise<void> {
  const calls = await shippedCalls(world)
  expect(calls.size).toBe(2 * OPEN_CALLS)
  for (const found of calls.values()) expect(found).toHaveLength(1)
  const statuses = [...calls.values()].map(([call]) => call?.settled.status)
  expect(statuses.filter((status) => status === 'interrupted')).toHaveLength(OPEN_CALLS)
  expect(statuses.filter((status) => status === 'ok')).toHaveLength(OPEN_CALLS)
}

describe('recovery', () => {
  it('[J17] charges an interrupted call its whole bound', async () => {
    const { world, journalId } = await diedInFlight()
    await world.until(recoverJournals(depsOf(world), DIR))
    const calls = [...(await shippedCalls(world)).values()].flat()
    const cut = calls.filter(({ settled }) => settled.status === 'interrupted')
    expect(cut).toHaveLength(OPEN_CALLS)
    for (const call of cut) {
      const { budget_charges: charges, bound_usd: bound } = callRecordOf(call, {
        nodeId: 'node-1',
        journalId,
      })
      expect(bound).toBe('1.17975')
      expect(charges.map(({ usd }) => usd)).toEqual([bound, bound])
    }
  })

  it.each([
    { isSame: true, mayLack: false },
    { isSame: false, mayLack: true },
  ])(
    '[J18] says whether lines may be missing (same boot: $isSame)',
    async ({ isSame, mayLack }) => {
      const { world, journalId } = await diedInFlight()
      await world.until(recoverJournals({ ...depsOf(world), isSameBoot: () => isSame }, DIR))
      const { files } = world.disk.process()
      const mark = await world.until(readClosedMark(files, `${DIR}/${journalId}`))
      expect(mark).toMatchObject({ reason: 'recovered', mayLack })
    },
  )

  it('[J18] lines may be missing where a record is damaged', async () => {
    const { world, journalId } = await diedInFlight()
    const path = `${DIR}/${journalId}/${segmentName(1)}`
    world.disk.edit(path, (bytes) => {
      bytes[SEGMENT_HEADER_BYTES + 30] = 0xff
      return bytes
    })
    await world.until(recoverJournals(depsOf(world), DIR))
    const { files } = world.disk.process()
    const mark = await world.until(readClosedMark(files, `${DIR}/${journalId}`))
    expect(mark?.mayLack).toBe(true)
  })

  it('[J15] settles what was open as interrupted, estimated, in a journal of its own', async () => {
    const { world, journalId } = await diedInFlight()
    const recovered = await world.until(recoverJournals(depsOf(world), DIR))
    const recoveredAs = recoveredIdOf(journalId)
    expect(recovered).toEqual([
      { journalId, outcome: 'recovered', recoveredAs, interruptedCalls: OPEN_CALLS, findings: [] },
    ])
    const { records, findings } = await readAll(world, recoveredAs, { dead: false })
    expect(findings).toEqual([])
    expect(records.map(({ line }) => line.kind)).toEqual(
      Array.from({ length: OPEN_CALLS }, () => ['opened', 'settled']).flat(),
    )
    const settled = records.at(-1)?.line
    const lastSignMs = Math.max(
      ...world.appended.map(({ line }) => (line.kind === 'opened' ? line.startedAt : line.endedAt)),
    )
    const expected: Partial<SettledLine> = {
      opened: 5,
      status: 'interrupted',
      interruptedBy: 'gateway',
      usageSource: 'estimated',
      usage: { input: 1840 },
      cost: picodollars(5520n),
      endedAt: lastSignMs,
    }
    expect(settled).toMatchObject(expected)
    await expectEachCallOnce(world)
  })

  it('[J15] leaves a living process, a closed journal and its own work alone', async () => {
    const { world, journalId } = await diedInFlight()
    const outcomes = async (alive: boolean): Promise<string[]> => {
      const recovered = await world.until(recoverJournals(depsOf(world, alive), DIR))
      return recovered.map(({ outcome }) => outcome)
    }
    expect(await outcomes(true)).toEqual(['alive'])
    expect(world.disk.names(DIR)).toEqual([journalId])
    expect(await outcomes(false)).toEqual(['recovered'])
    expect(await outcomes(false)).toEqual(['closed', 'closed'])
    await expectEachCallOnce(world)
  })

  it('[J15] yields every call once, wherever it dies and however often it is run again', async () => {
    // How many disk operations a whole recovery takes is found by running past the end.
    for (let dieAfter = 0; dieAfter < 60; dieAfter += 1) {
      const { world } = await diedInFlight()
      const dying = depsOf(world)
      void recoverJournals(dying, DIR).catch(() => undefined)
      for (let count = 0; count < dieAfter; count += 1) await world.endDiskOperation()
      dying.kill()
      await world.calm()
      for (let run = 0; run < 2; run += 1) {
        await world.until(recoverJournals(depsOf(world), DIR))
        await expectEachCallOnce(world)
      }
    }
  })

  it('[J15] yields every call once through power loss at any step', async () => {
    for (let dieAfter = 0; dieAfter < 60; dieAfter += 1) {
      const { world, journalId } = await diedInFlight()
      void recoverJournals(depsOf(world), DIR).catch(() => undefined)
      for (let count = 0; count < dieAfter; count += 1) await world.endDiskOperation()
      // From here on the old journal has been synced: what was unsynced when its process died is no longer at risk.
      const isDecided = world.disk.names(DIR).includes(recoveredIdOf(journalId))
      world.disk.losePower(seededRandom(dieAfter))
      await world.until(recoverJournals(depsOf(world), DIR))
      if (isDecided) await expectEachCallOnce(world)
      for (const found of (await shippedCalls(world)).values()) expect(found).toHaveLength(1)
    }
  })

  it.each(OPERATIONS)('[J15] survives any %s that fails, each in turn', async (operation) => {
    for (let from = 1; from <= 16; from += 1) {
      const { world } = await diedInFlight()
      const { counts, failures } = world.disk
      failures.push({ operation, from: counts[operation] + from, times: 1, code: 'EIO' })
      await world.until(recoverJournals(depsOf(world), DIR).catch(() => undefined))
      failures.length = 0
      await world.until(recoverJournals(depsOf(world), DIR))
      await expectEachCallOnce(world)
    }
  })

  it('[J15] finds the owner in a segment where owner.json is damaged', async () => {
    const { world, journalId } = await diedInFlight()
    world.disk.edit(`${DIR}/${journalId}/${OWNER_FILE}`, (bytes) => bytes.fill(0))
    const [recovered] = await world.until(recoverJournals(depsOf(world), DIR))
    expect(recovered?.outcome).toBe('recovered')
    await expectEachCallOnce(world)
  })

  it('[J15] leaves a journal alone that nothing tells the owner of', async () => {
    const { world, journalId } = await diedInFlight()
    for (const name of world.disk.names(`${DIR}/${journalId}`)) {
      world.disk.edit(`${DIR}/${journalId}/${name}`, (bytes) =>
        bytes.fill(0, 0, Math.min(bytes.length, SEGMENT_HEADER_BYTES)),
      )
    }
    const [recovered] = await world.until(recoverJournals(depsOf(world), DIR))
    expect(recovered?.outcome).toBe('owner_unknown')
  })

  it('[J15] removes the beginnings of a journal whose process died while making it', async () => {
    const world = createWorld()
    const opening = world.open().catch(() => undefined)
    for (let count = 0; count < 3; count += 1) await world.endDiskOperation()
    world.kill()
    expect(world.disk.names(DIR).filter((name) => name.endsWith('.tmp'))).toHaveLength(1)
    await world.until(recoverJournals(depsOf(world), DIR))
    expect(world.disk.names(DIR)).toEqual([])
    void opening
  })

  it('[J15] settles a call of a closed journal whose settled line was damaged', async () => {
    const world = createWorld()
    const writer = await world.open()
    for (let count = 0; count < 2; count += 1) world.call(writer)
    await world.until(writer.close())
    const folder = `${DIR}/${writer.journalId}`
    const { records } = await readAll(world, writer.journalId)
    const damaged = records[1]?.offset ?? 0
    world.disk.edit(`${folder}/${segmentName(1)}`, (bytes) =>
      bytes.fill(7, damaged + 20, damaged + 30),
    )
    const recovered = await world.until(recoverJournal(depsOf(world), DIR, writer.journalId))
    expect(recovered).toMatchObject({ outcome: 'recovered', interruptedCalls: 1 })
    const calls = await shippedCalls(world)
    expect([...calls.values()].map(([call]) => call?.settled.status)).toEqual(['ok', 'interrupted'])
  })
})

describe('journal directory', () => {
  it('[J16] deletes segments below the needed one, and nothing that is needed', async () => {
    const world = createWorld()
    const writer = await world.open()
    for (let count = 0; count < 150; count += 1) {
      world.call(writer)
      await world.calm()
    }
    const before = await readAll(world, writer.journalId)
    await world.until(deleteShipped(world.files, DIR, writer.journalId, 3))
    const after = await readAll(world, writer.journalId)
    expect(after.records).toEqual(before.records.filter(({ segment }) => segment >= 3))
    expect(after.findings).toEqual([])
  })

  it('[J16] keeps a journal that may grow, and a recovered one until its original is marked', async () => {
    const { world, journalId } = await diedInFlight()
    const deps = depsOf(world)
    expect(await world.until(removeJournal(deps.files, DIR, journalId))).toBe('kept')
    await world.until(recoverJournals(deps, DIR))
    await world.until(deps.files.remove(`${DIR}/${journalId}/closed.json`))
    const recoveredAs = recoveredIdOf(journalId)
    expect(await world.until(removeJournal(deps.files, DIR, recoveredAs))).toBe('kept')
    await world.until(recoverJournals(deps, DIR))
    expect(await world.until(removeJournal(deps.files, DIR, recoveredAs))).toBe('removed')
    expect(await world.until(removeJournal(deps.files, DIR, journalId))).toBe('removed')
    expect(world.disk.names(DIR)).toEqual([])
  })

  it('[J16] keeps what a removed journal had in quarantine', async () => {
    const { world, journalId } = await diedInFlight()
    const path = `${DIR}/${journalId}/${segmentName(1)}`
    world.disk.edit(path, (bytes) =>
      bytes.fill(7, SEGMENT_HEADER_BYTES + 40, SEGMENT_HEADER_BYTES + 50),
    )
    await world.until(recoverJournals(depsOf(world), DIR))
    const { files } = world.disk.process()
    expect(await world.until(removeJournal(files, DIR, journalId))).toBe('removed')
    expect(world.disk.names(`${DIR}/quarantine/${journalId}`)).toEqual(['00000001-1024.bin'])
  })

  it('[J16] never leaves half a journal, wherever the removal is cut off', async () => {
    for (let dieAfter = 0; dieAfter < 30; dieAfter += 1) {
      const { world, journalId } = await diedInFlight()
      await world.until(recoverJournals(depsOf(world), DIR))
      const dying = depsOf(world)
      void removeJournal(dying.files, DIR, journalId).catch(() => undefined)
      for (let count = 0; count < dieAfter; count += 1) await world.endDiskOperation()
      dying.kill()
      await world.calm()
      await world.until(recoverJournals(depsOf(world), DIR))
      const interrupted = [...(await shippedCalls(world)).values()]
        .flat()
        .filter(({ settled }) => settled.status === 'interrupted')
      expect(interrupted).toHaveLength(OPEN_CALLS)
    }
  })
})
