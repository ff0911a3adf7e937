// What is done with a journal whose process is gone. Calls that were opened and never settled are copied into a journal of
// their own, each with a settled line that says `interrupted` and an estimated cost; then the old journal is marked as
// complete. The order makes it safe to die anywhere and to run again: the new journal appears by one rename and is never
// made twice, and the mark comes last.
//
//   read and sync the old one ─▶ <journal>r.tmp ─▶ rename to <journal>r ─▶ closed.json in <journal>

import { MS_PER_HOUR } from '../kernel/time.ts'
import { readClosedMark, writeClosedMark } from './closed-mark.ts'
import { journalUnavailable } from './fault.ts'
import type { FileLayer } from './file-layer.ts'
import { readOwner, removeLeftovers } from './journal-directory.ts'
import { isJournalId, journalIdTime, originalIdOf, recoveredIdOf } from './journal-id.ts'
import type { OpenedLine, SettledLine } from './line.ts'
import type { JournalOwner, ProcessIdentity } from './owner.ts'
import { createPairing, type OpenCall } from './pairing.ts'
import { openReader, type Finding } from './reader.ts'
import { hidesLines } from './finding-kinds.ts'
import { writeClosedJournal } from './write-closed-journal.ts'

export type Estimate = Pick<
  SettledLine,
  'usage' | 'cost' | 'charges' | 'unpricedReason' | 'priceBookVersion'
>

