import { EventEmitter } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LimitPlaces } from '../../governance/limit/rate-limits.ts'
import { LimitHold } from './limit-hold.ts'
import type { GatewayResponse } from '../server/gateway-request.ts'

const PLACES: LimitPlaces = { counters: [], tokensTaken: 0 }

function held() {
  const ends: (number | null)[] = []
  const end = (_: LimitPlaces, tokens: number | null): void => void ends.push(tokens)
  return { hold: new LimitHold({ end }, PLACES, () => 0), ends }
}

const response = (gone: boolean) => Object.assign(new EventEmitter(), { destroyed: gone })

describe('the places of a call', () => {
  it('[Y35] are given back once, when it is answered and nothing of it runs, in whatever order', () => {
    const moves = fc.array(fc.constantFrom('begin', 'end', 'close'), { maxLength: 12 })
    fc.assert(
      fc.property(moves, (all) => {
        const { hold, ends } = held()
        let [running, closed, over] = [0, false, false]
        for (const move of all) {
          if (move === 'begin') {
            running += 1
            hold.attemptBegan()
          } else if (move === 'close') {
            closed = true
            hold.closed()
          } else if (running > 0) {
            running -= 1
            hold.attemptEnded({ input: 1 })
          }
          over ||= closed && running === 0
          expect(ends).toHaveLength(over ? 1 : 0)
        }
      }),
    )
  })

  it('[Y35] with the tokens of all attempts, whatever they are of', () => {
    const { hold, ends } = held()
    hold.attemptBegan()
    hold.attemptEnded({ input: 1, output: 2, cache_read: 4, cache_write_5m: 8, cache_write: 16 })
    hold.attemptBegan()
    hold.attemptEnded({ cache_write_1h: 32, cache_write_30m: 64, images: 1_000 })
    hold.closed()
    expect(ends).toEqual([127])
  })

  it('[Y35] with none where nothing went upstream', () => {
    const { hold, ends } = held()
    hold.closed()
    expect(ends).toEqual([null])
  })

  it('[Y35] also of a client that left before it could be watched', () => {
    const gone = held()
    gone.hold.watch(response(true) as unknown as GatewayResponse)
    expect(gone.ends).toEqual([null])
    const there = held()
    const answer = response(false)
    there.hold.watch(answer as unknown as GatewayResponse)
    expect(there.ends).toEqual([])
    answer.emit('close')
    expect(there.ends).toEqual([null])
  })
})
