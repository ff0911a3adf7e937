// A whole Ledgerock for a test: `ledgerock up` as a user starts it, in a data directory of its own, in front of a simulator
// that lives in the test's process, so that what Bedrock saw and what the ledger says can be laid side by side.

import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { startSimulator, type Simulator, type SimulatorOptions } from '@ledgerock/bedrock-simulator'

export const REPOSITORY = resolve(import.meta.dirname, '../../../..')
const COMMAND = join(REPOSITORY, 'packages/ledgerock/bin/ledgerock.js')

export const UPSTREAM_CREDENTIALS = {
  accessKeyId: 'AKIATESTUPSTREAM0000',
  secretAccessKey: 'upstream',
}

export type SystemOptions = {
  readonly simulator?: SimulatorOptions
  readonly workers?: number
  /** Of `bedrock`; us-east-1 if not said. */
  readonly region?: string
  /** All of `bedrock` instead, given where the simulator is. */
  readonly bedrock?: (simulatorUrl: string) => object
  /** YAML, added to what points at the simulator. */
  readonly config?: string
  readonly env?: Readonly<Record<string, string>>
  /** Use (and keep) this data directory instead of a new one. */
  readonly dataDir?: string
}

export type RunningSystem = {
  readonly gatewayUrl: string
  readonly controlUrl: string
  readonly adminToken: string
  readonly dataDir: string
  readonly simulator: Simulator
  /** The supervisor. */
  readonly pid: number
  readonly log: () => string
  readonly api: (path: string, init?: RequestInit) => Promise<Response>
  readonly createKey: (name: string, bind?: Readonly<Record<string, string>>) => Promise<string>
  /** Kills or stops only the system; the simulator and the data stay. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | null>
  /** Starts the system again on the same data and simulator. */
  readonly again: () => Promise<RunningSystem>
  /** Ends everything and removes the data. */
  readonly dispose: () => Promise<void>
}

const READY_PATIENCE_MS = 60_000
/** Longer than everything an orderly end may take. */
const END_PATIENCE_MS = 100_000

export async function startSystem(options: SystemOptions = {}): Promise<RunningSystem> {
  const simulator = await startSimulator({
    credentials: [UPSTREAM_CREDENTIALS],
    ...options.simulator,
  })
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'ledgerock-test-'))
  return run(simulator, dataDir, options)
}

async function run(
  simulator: Simulator,
  dataDir: string,
  options: SystemOptions,
): Promise<RunningSystem> {
  const configFile = join(dataDir, 'ledgerock.yaml')
  const bedrock = options.bedrock?.(simulator.url) ?? {
    region: options.region ?? 'us-east-1',
    endpoint: simulator.url,
    account_id: '123456789012',
  }
  writeFileSync(configFile, `bedrock: ${JSON.stringify(bedrock)}\n${options.config ?? ''}\n`)
  rmSync(join(dataDir, 'run.json'), { force: true })
  const child = spawn(
    process.execPath,
    [
      COMMAND,
      'up',
      `--config=${configFile}`,
      `--data=${dataDir}`,
      '--gateway-port=0',
      '--control-port=0',
      `--workers=${options.workers ?? 1}`,
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: dataDir,
        AWS_ACCESS_KEY_ID: UPSTREAM_CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: UPSTREAM_CREDENTIALS.secretAccessKey,
        AWS_EC2_METADATA_DISABLED: 'true',
        // Nothing a test starts asks the real AWS.
        AWS_ENDPOINT_URL_STS: `${simulator.url}/sts`,
        AWS_ENDPOINT_URL_BEDROCK: simulator.url,
        ...options.env,
      },
    },
  )
  let log = ''
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const urls = await whenReady(child, dataDir, () => log)
  const adminToken = readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()

  // A control process that was restarted on a port of its own choice may be elsewhere by now.
  const controlUrl = (): string => readRunFile(dataDir)?.control_url ?? urls.control_url
  const api = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${adminToken}`)
    if (init.body !== undefined && !headers.has('content-type')) {
      headers.set('content-type', 'application/json')
    }
    return fetch(`${controlUrl()}${path}`, { ...init, headers })
  }
  const end = (signal: NodeJS.Signals): Promise<number | null> => ended(child, signal, () => log)
  return {
    gatewayUrl: urls.gateway_url,
    controlUrl: urls.control_url,
    adminToken,
    dataDir,
    simulator,
    pid: child.pid as number,
    log: () => log,
    api,
    async createKey(name, bind = {}) {
      const body = JSON.stringify({ name, bind })
      const response = await api('/api/v1/keys', { method: 'POST', body })
      if (!response.ok) throw new Error(`no key: ${response.status} ${await response.text()}`)
      return ((await response.json()) as { key: string }).key
    },
    end,
    again: () => run(simulator, dataDir, options),
    async dispose() {
      await end('SIGTERM')
      await simulator.close()
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function whenReady(
  child: ChildProcess,
  dataDir: string,
  log: () => string,
): Promise<RunFile> {
  const giveUpAt = performance.now() + READY_PATIENCE_MS
  for (;;) {
    const file = readRunFile(dataDir)
    if (file !== null) return file
    if (child.exitCode !== null) throw new Error(`up ended with ${child.exitCode}:\n${log()}`)
    if (performance.now() > giveUpAt) throw new Error(`up is not ready:\n${log()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

type RunFile = { readonly gateway_url: string; readonly control_url: string }

/** It is replaced atomically, so what is there is whole. */
function readRunFile(dataDir: string): RunFile | null {
  const file = join(dataDir, 'run.json')
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as RunFile) : null
}

function ended(
  child: ChildProcess,
  signal: NodeJS.Signals,
  log: () => string,
): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`up did not end on ${signal}:\n${log()}`))
    }, END_PATIENCE_MS)
    child.once('exit', (code) => {
      clearTimeout(timer)
      resolve(code)
    })
    child.kill(signal)
  })
}

/** Polls until `probe` is satisfied; for things that happen soon, such as a call reaching the ledger. */
export async function eventually<Value>(
  probe: () => Promise<Value | null>,
  what: string,
  patienceMs = 60_000,
): Promise<Value> {
  const giveUpAt = performance.now() + patienceMs
  for (;;) {
    const value = await probe()
    if (value !== null) return value
    if (performance.now() > giveUpAt) throw new Error(`did not happen: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
