// Random calls as programs make them: any model, scope, tier, cache lifetime, shape and protocol, with faults on order, clients
// that leave, and callers who contradict their own key. Drawn by fast-check from one seed, so that a number replays a run.

import { hash } from 'node:crypto'
import fc from 'fast-check'
import {
  arbitraryClaims,
  headersOf,
  intentOf,
  TRAFFIC_KEYS,
  type Claims,
  type Intent,
  type TrafficKey,
} from './traffic-attribution.ts'
import {
  idsOf,
  TRAFFIC_MODELS,
  type CacheLifetime,
  type TrafficModel,
  type TrafficRegion,
  type TrafficTier,
} from './traffic-models.ts'

export type Leaving = 'never' | 'before_answer' | 'mid_stream'

export type PlannedCall = {
  readonly logicalId: string
  readonly protocol: 'http/1.1' | 'h2c'
  readonly path: string
  readonly body: string
  readonly bodySha256: string
  readonly headers: Readonly<Record<string, string>>
  readonly stream: boolean
  readonly modelRequested: string
  readonly keyName: string
  readonly intent: Intent
  /** What goes wrong on each attempt, as the simulator's fault header has it; `none` after the last. */
  readonly faults: readonly string[]
  readonly leaving: Leaving
}

export type TrafficOptions = {
  readonly region: TrafficRegion
  /** Calm traffic has no faults but slow streams, nobody leaves, and nobody says what `TRAFFIC_DIMENSIONS` forbids. */
  readonly calm: boolean
  /** Begins every logical id, so that several runs do not meet. */
  readonly prefix: string
}

/** The same seed gives the same calls. */
export function planTraffic(options: TrafficOptions, seed: number, count: number): PlannedCall[] {
  const drafts = fc.sample(arbitraryDraft(options), { seed, numRuns: count })
  return drafts.map((draft, index) => planned(draft, `${options.prefix}-${index}`, !options.calm))
}

type Draft = {
  readonly model: TrafficModel
  readonly id: string
  readonly isConverse: boolean
  readonly stream: boolean
  readonly colonsLiteral: boolean
  readonly protocol: PlannedCall['protocol']
  readonly tier: TrafficTier
  readonly cache: CacheLifetime | null
  /** Which of the shared texts comes before the question. */
  readonly prefix: number
  readonly question: string
  readonly maxTokens: number
  readonly tool: boolean
  readonly key: TrafficKey
  readonly claims: Claims
  readonly faults: readonly string[]
  readonly leaving: Leaving
}

const UNARY_FAULTS = ['throttle', 'error500', 'error503', 'model_error', 'timeout:40', 'cut@2']
const STREAM_FAULTS = [
  'throttle',
  'error500',
  'error503',
  'model_not_ready',
  'cut@0',
  'cut@1',
  'cut@9',
  'mid_stream_exception@0',
  'mid_stream_exception@4',
  'mid_stream_exception@6:throttlingException',
  'slow_chunks:2',
  'no_metadata',
  'bad_crc@3',
]

function arbitraryDraft({ region, calm }: TrafficOptions): fc.Arbitrary<Draft> {
  return fc.constantFrom(...TRAFFIC_MODELS).chain((model) => {
    const embeds = model.family === 'embedding'
    return fc
      .record({
        id: fc.constantFrom(...idsOf(model, region)),
        isConverse: embeds ? fc.constant(false) : fc.boolean(),
        stream: embeds ? fc.constant(false) : fc.boolean(),
        colonsLiteral: fc.boolean(),
        protocol: fc.constantFrom('http/1.1', 'h2c'),
        tier: fc.constantFrom<TrafficTier>('standard', ...model.tiers[region]),
        cache: fc.constantFrom(null, ...model.caches),
        prefix: fc.nat(2),
        question: fc.constantFrom('Why?', 'Name three rivers of Europe. '.repeat(9), 'Größe: 😀 '),
        maxTokens: fc.integer({ min: 1, max: 160 }),
        tool: fc.boolean(),
        key: fc.constantFrom(...TRAFFIC_KEYS),
        claims: arbitraryClaims,
      })
      .chain((draft) =>
        arbitraryTrouble(draft.stream, calm).map((trouble) => ({
          ...draft,
          ...trouble,
          model,
          // Nobody sells cached tokens of that tier.
          cache: draft.tier === 'latency-optimized' ? null : draft.cache,
        })),
      )
  })
}

type Trouble = Pick<Draft, 'faults' | 'leaving'>

