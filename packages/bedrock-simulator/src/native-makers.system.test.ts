// Every maker's models through AWS's own clients: native bodies whole and streamed, Converse where it is taken, and models that
// make something else than text. Each call's record must say what the client saw. JavaScript in this process, boto3 in another.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import {
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
  type BedrockRuntimeClient,
} from '@aws-sdk/client-bedrock-runtime'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { startSimulator, type SimulatedCall, type Simulator } from './index.ts'
import { modelOf } from './testing/native-answer.ts'
import { at, NATIVE_CASES } from './testing/native-cases.ts'
import { BEARER_KEY, bedrockClient, CREDENTIAL, userText } from './testing/aws-clients.ts'
import { TEXT_MODELS } from './text-models.ts'

const run = promisify(execFile)
const METRICS = 'amazon-bedrock-invocationMetrics'
const REGION = 'us-east-1'

let simulator: Simulator
let client: BedrockRuntimeClient
beforeAll(async () => {
  simulator = await startSimulator({ seed: 5, credentials: [CREDENTIAL], bearerKeys: [BEARER_KEY] })
  client = bedrockClient(simulator)
})
afterAll(async () => {
  client.destroy()
  await simulator.close()
})
beforeEach(() => simulator.reset())

function parse(bytes: Uint8Array | undefined): unknown {
  return JSON.parse(Buffer.from(bytes ?? []).toString('utf8'))
}

async function invoke(modelId: string, body: object): Promise<unknown> {
  const command = new InvokeModelCommand({ modelId, body: JSON.stringify(body) })
  return parse((await client.send(command)).body)
}

async function stream(modelId: string, body: object): Promise<readonly unknown[]> {
  const command = new InvokeModelWithResponseStreamCommand({ modelId, body: JSON.stringify(body) })
  const events: unknown[] = []
  for await (const event of (await client.send(command)).body ?? []) {
    events.push(parse(event.chunk?.bytes))
  }
  return events
}

/** A model priced in this region has a price on record; the record never invents one. */
function priced(call: SimulatedCall | undefined): void {
  expect(call?.cost_usd).toMatch(/^0\.\d+$/)
}

describe('text, natively', () => {
  it.each(NATIVE_CASES)('[S5][S10][S25] $model, whole and streamed', async (native) => {
    const said = await invoke(native.model, native.body)
    const events = await stream(native.model, native.body)
    expect(events.map(native.textOf).join('')).toBe(native.textOf(said))
    const [whole, streamed] = simulator.calls()
    expect(whole).toMatchObject({
      status: 200,
      completed: true,
      model_id: modelOf(native.model).id,
      usage: { input: expect.any(Number), output: native.textOf(said).split(' ').length },
    })
    expect(streamed?.usage).toEqual(whole?.usage)
    expect(streamed?.cost_usd).toBe(whole?.cost_usd)
    expect(at(events.at(-1), METRICS)).toMatchObject({
      inputTokenCount: whole?.usage?.input,
      outputTokenCount: whole?.usage?.output,
    })
    priced(whole)
  })
})

const CONVERSING = TEXT_MODELS.filter(({ converse }) => converse !== null).map(({ id }) => id)

