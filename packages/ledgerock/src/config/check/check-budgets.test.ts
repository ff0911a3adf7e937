import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { PERIOD_WORDS } from '../schema/budget-schema.ts'
import { budgetOf } from '../settings/budget-settings.ts'
import { faultsOf, validated } from '../testing/faults-of.ts'

const budgetsOf = (text: string) => mustOk(validated(text)).budgets.map(budgetOf)
const one = (parts: string) => `budgets: [ { name: a, period: month, ${parts} } ]`

describe('budgets in the file', () => {
  it('[O18] reach the settings with amounts in their unit and the first day of their period', () => {
    const [team, user, fiscal, rolling, all] = budgetsOf(`
budgets:
  - { name: search-monthly, scope: { team: search }, period: month, time_zone: UTC,
      limit_usd: "500", mode: hard, alert_at: [80, 50, 80] }
  - { name: each-user, per: user_id, period: week, starts_on: sunday, time_zone: Europe/Berlin,
      limit_tokens: 1000000, mode: soft, shadow: true }
  - { name: fiscal, scope: { key_name: ['ci-*'] }, period: year, starts_on: '04-06',
      limit_usd: "0.000000000001", alert_forecast_at: 110, carry_over: true }
  - { name: rolling, period: { rolling_days: 30 }, limit_usd: "5", missing_max_tokens: clamp, unpriced_reserve_usd: "0.5" }
  - { name: all, period: total, limit_usd: 100000 }
`)
    expect(team).toEqual({
      name: 'search-monthly',
      scope: { team: ['search'] },
      per: null,
      period: { kind: 'month', startsOn: 1 },
      timeZone: 'UTC',
      unit: 'usd',
      limit: '500000000000000',
      mode: 'hard',
      shadow: false,
      missingMaxTokens: 'model_max',
      unpricedReserve: '1000000000000',
      alertAt: [50, 80],
      alertForecastAt: null,
      carryOver: false,
      raises: [],
    })
    expect(user).toMatchObject({
      per: 'user_id',
      period: { kind: 'week', startsOn: 7 },
      timeZone: 'Europe/Berlin',
      unit: 'tokens',
      limit: '1000000',
      mode: 'soft',
      shadow: true,
      alertAt: [80, 100],
    })
    expect(fiscal).toMatchObject({
      period: { kind: 'year', month: 4, startsOn: 6 },
      limit: '1',
      mode: 'notify',
      alertForecastAt: 110,
      carryOver: true,
    })
    expect(rolling).toMatchObject({
      period: { kind: 'rolling', days: 30 },
      missingMaxTokens: 'clamp',
      unpricedReserve: '500000000000',
    })
    expect(all).toMatchObject({ period: { kind: 'total' }, limit: '100000000000000000' })
  })

  it('[O18] name dimensions and zones there are, and say one limit', () => {
    const text = `
dimensions: { team: { values: [search] } }
budgets:
  - { name: a, scope: { tem: x, team: [search, suport], key_name: '*' }, per: usr,
      period: month, limit_usd: "5" }
  - { name: a, period: month, time_zone: Mars/Olympus, limit_usd: "5", limit_tokens: 5 }
  - { name: c, period: fortnight }
  - { name: d, limit_usd: 5.5, mode: firm, alert_at: [0, 50, 1001], carry_over: yes }
  - { period: day, limit_usd: "0.00", limit: 3 }
  - { name: f, period: { rolling_days: 400 }, limit_tokens: 0, missing_max_tokens: guess }
  - { name: z, period: hour, limit_usd: 0 }
  - { name: g, period: { rolling_day: 4 }, limit_usd: "-5", unpriced_reserve_usd: "1e3" }
`
    expect(faultsOf(text)).toMatchInlineSnapshot(`
      [
        "l.yaml:4:30 budgets[0].scope.tem: there is no such dimension; did you mean team? (or key_name, model)",
        "l.yaml:4:48 budgets[0].scope.team[1]: is not one of the allowed values",
        "l.yaml:4:79 budgets[0].per: there is no such dimension",
        "l.yaml:6:13 budgets[1].name: is already the name of budgets[0]",
        "l.yaml:6:42 budgets[1].time_zone: must be an IANA time zone such as Europe/Berlin, not Mars/Olympus",
        "l.yaml:6:86 budgets[1].limit_tokens: cannot stand beside limit_usd: a budget is in dollars or in tokens",
        "l.yaml:7:5 budgets[2]: must say limit_usd or limit_tokens",
        "l.yaml:7:24 budgets[2].period: must be hour or day or week or month or quarter or year or total or { rolling_days: 30 }, not fortnight",
        "l.yaml:8:5 budgets[3].period: is missing: must be hour or day or week or month or quarter or year or total or { rolling_days: 30 }",
        "l.yaml:8:27 budgets[3].limit_usd: must be dollars in quotes, such as "500" or "12.50", not 5.5",
        "l.yaml:8:38 budgets[3].mode: must be notify or soft or hard, not firm",
        "l.yaml:8:55 budgets[3].alert_at[0]: must be a whole number from 1 to 1000, not 0",
        "l.yaml:8:62 budgets[3].alert_at[2]: must be a whole number from 1 to 1000, not 1001",
        "l.yaml:8:81 budgets[3].carry_over: must be true or false, not yes",
        "l.yaml:9:5 budgets[4].name: is missing: must be 1 to 64 of a-z, A-Z, 0-9, dot, dash and underscore",
        "l.yaml:9:31 budgets[4].limit_usd: must be more than nothing (to stop a scope, pause it)",
        "l.yaml:9:39 budgets[4].limit: unknown key",
        "l.yaml:10:40 budgets[5].period.rolling_days: must be a whole number from 1 to 366, not 400",
        "l.yaml:10:61 budgets[5].limit_tokens: must be a whole number from 1 to 1000000000000000, not 0",
        "l.yaml:10:84 budgets[5].missing_max_tokens: must be model_max or refuse or clamp, not guess",
        "l.yaml:11:41 budgets[6].limit_usd: must be more than nothing (to stop a scope, pause it)",
        "l.yaml:12:16 budgets[7].period.rolling_days: is missing: must be a whole number from 1 to 366",
        "l.yaml:12:26 budgets[7].period.rolling_day: unknown key; did you mean rolling_days?",
        "l.yaml:12:55 budgets[7].limit_usd: must be dollars in quotes, such as "500" or "12.50", not -5",
        "l.yaml:12:83 budgets[7].unpriced_reserve_usd: must be dollars in quotes, such as "500" or "12.50", not 1e3",
      ]
    `)
  })

  it('[O18] have a period that there is', () => {
    const text = `
budgets:
  - { name: a, period: week, starts_on: 3, limit_usd: "5" }
  - { name: b, period: month, starts_on: monday, limit_usd: "5" }
  - { name: c, period: month, starts_on: 31, limit_usd: "5" }
  - { name: d, period: quarter, starts_on: 1, limit_usd: "5" }
  - { name: e, period: year, starts_on: '02-29', limit_usd: "5" }
  - { name: f, period: day, starts_on: monday, limit_usd: "5" }
  - { name: g, period: total, carry_over: true, alert_forecast_at: 100, limit_usd: "5" }
  - { name: h, period: { rolling_days: 7 }, starts_on: 1,
      carry_over: true, alert_forecast_at: 100, limit_usd: "5" }
`
    expect(faultsOf(text)).toMatchInlineSnapshot(`
      [
        "l.yaml:3:41 budgets[0].starts_on: must be a weekday such as monday for a week",
        "l.yaml:4:42 budgets[1].starts_on: must be a day of the month from 1 to 28 for a month",
        "l.yaml:5:42 budgets[2].starts_on: must be a whole number from 1 to 28, not 31",
        "l.yaml:6:44 budgets[3].starts_on: must be month and day in quotes, such as '04-01' for a quarter",
        "l.yaml:7:41 budgets[4].starts_on: must be a day of the month from 1 to 28, a weekday such as monday, or 'MM-DD' for quarters and years, not 02-29",
        "l.yaml:8:40 budgets[5].starts_on: a period of day has no first day",
        "l.yaml:9:43 budgets[6].carry_over: a period of total has no end at which anything is left",
        "l.yaml:9:68 budgets[6].alert_forecast_at: a period of total has no end to draw a line to",
        "l.yaml:10:56 budgets[7].starts_on: a period of rolling_days has no first day",
        "l.yaml:11:19 budgets[7].carry_over: a period of rolling_days has no end at which anything is left",
        "l.yaml:11:44 budgets[7].alert_forecast_at: a period of rolling_days has no end to draw a line to",
      ]
    `)
  })

  it.each([
    // A team above all, one of several, in dollars and in tokens.
    ['limit_usd: "5"', 'scope: { team: x }, limit_usd: "5.01"', true],
    [
      'scope: { team: [w, x] }, limit_tokens: 5',
      'scope: { team: x, feature: y }, limit_tokens: 6',
      true,
    ],
    ['limit_usd: "5"', 'scope: { team: x }, limit_usd: "5"', false],
    ['limit_usd: 5', 'scope: { team: x }, limit_usd: "5.01"', true],
    // A user above the team, above each user, or more than so many users.
    [
      'scope: { team: x }, limit_usd: "5"',
      'scope: { team: x }, per: user_id, limit_usd: "6"',
      true,
    ],
    ['per: user_id, limit_usd: "5"', 'scope: { team: x }, per: user_id, limit_usd: "6"', true],
    ['per: user_id, limit_usd: "5"', 'scope: { user_id: ann }, limit_usd: "6"', true],
    ['per: user_id, limit_usd: "5"', 'scope: { user_id: [ann, bob] }, limit_usd: "6"', false],
    ['per: user_id, limit_usd: "5"', 'scope: { team: x }, limit_usd: "60"', false],
    // The same times said in two ways.
    ['time_zone: UTC, limit_usd: "5"', 'scope: { team: x }, starts_on: 1, limit_usd: "6"', true],
    // Other units, other times, other calls, or only reporting: nothing can be said.
    ['limit_usd: "5"', 'scope: { team: x }, limit_tokens: 6', false],
    ['limit_usd: "5"', 'scope: { team: x }, starts_on: 2, limit_usd: "6"', false],
    ['limit_usd: "5"', 'scope: { team: x }, time_zone: Asia/Tokyo, limit_usd: "6"', false],
    ['scope: { team: y }, limit_usd: "5"', 'scope: { team: x }, limit_usd: "6"', false],
    ['limit_usd: "5", shadow: true', 'scope: { team: x }, limit_usd: "6"', false],
    // One that warns and one that refuses, for the same calls.
    ['limit_usd: "5"', 'limit_usd: "6", mode: hard', false],
  ])('[O18] %s, and %s: above its parent: %s', (parent, child, isAbove) => {
    const [outer, inner] = [
      `{ name: p, period: month, ${parent} }`,
      `{ name: c, period: month, ${child} }`,
    ]
    for (const [index, both] of [
      [0, [outer, inner]],
      [1, [inner, outer]],
    ] as const) {
      const faults = faultsOf(`budgets: [ ${both.join(', ')} ]`)
      expect(
        faults.filter((fault) => fault.includes(`above the limit of budgets[${index}]`)),
      ).toHaveLength(isAbove ? 1 : 0)
      expect(faults).toHaveLength(isAbove ? 1 : 0)
    }
  })

  it.each([
    ['month, limit_usd: "5", mode: hard', 'day, limit_usd: "6"', true],
    ['month, limit_usd: "5", mode: hard', 'day, limit_usd: "5"', false],
    ['week, limit_usd: "5", mode: hard', 'hour, limit_usd: "6"', true],
    ['total, limit_usd: "5", mode: hard', 'month, limit_usd: "6", time_zone: Asia/Tokyo', true],
    ['year, limit_usd: "5", mode: hard', 'quarter, limit_usd: "6"', true],
    ["year, limit_usd: '5', mode: hard, starts_on: '04-01'", 'month, limit_usd: "6"', true],
    // Each period of the shorter touches two of the longer.
    ['month, limit_usd: "5", mode: hard', 'week, limit_usd: "6"', false],
    ['month, limit_usd: "5", mode: hard', 'day, limit_usd: "6", time_zone: Asia/Tokyo', false],
    ["year, limit_usd: '5', mode: hard, starts_on: '02-01'", 'quarter, limit_usd: "6"', false],
    ['quarter, limit_usd: "5", mode: hard', 'month, limit_usd: "6", starts_on: 2', false],
    // One that may be spent over, or may have more than its limit, refuses nothing below it.
    ['month, limit_usd: "5", mode: soft', 'day, limit_usd: "6"', false],
    ['month, limit_usd: "5", mode: hard, carry_over: true', 'day, limit_usd: "6"', false],
    ['day, limit_usd: "5", mode: hard', 'month, limit_usd: "6"', false],
  ])('[O24] a hard %s, and for the same calls %s: never spent: %s', (parent, child, isNever) => {
    const text = `budgets:
  - { name: p, period: ${parent} }
  - { name: c, period: ${child} }
`
    const faults = faultsOf(text)
    expect(faults.filter((fault) => fault.includes('above the limit of budgets[0]'))).toHaveLength(
      isNever ? 1 : 0,
    )
  })

  it('[O18] one mistake is one fault, and others are called by their names', () => {
    const text = `budgets:
  - { name: all, period: month, limit_usd: "5", starts_on: monday }
  - { name: search, scope: { team: search }, period: month, limit_usd: "9" }
  - { name: wide, scope: { team: [search, research] }, period: month, limit_usd: "8" }
`
    const faults = faultsOf(text)
    expect(faults.filter((fault) => fault.includes('budgets[0].'))).toHaveLength(1)
    expect(faults.filter((fault) => fault.includes('budgets[1].'))).toEqual([
      expect.stringContaining('above the limit of budgets[2] (wide)'),
    ])
    expect(faults).toHaveLength(2)
  })

  it('[O18] a field of the scope that is a word of the language is one like others', () => {
    const text = `dimensions: { constructor: {} }
budgets:
  - { name: p, scope: { constructor: [x] }, period: day, limit_usd: "5" }
  - { name: c, scope: { team: x }, period: day, limit_usd: "6" }
`
    expect(faultsOf(text)).toEqual([])
  })

  it.each(['model', 'key_name', 'budget', 'above'])('[O17] no dimension is called %s', (name) => {
    expect(faultsOf(`dimensions: { ${name}: {} }`)[0]).toContain(
      `dimensions.${name}: is the name of a field every call has`,
    )
  })

  it('[O18] every period takes its own first day and no other', () => {
    const days = { monday: ['week'], 15: ['month'], "'07-01'": ['quarter', 'year'] }
    fc.assert(
      fc.property(
        fc.constantFrom(...PERIOD_WORDS),
        fc.constantFrom(...Object.entries(days)),
        (period, [day, periods]) => {
          const text = `budgets: [ { name: a, period: ${period}, starts_on: ${day}, limit_usd: '5' } ]`
          expect(faultsOf(text)).toHaveLength(periods.includes(period) ? 0 : 1)
        },
      ),
    )
  })

  it('[O6] a limit may come from the environment', () => {
    expect(
      mustOk(validated(one("limit_usd: '${LIMIT}'"), { LIMIT: '12.5' })).budgets[0]?.limit_usd,
    ).toBe('12.5')
    expect(
      mustOk(validated(one("limit_tokens: '${LIMIT}'"), { LIMIT: '500' })).budgets[0]?.limit_tokens,
    ).toBe(500)
  })
})
