import { expect, it } from 'vitest'
import { clientHeaders } from './client-headers.ts'

it('[Y4] passes the headers of an answer on, but for those of one connection', () => {
  const answer = {
    'content-type': 'application/json',
    'x-amzn-requestid': '8d4c1f52',
    'x-amzn-bedrock-input-token-count': '9',
    'set-cookie': ['a=1', 'b=2'],
    connection: 'keep-alive',
    'keep-alive': 'timeout=5',
    'proxy-authenticate': 'Basic',
    'proxy-connection': 'close',
    te: 'trailers',
    trailer: 'x-checksum',
    'transfer-encoding': 'chunked',
    upgrade: 'h2c',
  }
  expect(clientHeaders(answer)).toEqual({
    'content-type': 'application/json',
    'x-amzn-requestid': '8d4c1f52',
    'x-amzn-bedrock-input-token-count': '9',
    'set-cookie': ['a=1', 'b=2'],
  })
})

it('[Y4] leaves the headers it was given alone', () => {
  const answer = Object.freeze({ 'content-type': 'text/plain' })
  const passed = clientHeaders(answer)
  passed['x-added'] = 'ours'
  expect(answer).toEqual({ 'content-type': 'text/plain' })
})