describe('text, by Converse', () => {
  it.each(CONVERSING)('[S5][S10] %s', async (modelId) => {
    const asked = { modelId, messages: [userText('Which river runs here?')] }
    const said = await client.send(new ConverseCommand(asked))
    const text = said.output?.message?.content?.[0]?.text
    let streamed = ''
    let usage: object | undefined
    const answer = await client.send(new ConverseStreamCommand(asked))
    for await (const event of answer.stream ?? []) {
      streamed += event.contentBlockDelta?.delta?.text ?? ''
      usage = event.metadata?.usage ?? usage
    }
    expect(streamed).toBe(text)
    expect(usage).toEqual(said.usage)
    const [whole] = simulator.calls()
    expect(whole?.usage).toMatchObject({
      input: said.usage?.inputTokens,
      output: said.usage?.outputTokens,
    })
  })

  it('[S9] refuses what a model cannot take, in Bedrock’s words', async () => {
    const messages = [userText('Hello')]
    const system = [{ text: 'Be brief.' }]
    const tool = { name: 'a', inputSchema: { json: { type: 'object' } } }
    const toolConfig = { tools: [{ toolSpec: tool }] }
    const titan = { modelId: 'amazon.titan-text-express-v1', messages }
    const r1 = { modelId: 'us.deepseek.r1-v1:0', messages }
    const send = (input: ConverseCommand['input']): Promise<unknown> =>
      client.send(new ConverseCommand(input))
    await expect(send({ ...titan, system })).rejects.toThrow(/support system messages/)
    await expect(send({ ...r1, system })).resolves.toBeDefined()
    await expect(send({ ...r1, toolConfig })).rejects.toThrow(/support tool use/)
    for (const modelId of ['amazon.nova-canvas-v1:0', 'us.twelvelabs.pegasus-1-2-v1:0']) {
      await expect(send({ modelId, messages })).rejects.toThrow(/doesn't support the model/)
    }
    expect(simulator.calls().filter((call) => call.cost_usd !== null)).toHaveLength(1)
  })
})

const PICTURE = 'iVBORw0KGgo='
const FILM_TASK = { taskType: 'TEXT_VIDEO', textToVideoParams: { text: 'a river' } }

const MEDIA: readonly (readonly [model: string, body: object, usage: object, cost: string])[] = [
  ['amazon.titan-embed-text-v2:0', { inputText: 'four' }, { input: 1, other: {} }, '0.00000002'],
  [
    'amazon.titan-embed-image-v1',
    { inputText: 'four', inputImage: PICTURE },
    { input: 1, other: { image_input: 1 } },
    '0.0000608',
  ],
  [
    'amazon.nova-2-multimodal-embeddings-v1:0',
    {
      schemaVersion: 'nova-multimodal-embed-v1',
      taskType: 'SINGLE_EMBEDDING',
      singleEmbeddingParams: {
        embeddingPurpose: 'GENERIC_INDEX',
        image: { format: 'png', detailLevel: 'DOCUMENT_IMAGE', source: { bytes: PICTURE } },
      },
    },
    { input: 0, other: { image_input: 1 }, variant: 'document' },
    '0.0006',
  ],
  [
    'us.cohere.embed-v4:0',
    { texts: ['four', 'more'], input_type: 'search_document' },
    { input: 2, other: {} },
    '0.00000024',
  ],
  [
    'us.twelvelabs.marengo-embed-3-0-v1:0',
    { inputType: 'text', text: { inputText: 'a river' } },
    { input: 0, other: { requests: 1 } },
    '0.00007',
  ],
  [
    'cohere.rerank-v3-5:0',
    { query: 'river', documents: Array(101).fill('a document'), api_version: 2 },
    { input: 0, other: { search_units: 2 } },
    '0.004',
  ],
  [
    'amazon.rerank-v1:0',
    { query: 'river', documents: ['a', 'b'] },
    { input: 0, other: { search_units: 1 } },
    '0.001',
  ],
  [
    'amazon.nova-canvas-v1:0',
    {
      taskType: 'TEXT_IMAGE',
      textToImageParams: { text: 'a river' },
      imageGenerationConfig: { numberOfImages: 2, quality: 'premium', width: 512, height: 512 },
    },
    { input: 0, other: { images: 2 }, variant: 'up to 1024x1024, premium' },
    '0.12',
  ],
  [
    'amazon.titan-image-generator-v2:0',
    {
      taskType: 'TEXT_IMAGE',
      textToImageParams: { text: 'a river' },
      imageGenerationConfig: { width: 512, height: 512 },
    },
    { input: 0, other: { images: 1 }, variant: '512x512, standard' },
    '0.008',
  ],
  ['stability.sd3-5-large-v1:0', { prompt: 'a river' }, { other: { images: 1 } }, '0.08'],
  [
    'us.stability.stable-image-inpaint-v1:0',
    { prompt: 'a river', image: PICTURE },
    { other: { images: 1 } },
    '0.07',
  ],
]

describe('vectors, rankings and pictures', () => {
  it.each(MEDIA)('[S10][S26] %s', async (modelId, body, usage, cost) => {
    const said = await invoke(modelId, body)
    expect(said).toBeTypeOf('object')
    const [call] = simulator.calls()
    expect(call).toMatchObject({ status: 200, usage: { output: 0, ...usage }, cost_usd: cost })
    await expect(stream(modelId, body)).rejects.toThrow(/unsupported for streaming/)
  })

  it('[S9] a film is no answer of InvokeModel', async () => {
    await expect(invoke('amazon.nova-reel-v1:1', FILM_TASK)).rejects.toThrow(/StartAsyncInvoke/)
    expect(simulator.calls()).toMatchObject([{ status: 400, usage: null, cost_usd: null }])
  })

  it('[S27] token-count headers come with tokens only', async () => {
    const head = async (model: string, body: object): Promise<Headers> => {
      const url = `${simulator.url}/model/${model}/invoke`
      const headers = { authorization: `Bearer ${BEARER_KEY}` }
      const sent = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
      expect(sent.status).toBe(200)
      await sent.arrayBuffer()
      return sent.headers
    }
    const names = ['x-amzn-bedrock-input-token-count', 'x-amzn-bedrock-output-token-count']
    const counts = async (model: string, body: object): Promise<unknown> => {
      const headers = await head(model, body)
      return names.map((name) => headers.get(name))
    }
    const llama = { prompt: 'four', max_gen_len: 3 }
    expect(await counts('meta.llama3-8b-instruct-v1:0', llama)).toEqual(['1', '3'])
    expect(await counts('amazon.titan-embed-text-v1', { inputText: 'four' })).toEqual(['1', null])
    expect(await counts('stability.sd3-5-large-v1:0', { prompt: 'four' })).toEqual([null, null])
  })
})

/** Prints, for each case of the file, what boto3 got whole, in pieces and in headers. */
const SCRIPT = `
import json, sys, boto3
from botocore.config import Config

client = boto3.client(
    "bedrock-runtime", region_name="us-east-1", endpoint_url=sys.argv[1],
    config=Config(retries={"total_max_attempts": 1}),
)
seen = []
for case in json.load(open(sys.argv[2])):
    body = json.dumps(case["body"])
    whole = client.invoke_model(modelId=case["model"], body=body)
    entry = {
        "whole": json.loads(whole["body"].read()),
        "headers": whole["ResponseMetadata"]["HTTPHeaders"],
        "events": [],
    }
    if case["streams"]:
        answer = client.invoke_model_with_response_stream(modelId=case["model"], body=body)
        entry["events"] = [json.loads(event["chunk"]["bytes"]) for event in answer["body"]]
    seen.append(entry)
print(json.dumps(seen))
`

async function reasonToSkip(): Promise<string | null> {
  try {
    await run('python3', ['-c', 'import boto3'])
    return null
  } catch (problem) {
    return `python3 with boto3 is not here: ${String(problem).split('\n')[0]}`
  }
}

const missing = await reasonToSkip()
if (missing !== null && process.env['CI'] !== undefined) throw new Error(missing)

describe.skipIf(missing !== null)(`boto3${missing === null ? '' : ` (${missing})`}`, () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'simulator-makers-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('[S10][S25][S26] sees in every shape what the record says', async () => {
    const texts = NATIVE_CASES.map(({ model, body }) => ({ model, body, streams: true }))
    const media = MEDIA.map(([model, body]) => ({ model, body, streams: false }))
    const cases = [...texts, ...media]
    await writeFile(join(folder, 'client.py'), SCRIPT)
    await writeFile(join(folder, 'cases.json'), JSON.stringify(cases))
    const { AWS_BEARER_TOKEN_BEDROCK: _, AWS_PROFILE: __, ...rest } = process.env
    const { stdout } = await run(
      'python3',
      [join(folder, 'client.py'), simulator.url, join(folder, 'cases.json')],
      {
        maxBuffer: 64 * 1_024 * 1_024,
        env: {
          ...rest,
          AWS_CONFIG_FILE: join(folder, 'no-config'),
          AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-credentials'),
          AWS_EC2_METADATA_DISABLED: 'true',
          AWS_ACCESS_KEY_ID: CREDENTIAL.accessKeyId,
          AWS_SECRET_ACCESS_KEY: CREDENTIAL.secretAccessKey,
        },
      },
    )
    const seen: unknown = JSON.parse(stdout)
    const calls = simulator.calls()
    expect(calls).toHaveLength(2 * texts.length + media.length)
    for (const [index, native] of NATIVE_CASES.entries()) {
      const events = at(seen, index, 'events')
      if (!Array.isArray(events)) throw new Error('no events')
      const whole = calls[2 * index]
      const text = native.textOf(at(seen, index, 'whole'))
      expect(events.map(native.textOf).join('')).toBe(text)
      expect(at(seen, index, 'headers', 'x-amzn-bedrock-output-token-count')).toBe(
        String(whole?.usage?.output),
      )
      expect(at(events.at(-1), METRICS, 'outputTokenCount')).toBe(whole?.usage?.output)
      expect(calls[2 * index + 1]?.usage).toEqual(whole?.usage)
    }
    for (const [index, [, , usage, cost]] of MEDIA.entries()) {
      const call = calls[2 * texts.length + index]
      expect(call).toMatchObject({ usage, cost_usd: cost, region: REGION })
      expect(at(seen, texts.length + index, 'whole')).toBeTypeOf('object')
    }
  })
})
