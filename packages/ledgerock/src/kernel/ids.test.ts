import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isUuid, timeOfUuidV7, uuidV7 } from './ids.ts'

const instants = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const randomBytes = fc.uint8Array({ minLength: 10, maxLength: 10 })

describe('uuidV7', () => {
  it('[K3] is a version 7 UUID that gives its instant back', () => {
    fc.assert(
      fc.property(instants, randomBytes, (ms, random) => {
        const id = uuidV7(ms, random)
        expect(isUuid(id)).toBe(true)
        expect(id[14]).toBe('7')
        expect(timeOfUuidV7(id)).toBe(ms)
      }),
    )
  })

  it('[K3] sorts by time whatever the random bits are', () => {
    fc.assert(
      fc.property(instants, instants, randomBytes, randomBytes, (a, b, left, right) => {
        fc.pre(a < b)
        expect(uuidV7(a, left) < uuidV7(b, right)).toBe(true)
      }),
    )
  })
})
