import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DEFAULT_DIMENSION_RULES, defaultRule } from '../attribution/dimension-rule.ts'
import { BUDGET_MODES, MISSING_MAX_TOKENS, type Budget } from '../governance/budget/budget.ts'
import { mustOk } from '../kernel/result.ts'
import { PERIOD_WORDS, WEEKDAYS } from './schema/budget-schema.ts'
import { faultsBeside, faultsInFile, readBudget } from './read-budget.ts'
import { faultsOf } from './testing/faults-of.ts'
import { writtenBudget } from './written-budget.ts'

const DIMENSIONS = [
  ...DEFAULT_DIMENSION_RULES.filter(({ name }) => name !== 'environment'),
  { ...defaultRule('environment'), values: ['prod', 'trial'] },
]
const read = (parts: object) =>
  readBudget({ name: 'a', period: 'month', limit_usd: '5', ...parts }, DIMENSIONS)
const budget = (parts: object): Budget => mustOk(read(parts))

const startsOn = (period: unknown): fc.Arbitrary<unknown> => {
  const day = fc.integer({ min: 1, max: 28 })
  const two = (value: number): string => String(value).padStart(2, '0')
  if (period === 'week') return fc.option(fc.constantFrom(...WEEKDAYS))
  if (period === 'month') return fc.option(day)
  if (period !== 'quarter' && period !== 'year') return fc.constant(null)
  const month = fc.integer({ min: 1, max: 12 })
  return fc.option(fc.tuple(month, day).map(([first, second]) => `${two(first)}-${two(second)}`))
}
const percent = fc.integer({ min: 1, max: 1000 })
const anyWritten = fc
  .oneof(
    fc.constantFrom(...PERIOD_WORDS),
    fc.record({ rolling_days: fc.integer({ min: 1, max: 366 }) }),
  )
  .chain((period) =>
    fc.record(
      {
        name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
        period: fc.constant(period),
        starts_on: startsOn(period),
        scope: fc.constantFrom({}, { team: 'x' }, { team: ['x', 'y'], model: '*' }),
        per: fc.constantFrom(null, 'user_id'),
        time_zone: fc.constantFrom('UTC', 'Europe/Berlin'),
        mode: fc.constantFrom(...BUDGET_MODES),
        alert_at: fc.array(percent, { maxLength: 5 }),
        missing_max_tokens: fc.constantFrom(...MISSING_MAX_TOKENS),
        unpriced_reserve_usd: fc.constantFrom('0.000000000001', '3', 7),
        shadow: fc.boolean(),
      },
      { requiredKeys: ['name', 'period'] },
    ),
  )
const limit = fc.oneof(
  fc.integer({ min: 1, max: 999_999_999_999 }).map((usd) => ({ limit_usd: `${usd}.000000000001` })),
  fc.integer({ min: 1, max: 1_000_000_000_000_000 }).map((tokens) => ({ limit_tokens: tokens })),
)

describe('a budget that is not of the file', () => {
  it('[O22] is told in words that mean the same budget again', () => {
    fc.assert(
      fc.property(anyWritten, limit, (parts, amount) => {
        const one = mustOk(readBudget({ ...parts, ...amount }, DIMENSIONS))
        expect(readBudget(writtenBudget(one), DIMENSIONS)).toEqual({ ok: true, value: one })
        expect(faultsBeside({ ...one, name: 'another' }, [one], DIMENSIONS)).toEqual([])
      }),
    )
  })

  it('[O22] is held to the rules of the file, each fault at its place', () => {
    const parts = {
      scope: { tem: 'x', environment: ['prod', 'prd'] },
      per: 'user',
      limit_tokens: 5,
      starts_on: 'monday',
      mod: 'hard',
      alert_at: [0],
    }
    const result = read(parts)
    const faults = result.ok ? [] : result.problem
    const inFile = faultsOf(`
dimensions: { environment: { values: [prod, trial] } }
budgets: ${JSON.stringify([{ name: 'a', period: 'month', limit_usd: '5', ...parts }])}
`)
    expect(faults.map(({ path }) => path).toSorted()).toEqual([
      'alert_at[0]',
      'limit_tokens',
      'mod',
      'per',
      'scope.environment[1]',
      'scope.tem',
      'starts_on',
    ])
    expect(faults).toHaveLength(inFile.length)
    for (const { path, message } of faults) {
      expect(inFile.filter((text) => text.includes(`budgets[0].${path}: ${message}`))).toHaveLength(
        1,
      )
    }
  })

  it.each(['leases', 'raises', 'nodes'])(
    '[O22] is not named %s, nor is one of the file',
    (name) => {
      expect(read({ name })).toMatchObject({ ok: false, problem: [{ path: 'name' }] })
      const text = `budgets: [ { name: ${name}, period: month, limit_usd: "5" } ]`
      expect(faultsOf(text)).toHaveLength(1)
    },
  )

  it('[O22] stands beside the others as in one file, and names those it cannot stand beside', () => {
    const team = budget({ name: 'team', scope: { team: 'x' }, limit_usd: '10' })
    const app = budget({ name: 'app', scope: { team: 'x', application: 'y' }, limit_usd: '8' })
    const wide = budget({ name: 'wide', scope: { team: 'x', application: 'z' }, limit_usd: '11' })
    expect(faultsBeside(app, [team], DIMENSIONS)).toEqual([])
    expect(faultsBeside(wide, [app, team], DIMENSIONS)).toEqual([
      {
        path: 'limit_usd',
        message: 'is above the limit of team, which counts all of the same calls',
      },
    ])
    const tight = { ...team, limit: '7' }
    expect(faultsBeside(tight, [app], DIMENSIONS)).toEqual([
      {
        path: '',
        message: 'app: limit_usd is above the limit of team, which counts all of the same calls',
      },
    ])
    // What was wrong before is not the new one's fault.
    const elsewhere = budget({ name: 'elsewhere', scope: { team: 'z' } })
    expect(faultsBeside(elsewhere, [team, wide], DIMENSIONS)).toEqual([])
  })

  it('[O22] keeps a file from being in force that it could not stand beside', () => {
    const team = budget({ name: 'team', scope: { team: 'x' }, limit_usd: '10' })
    const wide = budget({ name: 'wide', scope: { team: 'x', application: 'z' }, limit_usd: '11' })
    expect(faultsInFile([team], [wide], DIMENSIONS)).toMatchObject([
      { path: 'budgets', message: expect.stringContaining('wide, made by the API: limit_usd') },
    ])
    expect(faultsInFile([wide], [team], DIMENSIONS)).toMatchObject([
      { path: 'budgets[0].limit_usd', message: expect.stringContaining('limit of team') },
    ])
    const gone = DIMENSIONS.filter(({ name }) => name !== 'environment')
    const trial = budget({ name: 'trial', scope: { environment: 'trial' } })
    expect(faultsInFile([team], [trial], DIMENSIONS)).toEqual([])
    expect(faultsInFile([team], [trial], gone)).toEqual([])
    const own = [...DIMENSIONS, defaultRule('ward')]
    const ward = mustOk(readBudget({ name: 'w', period: 'day', limit_usd: '1', per: 'ward' }, own))
    expect(faultsInFile([team], [ward], own)).toEqual([])
    expect(faultsInFile([team], [ward], DIMENSIONS)).toMatchObject([
      { path: 'budgets', message: expect.stringContaining('w, made by the API: per') },
    ])
  })
})