function arbitraryTrouble(stream: boolean, calm: boolean): fc.Arbitrary<Trouble> {
  const fine = fc.constant<Trouble>({ faults: [], leaving: 'never' })
  const slow = fc.constant<Trouble>({ faults: stream ? ['slow_chunks:6'] : [], leaving: 'never' })
  if (calm) return fc.oneof(fine, slow)
  const fault = fc.constantFrom(...(stream ? STREAM_FAULTS : UNARY_FAULTS))
  const faulty = fc
    .array(fault, { minLength: 1, maxLength: 3 })
    .map((faults): Trouble => ({ faults, leaving: 'never' }))
  const leaver = fc.constantFrom<Trouble>(
    ...(stream
      ? [
          { faults: ['slow_chunks:15'], leaving: 'mid_stream' } as const,
          { faults: ['latency:300'], leaving: 'before_answer' } as const,
        ]
      : [
          { faults: ['latency:300'], leaving: 'before_answer' } as const,
          { faults: ['timeout:300'], leaving: 'before_answer' } as const,
        ]),
  )
  return fc.oneof(
    { arbitrary: fine, weight: 10 },
    { arbitrary: faulty, weight: 5 },
    { arbitrary: leaver, weight: 2 },
  )
}

function planned(draft: Draft, logicalId: string, strict: boolean): PlannedCall {
  const { model, isConverse, stream, claims, key } = draft
  const operation = isConverse
    ? ['converse', 'converse-stream']
    : ['invoke', 'invoke-with-response-stream']
  const encoded = encodeURIComponent(draft.id)
  const path = draft.colonsLiteral ? encoded.replaceAll('%3A', ':') : encoded
  const body = JSON.stringify(isConverse ? converseBody(draft) : NATIVE_BODIES[model.family](draft))
  return {
    logicalId,
    protocol: draft.protocol,
    path: `/model/${path}/${operation[stream ? 1 : 0]}`,
    body,
    bodySha256: hash('sha256', body, 'hex'),
    headers: { ...headersOf(claims, isConverse), ...(isConverse ? {} : tierHeaders(draft.tier)) },
    stream,
    modelRequested: draft.id,
    keyName: key.name,
    intent: intentOf(key, claims, isConverse, strict),
    faults: draft.faults,
    leaving: draft.leaving,
  }
}

/** Long enough to be cached by a simulator whose smallest prefix is 32 tokens. */
const SHARED_TEXTS = ['You answer questions. ', 'Du bist ein Bote. ', 'Be brief, be exact. '].map(
  (text) => text.repeat(12),
)

function sharedText({ prefix }: Draft): string {
  return SHARED_TEXTS[prefix] as string
}

/** A five minute lifetime is the default: it is asked for by saying nothing. */
function ttl(cache: CacheLifetime): { ttl?: string } {
  return cache === '5m' ? {} : { ttl: cache }
}

function converseBody(draft: Draft): object {
  const { cache, tier, tool, claims } = draft
  const point = cache === null ? [] : [{ cachePoint: { type: 'default', ...ttl(cache) } }]
  const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
  return {
    system: [{ text: sharedText(draft) }, ...point],
    messages: [{ role: 'user', content: [{ text: draft.question }] }],
    inferenceConfig: { maxTokens: draft.maxTokens },
    ...(tier === 'priority' || tier === 'flex' ? { serviceTier: { type: tier } } : {}),
    ...(tier === 'latency-optimized' ? { performanceConfig: { latency: 'optimized' } } : {}),
    ...(Object.keys(claims.metadata).length > 0 ? { requestMetadata: claims.metadata } : {}),
    ...(tool
      ? {
          toolConfig: {
            tools: [{ toolSpec: { name: 'weather', inputSchema: { json: city } } }],
            toolChoice: { any: {} },
          },
        }
      : {}),
  }
}

const NATIVE_BODIES: Record<TrafficModel['family'], (draft: Draft) => object> = {
  anthropic: (draft) => ({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: draft.maxTokens,
    system: [
      {
        type: 'text',
        text: sharedText(draft),
        ...(draft.cache === null
          ? {}
          : { cache_control: { type: 'ephemeral', ...ttl(draft.cache) } }),
      },
    ],
    messages: [{ role: 'user', content: draft.question }],
  }),
  nova: (draft) => ({
    schemaVersion: 'messages-v1',
    system: [
      {
        text: sharedText(draft),
        ...(draft.cache === null ? {} : { cachePoint: { type: 'default' } }),
      },
    ],
    messages: [{ role: 'user', content: [{ text: draft.question }] }],
    inferenceConfig: { maxTokens: draft.maxTokens },
  }),
  openai: (draft) => ({
    messages: [
      { role: 'system', content: sharedText(draft) },
      { role: 'user', content: draft.question },
    ],
    max_completion_tokens: draft.maxTokens,
    ...(draft.tool ? { stream_options: { include_usage: true } } : {}),
  }),
  embedding: (draft) => ({ inputText: draft.question }),
}

function tierHeaders(tier: TrafficTier): Record<string, string> {
  if (tier === 'standard') return {}
  return tier === 'latency-optimized'
    ? { 'x-amzn-bedrock-performanceconfig-latency': 'optimized' }
    : { 'x-amzn-bedrock-service-tier': tier }
}
