// Real files, real processes, real `kill -9`: what a process was told is safe is in its journal, a reader that followed it
// live saw every record once and in order, and after recovery every call is there exactly once.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { picodollars } from '../kernel/money.ts'
import { nodeFiles } from '../platform/node-files.ts'
import { isProcessAlive } from '../platform/process-identity.ts'
import { listJournals, removeJournal } from './journal-directory.ts'
import { createPairing } from './pairing.ts'
import { openReader, type JournalReader } from './reader.ts'
import { recoverJournals, type RecoveryDeps } from './recovery.ts'
import { seededRandom } from './testing/seeded-random.ts'

const KILLS = 20
const RUN_MS_MAX = 60
const CHILD = fileURLToPath(new URL('testing/writer-child.ts', import.meta.url))

const DEPS: RecoveryDeps = {
  files: nodeFiles,
  isAlive: isProcessAlive,
  isSameBoot: () => true,
  now: () => Date.now(),
  estimate: (opened) => ({
    usage: { input: opened.inputEstimate },
    cost: picodollars(1n),
    charges: [],
    unpricedReason: null,
    priceBookVersion: 'book',
  }),
}

let dir = ''

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ledgerock-journal-'))
})

afterEach(async () => {
  await rm(dir, { recursive: true, force: true })
})

type Life = {
  readonly journalId: string
  readonly safe: readonly number[]
  readonly live: number[]
}

/** Starts a writer, follows it, kills it after a random while. */
async function liveAndDie(sync: 'interval' | 'each', runMs: number): Promise<Life> {
  const child = spawn(process.execPath, [CHILD, dir, sync], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  while (!said.includes('\n')) await once(child.stdout, 'data')
  const journalId = /^journal (\S+)\n/.exec(said)?.[1] ?? ''
  const reader = openReader({ files: nodeFiles }, { dir, journalId })
  const live: number[] = []
  const until = performance.now() + runMs
  while (performance.now() < until) {
    live.push(...(await readSome(reader)))
    await reader.sync()
    await wait(1)
  }
  child.kill('SIGKILL')
  await once(child, 'close')
  // The last line may be cut off by the kill.
  const lines = said.slice(0, said.lastIndexOf('\n')).split('\n').slice(1)
  live.push(...(await readSome(reader)))
  reader.close()
  return { journalId, safe: lines.map(Number), live }
}

async function readSome(reader: JournalReader): Promise<number[]> {
  const { records, findings } = await reader.read(100_000)
  expect(findings).toEqual([])
  return records.map(({ seq }) => seq)
}

type Calls = { readonly seqs: number[]; readonly callIds: string[]; readonly opened: number }

async function readCalls(journalId: string): Promise<Calls> {
  const reader = openReader({ files: nodeFiles }, { dir, journalId, dead: true })
  const pairing = createPairing()
  const seqs: number[] = []
  const callIds: string[] = []
  let opened = 0
  for (;;) {
    const { records, state } = await reader.read(1_000)
    for (const record of records) {
      seqs.push(record.seq)
      const fed = pairing.feed(record)
      if (fed.kind === 'opened') opened += 1
      if (fed.kind === 'settled') callIds.push(fed.call.opened.callId)
    }
    if (state === 'complete') break
  }
  reader.close()
  return { seqs, callIds, opened }
}

describe('journal on real files', () => {
  it('[J5] [J15] loses nothing it answered as safe and doubles nothing, through kill -9', async () => {
    const seed = Math.floor(Math.random() * 2 ** 32)
    const random = seededRandom(seed)
    let lines = 0
    for (let kill = 0; kill < KILLS; kill += 1) {
      const sync = kill % 2 === 0 ? 'interval' : 'each'
      const { journalId, safe, live } = await liveAndDie(sync, random() * RUN_MS_MAX)
      const { seqs } = await readCalls(journalId)
      const present = new Set(seqs)
      const lost = safe.filter((seq) => !present.has(seq))
      // The seed stands in what is compared, so that a failure prints it.
      expect({ seed, seqs, lost }).toEqual({ seed, seqs: seqs.map((_, at) => at + 1), lost: [] })
      expect({ seed, live }).toEqual({ seed, live: seqs.slice(0, live.length) })
      lines += seqs.length
      if (kill % 3 === 0) await recoverJournals(DEPS, dir)
    }
    expect(lines).toBeGreaterThan(KILLS)
    await recoverJournals(DEPS, dir)
    const again = await recoverJournals(DEPS, dir)
    expect(new Set(again.map(({ outcome }) => outcome))).toEqual(new Set(['closed']))

    const journals = await listJournals(nodeFiles, dir)
    expect(journals.filter(({ journalId }) => !journalId.endsWith('r'))).toHaveLength(KILLS)
    const calls: string[] = []
    let opened = 0
    for (const { journalId } of journals) {
      const read = await readCalls(journalId)
      calls.push(...read.callIds)
      if (!journalId.endsWith('r')) opened += read.opened
    }
    expect({ seed, calls: calls.length }).toEqual({ seed, calls: opened })
    expect({ seed, distinct: new Set(calls).size }).toEqual({ seed, distinct: opened })

    for (const { journalId } of await listJournals(nodeFiles, dir)) {
      await removeJournal(nodeFiles, dir, journalId)
    }
    expect(await nodeFiles.list(dir)).toEqual([])
  })
})
