import { describe, expect, it } from 'vitest'
import { createDrainRoom, onLeave } from './disconnect.ts'

describe('when a client leaves', () => {
  it('[Y8] the first rule whose scope holds decides, by kind of call', () => {
    const rules = [
      { scope: { team: 'search' }, unary: 'cancel', stream: 'drain' },
      { scope: {}, unary: 'drain', stream: 'drain' },
    ] as const
    expect(onLeave(rules, { team: 'search' }, false)).toBe('cancel')
    expect(onLeave(rules, { team: 'search' }, true)).toBe('drain')
    expect(onLeave(rules, { team: 'support' }, false)).toBe('drain')
    expect(onLeave([], {}, false)).toBe('drain')
    expect(onLeave([], {}, true)).toBe('cancel')
  })

  it('[Y8] only so many answers are drained at once', () => {
    const room = createDrainRoom({ timeMs: 1, max: 2 })
    expect([room.enter(), room.enter(), room.enter()]).toEqual([true, true, false])
    room.leave()
    expect(room.enter()).toBe(true)
    expect(room.running()).toBe(2)
  })
})
