import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { isProcessAlive, processIdentity } from './process-identity.ts'

describe('process identity', () => {
  const self = processIdentity(process.pid)

  it('knows this process as alive', () => {
    expect(isProcessAlive(self)).toBe(true)
  })

  it('takes another boot, or another start of the same pid, for gone', () => {
    if (self.bootId !== null) expect(isProcessAlive({ ...self, bootId: 'another' })).toBe(false)
    if (self.startTime !== null) expect(isProcessAlive({ ...self, startTime: '1' })).toBe(false)
  })

  it('knows a process that ended as gone', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const identity = processIdentity(child.pid ?? 0)
    expect(isProcessAlive(identity)).toBe(true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(isProcessAlive(identity)).toBe(false)
  })
})
