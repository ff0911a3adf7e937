// An upstream that costs as little as a Node server can: it takes any request and answers every one with the same Converse
// response of about 700 bytes, so that what is measured is the proxy before it. A process of its own.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { childArgument, tellParent } from '../child.ts'

const TEXT =
  'Days that could not be taken because of illness do not lapse on 31 March. They are carried over for fifteen months after the ' +
  'end of the year they belong to (§ 4.3), as long as the employee could not have taken them before falling ill. The five days ' +
  'of ordinary carry-over (§ 4.2) are counted separately and lapse first. A doctor’s note is needed for every period longer ' +
  'than three days; shorter ones are settled with the team lead and noted in the leave calendar.'
const BODY = JSON.stringify({
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
const BODY_BYTES = Buffer.byteLength(BODY)
const HEX_DIGITS = 12

childArgument()
let answers = 0
const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  request.resume()
  request.on('end', () => {
    answers += 1
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': BODY_BYTES,
      'x-amzn-requestid': `8d4c1f52-5b0e-4a7e-9a33-${answers.toString(16).padStart(HEX_DIGITS, '0')}`,
    })
    response.end(BODY)
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
tellParent({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
