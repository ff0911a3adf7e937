import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryOpened, arbitrarySettled } from '../../journal/testing/arbitrary-lines.ts'
import { openedLine, settledLine } from '../../journal/testing/sample-lines.ts'
import { picodollars } from '../../kernel/money.ts'
import { callSpan, parentOf } from './call-span.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

describe('a span of a call', () => {
  it('[Y27] says what was asked, what it used and what it cost, in the words of the conventions', () => {
    const opened = openedLine(1, {
      operation: 'converse-stream',
      stream: true,
      region: 'eu-west-1',
      modelRequested: 'eu.anthropic.claude-sonnet-4-6',
      modelId: 'anthropic.claude-sonnet-4-6',
      billedAccountId: '123456789012',
      dimensions: { team: 'search', feature: 'unknown' },
    })
    const line = settledLine(1, {
      status: 'ok',
      httpStatus: 200,
      errorType: null,
      usage: { input: 10, output: 20, cache_read: 300, cache_write_5m: 40, cache_write_1h: 2 },
      cost: picodollars(1_500_000_000n),
    })
    const { name, attributes, isError } = callSpan(opened, line)
    expect(name).toBe('chat eu.anthropic.claude-sonnet-4-6')
    expect(isError).toBe(false)
    expect(attributes).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'aws.bedrock',
      'gen_ai.request.model': 'eu.anthropic.claude-sonnet-4-6',
      'gen_ai.response.model': 'anthropic.claude-sonnet-4-6',
      'gen_ai.usage.input_tokens': 352,
      'gen_ai.usage.cache_read.input_tokens': 300,
      'gen_ai.usage.cache_creation.input_tokens': 42,
      'gen_ai.usage.output_tokens': 20,
      'http.response.status_code': 200,
      'cloud.region': 'eu-west-1',
      'cloud.account.id': '123456789012',
      'ledgerock.cost_usd': '0.0015',
      'ledgerock.team': 'search',
    })
    expect(attributes).not.toHaveProperty('ledgerock.feature')
    expect(attributes).not.toHaveProperty('error.type')
  })

  it.each([
    [{ status: 'throttled', errorType: 'ThrottlingException' } as const, 'ThrottlingException'],
    [{ status: 'refused', refusal: 'overload', errorType: 'X' } as const, 'overload'],
    [{ status: 'interrupted', errorType: null } as const, 'interrupted'],
  ])('[Y27] names the error of a call that failed: %o', (outcome, type) => {
    const { attributes, isError } = callSpan(openedLine(1), settledLine(1, outcome))
    expect([isError, attributes['error.type']]).toEqual([true, type])
  })

  it('[Y27] has no cost where there is none, and no tokens where none were counted', () => {
    const line = settledLine(1, { cost: null, unpricedReason: 'unknown_model', usage: {} })
    const { attributes } = callSpan(openedLine(1), line)
    expect(attributes['ledgerock.cost_usd']).toBeUndefined()
    expect(attributes['gen_ai.usage.input_tokens']).toBeUndefined()
    expect(attributes['ledgerock.unpriced_reason']).toBe('unknown_model')
  })

  it('[Y27] names other kinds of usage and of operations as they are', () => {
    const opened = openedLine(1, { operation: 'invoke', modelId: 'amazon.titan-embed-text-v2:0' })
    const embedded = callSpan(opened, settledLine(1, { usage: { input: 5 } }))
    expect(embedded.attributes['gen_ai.operation.name']).toBe('embeddings')
    const guard = openedLine(1, { operation: 'apply-guardrail', modelRequested: 'guardrail/g/1' })
    const guarded = callSpan(guard, settledLine(1, { usage: { text_units_topic: 3 } }))
    expect(guarded.name).toBe('apply-guardrail guardrail/g/1')
    expect(guarded.attributes['ledgerock.usage.text_units_topic']).toBe(3)
  })

  it('[Y27] lets no dimension stand for a fact of the call, and never carries usage as text', () => {
    fc.assert(
      fc.property(arbitraryOpened, arbitrarySettled, (opened, line) => {
        const dimensions = { ...opened.dimensions, call_id: 'forged', status: 'forged' }
        const raw = { ...line, rawUsage: '{"canary":"prompt text"}' }
        const { attributes } = callSpan({ ...opened, dimensions }, raw)
        expect(attributes['ledgerock.call_id']).toBe(opened.callId)
        expect(attributes['ledgerock.status']).toBe(line.status)
        expect(JSON.stringify(attributes)).not.toContain('canary')
      }),
    )
  })
})

describe('the parent of a span', () => {
  it('[Y27] is the caller’s span, sampled as it says', () => {
    const parent = { traceId: TRACE, spanId: SPAN, isRemote: true }
    expect(parentOf(`00-${TRACE}-${SPAN}-01`)).toEqual({ ...parent, traceFlags: 1 })
    expect(parentOf(`00-${TRACE}-${SPAN}-00`)).toEqual({ ...parent, traceFlags: 0 })
    expect(parentOf(`cc-${TRACE}-${SPAN}-03-more`)).toEqual({ ...parent, traceFlags: 1 })
  })

  it.each([
    null,
    '',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    ` 00-${TRACE}-${SPAN}-01`,
  ])('[Y27] is none where the header is %o', (header) => {
    expect(parentOf(header)).toBeNull()
  })
})
