import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  echo,
  exchangeRaw,
  readAll,
  startListener,
  type RunningListener,
} from './testing/running-listener.ts'

/** What the handler was given, by its path: nothing of a refused request, and never what hides behind one. */
const served: string[] = []
let running: RunningListener
beforeAll(async () => {
  running = await startListener({
    handler(request, response) {
      served.push(request.url ?? '')
      echo(request, response)
    },
  })
})
afterAll(() => running.close())

const HEAD = 'POST /called HTTP/1.1\r\nhost: x\r\n'
const HIDDEN = 'POST /hidden HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n'
const CHUNKED = 'transfer-encoding: chunked\r\n'

/** Each as it stands in the literature, with a request behind it that a second reader might see. Refused by the head. */
const HEADS: Readonly<Record<string, string>> = {
  'both lengths (CL.TE)': `${HEAD}content-length: 4\r\n${CHUNKED}\r\n0\r\n\r\n`,
  'both lengths (TE.CL)': `${HEAD}${CHUNKED}content-length: 4\r\n\r\n0\r\n\r\n`,
  'two lengths': `${HEAD}content-length: 2\r\ncontent-length: 3\r\n\r\nhi`,
  'the same length twice': `${HEAD}content-length: 2\r\ncontent-length: 2\r\n\r\nhi`,
  'a list of lengths': `${HEAD}content-length: 2, 2\r\n\r\nhi`,
  'a signed length': `${HEAD}content-length: +2\r\n\r\nhi`,
  'a negative length': `${HEAD}content-length: -2\r\n\r\nhi`,
  'a length past 64 bits': `${HEAD}content-length: 18446744073709551618\r\n\r\nhi`,
  'an unknown coding': `${HEAD}transfer-encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'a coding before chunked': `${HEAD}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'chunked not last': `${HEAD}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  'chunked twice': `${HEAD}${CHUNKED}${CHUNKED}\r\n0\r\n\r\n`,
  'a control in the coding': `${HEAD}transfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n`,
  'chunked over HTTP/1.0': `${HEAD.replace('/1.1', '/1.0')}${CHUNKED}\r\n0\r\n\r\n`,
  'a space before the colon': `${HEAD}content-length : 2\r\n\r\nhi`,
  'bare line feeds': 'POST /called HTTP/1.1\nhost: x\ncontent-length: 2\n\nhi',
  'a bare line feed between fields': `${HEAD}x: y\ncontent-length: 2\r\n\r\nhi`,
  'a bare carriage return between fields': `${HEAD}x: y\rcontent-length: 2\r\n\r\nhi`,
  'a bare line feed at the end of the head': `${HEAD}content-length: 2\r\n\nhi`,
  'a folded field': `${HEAD}x: y\r\n z\r\ncontent-length: 2\r\n\r\nhi`,
  'a fold before the first field': 'POST /called HTTP/1.1\r\n x: y\r\nhost: x\r\n\r\n',
  'a zero byte in a value': `${HEAD}x: a\0b\r\n\r\n`,
  'a field without a name': `${HEAD}: y\r\n\r\n`,
  'a field without a colon': `${HEAD}transfer-encoding\r\n\r\n`,
  'two hosts': `${HEAD}host: y\r\n\r\n`,
  'no host': 'POST /called HTTP/1.1\r\n\r\n',
  'an HTTP/2 version in an HTTP/1.1 line': 'POST /called HTTP/2.0\r\nhost: x\r\n\r\n',
  'HTTP/0.9': 'GET /called\r\n\r\n',
  'a method in small letters': 'post /called HTTP/1.1\r\nhost: x\r\n\r\n',
  'a tunnel': 'CONNECT called:443 HTTP/1.1\r\nhost: x\r\n\r\n',
}

/** Refused in the body, when the call had begun: it never gets a whole one. */
const BODIES: Readonly<Record<string, string>> = {
  'a chunk size past 64 bits': `${HEAD}${CHUNKED}\r\nfffffffffffffffff\r\nhi\r\n0\r\n\r\n`,
  'a negative chunk size': `${HEAD}${CHUNKED}\r\n-1\r\nhi\r\n0\r\n\r\n`,
  'a chunk size with a prefix': `${HEAD}${CHUNKED}\r\n0x2\r\nhi\r\n0\r\n\r\n`,
  'a space after a chunk size': `${HEAD}${CHUNKED}\r\n2 \r\nhi\r\n0\r\n\r\n`,
  'bare line feeds between chunks': `${HEAD}${CHUNKED}\r\n2\nhi\n0\n\n`,
  'a bare line feed in a chunk extension': `${HEAD}${CHUNKED}\r\n2;\nhi\r\n0\r\n\r\n`,
  'a chunk longer than its size': `${HEAD}${CHUNKED}\r\n2\r\nhiX0\r\n\r\n`,
}

describe('a request that can be read in two ways', () => {
  it.each(Object.entries(HEADS))('[Y22] gets 400 and the end: %s', async (_, text) => {
    served.length = 0
    const answer = await exchangeRaw(running.port, text + HIDDEN)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(answer.toLowerCase()).toContain('connection: close')
    expect(served).toEqual([])
  })

  it.each(Object.entries(BODIES))('[Y22] gets 400 and the end: %s', async (_, text) => {
    served.length = 0
    const answer = await exchangeRaw(running.port, text + HIDDEN)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(answer).toContain('x-amzn-errortype: ValidationException')
    expect(served).not.toContain('/hidden')
  })

  it('[Y22] never hands on a request that stands behind it, however its bytes are cut', async () => {
    for (const text of [HEADS['both lengths (CL.TE)'], BODIES['a chunk longer than its size']]) {
      for (let cut = 1; cut < (text ?? '').length; cut += 7) {
        served.length = 0
        const socket = connect(running.port, '127.0.0.1')
        const answer = readAll(socket)
        socket.setNoDelay(true)
        socket.write((text ?? '').slice(0, cut))
        await new Promise((resolve) => setImmediate(resolve))
        socket.write((text ?? '').slice(cut) + HIDDEN)
        expect(await answer).toMatch(/^HTTP\/1\.1 400 /)
        expect(served).not.toContain('/hidden')
      }
    }
  })

  it('[Y22] refuses endless chunk extensions and trailers early, and keeps nothing of them', async () => {
    for (const [endless, status] of [
      [`${HEAD}${CHUNKED}\r\n2;${'a'.repeat(100_000)}`, 413],
      [`${HEAD}${CHUNKED}\r\n0\r\nx: ${'a'.repeat(100_000)}`, 431],
    ] as const) {
      const answer = await exchangeRaw(running.port, endless)
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    }
  })

  it('[Y22] does not answer in the place of an earlier request of the same connection', async () => {
    const held = await startListener({ handler: () => undefined })
    const socket = connect(held.port, '127.0.0.1')
    const answer = readAll(socket)
    socket.write(`${HEAD}content-length: 0\r\n\r\n${HEADS['two lengths'] ?? ''}`)
    expect(await answer).toBe('')
    await held.close()
  })

  it('[Y2] counts why connections were ended', () => {
    expect(running.listener.status().cut.not_http).toBeGreaterThan(Object.keys(HEADS).length)
  })
})
