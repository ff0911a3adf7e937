import { createSecretKey, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSealer } from './sealing.ts'

const key = createSecretKey(randomBytes(32))
const sealer = createSealer(key, randomBytes)

describe('createSealer', () => {
  it('opens what it sealed, for the same record only', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string(),
        fc.string(),
        (secret, id, other) => {
          fc.pre(id !== other)
          const sealed = sealer.seal(id, secret)
          expect(sealer.open(id, sealed)).toEqual({ ok: true, value: secret })
          expect(sealer.open(other, sealed)).toEqual({ ok: false, problem: 'tampered' })
        },
      ),
    )
  })

  it('never says the same thing twice', () => {
    expect(sealer.seal('record', 'secret')).not.toBe(sealer.seal('record', 'secret'))
  })

  it('refuses the value at every changed character', () => {
    const sealed = sealer.seal('record', 'a secret of some length')
    const changed = Array.from(sealed, (_, at) =>
      ['A', 'B', '.', ''].map((other) => sealed.slice(0, at) + other + sealed.slice(at + 1)),
    )
    const opened = changed
      .flat()
      .filter((text) => text !== sealed && sealer.open('record', text).ok)
    expect(opened).toEqual([])
  })

  it('refuses the value under another key', () => {
    const other = createSealer(createSecretKey(randomBytes(32)), randomBytes)
    expect(other.open('record', sealer.seal('record', 'x')).ok).toBe(false)
  })

  it.each(['', 'lrs1', 'lrs1..', 'lrs2.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAA', 'plain text'])(
    'calls %j malformed',
    (text) => {
      expect(sealer.open('record', text)).toEqual({ ok: false, problem: 'malformed' })
    },
  )
})
