import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk'
import Anthropic from '@anthropic-ai/sdk'
import {
  ApplyGuardrailCommand,
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  GetAsyncInvokeCommand,
  InvokeGuardrailChecksCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  ListAsyncInvokesCommand,
  StartAsyncInvokeCommand,
} from '@aws-sdk/client-bedrock-runtime'
import OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { canonicalQuery } from './canonical-query.ts'
import { modelPath } from './edit/model-edit.ts'
import { readRequestFacts } from './request/read-request-facts.ts'
import { recognise, type Operation, type Route } from './route.ts'

const ARN = 'arn:aws:bedrock:us-east-1:123456789012'
const PROFILE = `${ARN}:application-inference-profile/abc`
const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'

type Sent = { readonly method: string; readonly path: string; readonly body: string }

class Stop extends Error {}

/** The first request `send` makes, as it would go on the wire. */
async function sentBy(send: (took: (sent: Sent) => never) => Promise<unknown>): Promise<Sent> {
  const requests: Sent[] = []
  const took = (sent: Sent): never => {
    requests.push(sent)
    throw new Stop('enough')
  }
  await send(took).catch(() => undefined)
  const [first] = requests
  if (first === undefined) throw new Error('nothing was sent')
  return first
}

type AwsCall = (client: BedrockRuntimeClient) => Promise<unknown>
type AwsRequest = {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
}

const sentByAws = (call: AwsCall, base = ''): Promise<Sent> =>
  sentBy((took) => {
    const client = new BedrockRuntimeClient({
      region: 'us-east-1',
      endpoint: `http://gateway.test${base}`,
      credentials: { accessKeyId: 'a', secretAccessKey: 's' },
      maxAttempts: 1,
      requestHandler: {
        handle: async (request: AwsRequest) => {
          const query = new URLSearchParams(request.query).toString()
          const path = request.path + (query === '' ? '' : `?${query}`)
          const { method, body = '' } = request
          const text = typeof body === 'string' ? body : new TextDecoder().decode(body)
          return took({ method, path, body: text })
        },
      },
    })
    return call(client)
  })

const fetchTo =
  (took: (sent: Sent) => never): typeof fetch =>
  async (url, init) => {
    if (typeof url !== 'string') throw new Error('a URL in words was expected')
    const { pathname, search } = new URL(url)
    const body = typeof init?.body === 'string' ? init.body : ''
    return took({ method: init?.method ?? 'GET', path: pathname + search, body })
  }

const MESSAGES = [{ role: 'user' as const, content: 'Hi' }]
const openai = (call: (client: OpenAI) => Promise<unknown>, base: string): Promise<Sent> =>
  sentBy((took) => {
    const options = { apiKey: 'lrk_x', maxRetries: 0, fetch: fetchTo(took) }
    return call(new OpenAI({ ...options, baseURL: `http://gateway.test${base}` }))
  })
const anthropic = (call: (client: Anthropic) => Promise<unknown>, base: string): Promise<Sent> =>
  sentBy((took) => {
    const options = { apiKey: 'lrk_x', maxRetries: 0, fetch: fetchTo(took) }
    return call(new Anthropic({ ...options, baseURL: `http://gateway.test${base}` }))
  })

function routeOf({ method, path }: Sent): Route {
  const route = recognise(method, path)
  if (route === null) throw new Error(`no route for ${method} ${path}`)
  return route
}

