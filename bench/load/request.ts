// The call that is sent: Converse or ConverseStream as an AWS SDK writes it, or a chat completion as OpenAI's client does, a
// conversation of about 2 KiB, with the headers that say what the call is for. Serialised once per connection; only the
// invocation id changes from call to call.

export type RequestShape = {
  readonly path: string
  /** Lower-case names; without host and content-length. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

const MODEL = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const CHAT_MODEL = 'openai.gpt-oss-120b-1:0'
const SYSTEM_TEXT = 'You answer questions about the handbook. Quote the section you rely on.'
export const BODY_BYTES = 2_048
const INVOCATION_ID = 'amz-sdk-invocation-id'
const INVOCATION_PREFIX = '5f0c7a91-3d62-4e8b-b1a4-'
const COUNTER_DIGITS = 12

export function converseRequest(
  key: string,
  operation: 'converse' | 'converse-stream',
  bodyBytes = BODY_BYTES,
): RequestShape {
  return {
    path: `/model/${encodeURIComponent(MODEL)}/${operation}`,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      'user-agent':
        'aws-sdk-js/3.1169.0 ua/2.1 os/linux lang/js md/nodejs#24.21.0 api/bedrock-runtime',
      [INVOCATION_ID]: INVOCATION_PREFIX + '0'.repeat(COUNTER_DIGITS),
      'amz-sdk-request': 'attempt=1; max=3',
      'x-ledgerock-feature': 'answer-cards',
      'x-ledgerock-workflow-id': 'nightly-index',
      'x-ledgerock-tenant-id': 'tenant-0815',
      'x-ledgerock-user-id': 'u-20431',
    },
    body: converseBody(bodyBytes),
  }
}

/** OpenAI's shape; `path` differs from gateway to gateway, and so do the headers that name the provider. */
export function chatRequest(
  key: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): RequestShape {
  return {
    path,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${key}`,
      'user-agent': 'OpenAI/JS 6.49.0',
      [INVOCATION_ID]: INVOCATION_PREFIX + '0'.repeat(COUNTER_DIGITS),
      'x-ledgerock-feature': 'answer-cards',
      'x-ledgerock-workflow-id': 'nightly-index',
      'x-ledgerock-tenant-id': 'tenant-0815',
      'x-ledgerock-user-id': 'u-20431',
      ...headers,
    },
    body: bodyOf(BODY_BYTES, (text) => ({
      model: CHAT_MODEL,
      messages: [
        { role: 'system', content: SYSTEM_TEXT },
        { role: 'user', content: text },
      ],
      max_completion_tokens: 512,
      temperature: 0.2,
    })),
  }
}

/** A conversation of exactly `bytes` bytes. */
export function converseBody(bytes: number): Buffer {
  return bodyOf(bytes, (text) => ({
    system: [{ text: SYSTEM_TEXT }],
    messages: [
      {
        role: 'user',
        content: [{ text: 'Which "carry-over" rules apply to leave?\nBe brief.' }],
      },
      { role: 'assistant', content: [{ text: 'Up to five days, until 31 March (§ 4.2).' }] },
      { role: 'user', content: [{ text }] },
    ],
    inferenceConfig: { maxTokens: 512, temperature: 0.2, topP: 0.9 },
  }))
}

function bodyOf(bytes: number, bodyWith: (text: string) => unknown): Buffer {
  const sentence = 'And what of the days an employee could not take because of illness? '
  const room = bytes - Buffer.byteLength(JSON.stringify(bodyWith('')))
  const text = sentence.repeat(Math.ceil(room / sentence.length)).slice(0, room)
  return Buffer.from(JSON.stringify(bodyWith(text)))
}

export type WireRequest = {
  readonly bytes: Buffer
  /** Makes it the next call. */
  readonly renew: () => void
}

let calls = 0

export function wireRequest({ path, headers, body }: RequestShape, host: string): WireRequest {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head =
    `POST ${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${body.length}\r\n` +
    `${lines.join('')}\r\n`
  const bytes = Buffer.concat([Buffer.from(head), body])
  const counterAt = head.indexOf(INVOCATION_PREFIX) + INVOCATION_PREFIX.length
  return {
    bytes,
    renew() {
      bytes.write(nextCounter(), counterAt, 'latin1')
    },
  }
}

/** The headers of the next call, for clients that take them as an object. */
export function nextHeaders({ headers }: RequestShape): Record<string, string> {
  return { ...headers, [INVOCATION_ID]: INVOCATION_PREFIX + nextCounter() }
}

function nextCounter(): string {
  calls += 1
  return calls.toString(16).padStart(COUNTER_DIGITS, '0')
}
