// The system under test, as a user runs it: `ledgerock up` with one worker, ledger on, on a data directory of its own, in front
// of a given upstream. The calls are made with a key that was created through the API and binds four dimensions.

import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childrenOf, commandOf } from '../process-cpu.ts'

const COMMAND = join(import.meta.dirname, '../../packages/ledgerock/bin/ledgerock.js')
const READY_PATIENCE_MS = 60_000
const STOP_PATIENCE_MS = 40_000
const POLL_MS = 20
const LOG_CHARACTERS_KEPT = 8_192

export type Ledgerock = {
  readonly url: string
  readonly key: string
  readonly dataDir: string
  readonly workerPid: number
  /** Supervisor, worker, control and ledger. */
  readonly pids: readonly number[]
  /** Calls the ledger holds, by its own report. */
  readonly callsInLedger: () => Promise<number>
  readonly stop: () => Promise<void>
}

export type LedgerockOptions = {
  readonly upstream: string
  /** For every process of the system; on top of the few it needs. */
  readonly env?: Readonly<Record<string, string>>
  /** YAML, added to what points at the upstream. */
  readonly config?: string
}

export async function startLedgerock(options: LedgerockOptions): Promise<Ledgerock> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-ledgerock-'))
  const config = join(dataDir, 'ledgerock.yaml')
  const upstream = `bedrock: { region: us-east-1, endpoint: '${options.upstream}' }`
  writeFileSync(config, `${upstream}\n${options.config ?? ''}\n`)
  const ports = ['--gateway-port', '0', '--control-port', '0']
  const child = spawn(
    process.execPath,
    [COMMAND, 'up', '--config', config, '--data', dataDir, ...ports, '--workers', '1'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        HOME: dataDir,
        AWS_ACCESS_KEY_ID: 'AKIABENCHUPSTREAM000',
        AWS_SECRET_ACCESS_KEY: 'bench',
        AWS_EC2_METADATA_DISABLED: 'true',
        ...options.env,
      },
    },
  )
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-LOG_CHARACTERS_KEPT)
  })
  // Should the bench itself fall over, nothing of it stays behind.
  const onExit = (): void => void child.kill('SIGKILL')
  process.once('exit', onExit)
  const stop = async (): Promise<void> => {
    await end(child)
    process.removeListener('exit', onExit)
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const urls = await whenReady(child, dataDir, () => log)
    const token = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()
    const key = await createKey(urls.control_url, token)
    const supervisor = child.pid as number
    const children = childrenOf(supervisor)
    return {
      url: urls.gateway_url,
      key,
      dataDir,
      workerPid: children.find((pid) => /\bworker\b/.test(commandOf(pid))) ?? supervisor,
      pids: [supervisor, ...children],
      callsInLedger: () => callsInLedger(urls.control_url, token),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function createKey(controlUrl: string, token: string): Promise<string> {
  const bind = {
    team: 'search',
    application: 'handbook',
    environment: 'prod',
    cost_center: 'cc-4711',
  }
  const { key } = (await ask(controlUrl, token, '/api/v1/keys', { name: 'bench', bind })) as {
    key: string
  }
  return key
}

async function callsInLedger(controlUrl: string, token: string): Promise<number> {
  const { total } = (await ask(controlUrl, token, '/api/v1/spend?by=team')) as {
    total: { calls: number }
  }
  return total.calls
}

async function ask(url: string, token: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response.json()
}

async function whenReady(
  child: ChildProcess,
  dataDir: string,
  log: () => string,
): Promise<{ gateway_url: string; control_url: string }> {
  const file = join(dataDir, 'run.json')
  const giveUpAt = performance.now() + READY_PATIENCE_MS
  while (!existsSync(file)) {
    if (child.exitCode !== null)
      throw new Error(`ledgerock ended with ${child.exitCode}:\n${log()}`)
    if (performance.now() > giveUpAt) throw new Error(`ledgerock is not ready:\n${log()}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return JSON.parse(readFileSync(file, 'utf8')) as { gateway_url: string; control_url: string }
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS)
    child.once('exit', () => {
      clearTimeout(timer)
      resolve()
    })
    child.kill('SIGTERM')
  })
}
