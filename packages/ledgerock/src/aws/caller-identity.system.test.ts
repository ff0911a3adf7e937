// Against a real implementation of STS (moto), where this machine has it.

import { spawn, spawnSync } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { askCallerIdentity, findCallerIdentity } from './caller-identity.ts'

function hasMoto(): boolean {
  const found = spawnSync('moto_server', ['--help'], { stdio: 'ignore' }).status === 0
  if (!found && process.env['CI'] !== undefined) throw new Error('moto_server is needed on CI')
  return found
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

describe('caller identity', () => {
  it.skipIf(!hasMoto())('[W4] is what STS says, asked again until it answers', async () => {
    const port = await freePort()
    process.env['AWS_ENDPOINT_URL_STS'] = `http://127.0.0.1:${port}`
    const source = () => Promise.resolve({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' })
    const failures: string[] = []
    const found = findCallerIdentity(
      () => askCallerIdentity('us-east-1', source),
      (reason) => failures.push(reason),
    )
    while (failures.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))
    expect(found.current()).toBeNull()
    const moto = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
    try {
      while (found.current() === null) await new Promise((resolve) => setTimeout(resolve, 50))
      expect(found.current()?.accountId).toMatch(/^\d{12}$/)
      expect(found.current()?.principalArn).toMatch(/^arn:aws:(iam|sts)::/)
    } finally {
      found.stop()
      moto.kill('SIGKILL')
      delete process.env['AWS_ENDPOINT_URL_STS']
    }
  })
})
