// Hard budgets for as long as one likes: many more games of the simulation than the tests play.
//
//   node bench/soak/budgets.ts [games] [first]     10,000 games from 0
//   node bench/soak/budgets.ts 1 4711              game 4711 again, with what went wrong in it

import { simulateBudgets } from '../../packages/ledgerock/src/governance/testing/budget-simulation.ts'

const [games = '10000', first = '0'] = process.argv.slice(2)
const from = Number(first)
const sums = { failed: 0, held: 0, spent: 0, unavailable: 0 }
const startedAtMs = performance.now()

for (let game = from; game < from + Number(games); game += 1) {
  const { held, spent, unavailable, violations } = simulateBudgets(game)
  sums.held += held
  sums.spent += spent
  sums.unavailable += unavailable
  if (violations.length === 0) continue
  sums.failed += 1
  process.stdout.write(`game ${game}: ${violations.join('; ')}\n`)
}

const words = [
  `${games} games from ${from}: ${sums.failed} failed`,
  `calls admitted ${sums.held}, refused as spent ${sums.spent}, as unavailable ${sums.unavailable}`,
  `${Math.round((performance.now() - startedAtMs) / 1_000)} s`,
]
process.stdout.write(`${words.join('; ')}\n`)
if (sums.failed > 0) process.exitCode = 1
