import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KEY_CHARS, KEY_KINDS, KEY_PATTERN, mintKey, mintSecret, parseKey } from './key-format.ts'

const entropy = fc.uint8Array({ minLength: 32, maxLength: 32 })
const from = (bytes: Uint8Array) => (count: number) => bytes.subarray(0, count)

describe('key format', () => {
  it('[G1] gives the id back, has one length and one alphabet', () => {
    fc.assert(
      fc.property(entropy, fc.constantFrom(...KEY_KINDS), (bytes, kind) => {
        const { id, text } = mintKey(from(bytes), kind)
        expect(parseKey(text)).toEqual({ kind, id })
        expect(text).toHaveLength(KEY_CHARS)
        expect(text).toMatch(/^lr[ka]_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/)
      }),
    )
  })

  it('[G1] different secrets give different keys, also where the bytes begin with zeros', () => {
    fc.assert(
      fc.property(entropy, entropy, (a, b) => {
        fc.pre(Buffer.compare(a, b) !== 0)
        expect(mintSecret(from(a), 'x'.repeat(12)).text).not.toBe(
          mintSecret(from(b), 'x'.repeat(12)).text,
        )
      }),
    )
  })

  it('[G1] is fixed for ever: this key was computed elsewhere', () => {
    const { text } = mintKey(from(Uint8Array.from({ length: 32 }, (_, index) => index)))
    expect(text).toBe('lrk_0001IYT0XLWR_003aUlTJC7tjlCTQj2uNU3MFagCXG9LRKRcwGkBIDlf2vCX8g')
  })

  it('[G2] any one changed character is rejected without a look-up', () => {
    const { text } = mintKey(randomBytes)
    const changed = Array.from(text, (_, at) =>
      Array.from('AZaz09_-', (digit) => text.slice(0, at) + digit + text.slice(at + 1)),
    )
    const accepted = changed.flat().filter((key) => key !== text && parseKey(key) !== null)
    expect(accepted).toEqual([])
  })

  it.each([
    '',
    'lrk_',
    'lrk__',
    `lrk_${'a'.repeat(62)}`,
    'lrx_aaaaaaaaaaaa_'.padEnd(KEY_CHARS, 'a'),
  ])('[G2] rejects %j', (text) => {
    expect(parseKey(text)).toBeNull()
  })

  it('[G3] the scanner pattern finds a key in a line of code', () => {
    const { text } = mintKey(randomBytes)
    expect(KEY_PATTERN.exec(`const key = "${text}";`)?.[0]).toBe(text)
  })
})
