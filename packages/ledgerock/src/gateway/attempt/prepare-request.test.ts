import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readClientHeaders } from '../../attribution/client-headers.ts'
import { compileDimensionRules, DEFAULT_DIMENSION_RULES } from '../../attribution/dimension-rule.ts'
import { canonicalQuery } from '../../bedrock/canonical-query.ts'
import { canonicalUri } from '../../bedrock/canonical-uri.ts'
import { readRequestFacts } from '../../bedrock/request/read-request-facts.ts'
import { recognise } from '../../bedrock/route.ts'
import { looseBody } from '../../bedrock/testing/loose-body.ts'
import { mustOk } from '../../kernel/result.ts'
import type { AdmittedCall } from '../admitted-call.ts'
import { Payload } from '../payload.ts'
import { prepareRequest, type Preparation } from './prepare-request.ts'
import { insertedBy } from '../testing/metadata-oracle.ts'

const RULES = mustOk(compileDimensionRules(DEFAULT_DIMENSION_RULES))
const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
const OTHER = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
const CONVERSE = `/model/${CLAUDE}/converse?a=%20`
const INVOKE = `/model/${CLAUDE}/invoke`
const CHAT = '/openai/v1/chat/completions'
const OFF: Preparation = {
  callId: 'call-1',
  model: null,
  tier: null,
  maxTokens: null,
  injectMetadata: false,
}
const ON: Preparation = { ...OFF, injectMetadata: true }

type Said = {
  readonly path: string
  readonly body: Buffer
  readonly headers?: readonly string[]
  readonly dimensions?: Readonly<Record<string, string>>
}

/** What is known of a call by then, as far as its request is made of it. */
function admitted({ path, body, headers = [], dimensions = {} }: Said): AdmittedCall {
  const route = recognise('POST', path)
  if (route === null) throw new Error(`no route: ${path}`)
  const client = readClientHeaders(['Host', 'gateway', ...headers], RULES)
  const facts = mustOk(readRequestFacts(route, client.values, body))
  const call = { route, client }
  const known = { facts, who: { dimensions } }
  const payload = new Payload(body, 0)
  return {
    call,
    known,
    payload,
    guardrail: null,
    remarks: [],
    hold: null,
    budgets: null,
  } as unknown as AdmittedCall
}

const sha256 = (bytes: Buffer): string => hash('sha256', bytes, 'hex')
const dimensions = fc.dictionary(
  fc.constantFrom('team', 'application', 'feature', 'user_id'),
  fc.constantFrom('search', 'a b', 'unknown', 'ä is not allowed', 'x'.repeat(257)),
  { noNullPrototype: true },
)

