import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from './nearest.ts'

describe('nearest', () => {
  it.each([
    ['prot', 'port'],
    ['Host', 'host'],
    ['workerss', 'workers'],
    ['budget', 'budgets'],
  ])('[O3] takes %s for %s', (word, meant) => {
    expect(nearest(word, ['host', 'port', 'workers', 'budgets', 'limits'])).toBe(meant)
  })

  it('[O3] guesses nothing where nothing is near', () => {
    expect(nearest('zebra', ['host', 'port'])).toBeNull()
    expect(nearest('b', ['a', 'c'])).toBeNull()
    expect(nearest('search', ['branch'])).toBeNull()
    expect(nearest('x'.repeat(1000), ['host'])).toBeNull()
  })

  it('counts edits', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3)
    expect(editDistance('', 'abc')).toBe(3)
    expect(editDistance('ab', 'ba')).toBe(1)
  })
})
