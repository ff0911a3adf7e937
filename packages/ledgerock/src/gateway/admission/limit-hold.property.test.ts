import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LimitPlaces } from '../../governance/limit/rate-limits.ts'
import { LimitHold } from './limit-hold.ts'
import type { GatewayResponse } from '../server/gateway-request.ts'

const PLACES: LimitPlaces = { counters: [], tokensTaken: 0 }

/** What may happen to a call in any order; an attempt ends only after it began. */
const moves = fc.array(fc.constantFrom('begins', 'ends', 'closes'), { maxLength: 12 })

function held() {
  const given: { readonly places: LimitPlaces; readonly tokens: number | null }[] = []
  const end = (places: LimitPlaces, tokens: number | null): void =>
    void given.push({ places, tokens })
  return { given, hold: new LimitHold({ end }, PLACES, () => 0) }
}

describe('the places a call holds', () => {
  it('[Y35] are given back once, when it is closed and nothing of it runs, and no sooner', () => {
    fc.assert(
      fc.property(moves, (all) => {
        const { given, hold } = held()
        let running = 0
        let closed = false
        let over = false
        for (const move of all) {
          if (move === 'closes') {
            closed = true
            hold.closed()
          } else if (move === 'begins') {
            running += 1
            hold.attemptBegan()
          } else if (running > 0) {
            running -= 1
            hold.attemptEnded({ input: 3, output: 4, cache_read: 2 })
          }
          over ||= closed && running === 0
          expect(given).toHaveLength(over ? 1 : 0)
        }
      }),
    )
  })

  it('[Y35] come back with the tokens of all attempts, or with none where nothing went upstream', () => {
    fc.assert(
      fc.property(fc.nat({ max: 5 }), (attempts) => {
        const { given, hold } = held()
        for (let attempt = 0; attempt < attempts; attempt += 1) {
          hold.attemptBegan()
          hold.attemptEnded({ input: 3, output: 4, cache_read: 2 })
        }
        hold.closed()
        const tokens = attempts === 0 ? null : attempts * 9
        expect(given).toEqual([{ places: PLACES, tokens }])
      }),
    )
  })

  it('[Y35] of a client that had left before, and is told of once more, come back once', () => {
    const { given, hold } = held()
    const response = Object.assign(new EventEmitter(), { destroyed: true })
    hold.watch(response as unknown as GatewayResponse)
    response.emit('close')
    expect(given).toHaveLength(1)
  })
})
