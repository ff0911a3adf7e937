// The log's limit and its paging.

import { describe, expect, it } from 'vitest'

import { createCallLog, type CallLog } from './call-log.ts'
import type { CallDraft } from './call-record.ts'
import { requestIds } from './request-id.ts'

function draft(): CallDraft {
  return {
    ordinal: 0,
    requestId: 'r',
    atMs: 0,
    protocol: 'http/1.1',
    operation: 'Converse',
    family: 'bedrock',
    endpoint: 'runtime',
    modelPath: 'm',
    accountId: '123456789012',
    principalArn: null,
    sessionTags: {},
    stream: false,
    headers: {
      'amz-sdk-invocation-id': null,
      'amz-sdk-request': null,
      'user-agent': null,
      'x-amzn-bedrock-request-metadata': null,
      'anthropic-beta': null,
      'anthropic-version': null,
      'anthropic-workspace': null,
      'anthropic-workspace-id': null,
      'openai-project': null,
    },
    requestSha256: '',
    requestBytes: 0,
    auth: 'none',
    accessKeyId: null,
    keyFingerprint: null,
    region: 'us-east-1',
    modelRequested: null,
    resolved: null,
    tierAsked: null,
    tierResolved: null,
    performance: null,
    requestMetadata: null,
    fault: null,
    status: 0,
    errorType: null,
    usage: null,
    variant: null,
    priced: 'by_model',
    responseSha256: null,
    responseBytes: 0,
    completed: false,
  }
}

function ordinals(log: CallLog, after = 0, limit = 1_000): readonly number[] {
  return log.after(after, limit).map((call) => call.ordinal)
}

describe('call log', () => {
  it('[S10] keeps every call, in order, and pages through them', () => {
    const log = createCallLog(Infinity)
    for (let call = 0; call < 500; call++) log.add(draft())
    expect(log.calls()).toHaveLength(500)
    expect(ordinals(log, 0, 3)).toEqual([1, 2, 3])
    expect(ordinals(log, 498, 10)).toEqual([499, 500])
    expect(ordinals(log, 500, 10)).toEqual([])
  })

  it('[S10] keeps the newest within its limit, and memory within a multiple of it', () => {
    const log = createCallLog(10)
    for (let call = 0; call < 1_000; call++) {
      log.add(draft())
      const expected = Math.min(10, call + 1)
      expect(log.calls()).toHaveLength(expected)
      expect(log.calls().at(-1)?.ordinal).toBe(call + 1)
    }
    expect(ordinals(log, 994)).toEqual([995, 996, 997, 998, 999, 1_000])
    expect(ordinals(log, 5, 2)).toEqual([991, 992])
    expect(log.served()).toBe(1_000)
  })

  it('[S10] keeps nothing with a limit of zero, but counts', () => {
    const log = createCallLog(0)
    log.add(draft())
    expect(log.calls()).toEqual([])
    expect(log.served()).toBe(1)
  })

  it('[S10] counts on after clearing, anew after a reset', () => {
    const log = createCallLog(Infinity)
    log.add(draft())
    log.clear()
    log.add(draft())
    expect(ordinals(log)).toEqual([2])
    log.reset()
    log.add(draft())
    expect(ordinals(log)).toEqual([1])
  })
})

describe('request ids', () => {
  it('[S1] repeat for the same seed and start, and never within a run', () => {
    const first = requestIds(1, 1_800_000_000_000)
    const replay = requestIds(1, 1_800_000_000_000)
    const seen = new Set<string>()
    for (let call = 0; call < 20_000; call++) {
      const id = first()
      expect(id).toBe(replay())
      seen.add(id)
    }
    expect(seen.size).toBe(20_000)
    for (const id of seen) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      break
    }
    expect(requestIds(1, 1_800_000_000_001)()).not.toBe(requestIds(1, 1_800_000_000_000)())
  })
})
