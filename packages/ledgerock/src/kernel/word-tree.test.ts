import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTextPool } from './text-pool.ts'
import { wordTree } from './word-tree.ts'

const word = fc.oneof(fc.constantFrom('', 'null', '0', 'a,b', '"a"'), fc.constant(null), fc.nat(3))

describe('wordTree', () => {
  it('[K8] finds the value of each row of words and of no other', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word, word)), (rows) => {
        const tree = wordTree<{ readonly key: string }>()
        const keys = new Set<string>()
        for (const words of rows) {
          const key = JSON.stringify(words)
          expect(tree.get(words)?.key).toBe(keys.has(key) ? key : undefined)
          if (!keys.has(key)) tree.set(words, { key })
          keys.add(key)
        }
        expect(tree.values().map(({ key }) => key)).toEqual([...keys])
      }),
    )
  })
})

describe('createTextPool', () => {
  it('[K8] gives the first object of all that say the same', () => {
    const { words } = createTextPool()
    const first = { team: 'search' }
    expect(words(first)).toBe(first)
    expect(words({ team: 'search' })).toBe(first)
    expect(words({ team: 'ads' })).not.toBe(first)
  })
})
