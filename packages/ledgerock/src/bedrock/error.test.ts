import { REFUSAL_CODES, type RefusalCode } from '@ledgerock/contract'
import { describe, expect, it } from 'vitest'
import { bedrockError, errorTypeOf, refusalResponse, statusOf } from './error.ts'

/** The contract's table, typed again: status, error type, whether it says when to come back. */
const TABLE: Record<RefusalCode, readonly [number, string, boolean]> = {
  credential: [403, 'UnrecognizedClientException', false],
  dimension: [400, 'ValidationException', false],
  body_too_large: [413, 'ValidationException', false],
  paused: [403, 'AccessDeniedException', false],
  model_access: [403, 'AccessDeniedException', false],
  guardrail_required: [403, 'AccessDeniedException', false],
  rate_limit: [429, 'ThrottlingException', true],
  concurrency: [429, 'ThrottlingException', true],
  budget: [400, 'ServiceQuotaExceededException', false],
  journal_unavailable: [503, 'ServiceUnavailableException', true],
  draining: [503, 'ServiceUnavailableException', true],
  overload: [503, 'ServiceUnavailableException', true],
  identity_unavailable: [503, 'ServiceUnavailableException', true],
  budget_unavailable: [503, 'ServiceUnavailableException', true],
  upstream_unreachable: [502, 'ServiceUnavailableException', false],
}

describe('refusalResponse', () => {
  it.each(REFUSAL_CODES)('[B20] %s has the shape of the route', (code) => {
    const [status, type, retries] = TABLE[code]
    const answer = refusalResponse('bedrock', code, 'No "more" of it.', {
      callId: 'c',
      retryAfterS: 1.2,
    })
    expect(answer.status).toBe(status)
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(answer.body.length),
      'x-amzn-errortype': type,
      'x-ledgerock-refusal': code,
      'x-ledgerock-call-id': 'c',
      'x-amzn-requestid': 'c',
    })
    expect(answer.headers['retry-after']).toBe(retries ? '2' : undefined)
    expect(JSON.parse(answer.body.toString())).toEqual({ message: 'No "more" of it.' })
  })

  it('[B20] an error of another kind has no refusal', () => {
    const answer = bedrockError(400, 'ValidationException', 'é')
    expect(answer.headers['x-ledgerock-refusal']).toBe(undefined)
    expect(answer.headers['content-length']).toBe('16')
  })
})

describe('statusOf', () => {
  it.each([
    [200, null, 'ok'],
    [200, 'throttlingException', 'throttled'],
    [200, 'validationException', 'client_error'],
    [200, 'modelStreamErrorException', 'upstream_error'],
    [200, 'unknown', 'upstream_error'],
    [400, 'ValidationException', 'client_error'],
    [400, 'ServiceQuotaExceededException', 'client_error'],
    [403, 'AccessDeniedException', 'client_error'],
    [404, null, 'client_error'],
    [408, 'ModelTimeoutException', 'upstream_error'],
    [424, 'ModelErrorException', 'upstream_error'],
    [429, 'ThrottlingException', 'throttled'],
    [429, null, 'throttled'],
    [429, 'ModelNotReadyException', 'upstream_error'],
    [500, 'InternalServerException', 'upstream_error'],
    [503, null, 'upstream_error'],
    [302, null, 'upstream_error'],
  ] as const)('[B21] %d %s is %s', (status, type, expected) => {
    expect(statusOf(status, type)).toBe(expected)
  })

  it.each([
    ['ThrottlingException:http://internal.amazon.com/coral/', 'ThrottlingException'],
    ['com.amazon#ValidationException', 'ValidationException'],
    ['ValidationException', 'ValidationException'],
    ['', null],
    ['a prompt that leaked', null],
    [undefined, null],
  ])('[B21] %j names %s', (header, type) => {
    expect(errorTypeOf(header)).toBe(type)
  })
})
