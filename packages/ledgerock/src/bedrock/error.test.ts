import { REFUSAL_CODES, type RefusalCode } from '@ledgerock/contract'
import { describe, expect, it } from 'vitest'
import { API_FAMILIES } from './route.ts'
import {
  bedrockError,
  errorTypeOf,
  notImplemented,
  problemResponse,
  refusalResponse,
  statusOf,
  unknownRoute,
} from './error.ts'

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
    const never = !retries && code !== 'upstream_unreachable'
    expect(answer.headers['x-should-retry']).toBe(never ? 'false' : undefined)
    expect(JSON.parse(answer.body.toString())).toEqual({ message: 'No "more" of it.' })
  })

  it('[B20] an error of another kind has no refusal', () => {
    const answer = bedrockError(400, 'ValidationException', 'é')
    expect(answer.headers['x-ledgerock-refusal']).toBe(undefined)
    expect(answer.headers['content-length']).toBe('16')
  })
})

/** The contract's other column, typed again. */
const STATUS: Record<RefusalCode, number> = {
  credential: 401,
  dimension: 400,
  body_too_large: 413,
  paused: 403,
  model_access: 403,
  guardrail_required: 403,
  rate_limit: 429,
  concurrency: 429,
  budget: 402,
  journal_unavailable: 503,
  draining: 503,
  overload: 503,
  identity_unavailable: 503,
  budget_unavailable: 503,
  upstream_unreachable: 502,
}

describe('the other families', () => {
  it.each(REFUSAL_CODES)('[B20] %s looks like an error of OpenAI or Anthropic', (code) => {
    const openai = refusalResponse('openai', code, 'No.', { callId: 'c' })
    const anthropic = refusalResponse('anthropic', code, 'No.', { callId: 'c' })
    for (const answer of [openai, anthropic]) {
      expect(answer.status).toBe(STATUS[code])
      expect(answer.headers).toMatchObject({
        'content-length': String(answer.body.length),
        'x-ledgerock-refusal': code,
        'x-ledgerock-call-id': 'c',
      })
      expect(answer.headers['x-amzn-errortype']).toBe(undefined)
      expect(answer.headers['retry-after']).toBe(TABLE[code][2] ? '1' : undefined)
      const never = !TABLE[code][2] && code !== 'upstream_unreachable'
      expect(answer.headers['x-should-retry']).toBe(never ? 'false' : undefined)
    }
    expect(JSON.parse(openai.body.toString())).toEqual({
      error: {
        message: 'No.',
        type: expect.stringMatching(/^[a-z_]+$/) as string,
        param: null,
        code: expect.stringMatching(/^[a-z_]+$/) as string,
      },
    })
    expect(JSON.parse(anthropic.body.toString())).toEqual({
      type: 'error',
      request_id: 'c',
      error: { type: expect.stringMatching(/^[a-z_]+$/) as string, message: 'No.' },
    })
  })

  it.each(API_FAMILIES)('[B20] a body that cannot be read is a 400 of %s', (family) => {
    const answer = problemResponse(family, 400, 'The body is not well-formed JSON.')
    expect(answer.status).toBe(400)
    expect(answer.body.toString()).toContain('The body is not well-formed JSON.')
    expect(answer.headers['x-ledgerock-refusal']).toBe(undefined)
    expect(answer.headers['x-should-retry']).toBe('false')
    expect(problemResponse(family, 502, 'Broken.').headers['x-should-retry']).toBe(undefined)
  })

  it('[B20] every status has the type Bedrock gives it', () => {
    const typeOf = (status: number): string | undefined =>
      problemResponse('bedrock', status, '').headers['x-amzn-errortype']
    expect([400, 404, 408, 413, 500, 502, 503].map(typeOf)).toEqual([
      'ValidationException',
      'ResourceNotFoundException',
      'ModelTimeoutException',
      'ValidationException',
      'InternalServerException',
      'ServiceUnavailableException',
      'ServiceUnavailableException',
    ])
  })

  it('[B20] what no route leads to is Bedrock’s own 404, what is not built is a 501', () => {
    expect(unknownRoute().status).toBe(404)
    expect(unknownRoute().headers['x-amzn-errortype']).toBe('UnknownOperationException')
    for (const family of API_FAMILIES) {
      const answer = notImplemented(family)
      expect(answer.status).toBe(501)
      expect(answer.headers['x-should-retry']).toBe('false')
      expect(answer.body.toString()).toContain('Bidirectional streams')
    }
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
    [200, 'rate_limit_exceeded', 'throttled'],
    [200, 'overloaded_error', 'upstream_error'],
    [200, 'invalid_request_error', 'client_error'],
    [401, 'authentication_error', 'client_error'],
    [402, 'billing_error', 'client_error'],
    [408, 'timeout_error', 'upstream_error'],
    [429, 'rate_limit_error', 'throttled'],
    [500, 'server_error', 'upstream_error'],
    [529, 'overloaded_error', 'upstream_error'],
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

  it.each([
    ['openai', 200, null],
    ['openai', 400, 'invalid_request_error'],
    ['openai', 429, 'rate_limit_error'],
    ['openai', 503, 'server_error'],
    ['anthropic', 413, 'request_too_large'],
    ['anthropic', 529, 'overloaded_error'],
    ['bedrock', 500, null],
  ] as const)('[B21] an error of %s with status %d and no header is %s', (family, status, type) => {
    expect(errorTypeOf(undefined, family, status)).toBe(type)
    expect(errorTypeOf('AccessDeniedException', family, status)).toBe('AccessDeniedException')
  })
})
