// A line as the payload of a record, and back, exactly: short JSON, then, after a newline (which JSON never contains as
// such), the provider's usage verbatim. A payload with a key that is not in the tables was written by a newer version: it
// is refused as `newer` and read by nobody until that version reads it, because skipping it would lose it and guessing
// would change it.

import { Fault } from '../kernel/fault.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { fitOpened, fitSettled } from './fit-line.ts'
import type { JournalLine } from './line.ts'
import { lengthenOpened, OPENED_KEYS, shortenOpened, type OpenedShort } from './opened-codec.ts'
import { PAYLOAD_BYTES_MAX } from './record.ts'
import {
  lengthenSettled,
  SETTLED_KEYS,
  shortenSettled,
  type SettledShort,
} from './settled-codec.ts'

export const OPENED_BYTES_MAX = PAYLOAD_BYTES_MAX
export const SETTLED_BYTES_MAX = 4 * 1024

const NEWLINE = 0x0a

/**
 * Writes the line's payload at `start` of `into`, which has room for `PAYLOAD_BYTES_MAX`, and answers its length. A line
 * over its cap loses what is least dear, in the order `fit-line.ts` names, and says so. An opened line that still does not
 * fit is a Fault `line_too_large`.
 */
export function encodeLine(line: JournalLine, into: Buffer, start: number): number {
  if (line.kind === 'opened') {
    const text = JSON.stringify(shortenOpened(line))
    if (fits(text, OPENED_BYTES_MAX)) return into.write(text, start)
    const fitted = fitOpened(line, (less) =>
      fits(JSON.stringify(shortenOpened(less)), OPENED_BYTES_MAX),
    )
    if (fitted === null) throw new Fault('line_too_large', 'an opened line is over its cap')
    return into.write(JSON.stringify(shortenOpened(fitted)), start)
  }
  const text = settledText(line)
  if (fits(text, SETTLED_BYTES_MAX)) return into.write(text, start)
  const fitted = fitSettled(line, (less) => fits(settledText(less), SETTLED_BYTES_MAX))
  if (fitted === null) throw new Fault('line_too_large', 'a settled line is over its cap')
  return into.write(settledText(fitted), start)
}

function settledText(line: Extract<JournalLine, { kind: 'settled' }>): string {
  const short = shortenSettled(line)
  if (line.rawUsage === null) return JSON.stringify(short)
  if (line.rawUsage !== '' && line.rawUsage.isWellFormed()) {
    return `${JSON.stringify(short)}\n${line.rawUsage}`
  }
  short.ru = line.rawUsage
  return JSON.stringify(short)
}

function fits(text: string, bytesMax: number): boolean {
  // A UTF-16 unit is at most three bytes of UTF-8, so most texts need no counting.
  return text.length * 3 <= bytesMax || Buffer.byteLength(text) <= bytesMax
}

/** `malformed` bytes never come from a writer: damage that the checksum missed, or a defect. */
export function decodeLine(payload: Buffer): Result<JournalLine, 'newer' | 'malformed'> {
  const newline = payload.indexOf(NEWLINE)
  const end = newline === -1 ? payload.length : newline
  const raw = newline === -1 ? null : payload.toString('utf8', newline + 1)
  let short: unknown
  try {
    short = JSON.parse(payload.toString('utf8', 0, end))
  } catch {
    return err('malformed')
  }
  if (typeof short !== 'object' || short === null || Array.isArray(short)) return err('malformed')
  if ('o' in short) return decodeOpened(short as OpenedShort)
  if ('s' in short) return decodeSettled(short as SettledShort, raw)
  return err('newer')
}

function decodeOpened(short: OpenedShort): Result<JournalLine, 'newer' | 'malformed'> {
  for (const key in short) if (!OPENED_KEYS.has(key)) return err('newer')
  const whole =
    typeof (short.i ?? short.I) === 'string' &&
    (typeof short.o === 'string' || typeof short.o === 'number') &&
    (typeof short.r === 'string' || typeof short.r === 'number') &&
    typeof short.m === 'string'
  return whole ? ok(lengthenOpened(short)) : err('malformed')
}

function decodeSettled(
  short: SettledShort,
  rawUsage: string | null,
): Result<JournalLine, 'newer' | 'malformed'> {
  for (const key in short) if (!SETTLED_KEYS.has(key)) return err('newer')
  const whole =
    typeof short.s === 'number' &&
    typeof short.t === 'number' &&
    typeof short.l === 'number' &&
    typeof short.pb === 'string'
  return whole ? ok(lengthenSettled(short, rawUsage)) : err('malformed')
}
