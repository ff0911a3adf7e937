// A real implementation of STS (moto), where this machine has it. On CI it must be there.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

export function hasMoto(): boolean {
  const found = spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status === 0
  if (!found && process.env['CI'] !== undefined) throw new Error('moto_server is needed on CI')
  return found
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

export type Moto = { readonly stop: () => void }

/** Started, not yet listening. */
export function startMoto(port: number): Moto {
  const moto = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  return { stop: () => void moto.kill('SIGKILL') }
}

export async function listening(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/moto-api/data.json`).catch(() => null)
    if (answer?.ok === true) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
