// The vendors' own clients, each making one call as its users would, and what one that is refused tells its program: the type it
// throws, the status, and what the gateway says in its headers.

import {
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
  type BedrockRuntimeClient,
  type ConverseCommandInput,
} from '@aws-sdk/client-bedrock-runtime'
import { anthropicClient, bedrockClient, openaiClient } from './clients.ts'

export type Place = { readonly gatewayUrl: string; readonly key: string }

/** Beyond the question that every client asks; each field only where a test wants it. */
export type Wish = {
  readonly model?: string
  readonly maxTokens?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Of AWS's client. */
  readonly converse?: Partial<ConverseCommandInput>
}

export type Told = {
  /** Of the error that the client throws. */
  readonly type: string
  readonly status: number
  readonly refusal: string | null
  readonly retryAfter: string | null
  readonly callId: string
  readonly message: string
}

/** What it was told, or null: it was served. */
export type OneCall = (place: Place, wish?: Wish) => Promise<Told | null>

const QUESTION = 'Name three rivers of Europe.'
const MESSAGES = [{ role: 'user' as const, content: QUESTION }]
const BEDROCK_MESSAGES = [{ role: 'user' as const, content: [{ text: QUESTION }] }]

export const AWS_MODEL = 'amazon.nova-lite-v1:0'
export const OPENAI_MODEL = 'openai.gpt-oss-20b-1:0'
export const ANTHROPIC_MODEL = 'us.anthropic.claude-sonnet-4-6'

export const converse: OneCall = (place, wish = {}) =>
  throughAws(place, wish, async (client) => {
    await client.send(new ConverseCommand(converseInput(wish)))
  })

export const converseStream: OneCall = (place, wish = {}) =>
  throughAws(place, wish, async (client) => {
    const answer = await client.send(new ConverseStreamCommand(converseInput(wish)))
    for await (const _event of answer.stream ?? []) continue
  })

export type NamedGuardrail = {
  readonly guardrailIdentifier?: string
  readonly guardrailVersion?: string
}

export function invokeModel(
  place: Place,
  wish: Wish,
  guardrail: NamedGuardrail = {},
): Promise<Told | null> {
  return throughAws(place, wish, async (client) => {
    const body = JSON.stringify({ messages: BEDROCK_MESSAGES })
    const modelId = wish.model ?? AWS_MODEL
    await client.send(new InvokeModelCommand({ modelId, body, ...guardrail }))
  })
}

export const chatCompletion: OneCall = ({ gatewayUrl, key }, wish = {}) => {
  const { model = OPENAI_MODEL, maxTokens, headers = {} } = wish
  const client = openaiClient(`${gatewayUrl}/openai/v1`, key, { headers })
  const size = maxTokens === undefined ? {} : { max_completion_tokens: maxTokens }
  return toldBy(() => client.chat.completions.create({ model, messages: MESSAGES, ...size }))
}

export const openaiResponse: OneCall = ({ gatewayUrl, key }, wish = {}) => {
  const { model = OPENAI_MODEL, maxTokens, headers = {} } = wish
  const client = openaiClient(`${gatewayUrl}/openai/v1`, key, { headers })
  const size = maxTokens === undefined ? {} : { max_output_tokens: maxTokens }
  return toldBy(() => client.responses.create({ model, input: QUESTION, ...size }))
}

export const anthropicMessage: OneCall = ({ gatewayUrl, key }, wish = {}) => {
  const { model = ANTHROPIC_MODEL, maxTokens = 99, headers = {} } = wish
  const client = anthropicClient(`${gatewayUrl}/anthropic`, key, { headers })
  return toldBy(() => client.messages.create({ model, max_tokens: maxTokens, messages: MESSAGES }))
}

/** Each API family's client, with the types it throws for a call that is forbidden and for one that comes too fast. */
export const CLIENTS = [
  {
    client: 'the AWS SDK',
    call: converse,
    forbidden: 'AccessDeniedException',
    tooFast: 'ThrottlingException',
  },
  {
    client: 'the AWS SDK, streaming',
    call: converseStream,
    forbidden: 'AccessDeniedException',
    tooFast: 'ThrottlingException',
  },
  {
    client: 'OpenAI’s client, chat',
    call: chatCompletion,
    forbidden: 'PermissionDeniedError',
    tooFast: 'RateLimitError',
  },
  {
    client: 'OpenAI’s client, responses',
    call: openaiResponse,
    forbidden: 'PermissionDeniedError',
    tooFast: 'RateLimitError',
  },
  {
    client: 'Anthropic’s client',
    call: anthropicMessage,
    forbidden: 'PermissionDeniedError',
    tooFast: 'RateLimitError',
  },
] as const

function converseInput({ model, maxTokens, converse: more }: Wish): ConverseCommandInput {
  return {
    modelId: model ?? AWS_MODEL,
    messages: BEDROCK_MESSAGES,
    ...(maxTokens === undefined ? {} : { inferenceConfig: { maxTokens } }),
    ...more,
  }
}

async function throughAws(
  { gatewayUrl, key }: Place,
  { headers = {} }: Wish,
  program: (client: BedrockRuntimeClient) => Promise<void>,
): Promise<Told | null> {
  const client = bedrockClient(gatewayUrl, key)
  client.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: Record<string, string> }).headers, headers)
      return next(args)
    },
    { step: 'build' },
  )
  try {
    return await toldBy(() => program(client))
  } finally {
    client.destroy()
  }
}

async function toldBy(call: () => PromiseLike<unknown>): Promise<Told | null> {
  try {
    await call()
    return null
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return told(error)
  }
}

/** What the three vendors' errors have, of which each has a part. */
type ThrownError = Error & {
  readonly status?: number
  readonly headers?: Headers
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly headers: Readonly<Record<string, string>> }
}

function told(error: ThrownError): Told {
  const { $metadata, $response, headers, message } = error
  const header = (name: string): string | null =>
    $response?.headers[name] ?? headers?.get(name) ?? null
  return {
    type: error.name === 'Error' ? error.constructor.name : error.name,
    status: error.status ?? $metadata?.httpStatusCode ?? 0,
    refusal: header('x-ledgerock-refusal'),
    retryAfter: header('retry-after'),
    callId: header('x-ledgerock-call-id') ?? '',
    message,
  }
}
