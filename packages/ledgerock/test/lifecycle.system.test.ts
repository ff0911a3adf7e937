// Starting, reloading, ending, and going on without parts of it.

import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  eventually,
  REPOSITORY,
  startSystem,
  type RunningSystem,
} from './support/running-system.ts'

const COMMAND = join(REPOSITORY, 'packages/ledgerock/bin/ledgerock.js')
const CONVERSE = '/model/us.anthropic.claude-sonnet-4-6/converse'
/** Text that must be found nowhere afterwards. */
const CANARY = 'canary-prompt-9f3b1c'
const BODY = JSON.stringify({ messages: [{ role: 'user', content: [{ text: CANARY }] }] })
const DECLARED_SECRET = 'a-declared-secret-of-the-billing-team-42'

let system: RunningSystem
let key: string

beforeAll(async () => {
  system = await startSystem({
    workers: 2,
    config: `
dimensions:
  environment: { values: [prod, dev] }
keys: [ { name: declared, secret_env: DECLARED, bind: { team: billing } } ]
`,
    env: { DECLARED: DECLARED_SECRET },
  })
  key = await system.createKey('lifecycle', { team: 'search' })
})
afterAll(() => system.dispose())

function call(token: string, headers: Record<string, string> = {}, path = CONVERSE) {
  return fetch(`${system.gatewayUrl}${path}`, {
    method: 'POST',
    body: BODY,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
  })
}

type Finished = { readonly code: number; readonly stdout: string; readonly stderr: string }