describe('what goes upstream', () => {
  it('[Y14] is the client’s own where nothing is switched on: the same bytes, fields and path', () => {
    const path = fc.constantFrom(
      CONVERSE,
      INVOKE,
      `/region/eu-west-1${CONVERSE}`,
      `/model/${CLAUDE}/count-tokens`,
    )
    const headers = [
      'X-Custom',
      'a',
      'x-custom',
      'b',
      'Authorization',
      'Bearer x',
      'Content-Length',
      '2',
    ]
    fc.assert(
      fc.property(looseBody(fc.constant({})), path, (body, asked) => {
        const call = admitted({ path: asked, body: body.bytes, headers })
        const { request, ...rest } = prepareRequest(call, OFF)
        expect(request.body).toBe(body.bytes)
        expect(request.bodySha256).toBe(sha256(body.bytes))
        expect(request.path).toBe(asked.replace('/region/eu-west-1', ''))
        expect(request.headers).toEqual(['X-Custom', 'a', 'x-custom', 'b'])
        expect(rest).toEqual({ changes: [], metadataDropped: 0, hidesUsage: false })
      }),
    )
  })

  it('[Y14] is signed for what is sent, whatever was changed', () => {
    const body = looseBody(fc.record({ requestMetadata: fc.constantFrom({}, { own: 'x' }) }))
    const model = fc.constantFrom(null, OTHER)
    fc.assert(
      fc.property(body, model, dimensions, (said, named, who) => {
        const call = admitted({ path: CONVERSE, body: said.bytes, dimensions: who })
        const before = Buffer.from(said.bytes)
        const { request } = prepareRequest(call, { ...ON, model: named })
        expect(request.bodySha256).toBe(sha256(request.body))
        expect(request.canonicalPath).toBe(canonicalUri(request.path))
        expect(request.canonicalQuery).toBe(canonicalQuery(request.path))
        expect(said.bytes.equals(before)).toBe(true)
      }),
    )
  })

  it('[Y14] carries what may be carried of the dimensions, and says what may not', () => {
    const own = fc.record({ requestMetadata: fc.constantFrom({}, { own: 'x' }, { team: 'mine' }) })
    fc.assert(
      fc.property(looseBody(own), dimensions, (said, who) => {
        const call = admitted({ path: CONVERSE, body: said.bytes, dimensions: who })
        const { request, changes, metadataDropped } = prepareRequest(call, ON)
        const theirs = said.object['requestMetadata'] as Record<string, string>
        const known = Object.entries(who).filter(([, value]) => value !== 'unknown')
        const fits = known.filter(
          ([name, value]) => !(name in theirs) && /^[a-z ]{1,256}$/.test(value),
        )
        const dropped = known.filter((entry) => !fits.includes(entry)).map(([name]) => name)
        const { requestMetadata } = JSON.parse(request.body.toString()) as {
          requestMetadata: object
        }
        expect(requestMetadata).toEqual({
          ledgerock_call_id: 'call-1',
          ...Object.fromEntries(fits),
          ...theirs,
        })
        const said_ = dropped.length === 0 ? [] : [`request_metadata_dropped:${dropped.join()}`]
        expect(changes).toEqual(['request_metadata', ...said_])
        expect(metadataDropped).toBe(dropped.length)
        expect(insertedBy(said.bytes, request.body).removed).toBe('')
      }),
    )
  })

  it('[Y15] is made anew for every attempt: only the call id differs', () => {
    fc.assert(
      fc.property(looseBody(fc.constant({})), dimensions, (said, who) => {
        const call = admitted({ path: CONVERSE, body: said.bytes, dimensions: who })
        const [first, second] = ['call-1', 'call-2'].map((callId) =>
          prepareRequest(call, { ...ON, callId }),
        )
        const renamed = first?.request.body.toString().replace('"call-1"', '"call-2"')
        expect(second?.request.body.toString()).toBe(renamed)
        expect(second?.changes).toEqual(first?.changes)
      }),
    )
  })

  it('[Y14] names another model and asks for the usage in one go, and leaves the rest of a body alone', () => {
    const asked = fc.record(
      {
        stream_options: fc.constantFrom(
          null,
          {},
          { include_usage: false },
          { include_usage: true },
        ),
      },
      { requiredKeys: [] },
    )
    const members = asked.map((options) => ({
      model: 'openai.gpt-oss-20b-1:0',
      stream: true,
      ...options,
    }))
    const model = fc.constantFrom(null, OTHER)
    fc.assert(
      fc.property(looseBody(members), model, (said, named) => {
        const call = admitted({ path: CHAT, body: said.bytes })
        const { request, changes, hidesUsage } = prepareRequest(call, { ...OFF, model: named })
        const options = said.object['stream_options'] as
          { include_usage?: boolean } | null | undefined
        const isAsked = options?.include_usage === true
        expect(JSON.parse(request.body.toString())).toEqual({
          ...said.object,
          ...(named === null ? {} : { model: named }),
          stream_options: { ...options, include_usage: true },
        })
        expect(changes).toEqual(isAsked ? [] : ['include_usage'])
        expect(hidesUsage).toBe(!isAsked)
        expect(request.path).toBe(CHAT)
        if (isAsked && named === null) expect(request.body).toBe(said.bytes)
      }),
    )
  })

  it('[Y14] names another model in the path, fully encoded, and keeps the query', () => {
    const call = admitted({ path: CONVERSE, body: Buffer.from('{}') })
    const { request, changes } = prepareRequest(call, { ...OFF, model: OTHER })
    expect(request.path).toBe(`/model/${encodeURIComponent(OTHER)}/converse?a=%20`)
    expect(request.body.toString()).toBe('{}')
    expect(changes).toEqual([])
  })

  it('[Y14] has one metadata header, beside the fields the client sent in the order it sent them', () => {
    const metadata = ['X-Amzn-Bedrock-Request-Metadata', ' {"own":"x"}']
    for (const own of [[], metadata]) {
      const headers = ['A', '1', ...own, 'B', '2']
      const call = admitted({ path: INVOKE, body: Buffer.from('{}'), headers })
      const { request, changes } = prepareRequest(call, ON)
      const name = 'x-amzn-bedrock-request-metadata'
      expect(request.headers.slice(0, -1)).toEqual(['A', '1', 'B', '2', name])
      const sent = JSON.parse(request.headers.at(-1) ?? '') as object
      expect(sent).toEqual({ ledgerock_call_id: 'call-1', ...(own.length > 0 ? { own: 'x' } : {}) })
      expect(changes).toEqual(['request_metadata'])
      expect(request.body).toBe(call.payload.bytes)
    }
  })

  it.each(['"text"', '[1]', '17', 'true'])(
    '[Y14] leaves metadata that is none for Bedrock to refuse: %s',
    (text) => {
      const body = Buffer.from(`{"requestMetadata":${text}}`)
      const call = admitted({ path: CONVERSE, body, dimensions: { team: 'search' } })
      const { request, changes, metadataDropped } = prepareRequest(call, ON)
      expect(request.body).toBe(body)
      expect(changes).toEqual(['request_metadata_dropped:ledgerock_call_id,team'])
      expect(metadataDropped).toBe(2)
    },
  )

  it('[Y14] [Y33] [Y46] [Y47] carries all changes of a body at once, each where it belongs', () => {
    const others = fc.dictionary(
      fc.constantFrom('messages', 'system', 'inferenceConfig', 'serviceTier', 'requestMetadata'),
      fc.constantFrom(null, {}),
      { noNullPrototype: true },
    )
    fc.assert(
      fc.property(others, fc.constantFrom(0, 2), fc.boolean(), (document, indent, guarded) => {
        const body = Buffer.from(JSON.stringify(document, null, indent))
        const call = {
          ...admitted({ path: CONVERSE, body, dimensions: { team: 'search' } }),
          guardrail: guarded ? { id: 'abc', version: '1' } : null,
        }
        const { request, changes } = prepareRequest(call, { ...ON, tier: 'flex', maxTokens: 77 })
        expect(JSON.parse(request.body.toString())).toEqual({
          ...document,
          inferenceConfig: { maxTokens: 77 },
          serviceTier: { type: 'flex' },
          requestMetadata: { ledgerock_call_id: 'call-1', team: 'search' },
          ...(guarded
            ? { guardrailConfig: { guardrailIdentifier: 'abc', guardrailVersion: '1' } }
            : {}),
        })
        expect(changes).toContain('max_tokens')
        expect(request.bodySha256).toBe(sha256(request.body))
      }),
    )
  })

  it('[Y47] asks for another tier in the header where InvokeModel has it, once', () => {
    const call = admitted({
      path: INVOKE,
      body: Buffer.from('{}'),
      headers: ['X-Amzn-Bedrock-Service-Tier', 'priority', 'X-Other', 'kept'],
    })
    const { request } = prepareRequest(call, { ...OFF, tier: 'flex' })
    expect(request.headers).toEqual(['X-Other', 'kept', 'x-amzn-bedrock-service-tier', 'flex'])
    expect(request.body.toString()).toBe('{}')
  })
})
