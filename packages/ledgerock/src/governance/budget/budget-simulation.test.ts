// Three hundred games of everything that can go wrong with hard budgets, and the mistakes that would be found. A failing game prints its
// number: `simulateBudgets(number)` plays it again.

import { describe, expect, it } from 'vitest'
import { simulateBudgets } from '../testing/budget-simulation.ts'
import { PLANTS } from '../testing/simulated-control.ts'

const SEEDS = 300
const CHUNK = 50
/** A mistake must be found within so many games. */
const PLANT_SEEDS = 200

describe('hard budgets, played on a clock of their own', () => {
  const total = { held: 0, spent: 0, unavailable: 0 }
  const calm = { calls: 0, unavailable: 0 }

  it.each(Array.from({ length: SEEDS / CHUNK }, (_, at) => at * CHUNK))(
    '[G26] [G27] [G29] [G30] are never passed, refuse nobody falsely, and are even in the end: games from %i',
    { timeout: 120_000 },
    (from) => {
      for (let seed = from; seed < from + CHUNK; seed += 1) {
        const { held, plan, spent, unavailable, violations } = simulateBudgets(seed)
        expect(violations, `game ${seed}`).toEqual([])
        total.held += held
        total.spent += spent
        total.unavailable += unavailable
        if (!plan.isCalm || plan.nodes > 1) continue
        calm.calls += held + spent
        calm.unavailable += unavailable
      }
    },
  )

  it('[G27] one node without faults always knows', () => {
    expect(calm.calls).toBeGreaterThan(1_000)
    expect(calm.unavailable).toBe(0)
    // And the games are worth playing.
    expect(Math.min(total.held, total.spent, total.unavailable)).toBeGreaterThan(1_000)
  })

  it('a game is the same every time', () => {
    expect(simulateBudgets(7)).toEqual(simulateBudgets(7))
  })

  it.each(PLANTS)('a control that %s is found out', { timeout: 120_000 }, (plant) => {
    let seed = 0
    while (seed < PLANT_SEEDS && simulateBudgets(seed, plant).violations.length === 0) seed += 1
    expect(seed).toBeLessThan(PLANT_SEEDS)
  })
})
