import { describe, expect, it } from 'vitest'
import { createLimiter } from './limiter.ts'

type Held = { readonly task: () => Promise<string>; readonly end: (word: string) => void }

function held(started: string[], name: string): Held {
  let end: (word: string) => void = () => undefined
  const done = new Promise<string>((resolve) => {
    end = resolve
  })
  const task = (): Promise<string> => {
    started.push(name)
    return done
  }
  return { task, end }
}

describe('limiter', () => {
  it('[W10] runs so many, keeps so many waiting in order, refuses the rest', async () => {
    const started: string[] = []
    const limiter = createLimiter({ monotonic: () => 0 }, 1, 2)
    const [a, b, c] = ['a', 'b', 'c'].map((name) => held(started, name)) as [Held, Held, Held]
    const results = [limiter.run(a.task), limiter.run(b.task), limiter.run(c.task)]
    const d = limiter.run(() => Promise.resolve('d'))
    await expect(d).rejects.toMatchObject({ code: 'identity_unavailable' })
    expect(limiter.runIfFree(() => Promise.resolve('e'))).toBeNull()
    expect(started).toEqual(['a'])
    a.end('1')
    expect(await results[0]).toBe('1')
    expect(started).toEqual(['a', 'b'])
    b.end('2')
    c.end('3')
    expect(await Promise.all(results)).toEqual(['1', '2', '3'])
    expect(await limiter.runIfFree(() => Promise.resolve('f'))).toBe('f')
  })

  it('[W10] a failure gives its place back', async () => {
    const limiter = createLimiter({ monotonic: () => 0 }, 1, 1)
    const failing = limiter.run(() => Promise.reject(new Error('no')))
    const next = limiter.run(() => Promise.resolve('yes'))
    await expect(failing).rejects.toThrow('no')
    expect(await next).toBe('yes')
  })

  it('[W10] who has waited too long does not start any more', async () => {
    let nowMs = 0
    const started: string[] = []
    const limiter = createLimiter({ monotonic: () => nowMs }, 1, 3, 1_000)
    const [a, b, c] = ['a', 'b', 'c'].map((name) => held(started, name)) as [Held, Held, Held]
    const first = limiter.run(a.task)
    const second = limiter.run(b.task)
    nowMs = 600
    const third = limiter.run(c.task)
    nowMs = 1_001
    a.end('1')
    c.end('3')
    expect(await first).toBe('1')
    await expect(second).rejects.toMatchObject({ code: 'identity_unavailable' })
    expect(await third).toBe('3')
    expect(started).toEqual(['a', 'c'])
  })
})
