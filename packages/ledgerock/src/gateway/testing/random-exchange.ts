// Requests of every family and answers of every kind, drawn at random: what a gateway must hand on without understanding it.

import fc from 'fast-check'
import { encodeEvent } from '../../bedrock/testing/encode-frame.ts'
import type { ByteRequest } from './byte-client.ts'
import { document, objectWith } from './random-json.ts'
import type { Field, UpstreamReply } from './recording-upstream.ts'
import { SEARCH_KEY } from './running-gateway.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
const PROFILE = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0'
const IDS = [CLAUDE, PROFILE, 'amazon.titan-embed-text-v2:0', 'meta.llama3-3-70b-instruct-v1:0']

/** Every way a client may write an id into a path; all mean the same. */
const ENCODINGS: readonly ((id: string) => string)[] = [
  (id) => encodeURIComponent(id),
  (id) => encodeURIComponent(id).replaceAll('%3A', ':'),
  (id) => encodeURIComponent(id).replaceAll('%3A', '%3a').replaceAll('%2F', '%2f'),
  (id) => id,
  (id) => id.replace('a', '%61').replace('-', '%2D'),
]
const idInPath = fc
  .tuple(fc.constantFrom(...IDS), fc.constantFrom(...ENCODINGS))
  .map(([id, encode]) => encode(id))

/** `json`: any document; `named`: an object with the model's name; `bytes`: anything at all; `none`: no body. */
type Body = 'json' | 'named' | 'named_async' | 'bytes' | 'none'
type Place = { readonly method: string; readonly path: string; readonly body: Body }

const MODEL_VERBS: readonly (readonly [verb: string, body: Body])[] = [
  ['converse', 'json'],
  ['converse-stream', 'json'],
  ['invoke', 'json'],
  ['invoke-with-response-stream', 'json'],
  ['count-tokens', 'bytes'],
]
const modelPlace: fc.Arbitrary<Place> = fc
  .tuple(idInPath, fc.constantFrom(...MODEL_VERBS))
  .map(([id, [verb, body]]) => ({ method: 'POST', path: `/model/${id}/${verb}`, body }))

const OPENAI_PREFIXES = ['/openai/v1', '/mantle/v1', '/mantle/openai/v1']
const OPENAI: readonly Place[] = OPENAI_PREFIXES.flatMap((prefix): Place[] => [
  { method: 'POST', path: `${prefix}/chat/completions`, body: 'named' },
  { method: 'POST', path: `${prefix}/responses`, body: 'named' },
  { method: 'GET', path: `${prefix}/responses/resp_1a`, body: 'none' },
  { method: 'GET', path: `${prefix}/responses/resp%5F1a/input_items`, body: 'none' },
  { method: 'DELETE', path: `${prefix}/responses/resp_1a`, body: 'none' },
  { method: 'POST', path: `${prefix}/responses/resp_1a/cancel`, body: 'bytes' },
])
const OTHERS: readonly Place[] = [
  { method: 'POST', path: '/guardrail/gr-1/version/DRAFT/apply', body: 'json' },
  { method: 'POST', path: '/guardrail-checks/invoke', body: 'json' },
  { method: 'POST', path: '/async-invoke', body: 'named_async' },
  { method: 'GET', path: '/async-invoke', body: 'none' },
  {
    method: 'GET',
    path: '/async-invoke/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aasync-invoke%2Fx',
    body: 'none',
  },
  { method: 'GET', path: '/async-invoke/arn:aws:bedrock:us-east-1:1:async-invoke/x', body: 'none' },
  { method: 'POST', path: '/anthropic/v1/messages', body: 'named' },
  { method: 'POST', path: '/mantle/anthropic/v1/messages', body: 'named' },
  { method: 'POST', path: '/mantle/anthropic/v1/messages/count_tokens', body: 'named' },
  { method: 'POST', path: '/mantle/v1/embeddings', body: 'named' },
  { method: 'GET', path: '/mantle/v1/models', body: 'none' },
  { method: 'GET', path: `/mantle/v1/models/${CLAUDE}`, body: 'none' },
  { method: 'POST', path: '/mantle/v1/files', body: 'bytes' },
  { method: 'GET', path: '/mantle/v1/files/file-1/content', body: 'none' },
  { method: 'DELETE', path: '/mantle/v1/files/file-1', body: 'none' },
  { method: 'POST', path: '/mantle/v1/fine_tuning/jobs', body: 'named' },
]
const place = fc.oneof(
  { weight: 3, arbitrary: modelPlace },
  { weight: 2, arbitrary: fc.constantFrom(...OPENAI) },
  { weight: 2, arbitrary: fc.constantFrom(...OTHERS) },
)

