// The gateway before an upstream with TLS, as Bedrock is: one connection carries many calls over HTTP/2.

import { generate } from 'selfsigned'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startSimulator, type Simulator } from '@ledgerock/bedrock-simulator'
import { OPEN_KEY, startGateway, type RunningGateway } from '../testing/running-gateway.ts'

const CALLS = 40
const BODY = '{"messages":[{"role":"user","content":[{"text":"Name three rivers."}]}]}'
const headers = { authorization: `Bearer ${OPEN_KEY}`, 'content-type': 'application/json' }

let upstream: Simulator
let gateway: RunningGateway
const trusted = process.env['NODE_TLS_REJECT_UNAUTHORIZED']

beforeAll(async () => {
  const pair = await generate([{ name: 'commonName', value: '127.0.0.1' }])
  upstream = await startSimulator({ tls: { cert: pair.cert, key: pair.private } })
  // The certificate is the test's own, so nobody else vouches for it.
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  gateway = await startGateway({ endpoint: upstream.url })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
  if (trusted === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
  else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = trusted
})

async function call(operation: string): Promise<{ status: number; bytes: number }> {
  const url = `${gateway.url}/model/us.anthropic.claude-sonnet-4-6/${operation}`
  const response = await fetch(url, { method: 'POST', headers, body: BODY })
  return { status: response.status, bytes: (await response.arrayBuffer()).byteLength }
}

it('[Y19] calls over TLS share connections by HTTP/2, and each is whole and settled', async () => {
  const answers = await Promise.all(
    Array.from({ length: CALLS }, (_, index) =>
      call(index % 2 === 0 ? 'converse' : 'converse-stream'),
    ),
  )
  expect(answers.every(({ status, bytes }) => status === 200 && bytes > 0)).toBe(true)
  const calls = upstream.calls()
  expect(new Set(calls.map(({ protocol }) => protocol))).toEqual(new Set(['h2']))
  const sent = calls.reduce((sum, { response_bytes }) => sum + response_bytes, 0)
  expect(answers.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(sent)
  const settled = gateway.lines().map(({ settled: line }) => line)
  expect(settled.filter((line) => line?.status === 'ok' && line.cost !== null)).toHaveLength(CALLS)
})
