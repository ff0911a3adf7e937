// The vendors' own clients, pointed at a gateway (or at Bedrock itself) by an address and a key and by nothing else. None of them
// retries: a test wants to see the first answer.

import Anthropic from '@anthropic-ai/sdk'
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime'
import OpenAI from 'openai'

/** With its default handler (HTTP/2). */
export function bedrockClient(endpoint: string, key: string): BedrockRuntimeClient {
  return new BedrockRuntimeClient({
    region: 'us-east-1',
    endpoint,
    maxAttempts: 1,
    token: { token: key },
    authSchemePreference: ['httpBearerAuth'],
    // For the frames of a bidirectional stream, which are always signed: else the SDK looks for credentials all over the machine.
    credentials: { accessKeyId: 'AKIANOBODY', secretAccessKey: 'nobody' },
  })
}

export type ClientOptions = {
  readonly headers?: Readonly<Record<string, string>>
  readonly fetch?: typeof fetch
  /** OpenAI's. */
  readonly project?: string
}

export function openaiClient(baseURL: string, apiKey: string, options: ClientOptions = {}): OpenAI {
  const { headers = {}, project = null, ...rest } = options
  return new OpenAI({
    apiKey,
    baseURL,
    maxRetries: 0,
    logLevel: 'off',
    defaultHeaders: headers,
    project,
    ...rest,
  })
}

export function anthropicClient(
  baseURL: string,
  apiKey: string,
  { headers = {}, fetch }: ClientOptions = {},
): Anthropic {
  return new Anthropic({
    apiKey,
    baseURL,
    maxRetries: 0,
    logLevel: 'off',
    defaultHeaders: headers,
    ...(fetch === undefined ? {} : { fetch }),
  })
}

export type Wiretap = {
  readonly fetch: typeof fetch
  readonly requests: readonly {
    readonly url: string
    readonly headers: Headers
    readonly body: string
  }[]
  /** The bodies of the answers so far, in the order of the requests. */
  readonly answers: () => Promise<readonly string[]>
}

/** A `fetch` for a client, that shows what went over the wire. */
export function wiretap(): Wiretap {
  const requests: { url: string; headers: Headers; body: string }[] = []
  const answers: Promise<string>[] = []
  return {
    requests,
    answers: () => Promise.all(answers),
    async fetch(input, init) {
      const url = input instanceof Request ? input.url : String(input)
      const body = typeof init?.body === 'string' ? init.body : ''
      requests.push({ url, headers: new Headers(init?.headers), body })
      const response = await fetch(input, init)
      answers.push(response.clone().text())
      return response
    },
  }
}
