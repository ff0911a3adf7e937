// A budget to start from: ten dollars a month for everybody, hard.

import type { Budget } from '../budget/budget.ts'

const TEN_DOLLARS = '10000000000000'

export function sampleBudget(parts: Partial<Budget> = {}): Budget {
  return {
    name: 'budget',
    scope: {},
    per: null,
    period: { kind: 'month', startsOn: 1 },
    timeZone: 'UTC',
    unit: 'usd',
    limit: TEN_DOLLARS,
    mode: 'hard',
    shadow: false,
    missingMaxTokens: 'model_max',
    unpricedReserve: '1000000000000',
    alertAt: [80, 100],
    alertForecastAt: null,
    carryOver: false,
    raises: [],
    ...parts,
  }
}
