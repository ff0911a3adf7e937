// Whatever is sent to whatever route: an answer in JSON, never a failure of the simulator itself, and it goes on serving.

import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { startSimulator, type Simulator } from './simulator.ts'

const MODEL = encodeURIComponent('anthropic.claude-sonnet-4-6')

const ROUTES = [
  `/model/${MODEL}/count-tokens`,
  '/guardrail/abc/version/1/apply',
  '/guardrail-checks/invoke',
  '/async-invoke',
  '/openai/v1/chat/completions',
  '/openai/v1/responses',
  '/openai/v1/responses/resp_none/cancel',
  '/anthropic/v1/messages',
  '/mantle/v1/responses/compact',
  '/mantle/v1/embeddings',
  '/mantle/anthropic/v1/messages/count_tokens',
]

/** Members that readers look at, so that random bodies get far. */
const MEMBERS = [
  'model',
  'modelId',
  'modelInput',
  'messages',
  'input',
  'content',
  'checks',
  'source',
  'tools',
  'tool_choice',
  'stream',
  'max_tokens',
  'outputDataConfig',
  'converse',
  'invokeModel',
  'system',
  'instructions',
  'metadata',
  'service_tier',
  'dimensions',
  'previous_response_id',
]
const VALUES = [
  'openai.gpt-oss-20b-1:0',
  'openai.gpt-5.6-terra',
  'anthropic.claude-sonnet-4-6',
  'amazon.nova-reel-v1:1',
  'amazon.titan-embed-text-v2:0',
  'INPUT',
  'user',
  'auto',
]

const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(...VALUES, null, true, 0, 1, -1, 1.5, '', 'text'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...MEMBERS, 'role', 'text', 'type', '__proto__'), tie('value'), {
      maxKeys: 5,
    }),
  ),
}))

let simulator: Simulator
beforeAll(async () => {
  simulator = await startSimulator({ recordLimit: 1_000 })
})
afterAll(() => simulator.close())

describe('any body', () => {
  it('[S19] is answered or refused, and never breaks anything', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ROUTES),
        fc.constantFrom(...VALUES.slice(0, 5)),
        fc.dictionary(fc.constantFrom(...MEMBERS), anyValue, { maxKeys: 8 }),
        async (path, model, members) => {
          const response = await fetch(`${simulator.url}${path}`, {
            method: 'POST',
            body: JSON.stringify({ model, modelId: model, ...members }),
            headers: { authorization: 'Bearer any', 'anthropic-version': '2023-06-01' },
          })
          const text = await response.text()
          expect(response.status).toBeLessThan(500)
          if (response.headers.get('content-type') === 'application/json') JSON.parse(text)
          const call = simulator.calls().at(-1)
          expect(call?.status).toBe(response.status)
          expect(call?.usage === null).toBe(response.status !== 200)
        },
      ),
      { numRuns: 400 },
    )
  })

  it.each(['', '{', '[]', '"text"', 'null', '\u0000'])('[S19] %j is refused', async (body) => {
    for (const path of ROUTES.slice(4)) {
      const response = await fetch(`${simulator.url}${path}`, {
        method: 'POST',
        body,
        headers: { authorization: 'Bearer any' },
      })
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
    }
  })
})