const TEXT = [{ text: { text: 'Hi' } }]
const BYTES = Buffer.from('{}')
const AWS: readonly (readonly [Operation, AwsCall, string | null])[] = [
  [
    'converse',
    async (client) => client.send(new ConverseCommand({ modelId: PROFILE, messages: [] })),
    PROFILE,
  ],
  [
    'converse-stream',
    async (client) => client.send(new ConverseStreamCommand({ modelId: CLAUDE, messages: [] })),
    CLAUDE,
  ],
  [
    'invoke',
    async (client) => client.send(new InvokeModelCommand({ modelId: CLAUDE, body: BYTES })),
    CLAUDE,
  ],
  [
    'invoke-with-response-stream',
    async (client) =>
      client.send(new InvokeModelWithResponseStreamCommand({ modelId: PROFILE, body: BYTES })),
    PROFILE,
  ],
  [
    'count-tokens',
    async (client) =>
      client.send(
        new CountTokensCommand({ modelId: CLAUDE, input: { converse: { messages: [] } } }),
      ),
    CLAUDE,
  ],
  [
    'apply-guardrail',
    async (client) =>
      client.send(
        new ApplyGuardrailCommand({
          guardrailIdentifier: `${ARN}:guardrail/gr1`,
          guardrailVersion: '3',
          source: 'INPUT',
          content: TEXT,
        }),
      ),
    `guardrail/${ARN}:guardrail/gr1/3`,
  ],
  [
    'invoke-guardrail-checks',
    async (client) => client.send(new InvokeGuardrailChecksCommand({ messages: [], checks: {} })),
    'guardrail-checks',
  ],
  [
    'start-async-invoke',
    async (client) =>
      client.send(
        new StartAsyncInvokeCommand({
          modelId: 'amazon.nova-reel-v1:1',
          modelInput: { videoGenerationConfig: { durationSeconds: 6 } },
          outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://bucket' } },
        }),
      ),
    null,
  ],
  [
    'get-async-invoke',
    async (client) =>
      client.send(new GetAsyncInvokeCommand({ invocationArn: `${ARN}:async-invoke/abc` })),
    null,
  ],
  [
    'list-async-invokes',
    async (client) => client.send(new ListAsyncInvokesCommand({ statusEquals: 'Completed' })),
    null,
  ],
]

describe('the AWS SDK', () => {
  it.each(AWS)('[B30] sends %s on a route we know', async (operation, call, modelRequested) => {
    for (const [base, region] of [
      ['', null],
      ['/region/eu-west-1', 'eu-west-1'],
    ] as const) {
      const sent = await sentByAws(call, base)
      const route = routeOf(sent)
      expect(route).toMatchObject({ operation, modelRequested, region, family: 'bedrock' })
      expect(route.upstreamPath).toBe(sent.path.slice(base.length))
      // Another model is written into the path as this client writes it.
      if (modelRequested !== null) {
        expect(modelPath(route, modelRequested)).toBe(route.upstreamPath)
      }
      expect(readRequestFacts(route, {}, Buffer.from(sent.body)).ok).toBe(true)
    }
  })

  it('[B33] says in StartAsyncInvoke what it wants filmed', async () => {
    const [, call] = AWS.find(([operation]) => operation === 'start-async-invoke') ?? []
    if (call === undefined) throw new Error('no such call')
    const { body } = await sentByAws(call)
    const facts = readRequestFacts({ operation: 'start-async-invoke' }, {}, Buffer.from(body))
    expect(mustOk(facts)).toMatchObject({
      model: 'amazon.nova-reel-v1:1',
      media: { videoSeconds: 6 },
    })
  })

  it('[B4] sends the query of a list as we sign it', async () => {
    const command = new ListAsyncInvokesCommand({ statusEquals: 'Completed', maxResults: 5 })
    expect(canonicalQuery((await sentByAws(async (client) => client.send(command))).path)).toBe(
      'maxResults=5&statusEquals=Completed',
    )
  })
})

