import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openPolicy, sealPolicy } from './policy-envelope.ts'
import { NO_RULES, POLICY_FORMAT, supersedes, type Policy } from './policy.ts'

const policy: Policy = {
  format: POLICY_FORMAT,
  epoch: 1,
  version: 7,
  publishedAt: '2026-10-14T12:00:00.000Z',
  keys: [
    {
      keyId: 'AAAAAAAAAAAA',
      name: 'schön',
      source: 'api',
      secrets: [{ digest: 'ab'.repeat(32), until: null }],
      sigV4: null,
      bind: { team: 'search' },
      region: null,
      expiresAt: null,
      revokedAt: null,
    },
  ],
  dimensions: [],
  owners: [],
  anonymous: { mode: 'deny', from: [] },
  ...NO_RULES,
}

describe('policy envelope', () => {
  it('[G7] what is sealed is opened unchanged', () => {
    expect(openPolicy(sealPolicy(policy))).toEqual({ ok: true, value: policy })
  })

  it('[G7] refuses an envelope cut anywhere or with any bit flipped', () => {
    const bytes = Buffer.from(sealPolicy(policy))
    for (let at = 0; at < bytes.length; at += 1) {
      expect(openPolicy(bytes.subarray(0, at).toString()).ok).toBe(false)
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (at % 8)), at)
      const opened = openPolicy(flipped.toString())
      // A flip of the header that JSON does not notice cannot change the policy.
      expect(opened.ok ? opened.value : policy).toEqual(policy)
    }
  })

  it('[G7] names a newer format as what it is', () => {
    const format = '"ledgerock_policy":'
    const newer = sealPolicy(policy).replace(
      `${format}${POLICY_FORMAT}`,
      `${format}${POLICY_FORMAT + 1}`,
    )
    expect(openPolicy(newer)).toEqual({ ok: false, problem: 'newer_format' })
  })

  it.each(['', '{}', 'null\nnull\n', '[]\n{}\n', '\n\n'])('[G7] calls %j damaged', (text) => {
    expect(openPolicy(text)).toEqual({ ok: false, problem: 'damaged' })
  })
})

describe('supersedes', () => {
  const position = fc.record({ epoch: fc.nat(5), version: fc.nat(5) })

  it('[G8] of two positions exactly one supersedes the other, unless they are the same', () => {
    fc.assert(
      fc.property(position, position, (a, b) => {
        const same = a.epoch === b.epoch && a.version === b.version
        expect(Number(supersedes(a, b)) + Number(supersedes(b, a))).toBe(same ? 0 : 1)
      }),
    )
  })

  it('[G8] a later epoch wins over any version, and anything over nothing', () => {
    expect(supersedes({ epoch: 1, version: 900 }, { epoch: 2, version: 1 })).toBe(true)
    expect(supersedes({ epoch: 2, version: 1 }, { epoch: 1, version: 900 })).toBe(false)
    expect(supersedes(null, { epoch: 0, version: 0 })).toBe(true)
  })
})
