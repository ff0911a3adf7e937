// Turns what the engine, the client or the network throws into a Fault, once, by the engine's error number. What matters is
// whether trying again can help: data the engine cannot read will never be read, everything else may work later.

import { Fault } from '../../kernel/fault.ts'

/** The engine's numbers for "this data is wrong": parsing, types, ranges. */
const BAD_DATA: ReadonlySet<string> = new Set([
  '6', // CANNOT_PARSE_TEXT
  '25', // CANNOT_PARSE_ESCAPE_SEQUENCE
  '26', // CANNOT_PARSE_QUOTED_STRING
  '27', // CANNOT_PARSE_INPUT_ASSERTION_FAILED
  '38', // CANNOT_PARSE_DATE
  '41', // CANNOT_PARSE_DATETIME
  '53', // TYPE_MISMATCH
  '69', // ARGUMENT_OUT_OF_BOUND
  '70', // CANNOT_CONVERT_TYPE
  '72', // CANNOT_PARSE_NUMBER
  '117', // INCORRECT_DATA
  '131', // TOO_LARGE_STRING_SIZE
  '321', // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
  '376', // CANNOT_PARSE_UUID
  '407', // DECIMAL_OVERFLOW
])

const TOO_SLOW: ReadonlySet<string> = new Set(['159', '160']) // TIMEOUT_EXCEEDED, TOO_SLOW
const TOO_BIG: ReadonlySet<string> = new Set(['241', '307', '396']) // memory, bytes, rows

/** Never the statement itself: it may hold values of callers. */
const MESSAGE_LENGTH_MAX = 300

export function storeFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const code = codeOf(error)
  const message = messageOf(error)
  if (BAD_DATA.has(code)) return new Fault('row_invalid', message, { cause: error })
  if (TOO_SLOW.has(code)) {
    return new Fault('ledger_timeout', message, { retryable: true, cause: error })
  }
  if (TOO_BIG.has(code))
    return new Fault('ledger_limit', message, { retryable: true, cause: error })
  if (code === '76') return new Fault('ledger_locked', message, { cause: error })
  if (/^\d+$/.test(code)) {
    return new Fault('ledger_refused', message, { retryable: true, cause: error })
  }
  return new Fault('ledger_unreachable', message, { retryable: true, cause: error })
}

function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) {
    const code = String(error.code)
    if (/^\d+$/.test(code)) return code
  }
  return /Code: (\d+)\. DB::/.exec(String(error))?.[1] ?? ''
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  const firstLine = text.split('\n', 1)[0] ?? ''
  return firstLine.slice(0, MESSAGE_LENGTH_MAX)
}
