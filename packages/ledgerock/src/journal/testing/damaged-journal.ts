// A dead journal of a few small records in one segment, and where each record lies, for tests that do damage to it.

import type { OpenedLine, SettledLine } from '../line.ts'
import { scanRecord } from '../record.ts'
import { SEGMENT_HEADER_BYTES, segmentName } from '../segment.ts'
import { createWorld, DIR, type World } from './journal-world.ts'
import { openedLine, settledLine } from './sample-lines.ts'

export type Placed = { readonly seq: number; readonly start: number; readonly end: number }

export type DeadJournal = {
  readonly world: World
  readonly journalId: string
  readonly path: string
  readonly records: readonly Placed[]
  /** The segment's bytes before any damage. */
  readonly bytes: Buffer
}

/** As short as lines can be: the tests go through every bit. */
const BARE_OPENED: Partial<OpenedLine> = {
  startedAt: 0,
  accountId: null,
  region: 'r',
  modelRequested: 'm',
  modelId: null,
  inferenceProfile: null,
  scope: null,
  keyName: null,
  billedAccountId: null,
  dimensions: {},
  provenance: {},
  inputEstimate: 0,
  policyVersion: 0,
  boundUsd: null,
  budgets: [],
}
const BARE_SETTLED: Partial<SettledLine> = {
  endedAt: 0,
  latencyMs: 0,
  firstByteMs: null,
  gatewayOverheadUs: null,
  awsRequestId: null,
  usage: { input: 1 },
  rawUsage: null,
  cost: null,
  charges: [],
  priceBookVersion: 'p',
  changes: [],
  budgetName: null,
  budgetRemaining: null,
}
/** Zeros left behind the last record. */
const ZEROS_BYTES = 100

export async function createDeadJournal(calls: number): Promise<DeadJournal> {
  const world = createWorld()
  const writer = await world.open()
  for (let call = 1; call <= calls; call += 1) {
    const reservation = writer.reserve()
    if (reservation === null) throw new Error('refused')
    const ids = { callId: `c${call}`, logicalId: `c${call}` }
    const opened = openedLine(call, { ...BARE_OPENED, ...ids })
    const seq = writer.append(reservation, opened, () => undefined)
    writer.append(reservation, settledLine(seq, BARE_SETTLED), () => undefined)
  }
  await world.calm()
  const folder = `${DIR}/${writer.journalId}`
  await world.until(world.files.remove(`${folder}/${segmentName(2)}`))
  world.kill()
  const path = `${folder}/${segmentName(1)}`
  const records = placesOf(world.disk.bytesOf(path))
  const end = records.at(-1)?.end ?? SEGMENT_HEADER_BYTES
  world.disk.edit(path, (whole) => Buffer.from(whole.subarray(0, end + ZEROS_BYTES)))
  return { world, journalId: writer.journalId, path, records, bytes: world.disk.bytesOf(path) }
}

function placesOf(bytes: Buffer): Placed[] {
  const places: Placed[] = []
  let start = SEGMENT_HEADER_BYTES
  for (;;) {
    const scanned = scanRecord(bytes, start, bytes.length)
    if (scanned.kind !== 'record') return places
    places.push({ seq: scanned.seq, start, end: scanned.end })
    start = scanned.end
  }
}