function ledgerock(args: readonly string[], env: Record<string, string> = {}): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [COMMAND, ...args],
      { env: { PATH: process.env['PATH'], HOME: system.dataDir, ...env }, timeout: 60_000 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

/** The system's child of this name, by its process title. */
function childPid(name: string): number {
  const processes = execFileSync('ps', ['-eo', 'pid,ppid,args'], { encoding: 'utf8' })
  for (const line of processes.split('\n')) {
    const [pid, parent, ...args] = line.trim().split(/\s+/)
    if (Number(parent) === system.pid && args.join(' ') === `ledgerock ${name}`) return Number(pid)
  }
  throw new Error(`no process ${name} in:\n${processes}`)
}

function isRunning(name: string): boolean {
  try {
    return childPid(name) > 0
  } catch {
    return false
  }
}

describe('a running system', () => {
  it('is ready on both ports and says where it is', async () => {
    for (const url of [system.gatewayUrl, system.controlUrl]) {
      for (const path of ['/health', '/ready']) expect((await fetch(url + path)).status).toBe(200)
    }
    const run = JSON.parse(readFileSync(join(system.dataDir, 'run.json'), 'utf8')) as object
    expect(Object.keys(run).toSorted()).toEqual(['control_url', 'gateway_url', 'pid', 'version'])
  })

  it('keeps its secrets to itself', () => {
    for (const file of ['master-key', 'admin-token', 'policy.json']) {
      expect(statSync(join(system.dataDir, file)).mode & 0o077).toBe(0)
    }
    const policy = readFileSync(join(system.dataDir, 'policy.json'), 'utf8')
    expect(policy).not.toContain(DECLARED_SECRET)
    expect(policy).not.toContain(key)
    expect(system.log()).not.toContain(key)
    expect(system.log()).not.toContain(system.adminToken)
  })

  it('serves keys of the file and of the API, and refuses what the dimensions forbid', async () => {
    expect((await call(DECLARED_SECRET)).status).toBe(200)
    expect((await call(key)).status).toBe(200)
    const moon = await call(key, { 'x-ledgerock-environment': 'moon' })
    expect(moon.status).toBe(400)
    expect(((await moon.json()) as { message: string }).message).toContain('environment')
  })

  it('[Z1] refuses a second instance on the same data, and a port in use, with a clear word', async () => {
    const again = await ledgerock([
      'up',
      '--simulate',
      '--data',
      system.dataDir,
      '--gateway-port',
      '0',
    ])
    expect(again.code).toBe(1)
    expect(again.stderr).toContain('in use by another Ledgerock')
    const blocker = createServer()
    blocker.listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { port } = blocker.address() as { port: number }
    const data = join(system.dataDir, 'other')
    for (const flag of ['--gateway-port', '--control-port']) {
      const other = flag === '--gateway-port' ? '--control-port' : '--gateway-port'
      const blocked = await ledgerock([
        'up',
        '--simulate',
        '--data',
        data,
        '--workers',
        '1',
        flag,
        String(port),
        other,
        '0',
      ])
      expect(blocked.stderr).toContain(`127.0.0.1:${port} is already in use`)
      expect(blocked.code).toBe(1)
      expect(blocked.stderr).not.toMatch(/^\s+at /m)
    }
    blocker.close()
  })

  it('revokes a key on every worker before it says so', async () => {
    const doomed = await system.createKey('doomed')
    expect((await call(doomed)).status).toBe(200)
    const revoked = await ledgerock(['keys', 'revoke', 'doomed', '--data', system.dataDir])
    expect(revoked.stderr + revoked.stdout).not.toContain('missing": ["worker')
    expect(revoked.code).toBe(0)
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(doomed)))
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 403))
  })

  it('takes a changed configuration, and keeps the old one when the new one is wrong', async () => {
    const file = join(system.dataDir, 'ledgerock.yaml')
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, before.replace('[prod, dev]', '[prod, dev, moon]'))
    await eventually(async () => {
      const answer = await call(key, { 'x-ledgerock-environment': 'moon' })
      return answer.status === 200 ? true : null
    }, 'the new value is allowed')
    writeFileSync(file, 'gateway: { port: [nonsense }')
    await eventually(
      () => Promise.resolve(system.log().includes('config_invalid') ? true : null),
      'the fault is logged',
    )
    expect((await call(key, { 'x-ledgerock-environment': 'moon' })).status).toBe(200)
    // Refused by control, not by the file's own rules: the name belongs to a key the API made.
    writeFileSync(
      file,
      before.replace('name: declared,', 'name: lifecycle,').replace('[prod, dev]', '[prod]'),
    )
    await eventually(
      () => Promise.resolve(system.log().includes('lifecycle is the name of a key') ? true : null),
      'control says why',
    )
    expect((await call(DECLARED_SECRET)).status).toBe(200)
    expect((await call(key, { 'x-ledgerock-environment': 'dev' })).status).toBe(200)
    // What needs a restart is not taken over by a process that happens to start again.
    writeFileSync(file, `${before}\ngateway: { limits: { body_bytes: 1024 } }\n`)
    await eventually(
      () => Promise.resolve(/after_restart":\["gateway.limits"\]/.test(system.log()) ? true : null),
      'the log names what waits for a restart',
    )
    for (const name of ['worker-1', 'worker-2', 'control']) {
      const pid = childPid(name)
      process.kill(pid, 'SIGKILL')
      await eventually(
        () => Promise.resolve(isRunning(name) && childPid(name) !== pid ? true : null),
        `${name} starts again`,
      )
    }
    await eventually(async () => {
      const ready = await fetch(`${system.controlUrl}/ready`).catch(() => null)
      return ready?.status === 200 ? true : null
    }, 'everything is ready again')
    const large = JSON.stringify({ messages: [], filler: 'x'.repeat(3_000) })
    for (let calls = 0; calls < 6; calls += 1) {
      const response = await fetch(`${system.gatewayUrl}${CONVERSE}`, {
        method: 'POST',
        body: large,
        headers: { authorization: `Bearer ${key}`, connection: 'close' },
      })
      expect(response.status).not.toBe(413)
      await response.arrayBuffer()
    }
    writeFileSync(file, before)
  })

  it('[Z3] serves on while control and ledger stand still, and catches up', async () => {
    const pids = [childPid('control'), childPid('ledger')]
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    const marker = `stopped-${system.pid}`
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call(key, { 'x-ledgerock-feature': marker })),
    )
    for (const pid of pids) process.kill(pid, 'SIGCONT')
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200))
    await eventually(async () => {
      const response = await system.api(`/api/v1/spend?by=feature&where=feature=${marker}&from=-1d`)
      const { rows } = (await response.json()) as { rows: { calls: number }[] }
      return rows[0]?.calls === 10 ? true : null
    }, 'the calls reach the ledger')
  })

  it('[Z2] starts every part again that dies', async () => {
    for (const name of ['worker-1', 'worker-2', 'control', 'ledger']) {
      const pid = childPid(name)
      process.kill(pid, 'SIGKILL')
      await eventually(async () => {
        try {
          if (childPid(name) === pid) return null
          const ready = await fetch(`${system.controlUrl}/ready`)
          return ready.status === 200 && (await call(key)).status === 200 ? true : null
        } catch {
          return null
        }
      }, `${name} is back`)
    }
  })

  it('shows the metrics of all its parts', async () => {
    const text = await (await system.api('/metrics')).text()
    expect(text).toContain('ledgerock_calls_total{')
    expect(text).toContain('worker="worker-1"')
    expect(text).toContain('worker="worker-2"')
    // One TYPE line per metric, or Prometheus refuses the page.
    const types = text.split('\n').filter((line) => line.startsWith('# TYPE ledgerock_calls_total'))
    expect(types).toHaveLength(1)
  })

  it('[Z5] lets a running stream finish, syncs, ships, and exits with 0', async () => {
    const stream = CONVERSE.replace(/converse$/, 'converse-stream')
    const response = await call(key, { 'x-simulator-fault': 'slow_chunks:40' }, stream)
    const reader = (response.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    const ended = system.end('SIGTERM')
    let whole = true
    for (;;) {
      const next = await reader.read().catch(() => null)
      if (next === null) whole = false
      if (next === null || next.done) break
    }
    expect(whole).toBe(true)
    expect(await ended).toBe(0)
    expect(existsSync(join(system.dataDir, 'run.json'))).toBe(false)
    // Everything is shipped: nothing but empty journals, or none, is left.
    const report = await ledgerock(['verify', '--data', system.dataDir, '--format', 'json'])
    expect(report.code).toBe(0)
    const calls = await ledgerock([
      'calls',
      '--data',
      system.dataDir,
      '--format',
      'json',
      '--from',
      '-1d',
    ])
    const { items } = JSON.parse(calls.stdout) as { items: { stream: boolean; status: string }[] }
    expect(items.some((one) => one.stream && one.status === 'ok')).toBe(true)
  })

  it('has written down no prompt and no secret, anywhere', () => {
    const secrets = [CANARY, key, DECLARED_SECRET]
    const files = readdirSync(system.dataDir, { recursive: true, withFileTypes: true })
    let bytes = 0
    for (const file of files) {
      if (!file.isFile()) continue
      const content = readFileSync(join(file.parentPath, file.name))
      bytes += content.length
      for (const secret of secrets) {
        expect(content.includes(secret) ? `${file.name} holds ${secret}` : '').toBe('')
      }
    }
    expect(bytes).toBeGreaterThan(10_000)
    for (const secret of [...secrets, system.adminToken]) expect(system.log()).not.toContain(secret)
  })
})
