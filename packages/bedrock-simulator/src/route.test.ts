// Every route there is, and what is none.

import { describe, expect, it } from 'vitest'

import { matchRoute, OPERATIONS } from './route.ts'

const JOB = 'arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aasync-invoke%2Fabc'

const ROUTES = `
  POST /model/m/converse = Converse bedrock runtime m
  POST /model/m/converse-stream = ConverseStream bedrock runtime m
  POST /model/m/invoke = InvokeModel bedrock runtime m
  POST /model/m/invoke-with-response-stream = InvokeModelWithResponseStream bedrock runtime m
  POST /model/m/invoke-with-bidirectional-stream = InvokeModelWithBidirectionalStream bedrock runtime m
  POST /model/m/count-tokens = CountTokens bedrock runtime m
  POST /guardrail/g1/version/2/apply = ApplyGuardrail bedrock runtime g1/version/2
  POST /guardrail-checks/invoke = InvokeGuardrailChecks bedrock runtime
  POST /async-invoke = StartAsyncInvoke bedrock runtime
  GET /async-invoke = ListAsyncInvokes bedrock runtime
  GET /async-invoke/${JOB} = GetAsyncInvoke bedrock runtime ${JOB}
  POST /openai/v1/chat/completions = ChatCompletions openai runtime
  POST /openai/v1/responses = Responses openai runtime
  GET /openai/v1/responses/resp_1 = GetResponse openai runtime resp_1
  DELETE /openai/v1/responses/resp_1 = DeleteResponse openai runtime resp_1
  POST /openai/v1/responses/resp_1/cancel = CancelResponse openai runtime resp_1
  POST /anthropic/v1/messages = Messages anthropic runtime
  POST /mantle/v1/chat/completions = ChatCompletions openai mantle
  POST /mantle/openai/v1/responses = Responses openai mantle
  POST /mantle/v1/responses/compact = CompactResponse openai mantle
  GET /mantle/v1/responses/resp_1 = GetResponse openai mantle resp_1
  POST /mantle/v1/embeddings = Embeddings openai mantle
  GET /mantle/v1/models = ListModels openai mantle
  GET /mantle/v1/models/openai.gpt-oss-20b = GetModel openai mantle openai.gpt-oss-20b
  GET /mantle/v1/files = Files openai mantle
  POST /mantle/v1/fine_tuning/jobs = FineTuning openai mantle
  POST /mantle/anthropic/v1/messages = Messages anthropic mantle
  POST /mantle/anthropic/v1/messages/count_tokens = CountMessageTokens anthropic mantle
`

const rows = ROUTES.trim()
  .split('\n')
  .map((line) => line.trim().split(' = '))
  .map(([request = '', expected = '']) => [request, expected] as const)

describe('routes', () => {
  it.each(rows)('[S18] %s', (request, expected) => {
    const [method = '', path = ''] = request.split(' ')
    const route = matchRoute(method, path)
    const { operation, family, endpoint, modelPath } = route ?? {}
    expect([operation, family, endpoint, modelPath].join(' ').trim()).toBe(expected)
  })

  it('[S18] names every operation', () => {
    const named = new Set(rows.map(([, expected]) => expected.split(' ')[0]))
    expect(OPERATIONS.filter((operation) => !named.has(operation))).toEqual([])
  })

  it.each([
    'GET /model/m/converse',
    'POST /openai/v1/models',
    'GET /openai/v1/models',
    'POST /openai/v1/responses/compact',
    'POST /openai/v1/embeddings',
    'POST /anthropic/v1/messages/count_tokens',
    'GET /anthropic/v1/messages',
    'POST /v1/chat/completions',
    'PUT /async-invoke',
    'GET /mantle/v1/chat/completions',
    'POST /mantle/v2/models',
  ])('[S18] there is no %s', (request) => {
    const [method = '', path = ''] = request.split(' ')
    expect(matchRoute(method, path)).toBeNull()
  })
})
