// Sends a stream: frames the events, paces or breaks them as the faults say, respects back-pressure, and keeps the record's
// usage at what has been generated so far, which is what a call that ends early is billed for.

import { createHash } from 'node:crypto'

import type { StreamEvent } from './answer.ts'
import type { CallDraft } from './call-record.ts'
import type { Exchange } from './exchange.ts'
import { STREAM_EXCEPTIONS, type FaultSet } from './fault.ts'
import { framingOf } from './framing.ts'
import type { Usage } from './usage.ts'

/** Frames are handed over in pieces of about this size, unless they are paced. */
const BATCH_BYTES = 16_384

export async function writeStream(
  exchange: Exchange,
  draft: CallDraft,
  usage: Usage,
  events: readonly StreamEvent[],
  faults: FaultSet,
): Promise<void> {
  const hash = createHash('sha256')
  const framing = framingOf(draft.operation)
  let batch: Buffer[] = []
  let batchBytes = 0
  let outputTokens = 0

  const take = (): Buffer => {
    const [only] = batch
    const bytes = batch.length === 1 && only !== undefined ? only : Buffer.concat(batch, batchBytes)
    batch = []
    batchBytes = 0
    hash.update(bytes)
    draft.responseBytes += bytes.length
    draft.usage = { ...usage, output: outputTokens }
    return bytes
  }
  const seal = (): void => {
    draft.responseSha256 = hash.digest('hex')
  }

  // Every fault of a frame strikes before the last frame is through, so it is always seen.
  const last = events.length - 1
  const strikeAt = (frame: number | null | undefined): number =>
    frame === null || frame === undefined ? -1 : Math.min(frame, last)
  const cutAt = strikeAt(faults.cutFrame)
  const exceptionAt = strikeAt(faults.exception?.frame)
  const badCrcAt = strikeAt(faults.badCrcFrame)

  for (const [index, event] of events.entries()) {
    if (index === cutAt) {
      const bytes = take()
      seal()
      await exchange.writeThenCut(bytes)
      return
    }
    if (index === exceptionAt && faults.exception !== null) {
      const { type } = faults.exception
      draft.errorType = STREAM_EXCEPTIONS[type]
      batch.push(framing.error(type, draft.requestId, index))
      batchBytes += batch.at(-1)?.length ?? 0
      break
    }
    const frame = framing.frame(event)
    const sent = index === badCrcAt ? framing.damaged(frame) : frame
    batch.push(sent)
    batchBytes += sent.length
    outputTokens = event.outputTokens
    if (index === last || (batchBytes < BATCH_BYTES && faults.chunkDelayMs === 0)) continue
    if (!exchange.write(take())) await exchange.drained()
    if (faults.chunkDelayMs > 0 && !exchange.closed) await exchange.sleep(faults.chunkDelayMs)
    if (exchange.closed) {
      seal()
      return
    }
  }
  const bytes = take()
  seal()
  // An exception ends the stream in good order on the wire, but not the answer.
  draft.completed = exceptionAt === -1
  exchange.end(bytes)
}
