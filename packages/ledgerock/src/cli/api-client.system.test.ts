import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '../kernel/fault.ts'
import type { CliIo } from './cli-io.ts'
import type { CliDeps } from './cli-deps.ts'
import { EXIT } from './exit-code.ts'
import { runCli } from './run-cli.ts'

const TOTAL = { calls: 0, cost_usd: '0' }
const REPORT = ['report', '--by', 'team'] as const

type Seen = { readonly url: string; readonly authorization: string; readonly lastEventId: string }

let folder = ''
let server: Server | null = null
let seen: Seen[] = []

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ledgerock-api-'))
  writeFileSync(path.join(folder, 'admin-token'), 'lra_local\n')
  seen = []
})
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = null
  rmSync(folder, { recursive: true, force: true })
})

const noCalls = (): Response => Response.json({ rows: [], total: TOTAL })
const event = (id: number, name: string): string =>
  `event: call\nid: ${id}\ndata: ${JSON.stringify({ call_id: name })}\n\n`

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => {
    response.end(JSON.stringify({ rows: [], total: TOTAL }))
  },
): Promise<string> {
  server = createServer((request, response) => {
    const { url = '', headers } = request
    if (url === '/health') {
      response.end('{}')
      return
    }
    const lastEventId = String(headers['last-event-id'] ?? '')
    seen.push({ url, authorization: headers.authorization ?? '', lastEventId })
    answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function writeRunFile(controlUrl: string, pid: number): void {
  const facts = { gateway_url: 'http://127.0.0.1:1', control_url: controlUrl, pid, version: '1' }
  writeFileSync(path.join(folder, 'run.json'), JSON.stringify(facts))
}

async function run(
  words: readonly string[],
  options: {
    readonly env?: Record<string, string>
    readonly onOut?: (text: string) => void
    /** What happens while the command finds the data in use. */
    readonly onLocked?: () => void
  } = {},
): Promise<{ exitCode: number; out: string; notes: string; offline: number }> {
  let [out, notes, offline] = ['', '', 0]
  const stop = new AbortController()
  const io: CliIo = {
    out: (text) => {
      out += text
      options.onOut?.(out)
      if (out.includes('last')) stop.abort()
      return Promise.resolve()
    },
    note: (text) => {
      notes += text
    },
    outIsTerminal: false,
    confirm: null,
    progress: () => Promise.resolve({ update: () => undefined, stop: () => undefined }),
    env: { LEDGEROCK_DATA_DIR: folder, ...options.env },
    cwd: folder,
    now: () => Date.now(),
    untilStopped: () => stop.signal,
  }
  const deps: CliDeps = {
    version: '1',
    up: () => Promise.resolve(0),
    demo: () => Promise.resolve(0),
    startingPatienceMs: 10_000,
    openOffline: () => {
      offline += 1
      if (options.onLocked !== undefined) {
        options.onLocked()
        return Promise.reject(new Fault('data_locked', 'in use'))
      }
      return Promise.resolve({ request: noCalls, close: () => Promise.resolve() })
    },
  }
  const exitCode = await runCli(words, io, deps)
  return { exitCode, out, notes, offline }
}

describe('connectApi', () => {
  it('asks the server of run.json, with the local admin token', async () => {
    writeRunFile(await serve(), process.pid)
    const ran = await run(REPORT)
    expect(ran).toMatchObject({ exitCode: EXIT.done, offline: 0 })
    expect(seen).toEqual([
      { url: '/api/v1/spend?by=team', authorization: 'Bearer lra_local', lastEventId: '' },
    ])
  })

  it('[U8] waits for a server that is starting on the same data', async () => {
    const url = await serve()
    const onLocked = (): void => {
      setTimeout(() => writeRunFile(url, process.pid), 250)
    }
    expect(await run(REPORT, { onLocked })).toMatchObject({ exitCode: EXIT.done, offline: 1 })
    expect(seen).toHaveLength(1)
  })

  it('a token that is given wins over the local one', async () => {
    writeRunFile(await serve(), process.pid)
    await run(REPORT, { env: { LEDGEROCK_TOKEN: 'lra_env' } })
    await run([...REPORT, '--token', 'lra_flag'], { env: { LEDGEROCK_TOKEN: 'lra_env' } })
    expect(seen.map(({ authorization }) => authorization)).toEqual([
      'Bearer lra_env',
      'Bearer lra_flag',
    ])
  })

  it('asks the server that is named', async () => {
    const url = await serve()
    expect((await run([...REPORT, '--url', url])).exitCode).toBe(EXIT.done)
    expect((await run(REPORT, { env: { LEDGEROCK_URL: url } })).exitCode).toBe(EXIT.done)
    expect(seen).toHaveLength(2)
  })

  it('[U8] opens the data directory where none runs, or only its run.json is left', async () => {
    expect(await run(REPORT)).toMatchObject({ exitCode: EXIT.done, offline: 1 })
    // Its process is gone, although something answers at its address.
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    writeRunFile(await serve(), child.pid ?? 0)
    expect(await run(REPORT)).toMatchObject({ offline: 1 })
    // Its process id is used by somebody else, and nobody answers.
    writeRunFile('http://127.0.0.1:9', process.pid)
    expect(await run(REPORT)).toMatchObject({ offline: 1 })
    writeFileSync(path.join(folder, 'run.json'), '{"half":')
    expect(await run(REPORT)).toMatchObject({ offline: 1 })
    expect(seen).toEqual([])
  })

  it('[U3] a named server that cannot be reached has failed', async () => {
    const ran = await run([...REPORT, '--url', 'http://127.0.0.1:9'])
    expect(ran).toMatchObject({ exitCode: EXIT.failed, out: '', offline: 0 })
    expect(ran.notes).toContain('the server at http://127.0.0.1:9 cannot be reached')
  })

  it('sends a large body piece by piece, whole, and waits for the answer to it', async () => {
    let received = ''
    const url = await serve((request, response) => {
      request.setEncoding('utf8')
      request.on('data', (piece: string) => (received += piece))
      request.on('end', () => {
        const changed = { added: 1, changed: 0, removed: 0 }
        response.end(JSON.stringify({ book_version: 'b', report: null, changed, missing: [] }))
      })
    })
    const text = JSON.stringify({ note: 'x'.repeat(3_000_000), end: true })
    writeFileSync(path.join(folder, 'prices.json.txt'), text)
    const ran = await run(['prices', 'import', 'prices.json.txt', '--url', url])
    expect(ran).toMatchObject({ exitCode: EXIT.done, offline: 0 })
    expect(seen).toMatchObject([
      { url: '/api/v1/prices/import', authorization: 'Bearer lra_local' },
    ])
    expect(received === text).toBe(true)
  })

  it('[U9] downloads the price lists without a token, and sends them on together', async () => {
    let received = ''
    const url = await serve((request, response) => {
      const offerCode = /aws\/(\w+)\/current\/index\.json$/.exec(request.url ?? '')?.[1]
      if (offerCode !== undefined) {
        response.end(JSON.stringify({ formatVersion: 'v1.0', offerCode, products: {}, terms: {} }))
        return
      }
      request.setEncoding('utf8')
      request.on('data', (piece: string) => (received += piece))
      request.on('end', () => response.end('{}'))
    })
    const words = ['prices', 'import', '--aws', '--mirror', url, '--url', url]
    expect(await run(words)).toMatchObject({ exitCode: EXIT.done })
    expect(seen.map(({ authorization }) => authorization)).toEqual([
      '',
      '',
      '',
      '',
      'Bearer lra_local',
    ])
    const offers = JSON.parse(received) as readonly { offerCode: string }[]
    expect(offers.map(({ offerCode }) => offerCode)).toContain('AmazonBedrockFoundationModels')
    expect(offers).toHaveLength(4)
  })

  it('[U9] sends no token on to where the server redirects', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()
    })
    expect((await run([...REPORT, '--url', url])).exitCode).toBe(EXIT.failed)
    expect(seen).toHaveLength(1)
  })

  it('follows calls as they arrive, across streams that end', async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      if (request.headers['last-event-id'] === '2') response.write(event(3, 'last'))
      else response.end(`: connected\n\n${event(1, 'first')}${event(2, 'second')}`)
    })
    const ran = await run(['calls', '--tail', '--where', 'team=a', '--url', url])
    expect(ran.exitCode).toBe(EXIT.done)
    expect(ran.out.trimEnd().split('\n')).toEqual([
      '{"call_id":"first"}',
      '{"call_id":"second"}',
      '{"call_id":"last"}',
    ])
    expect(seen.map(({ lastEventId }) => lastEventId)).toEqual(['', '2'])
  })
})

