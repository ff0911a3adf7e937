import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { openedLine, settledLine } from '../../journal/testing/sample-lines.ts'
import { systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/logging.ts'
import { createCallTraces, type CallTraces, type TraceSettings } from './call-traces.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'

type Value = { readonly stringValue?: string; readonly intValue?: number }
type Span = {
  readonly traceId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { readonly code: number }
  readonly attributes: readonly { readonly key: string; readonly value: Value }[]
}
type Export = {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** A collector as far as we need one: it keeps what it is sent, and answers as it is told. */
type Collector = { readonly url: string; readonly got: Export[]; status: number }
const servers: Server[] = []

async function startCollector(): Promise<Collector> {
  const got: Export[] = []
  const collector = { url: '', got, status: 200 }
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      got.push({ path: request.url ?? '', headers: request.headers, text })
      response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}')
    })
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  collector.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return collector
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

function tracesTo(endpoint: string, more: Partial<TraceSettings> = {}): CallTraces {
  const settings = {
    endpoint,
    headers: {},
    sampleRatio: 1,
    version: '9.9.9',
    instance: 'worker-1',
  }
  const deps = { clock: systemClock, logger: createLogger('test', 'silent') }
  return createCallTraces({ ...settings, ...more }, deps)
}

const spansOf = (got: readonly Export[]): readonly Span[] =>
  got.flatMap(({ text }) => {
    type Body = { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }
    const { resourceSpans } = JSON.parse(text) as Body
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
  })

describe('call traces', () => {
  it('[Y27] reach a collector as children of the caller’s span, with their own times', async () => {
    const collector = await startCollector()
    const traces = tracesTo(collector.url, { headers: { 'x-api': 'secret one', 'x-more': '2' } })
    const opened = openedLine(1, { startedAt: 1_790_000_000_000 })
    const line = settledLine(1, {
      endedAt: 1_790_000_001_250,
      status: 'throttled',
      httpStatus: 429,
    })
    traces.settled(opened, line, `00-${TRACE}-${SPAN}-01`)
    await traces.close()
    const [sent] = collector.got
    expect(sent?.path).toBe('/v1/traces')
    expect(sent?.headers['content-type']).toBe('application/json')
    expect(sent?.headers['x-api']).toBe('secret one')
    expect(sent?.text).toContain('"service.name","value":{"stringValue":"ledgerock"}')
    const [span] = spansOf(collector.got)
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, kind: 3, status: { code: 2 } })
    expect(span?.startTimeUnixNano).toBe('1790000000000000000')
    expect(span?.endTimeUnixNano).toBe('1790000001250000000')
    const keys = span?.attributes.map(({ key }) => key)
    expect(keys).toContain('gen_ai.request.model')
    expect(keys).not.toContain('ledgerock.interrupted_by')
    expect(traces.status()).toEqual({ exported: 1, dropped: 0, failed: 0 })
  })

  it('[Y27] are sampled as the caller says, and by their own ratio where it says nothing', async () => {
    const collector = await startCollector()
    const traces = tracesTo(collector.url, { sampleRatio: 0 })
    for (let call = 0; call < 20; call += 1) {
      traces.settled(openedLine(call), settledLine(call), null)
      traces.settled(openedLine(call), settledLine(call), `00-${TRACE}-${SPAN}-00`)
    }
    traces.settled(openedLine(30), settledLine(30), `00-${TRACE}-${SPAN}-01`)
    await traces.close()
    expect(spansOf(collector.got)).toHaveLength(1)
  })

  it('[Y27] hold no content, nor the usage the provider wrote', async () => {
    const collector = await startCollector()
    const traces = tracesTo(collector.url)
    const line = settledLine(1, { rawUsage: '{"canary":"CANARY-7d1f"}' })
    traces.settled(openedLine(1), line, null)
    await traces.close()
    expect(collector.got).toHaveLength(1)
    expect(JSON.stringify(collector.got)).not.toContain('CANARY')
  })

  it('[Y27] are counted where the collector is down or says no, and throw nothing', async () => {
    const collector = await startCollector()
    collector.status = 400
    const refused = tracesTo(collector.url)
    refused.settled(openedLine(1), settledLine(1), null)
    await refused.close()
    expect(refused.status()).toEqual({ exported: 0, dropped: 0, failed: 1 })
    const [server] = servers.splice(0)
    server?.close()
    server?.closeAllConnections()
    const down = tracesTo(collector.url)
    down.settled(openedLine(1), settledLine(1), null)
    await down.close()
    expect(down.status()).toEqual({ exported: 0, dropped: 0, failed: 1 })
  })

  it('[Y27] are dropped and counted past their queue, and their memory is bounded', async () => {
    const collector = await startCollector()
    const traces = tracesTo(collector.url)
    for (let call = 0; call < 5_000; call += 1) {
      traces.settled(openedLine(call), settledLine(call), null)
    }
    expect(traces.status().dropped).toBe(5_000 - 2_048)
    await traces.close()
    expect(spansOf(collector.got)).toHaveLength(2_048)
    expect(traces.status().exported).toBe(2_048)
  })
})
