import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig, type Config } from '../../config.ts'
import { createPairing, type SettledCall } from '../../journal/pairing.ts'
import type { ProcessIdentity } from '../../journal/owner.ts'
import { openReader } from '../../journal/reader.ts'
import { segmentName } from '../../journal/segment.ts'
import { openedLine, settledLine } from '../../journal/testing/sample-lines.ts'
import { openJournal } from '../../journal/writer.ts'
import type { JournalWriter } from '../../journal/journal-writer.ts'
import { formatUsd, ZERO_DOLLARS } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/logging.ts'
import { nodeFiles } from '../../platform/node-files.ts'
import { currentProcess } from '../../platform/process-identity.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { journalDirectory } from '../data-layout.ts'
import { createJournalRecovery } from './recover-journals.ts'

const logger = createLogger('test', 'silent')
const book = buildPriceBook([SNAPSHOT_LAYER])

let config: Config
let directory: string
beforeEach(() => {
  const data = mkdtempSync(join(tmpdir(), 'ledgerock-recovery-'))
  config = mustOk(loadConfig({ env: {}, flags: { data }, cwd: data }))
  directory = journalDirectory(data)
  mkdirSync(directory)
})
afterEach(() => rmSync(config.dataDir, { recursive: true, force: true }))

function deadProcess(): ProcessIdentity {
  const { pid } = spawnSync(process.execPath, ['-e', ''])
  return { bootId: 'a boot before this one', pid, startTime: '1' }
}

/** Call 1 settled, call 2 opened only, unless said otherwise; then the process is no more. */
async function writeUntilDeath(
  owner: ProcessIdentity,
  calls: readonly ('settled' | 'open')[] = ['settled', 'open'],
): Promise<JournalWriter> {
  const journal = await openJournal(
    { files: nodeFiles, clock: systemClock, random: randomBytes, process: owner },
    { dir: directory, nodeId: 'node-1', role: 'worker-1', segmentBytes: 64 * 1024 },
  )
  const append = (number: number): { readonly settle: () => void } => {
    const reservation = journal.reserve()
    if (reservation === null) throw new Error('no room')
    const seq = journal.append(reservation, openedLine(number), () => undefined)
    return { settle: () => journal.append(reservation, settledLine(seq), () => undefined) }
  }
  for (const [index, state] of calls.entries()) {
    const call = append(index + 1)
    if (state === 'settled') call.settle()
  }
  await journal.close()
  return journal
}

async function settledCalls(state: 'sound' | 'damaged' = 'sound'): Promise<SettledCall[]> {
  const calls: SettledCall[] = []
  for (const journalId of readdirSync(directory)) {
    const reader = openReader({ files: nodeFiles }, { dir: directory, journalId, dead: true })
    const pairing = createPairing()
    for (let more = true; more;) {
      const { records, findings, state: reached } = await reader.read(100)
      if (state === 'sound') expect(findings).toEqual([])
      for (const record of records) {
        const fed = pairing.feed(record)
        if (fed.kind === 'settled') calls.push(fed.call)
      }
      more = reached === 'more'
    }
    reader.close()
  }
  return calls.toSorted((left, right) => left.opened.startedAt - right.opened.startedAt)
}

describe('journal recovery', () => {
  it('[Z4] settles once what a dead worker left open, at the price of what was sent', async () => {
    await writeUntilDeath(deadProcess())
    const recovery = createJournalRecovery(logger, config, () => book)
    await Promise.all([recovery.run(), recovery.run(), recovery.run()])
    await recovery.run()
    await createJournalRecovery(logger, config, () => book).run()
    const calls = await settledCalls()
    expect(calls.map(({ opened }) => opened.callId)).toEqual([
      openedLine(1).callId,
      openedLine(2).callId,
    ])
    expect(calls[0]?.settled.status).toBe('ok')
    expect(calls[1]?.settled).toMatchObject({
      status: 'interrupted',
      interruptedBy: 'gateway',
      usage: { input: 1_840 },
      usageSource: 'estimated',
      unpricedReason: null,
      priceBookVersion: book.version,
    })
    // 1,840 × 3.3 µ$
    expect(formatUsd(calls[1]?.settled.cost ?? ZERO_DOLLARS)).toBe('0.006072')
  })

  it('[Z4] leaves the journal of a living worker alone', async () => {
    await writeUntilDeath(currentProcess())
    await createJournalRecovery(logger, config, () => book).run()
    expect(readdirSync(directory)).toHaveLength(1)
    expect(await settledCalls()).toHaveLength(1)
  })

  it('[Z4] settles once what is open in a closed journal when it is told of it, and not before', async () => {
    const { journalId } = await writeUntilDeath(deadProcess(), ['settled', 'settled'])
    const segment = join(directory, journalId, segmentName(1))
    const bytes = readFileSync(segment)
    const end = bytes.findLastIndex((byte) => byte !== 0)
    writeFileSync(segment, bytes.fill(0xff, end - 9, end))
    const recovery = createJournalRecovery(logger, config, () => book)
    await recovery.run()
    expect(readdirSync(directory)).toEqual([journalId])
    await Promise.all([
      recovery.settleOpen(journalId),
      recovery.run(),
      recovery.settleOpen(journalId),
    ])
    await recovery.settleOpen(journalId)
    const calls = await settledCalls('damaged')
    expect(calls.map(({ settled }) => settled.status)).toEqual(['ok', 'interrupted'])
  })
})
