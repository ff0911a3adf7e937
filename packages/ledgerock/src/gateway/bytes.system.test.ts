// Bytes in = bytes out, against an upstream that understands nothing: random requests of every family and random answers of every
// kind pass as they are, and where a change is switched on they differ by exactly that change.

import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  expectAnswer,
  expectFields,
  expectRequest,
  startBench,
  type Bench,
} from './testing/byte-bench.ts'
import { arbitraryMetadata, insertedBy, metadataAdded } from './testing/metadata-oracle.ts'
import { randomChatStream } from './testing/random-chat-stream.ts'
import {
  aRequest,
  inChunks,
  randomReply,
  randomRequest,
  type RandomRequest,
} from './testing/random-exchange.ts'
import { document, objectWith } from './testing/random-json.ts'
import { exchangeRaw } from './testing/running-listener.ts'
import { OPEN_KEY, SEARCH_KEY } from './testing/running-gateway.ts'

const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
const CONVERSE = `/model/${CLAUDE}/converse`
const INVOKE = `/model/${CLAUDE}/invoke`
const METADATA_HEADER = 'x-amzn-bedrock-request-metadata'

const PROTOCOLS = ['http/1.1', 'h2c'] as const
const protocol = fc.constantFrom(...PROTOCOLS)

describe('with every change switched off', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await startBench({ injectMetadata: false, bodyBytesMax: 1_000_000 })
  })
  afterAll(() => bench.close())

  it('[Y4] [Y14] random requests and answers pass unchanged, over either protocol', async () => {
    const seen = bench.gateway.lines().length
    await fc.assert(
      fc.asyncProperty(randomRequest(SEARCH_KEY), randomReply, async (request, reply) => {
        const { sent, answer } = await bench.exchange(request, reply)
        expectRequest(sent, request)
        expectAnswer(answer, reply)
      }),
      { numRuns: 400 },
    )
    const lines = bench.gateway.lines().slice(seen)
    expect(lines.length).toBeGreaterThanOrEqual(400)
    expect(lines.flatMap(({ settled }) => settled?.changes ?? ['not settled'])).toEqual([])
  })

  it('[Y4] passes what nests as deep as it may, and refuses what nests deeper', async () => {
    for (const [depth, status] of [
      [127, 200],
      [128, 400],
    ] as const) {
      const body = `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
      const request = aRequest({ path: CONVERSE, body })
      if (status === 200) expectRequest((await bench.exchange(request)).sent, request)
      else await expectRefused(request, 400)
    }
  })

  it('[Y4] passes a compressed body where nothing in it is accounted for, and refuses it elsewhere', async () => {
    const body = gzipSync(JSON.stringify({ input: { converse: { messages: [] } } }))
    const compressed = { body, headers: [['Content-Encoding', 'gzip']] } as const
    const request = aRequest({ path: `/model/${CLAUDE}/count-tokens`, ...compressed })
    expectRequest((await bench.exchange(request)).sent, request)
    for (const path of [CONVERSE, INVOKE, '/anthropic/v1/messages']) {
      await expectRefused(aRequest({ path, ...compressed }), 400)
    }
  })

  it('[Y4] passes an answer without a body, and a body where none is usual', async () => {
    const path = '/openai/v1/responses/resp_1a'
    for (const spoken of PROTOCOLS) {
      for (const status of [204, 205, 304]) {
        const empty = { status, headers: [['X-Odd', 'a']], chunks: [], framing: 'none' } as const
        const asked = { ...aRequest({ path, body: '' }), framing: 'none' } as const
        const request = { ...asked, method: 'DELETE', protocol: spoken }
        const { sent, answer } = await bench.exchange(request, empty)
        expectRequest(sent, request)
        expectAnswer(answer, empty)
      }
      for (const method of ['GET', 'DELETE']) {
        const request = { ...aRequest({ path, body: 'a body' }), method, protocol: spoken }
        expectRequest((await bench.exchange(request)).sent, request)
      }
    }
  })

  it('[Y14] never sends on a body that names an accounting key twice, however it is written', async () => {
    for (const [path, body] of [
      [CONVERSE, '{"requestMetadata":{"team":"a"},"requestMetadata":{}}'],
      [CONVERSE, '{"requestMetadata":null,"request\\u004detadata":{"team":"b"}}'],
      ['/openai/v1/chat/completions', '{"model":"a","\\u006dodel":"b"}'],
      ['/openai/v1/chat/completions', '{"model":"a","stream":true,"stream":false}'],
      ['/async-invoke', '{"modelId":"a","modelId":"b"}'],
    ] as const) {
      await expectRefused(aRequest({ path, body }), 400)
    }
  })

  it('[Y22] one request in is one request out, whatever its body and fields look like', async () => {
    const hidden = 'POST /model/x/invoke HTTP/1.1\r\nHost: evil\r\nContent-Length: 0\r\n\r\n'
    const body = Buffer.from(`0\r\n\r\n${hidden}`)
    for (const spoken of PROTOCOLS) {
      for (const framing of ['length', 'chunked'] as const) {
        bench.upstream.takeWire()
        const path = `/model/${CLAUDE}/count-tokens?x=%0d%0aHost:%20evil`
        const request = { ...aRequest({ path, body }), framing, protocol: spoken }
        const { sent } = await bench.exchange(request)
        expectRequest(sent, request)
        const wire = bench.upstream.takeWire().toString('latin1')
        expect(wire.endsWith(body.toString('latin1'))).toBe(true)
        const head = wire.slice(0, wire.indexOf('\r\n\r\n')).toLowerCase()
        expect(head.split('\r\n').filter((line) => line.startsWith('content-length:'))).toEqual([
          `content-length: ${body.length}`,
        ])
        expect(head).not.toContain('transfer-encoding')
      }
    }
  })

  it('[Y22] what could be read in two ways never gets upstream, nor what hides behind it', async () => {
    const hidden = 'POST /model/x/invoke HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n'
    const head = `POST ${INVOKE} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${SEARCH_KEY}\r\n`
    bench.upstream.takeWire()
    for (const rest of [
      'content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
      'content-length: 2\r\ncontent-length: 3\r\n\r\n{}',
      'content-length: 2\r\nContent-Length: 2\r\n\r\n{}',
      'transfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
      'transfer-encoding: chunked\r\nx: y\n content-length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
      'content-length : 2\r\n\r\n{}',
      'x: a\0b\r\ncontent-length: 2\r\n\r\n{}',
    ]) {
      expect(await exchangeRaw(bench.gateway.port, head + rest + hidden)).toMatch(
        /^HTTP\/1\.1 400 /,
      )
    }
    // Fields that name a framing of their own belong to the client's connection, not to ours.
    const named = 'connection: close, content-type\r\ncontent-type: application/json\r\n'
    await exchangeRaw(bench.gateway.port, `${head}${named}content-length: 2\r\n\r\n{}`)
    const [sent, ...more] = bench.upstream.take()
    expect(more).toEqual([])
    expect(sent?.headers.map(([name]) => name.toLowerCase())).not.toContain('content-type')
  })

  async function expectRefused(request: RandomRequest, status: number): Promise<void> {
    bench.upstream.take()
    expect((await bench.send(request)).status).toBe(status)
    expect(bench.upstream.take()).toEqual([])
  }
})

describe('with request metadata injected', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await startBench({ injectMetadata: true })
  })
  afterAll(() => bench.close())

  it('[Y14] a Converse body gains the entries its record lists, and not a byte besides', async () => {
    const body = arbitraryMetadata.chain((own) =>
      objectWith(own.text === null ? [] : [`"requestMetadata" : ${own.text}`]).map((text) => ({
        own,
        text,
      })),
    )
    const key = fc.constantFrom(SEARCH_KEY, OPEN_KEY)
    await fc.assert(
      fc.asyncProperty(
        body,
        protocol,
        key,
        randomReply,
        async ({ own, text }, spoken, secret, reply) => {
          const request = { ...aRequest({ path: CONVERSE, body: text, secret }), protocol: spoken }
          const { sent, answer } = await bench.exchange(request, reply)
          expectFields(sent, request)
          expectAnswer(answer, reply)
          const callId = bench.gateway.lines().at(-1)?.opened.callId ?? ''
          const dimensions = bench.gateway.lines().at(-1)?.opened.dimensions ?? {}
          const added = metadataAdded(own, { ledgerock_call_id: callId, ...dimensions })
          expect(bench.changes()).toEqual(added.changes)
          if (!added.changes.includes('request_metadata')) {
            expect(sent.body.toString()).toBe(text)
            return
          }
          const { removed, inserted } = insertedBy(Buffer.from(text), sent.body)
          expect(removed).toBe(own.text === 'null' ? 'null' : '')
          expect(inserted).not.toBe('')
          const { requestMetadata } = JSON.parse(sent.body.toString()) as {
            requestMetadata: unknown
          }
          expect(requestMetadata).toEqual(added.metadata)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('[Y14] an InvokeModel header gains them, and the body is untouched', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryMetadata, document, protocol, async (own, body, spoken) => {
        fc.pre(own.text === null || own.entries !== null)
        const written = own.text ?? ''
        const headers = own.text === null ? [] : [[METADATA_HEADER, written] as const]
        const request = { ...aRequest({ path: INVOKE, body, headers }), protocol: spoken }
        const { sent } = await bench.exchange(request)
        expect(sent.body.toString()).toBe(body)
        const { callId, dimensions } = bench.gateway.lines().at(-1)?.opened ?? {
          callId: '',
          dimensions: {},
        }
        const added = metadataAdded(own, { ledgerock_call_id: callId, ...dimensions })
        expect(bench.changes()).toEqual(added.changes)
        const found = sent.headers.filter(([name]) => name.toLowerCase() === METADATA_HEADER)
        expect(found).toHaveLength(1)
        expect(JSON.parse(found[0]?.[1] ?? '')).toEqual(added.metadata)
        const rest = sent.headers.filter(([name]) => name.toLowerCase() !== METADATA_HEADER)
        const without = { ...aRequest({ path: INVOKE, body }), protocol: spoken }
        expectFields({ ...sent, headers: rest }, without)
      }),
      { numRuns: 100 },
    )
  })

  it('[Y14] every route that takes none stays as it is', async () => {
    await fc.assert(
      fc.asyncProperty(randomRequest(SEARCH_KEY), randomReply, async (request, reply) => {
        fc.pre(
          !/\/(converse|converse-stream|invoke|invoke-with-response-stream)(\?|$)/.test(
            request.path,
          ),
        )
        const { sent, answer } = await bench.exchange(request, reply)
        expectRequest(sent, request)
        expectAnswer(answer, reply)
        expect(bench.changes()).toEqual([])
      }),
      { numRuns: 100 },
    )
  })
})

describe('with the usage of chat streams asked for', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = await startBench({})
  })
  afterAll(() => bench.close())

  const CHAT = '/openai/v1/chat/completions'
  const asking = ['"model":"openai.gpt-oss-20b-1:0"', '"stream":true']
  const options = fc.constantFrom<readonly string[]>(
    [],
    ['"stream_options":null'],
    ['"stream_options" : { }'],
    ['"stream_options":{"include_usage":false}'],
    ['"stream_options":{"include_obfuscation":true , "include_usage": null}'],
  )

  it('[Y14] the request gains the option, and the client sees nothing of what came of it', async () => {
    const body = options.chain((said) => objectWith([...asking, ...said]))
    const stream = randomChatStream.chain((made) =>
      inChunks(made.upstream).map((chunks) => ({ made, chunks })),
    )
    await fc.assert(
      fc.asyncProperty(body, stream, protocol, async (text, { made, chunks }, spoken) => {
        const request = { ...aRequest({ path: CHAT, body: text }), protocol: spoken }
        const reply = {
          status: 200,
          headers: [['Content-Type', 'text/event-stream']],
          chunks,
          framing: 'chunked',
        } as const
        const { sent, answer } = await bench.exchange(request, reply)
        expectFields(sent, request)
        expect(bench.changes()).toEqual(['include_usage'])
        const { removed, inserted } = insertedBy(Buffer.from(text), sent.body)
        // `false` and `true` end alike.
        expect(['', 'null', 'fals']).toContain(removed)
        expect(inserted).not.toBe('')
        const { stream_options: asked } = JSON.parse(sent.body.toString()) as {
          stream_options: object
        }
        const { stream_options: before } = JSON.parse(text) as { stream_options?: object | null }
        expect(asked).toEqual({ ...before, include_usage: true })
        expect(answer.body.toString()).toBe(made.shown.toString())
      }),
      { numRuns: 150 },
    )
  })
})

describe('with a fallback', () => {
  it('[Y15] the second attempt differs by the model in its path, and says so', async () => {
    const bench = await startBench({
      injectMetadata: false,
      routes: [
        {
          when: {},
          budget: null,
          from: (model) => model === CLAUDE,
          to: [],
          fallback: [{ region: null, scope: null, model: 'global.anthropic.claude-sonnet-4-6' }],
        },
      ],
    })
    await fc.assert(
      fc.asyncProperty(document, protocol, async (body, spoken) => {
        const headers = [['X-Custom', 'Gr\u00fc\u00dfe']] as const
        const request = {
          ...aRequest({ path: `${INVOKE}?a=%20`, body, headers }),
          protocol: spoken,
        }
        const busy = { status: 503, headers: [], chunks: [], framing: 'length' } as const
        const fine = {
          status: 200,
          headers: [],
          chunks: [Buffer.from('{}')],
          framing: 'length',
        } as const
        bench.upstream.take()
        bench.upstream.reply(busy, fine)
        const answer = await bench.send(request)
        const [first, second, ...more] = bench.upstream.take()
        if (first === undefined || second === undefined) throw new Error('not tried twice')
        expect(more).toEqual([])
        expect(answer.status).toBe(200)
        expectRequest(first, request)
        const path = '/model/global.anthropic.claude-sonnet-4-6/invoke?a=%20'
        expectRequest(second, { ...request, path })
        expect(bench.changes()).toEqual(['fallback:model'])
      }),
      { numRuns: 30 },
    )
    await bench.close()
  })
})
