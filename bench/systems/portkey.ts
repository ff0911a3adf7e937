// Portkey's open-source gateway, as npm has it: installed by the bench alone, in one pinned version, into a temporary directory
// that is removed afterwards. It stands before the same upstream through its own custom-host header, speaks OpenAI's chat shape,
// and keeps no accounts. Where it cannot be had, the reason is told and the bench goes on without it.

import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Server } from '../child.ts'
import { freePort } from './free-port.ts'

const PACKAGE = '@portkey-ai/gateway'
const VERSION = '1.15.2'
const START_SCRIPT = `node_modules/${PACKAGE}/build/start-server.js`
const INSTALL_PATIENCE_MS = 45_000
const READY_PATIENCE_MS = 20_000
const POLL_MS = 100

export const PORTKEY = `Portkey's gateway ${VERSION}`

export type Portkey = Server & {
  readonly path: string
  /** What tells it where the provider is. */
  readonly headers: Readonly<Record<string, string>>
}

export async function startPortkey(upstream: string): Promise<Portkey | { unavailable: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-portkey-'))
  const remove = (): void => rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  try {
    await install(directory)
  } catch (error) {
    remove()
    const [line = ''] = String(error).split('\n')
    return { unavailable: `${PACKAGE}@${VERSION} could not be installed from npm (${line})` }
  }
  const port = await freePort()
  const child = spawn(
    process.execPath,
    [join(directory, START_SCRIPT), `--port=${port}`, '--headless'],
    { cwd: directory, stdio: 'ignore', env: { HOME: directory, NODE_ENV: 'production' } },
  )
  const onExit = (): void => {
    child.kill('SIGKILL')
    remove()
  }
  process.once('exit', onExit)
  const stop = async (): Promise<void> => {
    process.removeListener('exit', onExit)
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
    }
    remove()
  }
  const url = `http://127.0.0.1:${port}`
  const giveUpAt = performance.now() + READY_PATIENCE_MS
  while (!(await answers(url))) {
    if (child.exitCode !== null || performance.now() > giveUpAt) {
      await stop()
      return { unavailable: `${PACKAGE}@${VERSION} was installed and did not start` }
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  return {
    url,
    pid: child.pid as number,
    path: '/v1/chat/completions',
    headers: {
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${upstream}/openai/v1`,
    },
    stop,
  }
}

/** Without its scripts: nothing it brings is built, and nothing but it is to run here. */
async function install(directory: string): Promise<void> {
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline']
  await promisify(execFile)(
    'npm',
    ['install', ...options, '--prefix', directory, `${PACKAGE}@${VERSION}`],
    { cwd: directory, timeout: INSTALL_PATIENCE_MS },
  )
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}