describe('calls --tail', () => {
  it('[U3] [U4] a stream that breaks off has failed, in words', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(event(1, 'first'), () => response.destroy())
    })
    const ran = await run(['calls', '--tail', '--url', url])
    expect(ran.exitCode).toBe(EXIT.failed)
    expect(ran.notes).toBe('ledgerock: the server broke off the stream\n')
  })
})

describe('processIo', () => {
  it('[U4] ends quietly when the reader goes away', async () => {
    const script = `
      import { processIo } from '${path.join(import.meta.dirname, 'process-io.ts')}'
      const io = processIo()
      try {
        for (;;) await io.out('x'.repeat(65536) + '\\n')
      } catch (error) {
        process.exitCode = error.name === 'OutputClosed' ? 0 : 1
      }`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script])
    let errors = ''
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
    await once(child.stdout, 'data')
    child.stdout.destroy()
    const [exitCode] = (await once(child, 'close')) as [number]
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' })
  })
})

describe('simulate', () => {
  it('prints where it listens and ends when it is stopped', async () => {
    const ran: { url: string }[] = []
    const stop = new AbortController()
    let notes = ''
    const askAndStop = async (): Promise<void> => {
      const response = await fetch(`${ran[0]?.url}/_simulator/calls`)
      ran.push({ url: String(response.status) })
      await response.body?.cancel()
      stop.abort()
    }
    const io: CliIo = {
      out: (text) => {
        ran.push(JSON.parse(String(text)) as { url: string })
        return Promise.resolve()
      },
      note: (text) => {
        notes += text
        void askAndStop()
      },
      outIsTerminal: false,
      confirm: null,
      progress: () => Promise.resolve({ update: () => undefined, stop: () => undefined }),
      env: {},
      cwd: folder,
      now: () => Date.now(),
      untilStopped: () => stop.signal,
    }
    const deps = { version: '1' } as CliDeps
    expect(await runCli(['simulate', '--port', '0', '--seed', '7'], io, deps)).toBe(EXIT.done)
    expect(ran[1]?.url).toBe('200')
    expect(notes).toContain(`AWS_ENDPOINT_URL_BEDROCK_RUNTIME=${ran[0]?.url}`)
  })

  it('[U3] a port that is in use has failed', async () => {
    const port = new URL(await serve()).port
    const ran = await run(['simulate', '--port', port])
    expect(ran).toMatchObject({ exitCode: EXIT.failed, out: '' })
    expect(ran.notes).toContain(`port ${port} is in use`)
  })
})
