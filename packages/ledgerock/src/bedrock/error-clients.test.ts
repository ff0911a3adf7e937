import Anthropic from '@anthropic-ai/sdk'
import type { RefusalCode } from '@ledgerock/contract'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { notImplemented, problemResponse, refusalResponse, type ErrorResponse } from './error.ts'

/** Answers every request alike, and counts them. */
function answering({ status, headers, body }: ErrorResponse) {
  const calls = { count: 0 }
  const fetch = async (): Promise<Response> => {
    calls.count += 1
    return new Response(Uint8Array.from(body), { status, headers })
  }
  return { fetch, calls }
}

const SECRET = { apiKey: 'lrk_x', baseURL: 'http://gateway.test' }
const MESSAGES = [{ role: 'user' as const, content: 'Hi' }]

async function askOpenAi(answer: ErrorResponse): Promise<{ error: unknown; count: number }> {
  const { fetch, calls } = answering(answer)
  const client = new OpenAI({ ...SECRET, fetch, maxRetries: 2 })
  const error: unknown = await client.chat.completions
    .create({ model: 'm', messages: MESSAGES })
    .catch((thrown: unknown) => thrown)
  return { error, count: calls.count }
}

async function askAnthropic(answer: ErrorResponse): Promise<{ error: unknown; count: number }> {
  const { fetch, calls } = answering(answer)
  const client = new Anthropic({ ...SECRET, fetch, maxRetries: 2 })
  const error: unknown = await client.messages
    .create({ model: 'm', max_tokens: 1, messages: MESSAGES })
    .catch((thrown: unknown) => thrown)
  return { error, count: calls.count }
}

const OPENAI: readonly (readonly [RefusalCode, unknown, string])[] = [
  ['credential', OpenAI.AuthenticationError, 'invalid_api_key'],
  ['dimension', OpenAI.BadRequestError, 'dimension'],
  ['paused', OpenAI.PermissionDeniedError, 'paused'],
  ['model_access', OpenAI.PermissionDeniedError, 'model_access'],
  ['budget', OpenAI.APIError, 'insufficient_quota'],
]
const ANTHROPIC: readonly (readonly [RefusalCode, unknown, string])[] = [
  ['credential', Anthropic.AuthenticationError, 'authentication_error'],
  ['dimension', Anthropic.BadRequestError, 'invalid_request_error'],
  ['paused', Anthropic.PermissionDeniedError, 'permission_error'],
  ['model_access', Anthropic.PermissionDeniedError, 'permission_error'],
  ['budget', Anthropic.APIError, 'billing_error'],
]

describe('the OpenAI client', () => {
  it.each(OPENAI)('[B38] throws its own error for %s, once', async (code, type, named) => {
    const { error, count } = await askOpenAi(
      refusalResponse('openai', code, 'Ask for it.', { callId: 'call-1' }),
    )
    expect(error).toBeInstanceOf(type)
    expect(error).toMatchObject({ code: named, requestID: 'call-1' })
    expect(String(error)).toContain('Ask for it.')
    expect(count).toBe(1)
  })

  it('[B38] does not repeat what is malformed, took too long or is not built', async () => {
    for (const answer of [
      problemResponse('openai', 400, 'Not JSON.'),
      problemResponse('openai', 408, 'Too long.'),
      notImplemented('openai'),
    ]) {
      const { error, count } = await askOpenAi(answer)
      expect(error).toMatchObject({ status: answer.status })
      expect(count).toBe(1)
    }
  })
})

describe('the Anthropic client', () => {
  it.each(ANTHROPIC)('[B38] throws its own error for %s, once', async (code, type, named) => {
    const { error, count } = await askAnthropic(
      refusalResponse('anthropic', code, 'Ask for it.', { callId: 'call-1' }),
    )
    expect(error).toBeInstanceOf(type)
    expect(error).toMatchObject({
      requestID: 'call-1',
      error: { error: { type: named, message: 'Ask for it.' } },
    })
    expect(count).toBe(1)
  })

  it('[B38] does not repeat what is malformed, took too long or is not built', async () => {
    for (const answer of [
      problemResponse('anthropic', 400, 'Not JSON.'),
      problemResponse('anthropic', 408, 'Too long.'),
      notImplemented('anthropic'),
    ]) {
      const { error, count } = await askAnthropic(answer)
      expect(error).toMatchObject({ status: answer.status })
      expect(count).toBe(1)
    }
  })
})
