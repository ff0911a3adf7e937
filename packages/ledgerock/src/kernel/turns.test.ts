import { describe, expect, it } from 'vitest'
import { createTurns } from './turns.ts'

describe('createTurns', () => {
  it('begins each piece of work when the one before is over, also when that failed', async () => {
    const inTurn = createTurns()
    const happened: string[] = []
    const work = (name: string, fails: boolean) => async (): Promise<string> => {
      happened.push(`${name} begins`)
      await Promise.resolve()
      happened.push(`${name} ends`)
      if (fails) throw new Error(name)
      return name
    }
    const first = inTurn(work('first', true))
    const second = inTurn(work('second', false))
    await expect(first).rejects.toThrow('first')
    await expect(second).resolves.toBe('second')
    expect(happened).toEqual(['first begins', 'first ends', 'second begins', 'second ends'])
  })
})