export type RecoveryDeps = {
  readonly files: FileLayer
  readonly isAlive: (process: ProcessIdentity) => boolean
  /** Whether the machine has not been switched off since the process began; false where nothing tells. */
  readonly isSameBoot: (owner: JournalOwner) => boolean
  /** Prices what the call had surely used when it was cut off: `inputEstimate` tokens of input. */
  readonly estimate: (opened: OpenedLine) => Estimate
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export type Recovered = {
  readonly journalId: string
  /** `owner_unknown`: nothing tells whether its process lives, so it is left alone. */
  readonly outcome: 'recovered' | 'alive' | 'closed' | 'owner_unknown'
  /** The journal that holds the interrupted calls, or null where there were none. */
  readonly recoveredAs: string | null
  readonly interruptedCalls: number
  readonly findings: readonly Finding[]
}

const READ_LIMIT = 4096
/** A folder that never became a journal is left alone this long, in case its owner is just making it. */
const UNBORN_MS_MAX = MS_PER_HOUR

/** Recovers every journal in `dir` whose process is gone, and tidies what died half way. One recovery runs at a time. */
export async function recoverJournals(
  deps: RecoveryDeps,
  dir: string,
): Promise<readonly Recovered[]> {
  await removeLeftovers(deps.files, dir)
  const recovered: Recovered[] = []
  for (const name of await deps.files.list(dir)) {
    if (isJournalId(name)) {
      const closed = await readClosedMark(deps.files, `${dir}/${name}`)
      recovered.push(
        closed === null ? await recoverJournal(deps, dir, name) : nothing(name, 'closed'),
      )
    } else {
      await removeUnborn(deps, dir, name)
    }
  }
  return recovered
}

/**
 * Recovers one journal. One that its writer closed is recovered too where calls are still open in it: then a settled line
 * was lost to damage.
 */
export async function recoverJournal(
  deps: RecoveryDeps,
  dir: string,
  journalId: string,
): Promise<Recovered> {
  const { files } = deps
  const folder = `${dir}/${journalId}`
  const mark = await readClosedMark(files, folder)
  if (mark?.reason === 'recovered' || originalIdOf(journalId) !== null) {
    return nothing(journalId, 'closed')
  }
  const owner = await readOwner(files, folder)
  if (mark === null) {
    if (owner === null) return nothing(journalId, 'owner_unknown')
    if (deps.isAlive(owner.process)) return nothing(journalId, 'alive')
  }
  const last = await readToEnd(files, dir, journalId)
  if (mark !== null && last.open.length === 0)
    return { ...nothing(journalId, 'closed'), findings: last.findings }
  const recoveredAs = last.open.length === 0 ? null : recoveredIdOf(journalId)
  if (recoveredAs !== null) {
    await writeInterrupted(deps, dir, recoveredAs, owner ?? ownerless(journalId), last)
  }
  await writeClosedMark(files, folder, {
    reason: 'recovered',
    lastSeq: Math.max(last.lastSeq, mark?.lastSeq ?? 0),
    recoveredAs,
    mayLack:
      last.findings.some(hidesLines) ||
      (mark === null && (owner === null || !deps.isSameBoot(owner))),
  })
  const interruptedCalls = last.open.length
  return { journalId, outcome: 'recovered', recoveredAs, interruptedCalls, findings: last.findings }
}

type LastState = {
  readonly open: readonly OpenCall[]
  readonly lastSeq: number
  /** The last instant any line speaks of; the best there is for when the process died. */
  readonly lastSignMs: number
  readonly findings: readonly Finding[]
}

/** Reads and syncs: what is decided here must still hold after a power loss. */
async function readToEnd(files: FileLayer, dir: string, journalId: string): Promise<LastState> {
  const reader = openReader({ files }, { dir, journalId, dead: true })
  const pairing = createPairing()
  const findings: Finding[] = []
  let lastSeq = 0
  let lastSignMs = 0
  try {
    for (;;) {
      const { records, findings: found, state } = await reader.read(READ_LIMIT)
      findings.push(...found)
      for (const record of records) {
        pairing.feed(record)
        lastSeq = record.seq
        const { line } = record
        lastSignMs = Math.max(lastSignMs, line.kind === 'opened' ? line.startedAt : line.endedAt)
      }
      if (state === 'complete') break
    }
    const durableSeq = await reader.sync()
    if (durableSeq < lastSeq) throw journalUnavailable(`journal ${journalId} could not be synced`)
  } finally {
    reader.close()
  }
  return { open: pairing.open(), lastSeq, lastSignMs, findings }
}

async function writeInterrupted(
  deps: RecoveryDeps,
  dir: string,
  recoveredAs: string,
  owner: JournalOwner,
  last: LastState,
): Promise<void> {
  if ((await deps.files.list(dir)).includes(recoveredAs)) {
    // Made by a recovery that died before it could mark the old one, and perhaps before its name was safe.
    await deps.files.syncDirectory(dir)
    return
  }
  const lines = last.open.flatMap(({ opened }, index) => [
    opened,
    interruptedLine(opened, 2 * index + 1, last.lastSignMs, deps.estimate(opened)),
  ])
  await writeClosedJournal(deps.files, dir, { ...owner, journalId: recoveredAs }, lines)
}

function interruptedLine(
  opened: OpenedLine,
  openedSeq: number,
  lastSignMs: number,
  estimate: Estimate,
): SettledLine {
  const endedAt = Math.max(lastSignMs, opened.startedAt)
  return {
    kind: 'settled',
    opened: openedSeq,
    endedAt,
    status: 'interrupted',
    interruptedBy: 'gateway',
    refusal: null,
    httpStatus: null,
    errorType: null,
    latencyMs: endedAt - opened.startedAt,
    firstByteMs: null,
    gatewayOverheadUs: null,
    inferenceRegion: null,
    tier: null,
    awsRequestId: null,
    usage: estimate.usage,
    usageSource: 'estimated',
    rawUsage: null,
    cost: estimate.cost,
    unpricedReason: estimate.unpricedReason,
    charges: estimate.charges,
    priceBookVersion: estimate.priceBookVersion,
    changes: [],
    budgetName: null,
    budgetRemaining: null,
    saved: null,
  }
}

/** `<journal>.tmp` of a process that died while making it. */
async function removeUnborn(deps: RecoveryDeps, dir: string, name: string): Promise<void> {
  const journalId = name.endsWith('.tmp') ? name.slice(0, -'.tmp'.length) : ''
  if (!isJournalId(journalId)) return
  const owner = await readOwner(deps.files, `${dir}/${name}`)
  const isOld = deps.now() - journalIdTime(journalId) > UNBORN_MS_MAX
  const isDead = owner === null ? isOld : !deps.isAlive(owner.process)
  if (isDead) await deps.files.removeTree(`${dir}/${name}`)
}

function nothing(journalId: string, outcome: Recovered['outcome']): Recovered {
  return { journalId, outcome, recoveredAs: null, interruptedCalls: 0, findings: [] }
}

function ownerless(journalId: string): JournalOwner {
  const process = { bootId: null, pid: 0, startTime: null }
  return {
    journalId,
    nodeId: 'unknown',
    role: 'unknown',
    process,
    createdAt: journalIdTime(journalId),
  }
}
