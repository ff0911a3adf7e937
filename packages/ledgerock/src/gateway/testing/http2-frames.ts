// HTTP/2 by the byte, for what no client library would send: frames (RFC 9113 §4.1) and header blocks of plain literals (RFC 7541
// §6.2.2).

import { connect, type Socket } from 'node:net'

export const FRAME = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const
export const FLAG = { ack: 1, endStream: 1, endHeaders: 4 } as const

export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Buffer = Buffer.alloc(0),
): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Each field as a literal without indexing, not Huffman-coded; lengths below 127. */
export function headerBlock(fields: readonly (readonly [name: string, value: string])[]): Buffer {
  const literal = (text: string): Buffer => {
    const bytes = Buffer.from(text, 'latin1')
    return Buffer.concat([Buffer.from([bytes.length]), bytes])
  }
  return Buffer.concat(
    fields.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]),
  )
}

export const REQUEST_FIELDS = [
  [':method', 'POST'],
  [':scheme', 'http'],
  [':path', '/called'],
  [':authority', 'x'],
] as const

export type Frame = {
  readonly type: number
  readonly flags: number
  readonly stream: number
  readonly payload: Buffer
}

export type RawSession = {
  readonly socket: Socket
  readonly send: (...frames: readonly Buffer[]) => void
  /** The next frame of that type. */
  readonly frameOf: (type: number) => Promise<Frame>
  readonly closed: Promise<void>
}

/** A connection that has said the preface and its settings, and answers nothing by itself. */
export function openRawSession(port: number): RawSession {
  const socket = connect(port, '127.0.0.1')
  const got: Frame[] = []
  const waiting: (() => void)[] = []
  const wake = (): void => {
    for (const resume of waiting.splice(0)) resume()
  }
  let rest: Buffer = Buffer.alloc(0)
  let isClosed = false
  socket.on('error', () => undefined)
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const end = 9 + rest.readUIntBE(0, 3)
      const [type, flags, stream] = [rest.readUInt8(3), rest.readUInt8(4), rest.readUInt32BE(5)]
      got.push({ type, flags, stream, payload: rest.subarray(9, end) })
      rest = rest.subarray(end)
    }
    wake()
  })
  const closed = new Promise<void>((resolve) =>
    socket.on('close', () => {
      isClosed = true
      wake()
      resolve()
    }),
  )
  socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
  socket.write(frame(FRAME.settings, 0, 0))
  return {
    socket,
    closed,
    send: (...frames) => void socket.write(Buffer.concat(frames)),
    async frameOf(type) {
      for (;;) {
        const at = got.findIndex((one) => one.type === type)
        if (at >= 0) return got.splice(at, 1)[0] as Frame
        if (isClosed) throw new Error(`the connection closed without a frame ${type}`)
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
  }
}
