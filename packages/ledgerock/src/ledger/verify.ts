// Checks the books: rollups against calls, calls against the journals still on disk, every call once, every cost the sum of its
// charge lines, every promised setting in force. A repair rebuilds rollups, which hold nothing of their own; anything else is
// evidence and is left as it is.

import type { FileLayer } from '../journal/file-layer.ts'
import { listJournals } from '../journal/journal-directory.ts'
import { createPairing } from '../journal/pairing.ts'
import { openReader } from '../journal/reader.ts'
import type { Finding, VerifyReport } from './finding.ts'
import type { PoisonedCall } from './poison-log.ts'
import { ROLLUPS } from './rollup.ts'
import type { LedgerStore } from './store.ts'

export type VerifyDeps = {
  readonly files: FileLayer
  readonly journalDirectory: string
  readonly store: Pick<
    LedgerStore,
    'findings' | 'repairRollups' | 'countCalls' | 'lastSeqs' | 'seqsOf'
  >
  readonly poisoned: () => readonly PoisonedCall[]
  /** What is older is being deleted at the moment of its choosing. */
  readonly keptSinceMs: () => number | null
}

const READ_LIMIT = 4_096

export async function verifyLedger(
  deps: VerifyDeps,
  options: { readonly repair: boolean },
): Promise<VerifyReport> {
  const sinceMs = deps.keptSinceMs() ?? 0
  const repaired = options.repair ? await deps.store.repairRollups(sinceMs) : []
  const books = await deps.store.findings(sinceMs)
  const journals = await checkJournals(deps)
  const findings = [...books, ...journals.findings]
  return {
    sound: findings.length === 0,
    checked: {
      calls: await deps.store.countCalls(),
      journals: journals.journals,
      lines: journals.lines,
      rollups: ROLLUPS.length,
    },
    findings,
    repaired,
  }
}

type JournalCheck = {
  readonly journals: number
  readonly lines: number
  readonly findings: readonly Finding[]
}

/** Every settled line at or below the highest shipped one must be in the store, or have been set aside. */
async function checkJournals(deps: VerifyDeps): Promise<JournalCheck> {
  const entries = await listJournals(deps.files, deps.journalDirectory)
  const stored = await deps.store.lastSeqs(entries.map(({ journalId }) => journalId))
  const findings: Finding[] = []
  let lines = 0
  for (const { journalId } of entries) {
    const lastSeq = stored.get(journalId) ?? 0
    const read = await settledLines(deps, journalId, lastSeq)
    lines += read.lines
    findings.push(...read.gaps)
    const [first] = read.shipped
    const last = read.shipped.at(-1)
    if (first === undefined || last === undefined) continue
    const present = await deps.store.seqsOf(journalId, first, last)
    const aside = new Set(
      deps.poisoned().flatMap((call) => (call.journal_id === journalId ? [call.seq] : [])),
    )
    const missing = read.shipped.filter((seq) => !present.has(seq) && !aside.has(seq))
    if (missing.length === 0) continue
    findings.push({
      code: 'line_missing',
      subject: `${journalId} ${missing[0]}`,
      detail: `${missing.length} settled lines below the last shipped one are not in the store`,
      count: missing.length,
    })
  }
  return { journals: entries.length, lines, findings }
}

type SettledLines = {
  readonly lines: number
  /** Sequence numbers up to the last shipped one. */
  readonly shipped: readonly number[]
  readonly gaps: readonly Finding[]
}

async function settledLines(
  deps: VerifyDeps,
  journalId: string,
  lastSeq: number,
): Promise<SettledLines> {
  const reader = openReader({ files: deps.files }, { dir: deps.journalDirectory, journalId })
  const pairing = createPairing()
  const shipped: number[] = []
  const gaps: Finding[] = []
  let lines = 0
  try {
    for (;;) {
      const { records, findings, state } = await reader.read(READ_LIMIT)
      for (const record of records) {
        if (record.line.kind !== 'settled') {
          pairing.feed(record)
          continue
        }
        lines += 1
        if (record.seq <= lastSeq && pairing.feed(record).kind === 'settled')
          shipped.push(record.seq)
      }
      for (const finding of findings) {
        if (finding.kind !== 'gap') continue
        gaps.push({
          code: 'journal_gap',
          subject: `${journalId} ${finding.fromSeq}`,
          detail: `the lines ${finding.fromSeq} to ${finding.toSeq} of the journal cannot be read`,
          count: finding.toSeq - finding.fromSeq + 1,
        })
      }
      if (state !== 'more') return { lines, shipped, gaps }
    }
  } finally {
    reader.close()
  }
}
