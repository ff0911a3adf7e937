// What budgets cost: the same gateway with none, with a hard budget that never ends, and with four nested ones, one of them counted
// for every application, under the same load by turns.

import { join } from 'node:path'
import { startServer } from './child.ts'
import { cpuFigures, rateFigure, ratioFigure } from './contest-figures.ts'
import { ours, takeTurns, warmUp, type Contestant } from './contest.ts'
import type { Section } from './figure.ts'
import { startLoad } from './load/load.ts'
import { converseRequest } from './load/request.ts'
import { startBudget } from './pace.ts'
import { startLedgerock } from './systems/ledgerock.ts'
import { withSystems } from './with-systems.ts'

const CONCURRENCY = 32
const ROUNDS = 8
const LENGTH = { warmupMs: 500, measureMs: 1_500, concurrency: CONCURRENCY } as const
const FIRST_CALLS = 12_000
/** Enforcing costs at most a twentieth of the throughput. */
const GOAL = { atLeast: 0.95 }
const SYSTEMS = join(import.meta.dirname, 'systems')

const budget = (name: string, scope: string, period: string, more = ''): string =>
  `  - { name: ${name}, scope: ${scope}, period: ${period}, limit_usd: "1000000", mode: hard${more} }`

const ONE = ['budgets:', budget('search', '{ team: search }', 'month')].join('\n')
const NESTED = [
  'budgets:',
  budget('company', '{}', 'year'),
  budget('search', '{ team: search }', 'month'),
  budget('applications', '{ team: search }', 'week', ', per: application'),
  budget('handbook', '{ application: handbook }', 'day'),
].join('\n')

export function benchBudgets(): Promise<Section> {
  const time = startBudget()
  return withSystems(async (keep) => {
    const load = keep(await startLoad())
    const { url: upstream } = keep(await startServer(join(SYSTEMS, 'fixed-responder.ts')))
    const start = async (config: string): Promise<Contestant> => {
      const ledgerock = keep(await startLedgerock({ upstream, config }))
      return ours(ledgerock, converseRequest(ledgerock.key, 'converse'))
    }
    const contestants = {
      none: await start(''),
      one: await start(ONE),
      nested: await start(NESTED),
    }
    await warmUp(load, contestants, FIRST_CALLS)
    const turns = await takeTurns(load, contestants, LENGTH, ROUNDS, time.until(1))
    const { none = [], one = [], nested = [] } = turns
    return {
      bench: 'budgets',
      figures: [
        rateFigure('no budget', 'requests/s', none),
        rateFigure('one hard budget', 'requests/s', one),
        rateFigure('four nested hard budgets', 'requests/s', nested),
        ratioFigure('one hard budget to none', one, none, GOAL),
        ratioFigure('four nested hard budgets to none', nested, none, GOAL),
        ...cpuFigures('CPU per call, no budget', none),
        ...cpuFigures('CPU per call, one hard budget', one),
        ...cpuFigures('CPU per call, four nested hard budgets', nested),
      ],
      skipped: [],
      notes: NOTES,
    }
  })
}

const NOTES = [
  `Converse at concurrency ${CONCURRENCY} to a fixed responder, one worker each, up to ${ROUNDS} rounds by turns; ratios within a round.`,
  'Every call is bounded, reserved, charged and written with its budgets; no budget ever ends, so nothing is refused.',
]