describe('the OpenAI client', () => {
  const CHAT = { model: 'openai.gpt-oss-20b', messages: MESSAGES }
  const CALLS: readonly (readonly [Operation, (client: OpenAI) => Promise<unknown>])[] = [
    ['chat-completions', async (client) => client.chat.completions.create(CHAT)],
    [
      'chat-completions',
      async (client) => client.chat.completions.create({ ...CHAT, stream: true }),
    ],
    ['responses', async (client) => client.responses.create({ model: 'm', input: 'Hi' })],
    ['get-response', async (client) => client.responses.retrieve('resp_1')],
    ['get-response', async (client) => client.responses.inputItems.list('resp_1')],
    ['delete-response', async (client) => client.responses.delete('resp_1')],
    ['cancel-response', async (client) => client.responses.cancel('resp_1')],
  ]
  const MANTLE: readonly (readonly [Operation, (client: OpenAI) => Promise<unknown>])[] = [
    ...CALLS,
    ['compact-response', async (client) => client.responses.compact({ model: 'gpt-5.4' })],
    ['embeddings', async (client) => client.embeddings.create({ model: 'm', input: 'Hi' })],
    ['list-models', async (client) => client.models.list()],
    ['get-model', async (client) => client.models.retrieve('openai.gpt-oss-20b-1:0')],
    ['files', async (client) => client.files.list()],
    ['files', async (client) => client.files.content('file-1')],
    ['files', async (client) => client.files.delete('file-1')],
    [
      'fine-tuning',
      async (client) => client.fineTuning.jobs.create({ model: 'm', training_file: 'f' }),
    ],
    ['fine-tuning-jobs', async (client) => client.fineTuning.jobs.retrieve('ftjob-1')],
    ['fine-tuning-jobs', async (client) => client.fineTuning.jobs.cancel('ftjob-1')],
    ['fine-tuning-jobs', async (client) => client.fineTuning.jobs.listEvents('ftjob-1')],
    ['fine-tuning-jobs', async (client) => client.fineTuning.jobs.checkpoints.list('ftjob-1')],
  ]

  it.each([
    ['runtime', '/openai/v1', CALLS],
    ['mantle', '/mantle/v1', MANTLE],
    ['mantle', '/region/eu-west-1/mantle/openai/v1', MANTLE],
  ] as const)('[B30] of %s speaks to %s on routes we know', async (endpoint, base, calls) => {
    for (const [operation, call] of calls) {
      const sent = await openai(call, base)
      const route = routeOf(sent)
      expect(route).toMatchObject({ operation, endpoint, family: 'openai' })
      const facts = mustOk(readRequestFacts(route, {}, Buffer.from(sent.body)))
      expect(facts.stream).toBe(sent.body.includes('"stream":true'))
    }
  })
})

describe('the Anthropic clients', () => {
  const ASK = { model: 'anthropic.claude-sonnet-5', max_tokens: 9, messages: MESSAGES }

  it('[B30] speak to both endpoints on routes we know', async () => {
    for (const [base, endpoint] of [
      ['/anthropic', 'runtime'],
      ['/mantle/anthropic', 'mantle'],
    ] as const) {
      const sent = await anthropic(async (client) => client.beta.messages.create(ASK), base)
      const route = routeOf(sent)
      expect(route).toMatchObject({ operation: 'messages', family: 'anthropic', endpoint })
      expect(mustOk(readRequestFacts(route, {}, Buffer.from(sent.body)))).toMatchObject({
        model: ASK.model,
        maxTokens: 9,
        stream: false,
      })
    }
    const counted = await anthropic(
      async (client) => client.messages.countTokens({ model: 'm', messages: MESSAGES }),
      '/mantle/anthropic',
    )
    expect(routeOf(counted).operation).toBe('count-message-tokens')
  })

  it('[B1] of Bedrock names a model with its colons as they are', async () => {
    const sent = await sentBy((took) => {
      const client = new AnthropicBedrock({
        awsRegion: 'us-east-1',
        awsAccessKey: 'a',
        awsSecretKey: 's',
        baseURL: 'http://gateway.test',
        maxRetries: 0,
        fetch: fetchTo(took),
      })
      return client.messages.create({ ...ASK, model: PROFILE, stream: true })
    })
    expect(routeOf(sent)).toMatchObject({
      operation: 'invoke-with-response-stream',
      modelRequested: PROFILE,
    })
  })
})
