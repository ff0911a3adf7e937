// An upstream that answers only as far as the test lets it: each request is handed over, to be answered byte by byte, and tells
// how it ended. And real answers of the simulator, cut into their frames, to answer with.

import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startSimulator } from '@ledgerock/bedrock-simulator'

export type HeldCall = {
  readonly head: (status: number, headers: Readonly<Record<string, string>>) => void
  readonly write: (bytes: Buffer) => void
  readonly end: () => void
  /** `whole`: the answer was ended by the test; `cut`: by the gateway, before that. */
  readonly over: Promise<'whole' | 'cut'>
}

export type HeldUpstream = {
  readonly url: string
  /** The next request, when it is here. */
  readonly next: () => Promise<HeldCall>
  /** Requests seen so far. */
  readonly count: () => number
  readonly close: () => Promise<void>
}

export async function startHeldUpstream(): Promise<HeldUpstream> {
  const arrived: HeldCall[] = []
  const waiting: ((call: HeldCall) => void)[] = []
  let count = 0
  const server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      count += 1
      const call = heldCall(response)
      const next = waiting.shift()
      if (next === undefined) arrived.push(call)
      else next(call)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    next() {
      const call = arrived.shift()
      if (call !== undefined) return Promise.resolve(call)
      return new Promise((resolve) => waiting.push(resolve))
    },
    count: () => count,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function heldCall(response: ServerResponse): HeldCall {
  const over = new Promise<'whole' | 'cut'>((resolve) => {
    response.on('close', () => resolve(response.writableFinished ? 'whole' : 'cut'))
  })
  return {
    over,
    head(status, headers) {
      response.writeHead(status, headers)
      response.flushHeaders()
    },
    write: (bytes) => void response.write(bytes),
    end: () => void response.end(),
  }
}

/** An answer of the simulator's, with what it charges for it. */
export type SampleAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Frames or events of a stream; a unary answer in two halves. */
  readonly parts: readonly Buffer[]
  readonly usage: { readonly input: number; readonly output: number }
}

export async function sampleAnswer(
  path: string,
  body: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<SampleAnswer> {
  const simulator = await startSimulator({ outputTokens: { min: 6, max: 6 } })
  try {
    const headers = { authorization: 'Bearer x', 'content-type': 'application/json', ...extra }
    const response = await fetch(`${simulator.url}${path}`, { method: 'POST', body, headers })
    const bytes = Buffer.from(await response.arrayBuffer())
    const usage = simulator.calls()[0]?.usage
    if (response.status !== 200 || !usage) throw new Error(`no sample: ${bytes.toString()}`)
    const type = response.headers.get('content-type') ?? ''
    const given = Object.fromEntries(response.headers)
    for (const name of ['connection', 'keep-alive', 'transfer-encoding']) delete given[name]
    return { status: 200, headers: given, parts: partsOf(type, bytes), usage }
  } finally {
    await simulator.close()
  }
}

function partsOf(type: string, bytes: Buffer): Buffer[] {
  if (type.startsWith('application/vnd.amazon.eventstream')) return framesOf(bytes)
  if (type.startsWith('text/event-stream')) return eventsOf(bytes)
  const half = bytes.length >> 1
  return [bytes.subarray(0, half), bytes.subarray(half)]
}

function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = []
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at)) {
    frames.push(bytes.subarray(at, at + bytes.readUInt32BE(at)))
  }
  return frames
}

function eventsOf(bytes: Buffer): Buffer[] {
  return bytes
    .toString()
    .split(/(?<=\n\n)/)
    .map((event) => Buffer.from(event))
}
