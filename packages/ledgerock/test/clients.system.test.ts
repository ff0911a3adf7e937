// Unmodified clients, pointed at Ledgerock by nothing but an endpoint and a key: what they get equals what they get from Bedrock
// (the simulator) directly, and the ledger knows every call.

import { AnthropicBedrock } from '@anthropic-ai/bedrock-sdk'
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock'
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { generateText, streamText } from 'ai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasAwsCli, hasBoto3, runProgram } from './support/python.ts'
import {
  eventually,
  startSystem,
  UPSTREAM_CREDENTIALS,
  type RunningSystem,
} from './support/running-system.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
const NOVA = 'amazon.nova-lite-v1:0'

let system: RunningSystem
let key: string

beforeAll(async () => {
  system = await startSystem({ simulator: { bearerKeys: ['direct-bearer-key'] } })
  key = await system.createKey('clients', { team: 'search', application: 'clients' })
})
afterAll(() => system.dispose())

type Access = { readonly endpoint: string; readonly token: string }
const through = (): Access => ({ endpoint: system.gatewayUrl, token: key })
const direct = (): Access => ({ endpoint: system.simulator.url, token: 'direct-bearer-key' })

/** Runs the same program against both and expects the same results, none of them empty. */
async function sameBothWays(program: (access: Access) => Promise<unknown>): Promise<void> {
  const expected = await program(direct())
  expect(expected).toBeTruthy()
  expect(await program(through())).toEqual(expected)
}

function sdk(access: Access, handler?: NodeHttpHandler): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint: access.endpoint,
    token: { token: access.token },
    authSchemePreference: ['httpBearerAuth'],
    ...(handler === undefined ? {} : { requestHandler: handler }),
  })
}

const messages = [{ role: 'user' as const, content: [{ text: 'Name three rivers of Europe.' }] }]
const claudeBody = {
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 200,
  messages: [{ role: 'user', content: 'Name three rivers of Europe.' }],
}

async function converse(client: BedrockRuntimeClient): Promise<unknown> {
  const answer = await client.send(
    new ConverseCommand({ modelId: CLAUDE, messages, inferenceConfig: { maxTokens: 200 } }),
  )
  return { output: answer.output, usage: answer.usage, stopReason: answer.stopReason }
}

async function converseStream(client: BedrockRuntimeClient): Promise<unknown> {
  const answer = await client.send(new ConverseStreamCommand({ modelId: NOVA, messages }))
  let text = ''
  let usage: unknown
  for await (const event of answer.stream ?? []) {
    text += event.contentBlockDelta?.delta?.text ?? ''
    usage = event.metadata?.usage ?? usage
  }
  return { text, usage }
}

async function invoke(client: BedrockRuntimeClient): Promise<unknown> {
  const body = JSON.stringify(claudeBody)
  const answer = await client.send(
    new InvokeModelCommand({ modelId: CLAUDE, body, contentType: 'application/json' }),
  )
  const { id: _id, ...rest } = JSON.parse(new TextDecoder().decode(answer.body)) as { id: string }
  return rest
}

async function invokeStream(client: BedrockRuntimeClient): Promise<unknown> {
  const body = JSON.stringify(claudeBody)
  const answer = await client.send(
    new InvokeModelWithResponseStreamCommand({ modelId: CLAUDE, body }),
  )
  const events: unknown[] = []
  for await (const event of answer.body ?? []) {
    const text = new TextDecoder().decode(event.chunk?.bytes)
    const native = JSON.parse(text) as Record<string, unknown>
    // Ids and measured times differ from call to call.
    const { message, ['amazon-bedrock-invocationMetrics']: _metrics, ...rest } = native
    events.push(
      message === undefined ? rest : { ...rest, message: { ...(message as object), id: '' } },
    )
  }
  return events
}

describe('AWS SDK for JavaScript', () => {
  const programs = { converse, converseStream, invoke, invokeStream }

  it.each(Object.entries(programs))(
    '%s with its default handler (HTTP/2)',
    async (_name, program) => {
      await sameBothWays(async (access) => {
        const client = sdk(access)
        try {
          return await program(client)
        } finally {
          client.destroy()
        }
      })
    },
  )

  it.each(Object.entries(programs))('%s over HTTP/1.1', async (_name, program) => {
    await sameBothWays((access) => program(sdk(access, new NodeHttpHandler())))
  })

  it('throws the typed error Bedrock sent', async () => {
    const unknown = new ConverseCommand({ modelId: 'nobody.no-such-model-v1:0', messages })
    const errors = await Promise.all(
      [direct(), through()].map((access) =>
        sdk(access)
          .send(unknown)
          .catch((error: unknown) => (error as Error).name),
      ),
    )
    expect(errors[1]).toBe(errors[0])
    expect(errors[0]).toMatch(/Exception$/)
  })
})

