// A whole journal at once, closed from the beginning: made beside, synced, and there by one rename, or not at all. Recovery
// uses it.

import { writeClosedMark } from './closed-mark.ts'
import type { FileLayer } from './file-layer.ts'
import { encodeLine } from './line-codec.ts'
import type { JournalLine } from './line.ts'
import { OWNER_FILE, ownerToJson, type JournalOwner } from './owner.ts'
import { RECORD_BYTES_MAX, RECORD_HEADER_BYTES, sealRecord } from './record.ts'
import { encodeSegmentHeader, segmentName } from './segment.ts'

export async function writeClosedJournal(
  files: FileLayer,
  dir: string,
  owner: JournalOwner,
  lines: readonly JournalLine[],
): Promise<void> {
  const folder = `${dir}/${owner.journalId}`
  const beside = `${folder}.tmp`
  await files.removeTree(beside)
  await files.makeDirectory(beside)
  await files.writeWhole(
    `${beside}/${OWNER_FILE}`,
    Buffer.from(`${JSON.stringify(ownerToJson(owner))}\n`),
  )
  await files.writeWhole(`${beside}/${segmentName(1)}`, segmentOf(owner, lines))
  const mark = {
    reason: 'closed',
    lastSeq: lines.length,
    recoveredAs: null,
    mayLack: false,
  } as const
  await writeClosedMark(files, beside, mark)
  await files.rename(beside, folder)
  await files.syncDirectory(dir)
}

function segmentOf(owner: JournalOwner, lines: readonly JournalLine[]): Buffer {
  const header = encodeSegmentHeader({ segment: 1, firstSeq: 1, reason: 'start', owner })
  const records = lines.map((line, index) => {
    const record = Buffer.alloc(RECORD_BYTES_MAX)
    const payloadBytes = encodeLine(line, record, RECORD_HEADER_BYTES)
    return record.subarray(0, sealRecord(record, 0, index + 1, payloadBytes))
  })
  return Buffer.concat([header, ...records])
}
