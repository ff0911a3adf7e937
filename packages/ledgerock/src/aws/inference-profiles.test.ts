import { describe, expect, it } from 'vitest'
import { createProfileLookup } from './inference-profiles.ts'
import type { ProfileAnswer } from './ask-inference-profile.ts'
import type { ProfileMemory } from './profile-file.ts'
import { fakeTime, settled } from './testing/fake-time.ts'

const arn = (id: number | string): string =>
  `arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/p${id}`
const NOVA: ProfileAnswer = { modelId: 'amazon.nova-lite-v1:0', source: 'profile' }

function world(remembered: Record<string, string> = {}) {
  const time = fakeTime()
  const asked: string[] = []
  const reports: string[] = []
  const kept: Record<string, string>[] = []
  let answer: () => Promise<ProfileAnswer> = () => Promise.resolve(NOVA)
  const memory: ProfileMemory = {
    load: () => new Map(Object.entries(remembered)),
    keep(learned) {
      kept.push(Object.fromEntries(learned))
      return Promise.resolve()
    },
  }
  const lookup = createProfileLookup({
    clock: time,
    timers: time,
    memory,
    ask(one) {
      asked.push(one)
      return answer()
    },
    report: (_arn, reason) => reports.push(reason),
  })
  return { time, asked, reports, kept, lookup, answers: (next: typeof answer) => (answer = next) }
}

describe('profile lookup', () => {
  it('[W17] asks once, however many calls wait, and knows it from then on', async () => {
    const { lookup, asked } = world()
    expect(lookup.known(arn(1))).toBeNull()
    const all = await Promise.all([lookup.look(arn(1)), lookup.look(arn(1)), lookup.look(arn(1))])
    expect(all).toEqual([NOVA, NOVA, NOVA])
    expect(lookup.known(arn(1))).toBe(NOVA)
    expect(await lookup.look(arn(1))).toBe(NOVA)
    expect(asked).toEqual([arn(1)])
  })

  it('[W17] what is no profile is never asked about', async () => {
    const { lookup, asked } = world()
    expect(lookup.known('arn:aws:bedrock:us-east-1:123456789012:imported-model/x')).toBe(
      'unresolvable',
    )
    expect(await lookup.look('whatever')).toBe('unresolvable')
    expect(asked).toEqual([])
  })

  it('[W18] a call waits two seconds at most, and nobody waits again while the answer is out', async () => {
    const { lookup, asked, time, answers } = world()
    let give: (answer: ProfileAnswer) => void = () => undefined
    answers(
      () =>
        new Promise((resolve) => {
          give = resolve
        }),
    )
    let outcome: ProfileAnswer | null = null
    void lookup.look(arn(1)).then((answer) => (outcome = answer))
    await time.advance(1_999)
    expect(outcome).toBeNull()
    await time.advance(1)
    expect(outcome).toBe('unresolvable')
    expect(lookup.known(arn(1))).toBe('unresolvable')
    expect(await lookup.look(arn(1))).toBe('unresolvable')
    expect(asked).toHaveLength(1)
    // The late answer is still worth having.
    give(NOVA)
    await settled()
    expect(lookup.known(arn(1))).toEqual(NOVA)
  })

  it('[W18] no answer holds for half a minute, a no for five', async () => {
    const { lookup, asked, time, answers, reports } = world()
    answers(() => Promise.reject(new Error('not authorized')))
    expect(await lookup.look(arn(1))).toBe('unresolvable')
    expect(reports).toEqual(['not authorized'])
    await time.advance(29_999)
    expect(await lookup.look(arn(1))).toBe('unresolvable')
    expect(asked).toHaveLength(1)
    await time.advance(1)
    expect(lookup.known(arn(1))).toBeNull()
    answers(() => Promise.resolve('unresolvable'))
    expect(await lookup.look(arn(1))).toBe('unresolvable')
    await time.advance(299_999)
    expect(lookup.known(arn(1))).toBe('unresolvable')
    await time.advance(1)
    answers(() => Promise.resolve(NOVA))
    expect(await lookup.look(arn(1))).toEqual(NOVA)
    expect(asked).toHaveLength(3)
  })

  it('[W18] only so many are asked about at a time; the others stay unresolved, not waiting', async () => {
    const { lookup, asked, answers, time } = world()
    answers(() => new Promise(() => undefined))
    const all = Array.from({ length: 200 }, (_, index) => lookup.look(arn(index)))
    await time.advance(2_000)
    expect(await Promise.all(all)).toEqual(Array(200).fill('unresolvable'))
    expect(asked).toHaveLength(10)
  })

  it('[W19] remembers over a restart, and writes what it learned in one go', async () => {
    const { lookup, asked, kept, time } = world({ [arn('old')]: 'us.amazon.nova-pro-v1:0' })
    expect(lookup.known(arn('old'))).toEqual({
      modelId: 'us.amazon.nova-pro-v1:0',
      source: 'profile',
    })
    await lookup.look(arn(1))
    await lookup.look(arn(2))
    expect(kept).toEqual([])
    await time.advance(1_000)
    expect(kept).toEqual([{ [arn(1)]: NOVA.modelId, [arn(2)]: NOVA.modelId }])
    await lookup.look(arn(3))
    await lookup.close()
    expect(kept[1]).toEqual({ [arn(3)]: NOVA.modelId })
    await time.advance(10_000)
    expect(kept).toHaveLength(2)
    expect(asked).not.toContain(arn('old'))
  })
})
