// Reads `x-simulator-fault`: one or more faults for this very call, e.g. `cut@3` or `latency:50, no_metadata`. A misspelt
// fault is an error, so that a test cannot pass because nothing happened.

import { NO_FAULTS, STREAM_EXCEPTIONS, type FaultSet, type StreamException } from './fault.ts'
import { invalid, type Refusal, type ServiceErrorType } from './refusal.ts'

export const FAULT_HEADER = 'x-simulator-fault'

const ERRORS: { readonly [name: string]: ServiceErrorType } = {
  throttle: 'ThrottlingException',
  error500: 'InternalServerException',
  error503: 'ServiceUnavailableException',
  model_error: 'ModelErrorException',
  model_not_ready: 'ModelNotReadyException',
}

const FORM = /^([a-z0-9_]+)(?:@(\d{1,6}))?(?::([A-Za-z0-9]+))?$/

/** `none` protects a call from the plan. */
export function parseFaultHeader(text: string): FaultSet | Refusal {
  let faults: FaultSet = NO_FAULTS
  for (const entry of text.split(',')) {
    const fault = readFault(entry.trim())
    if (fault === null) return invalid(`${FAULT_HEADER}: "${entry.trim()}" is not a known fault`)
    faults = { ...faults, ...fault }
  }
  return { ...faults, label: text.trim() === 'none' ? null : text.trim() }
}

function readFault(entry: string): Partial<FaultSet> | null {
  const match = FORM.exec(entry)
  if (match === null) return null
  const [, name = '', at, argument] = match
  const error = ERRORS[name]
  const bare = at === undefined && argument === undefined
  if (error !== undefined) return bare ? { error } : null
  const frame = at === undefined ? null : Number(at)
  const ms = argument !== undefined && /^\d{1,9}$/.test(argument) ? Number(argument) : null
  switch (name) {
    case 'none':
      return bare ? {} : null
    case 'no_metadata':
      return bare ? { noMetadata: true } : null
    case 'timeout':
      if (bare) return { timeoutMs: 'default' }
      return ms !== null && frame === null ? { timeoutMs: ms } : null
    case 'cut':
      return frame !== null && argument === undefined ? { cutFrame: frame } : null
    case 'bad_crc':
      return frame !== null && argument === undefined ? { badCrcFrame: frame } : null
    case 'slow_chunks':
      return ms !== null && frame === null ? { chunkDelayMs: ms } : null
    case 'latency':
      return ms !== null && frame === null ? { latencyMs: ms } : null
    case 'mid_stream_exception': {
      const type = argument ?? 'modelStreamErrorException'
      return frame !== null && isStreamException(type) ? { exception: { frame, type } } : null
    }
    default:
      return null
  }
}

function isStreamException(name: string): name is StreamException {
  return Object.hasOwn(STREAM_EXCEPTIONS, name)
}
