// Answers to what is no request that could be handled: written by hand in the shape of Bedrock, after which the connection ends.

import type { Duplex } from 'node:stream'
import { bedrockError } from '../../bedrock/error.ts'

const REASONS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Content Too Large',
  431: 'Request Header Fields Too Large',
}
/** So long a client may take to read the answer and close; closing at once could take the answer with it. */
const LINGER_MS = 1_000

/** Answers and closes, whatever else the client still sends. */
export function endWith(socket: Duplex, status: number, message: string): void {
  const { headers, body } = bedrockError(status, 'ValidationException', message)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = `HTTP/1.1 ${status} ${REASONS[status] ?? ''}\r\n${lines.join('')}connection: close\r\n\r\n`
  socket.end(head + body.toString())
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(timer))
}
