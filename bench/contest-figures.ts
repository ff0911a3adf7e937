// What a contest comes to, in figures: rates, CPU per call, ratios and added times, always taken within a round.

import type { Turn } from './contest.ts'
import { figureOf, type Figure, type Goal } from './figure.ts'
import type { LoadResult, Quantiles } from './load/tally.ts'
import { byRound } from './rounds.ts'

export type Turns = readonly Turn[]

export function rateFigure(name: string, unit: string, turns: Turns): Figure {
  return figureOf(
    name,
    unit,
    turns.map((turn) => turn.perSecond),
  )
}

export function cpuFigures(name: string, turns: Turns): readonly Figure[] {
  const known = turns.map((turn) => turn.cpuUsPerCall).filter((value) => value !== null)
  return known.length === 0 ? [] : [figureOf(name, 'µs', known)]
}

export function ratioFigure(
  name: string,
  turns: Turns,
  yardstick: Turns,
  goal: Goal | null = null,
): Figure {
  const ratios = byRound(turns, yardstick, (one, other) => one.perSecond / other.perSecond)
  return figureOf(name, '×', ratios, goal)
}

export function addedFigure(
  name: string,
  turns: Turns,
  direct: Turns,
  timesOf: (turn: Turn) => Quantiles,
  quantile: keyof Quantiles,
  goal: Goal | null = null,
): Figure {
  const added = byRound(
    turns,
    direct,
    (one, other) => timesOf(one)[quantile] - timesOf(other)[quantile],
  )
  return figureOf(name, 'ms', added, goal)
}

/** Calls that wait 40 ms are calls that wait for an acknowledgement; a machine with other things to do has a few by chance. */
const PLATEAU_PERCENT_MAX = 0.1

export function plateauFigure(
  name: string,
  turns: readonly Pick<LoadResult, 'plateauShare'>[],
  isGoal: boolean,
): Figure {
  return figureOf(
    name,
    '% of calls',
    turns.map(({ plateauShare }) => plateauShare * 100),
    isGoal ? { atMost: PLATEAU_PERCENT_MAX } : null,
  )
}