const query = fc.constantFrom(
  '',
  '',
  '?',
  '?limit=2&after=%0d%0a',
  '?a=b&a=&c&%C3%A4=+',
  "?x='(*)!",
)

/** A chat stream of a client that asks for the usage itself: then there is nothing for the gateway to add. */
const NAMED = [
  [`"model":${JSON.stringify(CLAUDE)}`],
  [`"model" : "us.anthropic.claude-sonnet-4\\u002d6"`, '"stream":false'],
  [
    `"model":${JSON.stringify(PROFILE)}`,
    '"stream":true',
    '"stream_options":{"include_usage":true}',
  ],
] as const

function bodyOf(kind: Body): fc.Arbitrary<Buffer | null> {
  switch (kind) {
    case 'json':
      return document.map((text) => Buffer.from(text))
    case 'named':
      return fc
        .constantFrom(...NAMED)
        .chain((members) => objectWith(members))
        .map((text) => Buffer.from(text))
    case 'named_async':
      return objectWith([`"modelId":${JSON.stringify(CLAUDE)}`]).map((text) => Buffer.from(text))
    case 'bytes':
      return fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes))
    case 'none':
      return fc.constant(null)
  }
}

/** Cut anywhere. */
export function inChunks(bytes: Buffer): fc.Arbitrary<readonly Buffer[]> {
  return fc.array(fc.nat(bytes.length), { maxLength: 6 }).map((cuts) => {
    const at = [0, ...cuts.toSorted((one, other) => one - other), bytes.length]
    const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
    return chunks.filter((chunk) => chunk.length > 0)
  })
}

/** Latin-1, as Node writes a header: some of it is UTF-8 when its bytes are read so. */
const fieldValue = fc.constantFrom(
  'plain',
  'a, b;q=0.5',
  '"quoted" \\ {x}',
  'tab\there',
  '',
  'Gr\u00fc\u00dfe',
  'Ã¤ \u00a0 Ã¶',
  'x'.repeat(3_000),
)
const KEPT = [
  'User-Agent',
  'Accept',
  'anthropic-beta',
  'anthropic-version',
  'X-Custom',
  'x-custom',
  'X-Amzn-Bedrock-Trace',
  'X-Amzn-Bedrock-Service-Tier',
  'OpenAI-Project',
  'traceparent',
  'X-Stainless-Lang',
  'Date',
  'Range',
  'X-Amz-Target',
  'amz-sdk-invocation-id',
  'X-Forwarded-For',
  'If-None-Match',
  'Content-Language',
]
/** Ours, credentials, and what belongs to one connection. */
const STOPPED: readonly Field[] = [
  ['X-Ledgerock-Feature', 'answers'],
  ['x-litellm-customer-id', 'someone'],
  ['X-Portkey-Metadata', '{"_user":"someone"}'],
  ['X-Amz-Date', '20261121T000000Z'],
  ['X-Amz-Security-Token', 'token'],
  ['X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD'],
  ['Accept-Encoding', 'gzip, br'],
  ['Proxy-Authorization', 'Basic x'],
]
/** HTTP/2 does not have them. */
const STOPPED_HTTP1: readonly Field[] = [
  ['Connection', 'keep-alive, X-Hop'],
  ['X-Hop', 'here only'],
  ['Keep-Alive', 'timeout=5'],
  ['TE', 'trailers'],
]

const field = (name: fc.Arbitrary<string>): fc.Arbitrary<Field> => fc.tuple(name, fieldValue)
const kept = fc
  .tuple(
    fc.uniqueArray(field(fc.constantFrom(...KEPT)), {
      maxLength: 6,
      selector: ([name]) => name.toLowerCase(),
    }),
    fc.array(field(fc.constantFrom('X-Again', 'x-again', 'Forwarded')), { maxLength: 3 }),
  )
  .map((parts) => parts.flat())

export type RandomRequest = ByteRequest & {
  /** What Bedrock is to get of the fields, in order and as written. */
  readonly travelling: readonly Field[]
}

