// Reads the usage of InvokeModel (the model's own JSON) and InvokeModelWithResponseStream (`chunk` frames, each with one of the
// model's own events in base64): Anthropic, Amazon Nova, OpenAI, Titan embeddings, or a maker we do not know.

import { errorTypeOf } from './error.ts'
import { FrameTap, type Frame } from './frame-tap.ts'
import { compileJsonPaths } from './json-paths.ts'
import { JsonScan } from './json-scan.ts'
import { stringOf } from './json-value.ts'
import { NATIVE_PATHS, NativeFindings } from './native-findings.ts'
import type { ResponseHeaders } from './response-headers.ts'
import type { MeterRequest, UsageMeter } from './usage-meter.ts'

const CHUNK = compileJsonPaths(['bytes'])
const EVENTS: ReadonlySet<string> = new Set(['chunk'])
/** A chunk's payload is captured whole; frames are no larger than this anyway. */
const CHUNK_VALUE_BYTES_MAX = 24 * 1_024 * 1_024

export function createInvokeMeter(request: MeterRequest, headers: ResponseHeaders): UsageMeter {
  const scan = new JsonScan(NATIVE_PATHS)
  const findings = new NativeFindings(request, headers, false)
  return {
    write(chunk) {
      if (findings.final) return false
      scan.write(chunk)
      findings.outputSeenBytes = scan.textBytes
      if (!scan.done) return false
      findings.look(scan)
      findings.final = true
      return true
    },
    end() {
      if (findings.final) return
      scan.end()
      findings.problems.add(`body_${scan.problem ?? 'malformed'}`)
      findings.look(scan)
    },
    read: () => findings.read(),
  }
}

export function createInvokeStreamMeter(
  request: MeterRequest,
  headers: ResponseHeaders,
): UsageMeter {
  const envelope = new JsonScan(CHUNK, CHUNK_VALUE_BYTES_MAX)
  const native = new JsonScan(NATIVE_PATHS)
  const findings = new NativeFindings(request, headers, true)
  const onFrame = (frame: Frame): void => {
    if (frame.kind !== 'event') {
      findings.exception = { type: errorTypeOf(frame.type) ?? 'unknown' }
      findings.final = true
      return
    }
    const event = nativeEvent(envelope, frame.payload)
    if (event === null) {
      findings.problems.add('event_malformed')
      return
    }
    native.reset()
    native.write(event)
    native.end()
    if (native.problem !== null) findings.problems.add(`event_${native.problem}`)
    findings.outputSeenBytes += native.textBytes
    if (findings.look(native)) findings.final = true
  }
  const tap = new FrameTap(EVENTS, onFrame)
  return {
    write(chunk) {
      if (findings.final) return false
      tap.write(chunk)
      return findings.final
    },
    end() {
      tap.end()
      const problem = tap.problem
      if (problem !== null) findings.problems.add(`stream_${problem}`)
      findings.end()
    },
    read: () => findings.read(),
  }
}

/** `{"bytes":"<base64>","p":"<padding>"}` → the native event's bytes. */
function nativeEvent(envelope: JsonScan, payload: Buffer): Buffer | null {
  envelope.reset()
  envelope.write(payload)
  envelope.end()
  const value = envelope.value(0)
  if (envelope.problem !== null || value === null) return null
  const text = value.includes(0x5c)
    ? stringOf(value)
    : value.toString('latin1', 1, value.length - 1)
  return typeof text === 'string' ? Buffer.from(text, 'base64') : null
}
