// Against a real implementation of STS (moto), where this machine has it.

import { describe, expect, it } from 'vitest'
import { askCallerIdentity, findCallerIdentity } from './caller-identity.ts'
import { freePort, hasMoto, startMoto } from './testing/moto.ts'

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
    await found.askedOnce
    expect(failures).toHaveLength(1)
    expect(found.current()).toBeNull()
    const moto = startMoto(port)
    try {
      while (found.current() === null) await new Promise((resolve) => setTimeout(resolve, 50))
      expect(found.current()?.accountId).toMatch(/^\d{12}$/)
      expect(found.current()?.principalArn).toMatch(/^arn:aws:(iam|sts)::/)
    } finally {
      found.stop()
      moto.stop()
      delete process.env['AWS_ENDPOINT_URL_STS']
    }
  })
})
