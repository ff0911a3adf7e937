// Reads the usage of InvokeModel (the model's own JSON) and InvokeModelWithResponseStream (`chunk` frames, each with one of the
// model's own events in base64). OpenAI's and Anthropic's own routes answer in the same JSON, streamed as server-sent events.

import { BodyMeter } from './body-meter.ts'
import type { EventFindings } from './findings.ts'
import { FrameMeter } from './frame-meter.ts'
import { compileJsonPaths } from '../json/json-paths.ts'
import { JsonScan } from '../json/json-scan.ts'
import { stringOf } from '../json/json-value.ts'
import { NATIVE_PATHS, NativeFindings } from './native-findings.ts'
import type { ResponseHeaders } from './response-headers.ts'
import { ScanPool } from './scan-pool.ts'
import { SseMeter } from './sse-meter.ts'
import type { MeterRequest, UsageMeter } from './usage-meter.ts'

const CHUNK = compileJsonPaths(['bytes'])
const EVENTS: ReadonlySet<string> = new Set(['chunk'])
/** A chunk's payload is captured whole; frames are no larger than this anyway. */
const CHUNK_VALUE_BYTES_MAX = 24 * 1_024 * 1_024

const bodyScans = new ScanPool(NATIVE_PATHS)
/** These two read the events of every stream: an event is read in one go, and nothing of it is kept. */
const envelopeScan = new JsonScan(CHUNK, CHUNK_VALUE_BYTES_MAX)
const eventScan = new JsonScan(NATIVE_PATHS)

export function createInvokeMeter(request: MeterRequest, headers: ResponseHeaders): UsageMeter {
  return new BodyMeter(bodyScans, new NativeFindings(request, headers, false))
}

export function createInvokeStreamMeter(
  request: MeterRequest,
  headers: ResponseHeaders,
): UsageMeter {
  return new FrameMeter(EVENTS, new NativeFindings(request, headers, true), readChunk)
}

export function createNativeSseMeter(request: MeterRequest, headers: ResponseHeaders): UsageMeter {
  return new SseMeter(NATIVE_PATHS, new NativeFindings(request, headers, true))
}

function readChunk(findings: EventFindings, _type: string, payload: Buffer): void {
  const event = nativeEvent(payload)
  if (event === null) {
    findings.problems.add('event_malformed')
    return
  }
  eventScan.reset()
  eventScan.write(event)
  eventScan.end()
  if (eventScan.problem !== null) findings.problems.add(`event_${eventScan.problem}`)
  findings.event(eventScan)
}

/** How Bedrock writes a chunk's payload: `{"bytes":"<base64>","p":"<padding>"}`. */
const OPENING = Buffer.from('{"bytes":"')
const QUOTE = 0x22

/** The native event's bytes. */
function nativeEvent(payload: Buffer): Buffer | null {
  if (startsWith(payload, OPENING)) {
    const end = payload.indexOf(QUOTE, OPENING.length)
    const text = payload.toString('latin1', OPENING.length, Math.max(end, OPENING.length))
    // A slash may be escaped; then the string has to be read as JSON has it.
    if (end > 0 && !text.includes('\\')) return Buffer.from(text, 'base64')
  }
  envelopeScan.reset()
  envelopeScan.write(payload)
  envelopeScan.end()
  const value = envelopeScan.value(0)
  const text = envelopeScan.problem === null ? stringOf(value) : null
  return typeof text === 'string' ? Buffer.from(text, 'base64') : null
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.length > start.length && bytes.compare(start, 0, start.length, 0, start.length) === 0
}
