import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answerHealth } from './health.ts'
import { echo, startListener, type RunningListener } from '../testing/running-listener.ts'

let running: RunningListener
let ready = true
beforeAll(async () => {
  running = await startListener({
    handler(request, response) {
      if (!answerHealth(() => ready, request, response)) echo(request, response)
    },
  })
})
afterAll(() => running.close())

async function curl(path: string, ...flags: string[]): Promise<string> {
  const url = `http://127.0.0.1:${running.port}${path}`
  const { stdout } = await promisify(execFile)('curl', ['-sSi', ...flags, url])
  return stdout
}

describe.each([['--http1.1'], ['--http2-prior-knowledge']])('a probe by curl %s', (version) => {
  it('[Y29] learns that the process lives, and whether it can take calls', async () => {
    for (const [path, isReady, status] of [
      ['/health', false, 200],
      ['/ready', true, 200],
      ['/ready', false, 503],
      ['/ready?at=1', true, 200],
    ] as const) {
      ready = isReady
      const answer = await curl(path, version)
      expect(answer).toMatch(new RegExp(`^HTTP/[12.]+ ${status} `))
      expect(answer).toContain(`{"status":"${status === 200 ? 'ok' : 'not_ready'}"}`)
    }
  })

  it('[Y29] may ask for the head alone, and nothing else is a probe', async () => {
    const head = await curl('/health', version, '-I')
    expect(head).toContain('content-length: 15')
    expect(head).not.toContain('status"')
    expect(await curl('/health', version, '-d', 'a body')).toContain('a body')
    expect(await curl('/healthy', version)).toContain('x-http:')
  })
})