describe('Anthropic Bedrock SDK', () => {
  const client = (access: Access): AnthropicBedrock =>
    new AnthropicBedrock({ baseURL: access.endpoint, awsRegion: 'us-east-1', apiKey: access.token })
  const request = {
    model: CLAUDE,
    max_tokens: 100,
    messages: [{ role: 'user' as const, content: 'Name three rivers of Europe.' }],
  }

  it('messages.create', async () => {
    await sameBothWays(async (access) => {
      const { id: _id, ...rest } = await client(access).messages.create(request)
      return rest
    })
  })

  it('messages.stream', async () => {
    await sameBothWays(async (access) => {
      const message = await client(access).messages.stream(request).finalMessage()
      return { content: message.content, usage: message.usage }
    })
  })
})

describe('Vercel AI SDK', () => {
  const model = (access: Access) =>
    createAmazonBedrock({ region: 'us-east-1', baseURL: access.endpoint, apiKey: access.token })(
      NOVA,
    )

  it('generateText', async () => {
    await sameBothWays(async (access) => {
      const { text, usage } = await generateText({ model: model(access), prompt: 'Name a river.' })
      return { text, input: usage.inputTokens, output: usage.outputTokens }
    })
  })

  it('streamText', async () => {
    await sameBothWays(async (access) => {
      const result = streamText({ model: model(access), prompt: 'Name a river.' })
      const text = await result.text
      const usage = await result.usage
      return { text, input: usage.inputTokens, output: usage.outputTokens }
    })
  })
})

const BOTO3_PROGRAM = `
import boto3, json, sys
client = boto3.client('bedrock-runtime', region_name='us-east-1', endpoint_url=sys.argv[1])
messages = [{'role': 'user', 'content': [{'text': 'Name three rivers of Europe.'}]}]
one = client.converse(modelId='${CLAUDE}', messages=messages)
text, usage = '', None
for event in client.converse_stream(modelId='${NOVA}', messages=messages)['stream']:
    text += event.get('contentBlockDelta', {}).get('delta', {}).get('text', '')
    usage = event.get('metadata', {}).get('usage', usage)
body = json.dumps(${JSON.stringify(claudeBody)})
native = json.loads(client.invoke_model(modelId='${CLAUDE}', body=body)['body'].read())
chunks = [json.loads(e['chunk']['bytes'])['type'] for e in
          client.invoke_model_with_response_stream(modelId='${CLAUDE}', body=body)['body']]
print(json.dumps([one['output'], one['usage'], text, usage, native['content'], native['usage'], chunks]))
`

describe('Python', () => {
  it.skipIf(!hasBoto3())('boto3, unary and streaming', async () => {
    await sameBothWays(async (access) => {
      const result = await runProgram('python3', ['-c', BOTO3_PROGRAM, access.endpoint], {
        AWS_BEARER_TOKEN_BEDROCK: access.token,
        AWS_EC2_METADATA_DISABLED: 'true',
      })
      expect(result.stderr).toBe('')
      return JSON.parse(result.stdout) as unknown
    })
  })

  it.skipIf(!hasAwsCli())('the AWS CLI', async () => {
    await sameBothWays(async (access) => {
      const text = JSON.stringify(messages)
      const result = await runProgram(
        'aws',
        ['bedrock-runtime', 'converse', '--model-id', CLAUDE, '--messages', text],
        {
          AWS_ENDPOINT_URL_BEDROCK_RUNTIME: access.endpoint,
          AWS_BEARER_TOKEN_BEDROCK: access.token,
          AWS_DEFAULT_REGION: 'us-east-1',
          AWS_EC2_METADATA_DISABLED: 'true',
        },
      )
      expect(result.stderr).toBe('')
      const { output, usage } = JSON.parse(result.stdout) as { output: unknown; usage: unknown }
      return { output, usage }
    })
  })
})

describe('the ledger', () => {
  it('knows every call that went through, with its dimensions, and nothing of the direct ones', async () => {
    const served = system.simulator.calls()
    // What the gateway sent carries its credentials, what clients sent directly their bearer key.
    const ours = served.filter((call) => call.access_key_id === UPSTREAM_CREDENTIALS.accessKeyId)
    expect(ours.length).toBeGreaterThan(15)
    const total = await eventually(async () => {
      const response = await system.api('/api/v1/spend?by=team,application&from=-1d')
      const answer = (await response.json()) as { rows: Record<string, unknown>[] }
      return Number(answer.rows[0]?.['calls']) === ours.length ? answer.rows : null
    }, 'all calls in the report')
    expect(total).toHaveLength(1)
    expect(total[0]).toMatchObject({ team: 'search', application: 'clients' })
  })
})
