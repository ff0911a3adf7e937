// The header as tests send it.

import { describe, expect, it } from 'vitest'

import { NO_FAULTS } from './fault.ts'
import { parseFaultHeader } from './parse-fault-header.ts'

describe('parse fault header', () => {
  it.each([
    ['none', {}],
    ['throttle', { error: 'ThrottlingException' }],
    ['error500', { error: 'InternalServerException' }],
    ['error503', { error: 'ServiceUnavailableException' }],
    ['model_error', { error: 'ModelErrorException' }],
    ['model_not_ready', { error: 'ModelNotReadyException' }],
    ['timeout', { timeoutMs: 'default' }],
    ['timeout:250', { timeoutMs: 250 }],
    ['cut@0', { cutFrame: 0 }],
    ['no_metadata', { noMetadata: true }],
    ['bad_crc@2', { badCrcFrame: 2 }],
    ['slow_chunks:15', { chunkDelayMs: 15 }],
    ['latency:40', { latencyMs: 40 }],
    ['mid_stream_exception@3', { exception: { frame: 3, type: 'modelStreamErrorException' } }],
    [
      'mid_stream_exception@1:throttlingException',
      { exception: { frame: 1, type: 'throttlingException' } },
    ],
    ['latency:5, cut@2', { latencyMs: 5, cutFrame: 2 }],
  ])('[S11] reads %s', (text, faults) => {
    const label = text === 'none' ? null : text
    expect(parseFaultHeader(text)).toEqual({ ...NO_FAULTS, ...faults, label })
  })

  it.each([
    'trottle',
    'cut',
    'cut@-1',
    'latency',
    'latency:fast',
    'throttle@1',
    'mid_stream_exception@1:noSuchException',
    '',
  ])('[S11] refuses %j rather than doing nothing', (text) => {
    expect(parseFaultHeader(text)).toMatchObject({ type: 'ValidationException' })
  })
})
