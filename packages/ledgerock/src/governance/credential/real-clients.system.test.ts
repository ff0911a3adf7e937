// What the AWS SDKs, the AWS command line and the clients built on them really send, signed with a pair of ours. Machines without
// Python, the AWS command line or curl skip those with a reason; where CI is set they must run.

import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock'
import { AnthropicBedrock, AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk'
import {
  ApplyGuardrailCommand,
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
  GetAsyncInvokeCommand,
  InvokeModelCommand,
  ListAsyncInvokesCommand,
  StartAsyncInvokeCommand,
} from '@aws-sdk/client-bedrock-runtime'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { generateText } from 'ai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { credentialFromHeaders } from './credential-headers.ts'
import { startCaptureServer, type Captured, type CaptureServer } from '../testing/capture-server.ts'
import { PAIR, SIGNING_KEY, verifierOf } from '../testing/signing-key.ts'

const run = promisify(execFile)
const MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const ARN = 'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123def456'
const JOB = 'arn:aws:bedrock:eu-west-1:123456789012:async-invoke/abc123'
const METADATA = '{"team":"search","note":"a  b"}'
const REGION = 'eu-west-1'
const messages = [{ role: 'user' as const, content: [{ text: 'Grüße, 世界' }] }]
const { beginSignature } = verifierOf(SIGNING_KEY)

let http1: CaptureServer
let http2: CaptureServer
let folder: string
beforeAll(async () => {
  http1 = await startCaptureServer('http/1.1')
  http2 = await startCaptureServer('h2c')
  folder = mkdtempSync(join(tmpdir(), 'ledgerock-sigv4-'))
})
afterAll(async () => {
  await http1.close()
  await http2.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  http1.take()
  http2.take()
})

function verdict(captured: Captured, change: Partial<Captured> = {}): string {
  const request = { ...captured, ...change }
  const presented = credentialFromHeaders(request.headers, request.url)
  if (presented.kind !== 'signature') return presented.kind
  const begun = beginSignature(presented.claim, request, Date.now())
  if (!begun.ok) return begun.refused
  expect(begun.key.name).toBe('batch')
  expect(begun.region).toBe(REGION)
  const confirmed = begun.confirm(hash('sha256', request.body, 'hex'))
  return confirmed.ok ? 'ok' : confirmed.refused
}

/** Each request as it came is good; with any one thing changed it is not. */
function expectSigned(captured: readonly Captured[], count: number): void {
  expect(captured.map(({ url }) => url)).toHaveLength(count)
  for (const one of captured) {
    expect([one.method, one.url, verdict(one)]).toEqual([one.method, one.url, 'ok'])
    const body = Buffer.concat([one.body, Buffer.from(' ')])
    const rawHeaders = one.rawHeaders.map((text) =>
      text.startsWith('127.0.0.1:') ? 'elsewhere:80' : text,
    )
    const changes: Partial<Captured>[] = [
      { body },
      { url: `${one.url}x` },
      { url: `/region/us-east-1${one.url}` },
      { method: 'PUT' },
      { rawHeaders },
      { rawHeaders: [...one.rawHeaders, 'x-amz-added', 'x'] },
    ]
    for (const change of changes) {
      expect(['signature', 'body', 'unsigned']).toContain(verdict(one, change))
    }
  }
}

const withMetadata = (captured: readonly Captured[]): readonly Captured[] =>
  captured.filter(({ headers }) => headers['x-amzn-bedrock-request-metadata'] === METADATA)

const forbidden = (error: unknown): void => {
  expect(String(error)).toMatch(/captured|403|Forbidden|AccessDenied/)
}

describe.each(['http/1.1', 'h2c'] as const)('AWS SDK for JavaScript over %s', (protocol) => {
  const credentials = {
    accessKeyId: PAIR.accessKeyId,
    secretAccessKey: PAIR.secretAccessKey,
  }
  function client(path = ''): BedrockRuntimeClient {
    const handler = protocol === 'h2c' ? {} : { requestHandler: new NodeHttpHandler() }
    const endpoint = (protocol === 'h2c' ? http2 : http1).url + path
    return new BedrockRuntimeClient({ region: REGION, endpoint, credentials, ...handler })
  }
  const taken = () => (protocol === 'h2c' ? http2 : http1).take()
  const guardrail = { guardrailIdentifier: ARN, guardrailVersion: '1', source: 'INPUT' } as const
  const inputModel = { modelId: 'amazon.nova-reel-v1:0', modelInput: {} }

  it('[G10] is taken on every kind of route', async () => {
    const runtime = client()
    const outputDataConfig = { s3OutputDataConfig: { s3Uri: 's3://bucket/x' } }
    const sending = [
      runtime.send(new ConverseCommand({ modelId: MODEL, messages })),
      runtime.send(new ConverseCommand({ modelId: ARN, messages })),
      runtime.send(new ConverseStreamCommand({ modelId: MODEL, messages })),
      runtime.send(
        new InvokeModelCommand({ modelId: MODEL, body: '{}', requestMetadata: METADATA }),
      ),
      runtime.send(new CountTokensCommand({ modelId: MODEL, input: { converse: { messages } } })),
      runtime.send(new ApplyGuardrailCommand({ ...guardrail, content: [{ text: { text: 'x' } }] })),
      runtime.send(new StartAsyncInvokeCommand({ ...inputModel, outputDataConfig })),
      runtime.send(new GetAsyncInvokeCommand({ invocationArn: JOB })),
      runtime.send(
        new ListAsyncInvokesCommand({
          statusEquals: 'Completed',
          maxResults: 5,
          nextToken: 'a+b/c==',
          submitTimeAfter: new Date('2026-10-14T12:00:00Z'),
        }),
      ),
    ]
    await Promise.all(sending.map((one) => one.catch(forbidden)))
    const captured = taken()
    expectSigned(captured, sending.length)
    expect(withMetadata(captured)).toHaveLength(1)
    runtime.destroy()
  })

  it('[G10] is taken behind a path of its own', async () => {
    const runtime = client('/region/eu-central-1')
    await runtime.send(new ConverseCommand({ modelId: MODEL, messages })).catch(forbidden)
    expectSigned(taken(), 1)
    runtime.destroy()
  })

  it('[G10] is refused with a session token', async () => {
    const runtime = new BedrockRuntimeClient({
      region: REGION,
      endpoint: http1.url,
      credentials: { ...credentials, sessionToken: 'token' },
      requestHandler: new NodeHttpHandler(),
    })
    await runtime.send(new ConverseCommand({ modelId: MODEL, messages })).catch(forbidden)
    expect(http1.take().map((one) => verdict(one))).toEqual(['session_token'])
    runtime.destroy()
  })
})

describe('other JavaScript clients', () => {
  const ask = { max_tokens: 9, messages: [{ role: 'user' as const, content: 'Grüße' }] }
  const keys = { awsAccessKey: PAIR.accessKeyId, awsRegion: REGION, maxRetries: 0, apiKey: null }

  it('[G10] Anthropic’s Bedrock SDK is taken, with ids and with ARNs', async () => {
    const anthropic = new AnthropicBedrock({
      ...keys,
      awsSecretKey: PAIR.secretAccessKey,
      baseURL: http1.url,
      defaultHeaders: { 'x-amzn-bedrock-request-metadata': METADATA, 'x-ledgerock-team': 'search' },
    })
    await anthropic.messages.create({ ...ask, model: MODEL }).catch(forbidden)
    await anthropic.messages.create({ ...ask, model: ARN, stream: true }).catch(forbidden)
    expectSigned(http1.take(), 2)
  })

  it('[G10] Anthropic’s SDK for the mantle endpoint is taken', async () => {
    const mantle = new AnthropicBedrockMantle({
      ...keys,
      awsSecretAccessKey: PAIR.secretAccessKey,
      baseURL: `${http1.url}/mantle/anthropic`,
    })
    await mantle.messages.create({ ...ask, model: 'anthropic.claude-opus-4-5' }).catch(forbidden)
    const captured = http1.take()
    expectSigned(captured, 1)
    expect(captured[0]?.headers['authorization']).toContain('/bedrock-mantle/aws4_request')
  })

  it('[G10] the Vercel AI SDK is taken, with ids and with ARNs', async () => {
    const bedrock = createAmazonBedrock({
      region: REGION,
      baseURL: http1.url,
      accessKeyId: PAIR.accessKeyId,
      secretAccessKey: PAIR.secretAccessKey,
    })
    for (const id of [MODEL, ARN]) {
      await generateText({ model: bedrock(id), prompt: 'Grüße', maxRetries: 0 }).catch(forbidden)
    }
    expectSigned(http1.take(), 2)
  })
})

const SCRIPT = `
import sys, boto3
from botocore.config import Config
from botocore.exceptions import ClientError
client = boto3.client("bedrock-runtime", region_name="${REGION}", endpoint_url=sys.argv[1],
    config=Config(retries={"total_max_attempts": 1}))
def call(operation, **arguments):
    try: getattr(client, operation)(**arguments)
    except ClientError: pass
messages = [{"role": "user", "content": [{"text": "Gr\\u00fc\\u00dfe"}]}]
model, arn, job = "${MODEL}", "${ARN}", "${JOB}"
call("converse", modelId=model, messages=messages, requestMetadata={"team": "search"})
call("converse", modelId=arn, messages=messages)
call("converse_stream", modelId=model, messages=messages)
client.meta.events.register("before-sign.bedrock-runtime.InvokeModel", lambda request, **_:
    request.headers.add_header("x-amzn-bedrock-request-metadata", '${METADATA}'))
call("invoke_model", modelId=model, body="{}")
call("apply_guardrail", guardrailIdentifier=arn, guardrailVersion="1", source="INPUT",
    content=[{"text": {"text": "x"}}])
call("get_async_invoke", invocationArn=job)
call("list_async_invokes", statusEquals="Completed", maxResults=5, nextToken="a+b/c==")
`

async function reasonToSkip(program: string, ...words: readonly string[]): Promise<string | null> {
  try {
    await run(program, [...words])
    return null
  } catch (problem) {
    const reason = `${program} is not here: ${String(problem).split('\n')[0]}`
    if (process.env['CI'] !== undefined) throw new Error(reason, { cause: problem })
    return reason
  }
}

const missing = {
  boto3: await reasonToSkip('python3', '-c', 'import boto3'),
  aws: await reasonToSkip('aws', '--version'),
  curl: await reasonToSkip('curl', '--aws-sigv4', 'aws:amz:eu-west-1:bedrock', '--version'),
}

function environment(): NodeJS.ProcessEnv {
  const {
    AWS_BEARER_TOKEN_BEDROCK: _,
    AWS_PROFILE: __,
    AWS_SESSION_TOKEN: ___,
    ...rest
  } = process.env
  return {
    ...rest,
    AWS_CONFIG_FILE: join(folder, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: PAIR.accessKeyId,
    AWS_SECRET_ACCESS_KEY: PAIR.secretAccessKey,
    AWS_DEFAULT_REGION: REGION,
  }
}

describe('programs', () => {
  it('[G10] boto3 is taken on every kind of route', async ({ skip }) => {
    skip(missing.boto3 !== null, missing.boto3 ?? '')
    writeFileSync(join(folder, 'client.py'), SCRIPT)
    await run('python3', [join(folder, 'client.py'), http1.url], { env: environment() })
    const captured = http1.take()
    expectSigned(captured, 7)
    expect(withMetadata(captured)).toHaveLength(1)
  })

  it('[G10] the AWS command line is taken', async ({ skip }) => {
    skip(missing.aws !== null, missing.aws ?? '')
    const common = ['bedrock-runtime', '--endpoint-url', http1.url]
    const commands = [
      ['converse', '--model-id', MODEL, '--messages', JSON.stringify(messages)],
      ['converse', '--model-id', ARN, '--messages', JSON.stringify(messages)],
      ['list-async-invokes', '--max-items', '5', '--status-equals', 'Completed'],
    ]
    for (const words of commands) {
      const env = { ...environment(), AWS_MAX_ATTEMPTS: '1' }
      await run('aws', [...common, ...words], { env }).catch(forbidden)
    }
    expectSigned(http1.take(), commands.length)
  })

  it('[G10] curl is taken', async ({ skip }) => {
    skip(missing.curl !== null, missing.curl ?? '')
    const url = `${http1.url}/model/amazon.nova-lite-v1%3A0/converse`
    const words = ['--silent', '--aws-sigv4', `aws:amz:${REGION}:bedrock`]
    const user = ['--user', `${PAIR.accessKeyId}:${PAIR.secretAccessKey}`]
    const body = ['--header', 'content-type: application/json', '--data', '{"messages":[]}']
    await run('curl', [...words, ...user, ...body, url])
    expectSigned(http1.take(), 1)
  })
})