export function randomRequest(credential: string): fc.Arbitrary<RandomRequest> {
  return place.chain((where) => {
    const body = bodyOf(where.body)
    return fc
      .record({
        protocol: fc.constantFrom('http/1.1' as const, 'h2c' as const),
        framing: fc.constantFrom('length' as const, 'chunked' as const),
        region: fc.constantFrom('', '', '/region/us-east-1'),
        query,
        kept,
        type: fc.constantFrom<Field[]>([['Content-Type', 'application/json']], []),
        stopped: fc.subarray([...STOPPED]),
        hops: fc.boolean(),
        chunks: body.chain((bytes) => (bytes === null ? fc.constant(null) : inChunks(bytes))),
      })
      .map((drawn) => {
        const { protocol, chunks } = drawn
        const hops = drawn.hops && protocol === 'http/1.1' ? STOPPED_HTTP1 : []
        const travelling = [...drawn.type, ...drawn.kept]
        return {
          protocol,
          method: where.method,
          path: drawn.region + where.path + drawn.query,
          headers: [
            ['Authorization', `Bearer ${credential}`],
            ...drawn.stopped,
            ...travelling,
            ...hops,
          ],
          chunks: chunks ?? [],
          framing: chunks === null ? 'none' : drawn.framing,
          travelling,
        }
      })
  })
}

const json = document.map((text) => Buffer.from(text))
const noise = fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes))
const frames = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.jsonValue().map((value) => encodeEvent('chunk', value)) },
      { weight: 1, arbitrary: noise },
    ),
    { maxLength: 6 },
  )
  .map((parts) => Buffer.concat(parts))
const sse = fc
  .array(
    fc.oneof(
      fc.jsonValue().map((value) => `data: ${JSON.stringify(value)}\n\n`),
      fc.constantFrom(': ping\r\n\r\n', 'event: x\rdata:\r\r', 'data: [DONE]\n\n', '\n'),
    ),
    { maxLength: 8 },
  )
  .map((parts) => Buffer.from(parts.join('')))
/** More than the gateway holds of a unary answer. */
const large = fc
  .uint8Array({ minLength: 64, maxLength: 64 })
  .map((bytes) => Buffer.concat(Array.from({ length: 5_000 }, () => Buffer.from(bytes))))

const KINDS: readonly { readonly type: string; readonly bytes: fc.Arbitrary<Buffer> }[] = [
  { type: 'application/json', bytes: json },
  { type: 'application/octet-stream', bytes: noise },
  { type: 'application/json', bytes: noise },
  { type: 'application/vnd.amazon.eventstream', bytes: frames },
  { type: 'application/vnd.amazon.eventstream', bytes: noise },
  { type: 'text/event-stream; charset=utf-8', bytes: sse },
  { type: 'Text/Event-Stream', bytes: noise },
  { type: 'application/json', bytes: large },
]
const ANSWERED: readonly Field[] = [
  ['X-Amzn-RequestId', '7f1e4b1c-0000-4000-8000-000000000001'],
  ['x-amzn-bedrock-input-token-count', '12'],
  ['Set-Cookie', 'a=1'],
  ['Set-Cookie', 'b=2'],
  ['X-Odd', 'Ã¤ Gr\u00fc\u00dfe'],
  ['X-Twice', 'one'],
  ['X-Twice', 'two'],
  ['Content-Encoding', 'gzip'],
  ['ETag', '"x"'],
  ['Retry-After', '1'],
]

export const randomReply: fc.Arbitrary<UpstreamReply> = fc
  .constantFrom(...KINDS)
  .chain(({ type, bytes }) =>
    fc
      .record({
        status: fc.constantFrom(200, 200, 200, 200, 201, 400, 404, 424, 429, 503),
        headers: fc.subarray([...ANSWERED]),
        chunks: bytes.chain(inChunks),
        framing: fc.constantFrom('chunked' as const, 'length' as const, 'close' as const),
      })
      .map((reply) => ({ ...reply, headers: [['Content-Type', type] as const, ...reply.headers] })),
  )

/** One to begin with. */
export function aRequest(options: {
  readonly path: string
  readonly body: string | Buffer
  readonly headers?: readonly Field[]
  readonly secret?: string
}): RandomRequest {
  const travelling = [['Content-Type', 'application/json'] as const, ...(options.headers ?? [])]
  return {
    protocol: 'http/1.1',
    method: 'POST',
    path: options.path,
    headers: [['Authorization', `Bearer ${options.secret ?? SEARCH_KEY}`], ...travelling],
    chunks: [Buffer.from(options.body)],
    framing: 'length',
    travelling,
  }
}
