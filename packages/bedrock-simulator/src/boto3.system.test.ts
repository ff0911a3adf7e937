// Python's boto3 and the AWS command line, in processes of their own. Machines without Python skip these with a reason;
// where CI is set they must run.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { startSimulator, type Simulator } from './index.ts'
import { BEARER_KEY, CREDENTIAL } from './testing/aws-clients.ts'

const run = promisify(execFile)

/** Prints what boto3 saw, as JSON. */
const SCRIPT = `
import json, sys, boto3
from botocore.config import Config

client = boto3.client(
    "bedrock-runtime", region_name="us-east-1", endpoint_url=sys.argv[1],
    config=Config(retries={"total_max_attempts": 1}),
)
model = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
messages = [{"role": "user", "content": [{"text": "Hello"}]}]
whole = client.converse(modelId=model, messages=messages, requestMetadata={"team": "search"})
stream = client.converse_stream(modelId=model, messages=messages)
events = list(stream["stream"])
body = json.dumps({
    "anthropic_version": "bedrock-2023-05-31", "max_tokens": 9,
    "messages": [{"role": "user", "content": "Hello"}],
})
invoked = client.invoke_model(modelId=model, body=body)
headers = invoked["ResponseMetadata"]["HTTPHeaders"]
chunks = [
    json.loads(event["chunk"]["bytes"])
    for event in client.invoke_model_with_response_stream(modelId=model, body=body)["body"]
]
try:
    client.converse(modelId="anthropic.nothing", messages=messages)
    error = None
except client.exceptions.ValidationException as caught:
    error = caught.response["Error"]
print(json.dumps({
    "text": whole["output"]["message"]["content"][0]["text"],
    "usage": whole["usage"],
    "requestId": whole["ResponseMetadata"]["RequestId"],
    "streamText": "".join(
        event["contentBlockDelta"]["delta"]["text"]
        for event in events if "contentBlockDelta" in event
    ),
    "streamUsage": events[-1]["metadata"]["usage"],
    "inputHeader": headers["x-amzn-bedrock-input-token-count"],
    "outputHeader": headers["x-amzn-bedrock-output-token-count"],
    "native": json.loads(invoked["body"].read())["usage"],
    "metrics": chunks[-1]["amazon-bedrock-invocationMetrics"],
    "error": error,
}))
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

let simulator: Simulator
let folder: string
beforeAll(async () => {
  simulator = await startSimulator({ credentials: [CREDENTIAL], bearerKeys: [BEARER_KEY] })
  folder = await mkdtemp(join(tmpdir(), 'simulator-boto3-'))
  await writeFile(join(folder, 'client.py'), SCRIPT)
})
afterAll(async () => {
  await simulator.close()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => simulator.reset())

function environment(auth: 'sigv4' | 'bearer'): NodeJS.ProcessEnv {
  const { AWS_BEARER_TOKEN_BEDROCK: _, AWS_PROFILE: __, ...rest } = process.env
  const isolated = {
    ...rest,
    AWS_CONFIG_FILE: join(folder, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: CREDENTIAL.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIAL.secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
  }
  return auth === 'bearer' ? { ...isolated, AWS_BEARER_TOKEN_BEDROCK: BEARER_KEY } : isolated
}

describe.skipIf(missing !== null)(`boto3${missing === null ? '' : ` (${missing})`}`, () => {
  it.each(['sigv4', 'bearer'] as const)(
    '[S2][S10] with %s sees on every operation what the record says',
    async (auth) => {
      const { stdout } = await run('python3', [join(folder, 'client.py'), simulator.url], {
        env: environment(auth),
      })
      const seen = JSON.parse(stdout)
      const [converse, stream, invoke, native, refused] = simulator.calls()
      expect(simulator.calls()).toHaveLength(5)
      expect(converse).toMatchObject({
        operation: 'Converse',
        auth,
        request_id: seen.requestId,
        request_metadata: { team: 'search' },
        usage: { input: seen.usage.inputTokens, output: seen.usage.outputTokens },
        completed: true,
      })
      expect(seen.streamText).toBe(seen.text)
      expect(seen.streamUsage).toEqual(seen.usage)
      expect(stream).toMatchObject({ operation: 'ConverseStream', completed: true })
      expect(invoke?.usage).toMatchObject({
        input: Number(seen.inputHeader),
        output: Number(seen.outputHeader),
      })
      expect(seen.native.output_tokens).toBe(9)
      expect(native?.usage).toMatchObject({
        input: seen.metrics.inputTokenCount,
        output: seen.metrics.outputTokenCount,
      })
      expect(refused).toMatchObject({ status: 400, error_type: 'ValidationException' })
      expect(seen.error).toEqual({
        Code: 'ValidationException',
        Message: 'The provided model identifier is invalid.',
      })
    },
  )

  it('[S2] the AWS command line converses', async ({ skip }) => {
    const found = await run('aws', ['--version']).catch(() => null)
    skip(found === null && process.env['CI'] === undefined, 'the AWS command line is not here')
    const { stdout } = await run(
      'aws',
      [
        'bedrock-runtime',
        'converse',
        '--endpoint-url',
        simulator.url,
        '--model-id',
        'amazon.nova-micro-v1:0',
        '--messages',
        JSON.stringify([{ role: 'user', content: [{ text: 'Hello' }] }]),
        '--output',
        'json',
      ],
      { env: environment('sigv4') },
    )
    const [call] = simulator.calls()
    expect(JSON.parse(stdout).usage).toMatchObject({
      inputTokens: call?.usage?.input,
      outputTokens: call?.usage?.output,
    })
  })
})
