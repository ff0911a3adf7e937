// An upstream that costs as little as a Node server can: it takes any request and answers every one with the same response of
// its shape (Converse, chat completion, about 700 bytes; ConverseStream, a few writes of several frames), so that what is measured
// is the proxy before it. A process of its own.

import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { childArgument, tellParent } from '../child.ts'
import { streamFrames } from './stream-frames.ts'

const TEXT =
  'Days that could not be taken because of illness do not lapse on 31 March. They are carried over for fifteen months after the ' +
  'end of the year they belong to (§ 4.3), as long as the employee could not have taken them before falling ill. The five days ' +
  'of ordinary carry-over (§ 4.2) are counted separately and lapse first. A doctor’s note is needed for every period longer ' +
  'than three days; shorter ones are settled with the team lead and noted in the leave calendar.'
const CONVERSE = JSON.stringify({
  metrics: { latencyMs: 812 },
  output: { message: { content: [{ text: TEXT }], role: 'assistant' } },
  stopReason: 'end_turn',
  usage: {
    cacheReadInputTokens: 0,
    cacheWriteInputTokens: 0,
    inputTokens: 498,
    outputTokens: 117,
    totalTokens: 615,
  },
})
const CHAT = JSON.stringify({
  id: 'chatcmpl-8d4c1f525b0e4a7e9a33',
  object: 'chat.completion',
  created: 1_795_000_000,
  model: 'openai.gpt-oss-120b-1:0',
  choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 498, completion_tokens: 117, total_tokens: 615 },
})
const STREAM_FRAMES = 60
const FRAMES_PER_WRITE = 5
const HEX_DIGITS = 12

const frames = streamFrames(STREAM_FRAMES)
const writes = Array.from({ length: Math.ceil(STREAM_FRAMES / FRAMES_PER_WRITE) }, (_, index) =>
  Buffer.concat(frames.slice(index * FRAMES_PER_WRITE, (index + 1) * FRAMES_PER_WRITE)),
)
let answers = 0

function headersOf(contentType: string): Record<string, string> {
  answers += 1
  const id = answers.toString(16).padStart(HEX_DIGITS, '0')
  return {
    'content-type': contentType,
    'x-amzn-requestid': `8d4c1f52-5b0e-4a7e-9a33-${id}`,
  }
}

function answer(response: ServerResponse, body: string): void {
  response.writeHead(200, {
    ...headersOf('application/json'),
    'content-length': Buffer.byteLength(body),
  })
  response.end(body)
}

/** One write in each turn of the event loop, so that they travel apart. */
function stream(response: ServerResponse, next: number): void {
  if (next === writes.length) return void response.end()
  response.write(writes[next])
  setImmediate(stream, response, next + 1)
}

childArgument()
const server = createServer({ keepAliveTimeout: 0, noDelay: true }, (request, response) => {
  request.resume()
  request.on('end', () => {
    const path = request.url ?? ''
    if (path.endsWith('-stream')) {
      response.writeHead(200, headersOf('application/vnd.amazon.eventstream'))
      stream(response, 0)
    } else answer(response, path.endsWith('/chat/completions') ? CHAT : CONVERSE)
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
tellParent({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
