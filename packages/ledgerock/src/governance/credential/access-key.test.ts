import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ACCESS_KEY_PATTERN, isAccessKeyId, mintSigV4Pair, sealedPairId } from './access-key.ts'

const entropy = fc.uint8Array({ minLength: 29, maxLength: 29 })
const from = (bytes: Uint8Array) => (count: number) => bytes.subarray(0, count)

describe('a pair that signs requests', () => {
  it('[G9] has the length and alphabet of AWS’s own, and a prefix of ours', () => {
    fc.assert(
      fc.property(entropy, (bytes) => {
        const { accessKeyId, secretAccessKey } = mintSigV4Pair(from(bytes))
        expect(accessKeyId).toMatch(/^LRKA[A-Z2-7]{16}$/)
        expect(accessKeyId).toMatch(ACCESS_KEY_PATTERN)
        expect(secretAccessKey).toMatch(/^[0-9A-Za-z]{40}$/)
        expect(isAccessKeyId(accessKeyId)).toBe(true)
      }),
    )
  })

  it('[G9] differs where the random bytes do', () => {
    fc.assert(
      fc.property(entropy, entropy, (a, b) => {
        const [left, right] = [mintSigV4Pair(from(a)), mintSigV4Pair(from(b))]
        const same = Buffer.compare(a, b) === 0
        const sameId = Buffer.compare(a.subarray(0, 10), b.subarray(0, 10)) === 0
        expect(left.secretAccessKey === right.secretAccessKey).toBe(same)
        expect(left.accessKeyId === right.accessKeyId).toBe(sameId)
      }),
    )
  })

  it('[G9] is fixed for ever: this pair was computed elsewhere', () => {
    const bytes = Uint8Array.from({ length: 29 }, (_, index) => index)
    expect(mintSigV4Pair(from(bytes))).toEqual({
      accessKeyId: 'LRKAAAAQEAYEAUDAOCAJ',
      secretAccessKey: '00039xZpTaBoLzgjV7W3aqqDVgU2TxngAZDrjMui',
    })
  })

  it.each(['AKIATESTTESTTESTTEST', 'LRKA', `LRKA${'A'.repeat(17)}`, ''])(
    '[G9] %j is none of ours',
    (id) => {
      expect(isAccessKeyId(id)).toBe(false)
    },
  )

  it('[G11] is sealed under its key and its own id', () => {
    const { accessKeyId } = mintSigV4Pair(randomBytes)
    expect(sealedPairId('key', accessKeyId)).toBe(`sigv4/key/${accessKeyId}`)
  })
})
