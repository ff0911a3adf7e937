import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sealPolicy } from '../../governance/policy-envelope.ts'
import { samplePolicy } from '../../governance/testing/sample-policy.ts'
import { createSealer } from '../../platform/sealing.ts'
import { createPolicyHolder } from './policy-holder.ts'

const HOUR = 3_600_000
const pepper = createSecretKey(Buffer.alloc(32, 1))
const secrets = { pepper, sealing: createSealer(pepper, (bytes) => Buffer.alloc(bytes)) }

function envelope(version: number): string {
  return sealPolicy(samplePolicy({ version, dimensions: [] }))
}

function holder() {
  const clock = { ms: 1_000 * HOUR }
  const errors: unknown[] = []
  const logger = { error: (fields: unknown) => errors.push(fields) }
  return { clock, errors, policy: createPolicyHolder(logger, () => clock.ms, secrets, 24 * HOUR) }
}

describe('policy holder', () => {
  it('[Z3] serves with the last policy until nobody has confirmed it for too long', () => {
    const { clock, policy } = holder()
    expect(policy.current()).toBeNull()
    policy.take(envelope(3))
    clock.ms += 24 * HOUR
    expect(policy.current()?.version).toBe(3)
    clock.ms += 1
    expect(policy.current()).toBeNull()
    expect(policy.take(envelope(3))).toEqual({ epoch: 1, version: 3 })
    expect(policy.current()?.version).toBe(3)
  })

  it('[Z3] never goes back, and takes nothing that is damaged', () => {
    const { policy, errors } = holder()
    policy.take(envelope(3))
    expect(policy.take(envelope(2))).toEqual({ epoch: 1, version: 3 })
    expect(errors).toEqual([])
    expect(policy.take(envelope(4).replace('"version":4', '"version":5'))).toEqual({
      epoch: 1,
      version: 3,
    })
    expect(errors).toEqual([{ problem: 'damaged' }])
  })
})
