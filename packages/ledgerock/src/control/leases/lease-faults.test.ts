// Games of everything that can go wrong with hard budgets, as control really keeps them, and mistakes that would be found. A failing game
// prints its number: `playLeases(number)` plays it again.

import { describe, expect, it } from 'vitest'
import { GAME_PLANTS } from '../testing/lease-game-books.ts'
import { playLeases } from '../testing/lease-game.ts'

const SEEDS = 40
const CHUNK = 5
/** A mistake must be found within so many games. */
const PLANT_SEEDS = 12

describe('leases as control keeps them', () => {
  const total = { held: 0, spent: 0, unavailable: 0 }

  it.each(Array.from({ length: SEEDS / CHUNK }, (_, at) => at * CHUNK))(
    '[C95] hold every limit, refuse nobody falsely, and are what the books have in the end: games from %i',
    { timeout: 120_000 },
    async (from) => {
      for (let seed = from; seed < from + CHUNK; seed += 1) {
        const { held, spent, unavailable, violations } = await playLeases(seed)
        expect(violations, `game ${seed}`).toEqual([])
        total.held += held
        total.spent += spent
        total.unavailable += unavailable
      }
    },
  )

  it('the games are worth playing', () => {
    expect(Math.min(total.held, total.spent, total.unavailable)).toBeGreaterThan(500)
  })

  it('a game is the same every time', { timeout: 60_000 }, async () => {
    expect(await playLeases(17)).toEqual(await playLeases(17))
  })

  it.each(GAME_PLANTS)('a world that %s is found out', { timeout: 120_000 }, async (plant) => {
    let seed = 0
    while (seed < PLANT_SEEDS && (await playLeases(seed, plant)).violations.length === 0) seed += 1
    expect(seed).toBeLessThan(PLANT_SEEDS)
  })
})
