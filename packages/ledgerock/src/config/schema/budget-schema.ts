// `budgets` in the file: whose calls, how much in which period, and what happens at the end of it. What depends on the kind of the
// period, or on other budgets, is checked in `check-budgets.ts`.

import * as z from 'zod'
import { BUDGET_MODES, MISSING_MAX_TOKENS } from '../../governance/budget/budget.ts'
import { isTimeZone } from '../../kernel/time-zone.ts'
import { oneOf, textOf, wholeNumber, yesOrNo } from '../field.ts'
import { perDimension, ruleName, RULES_MAX, ruleScope, shadow } from '../rule-field.ts'

export const PERIOD_WORDS = ['hour', 'day', 'week', 'month', 'quarter', 'year', 'total'] as const
export const WEEKDAYS = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
] as const

/** A year and a day: longer than that is `total`. */
const ROLLING_DAYS_MAX = 366
const PERCENT_MAX = 1000

const PERIOD_WANTED = `must be ${PERIOD_WORDS.join(' or ')} or { rolling_days: 30 }`
const USD_WANTED = 'must be dollars in quotes, such as "500" or "12.50"'
const ZONE_WANTED = 'must be an IANA time zone such as Europe/Berlin'
const STARTS_WANTED =
  "must be a day of the month from 1 to 28, a weekday such as monday, or 'MM-DD' for quarters and years"

const DOLLARS_MAX = 999_999_999_999

/** Whole dollars may stand without quotes: only a fraction would lose digits. */
const dollars = z.union(
  [
    z
      .int({ error: USD_WANTED })
      .min(0, { error: USD_WANTED })
      .max(DOLLARS_MAX, { error: USD_WANTED })
      .transform(String),
    textOf(/^\d{1,12}(\.\d{1,12})?$/, USD_WANTED),
  ],
  { error: USD_WANTED },
)
const percent = wholeNumber(1, PERCENT_MAX)

const budget = z.strictObject({
  name: ruleName.meta({ description: 'What refusals, headers, routes and alerts call it.' }),
  scope: ruleScope,
  per: perDimension,
  period: z
    .union(
      [
        z.enum(PERIOD_WORDS),
        z.strictObject({
          rolling_days: wholeNumber(1, ROLLING_DAYS_MAX).meta({
            description: 'The last so many days, hour by hour, instead of a calendar.',
          }),
        }),
      ],
      { error: PERIOD_WANTED },
    )
    .meta({ description: 'How long the limit is for.' }),
  starts_on: z
    .union(
      [
        wholeNumber(1, 28),
        z.enum(WEEKDAYS),
        textOf(/^(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$/, STARTS_WANTED),
      ],
      { error: STARTS_WANTED },
    )
    .nullable()
    .default(null)
    .meta({ description: 'First day of a week, month, quarter or year; null: of the calendar.' }),
  time_zone: z
    .string({ error: ZONE_WANTED })
    .refine(isTimeZone, { error: ZONE_WANTED })
    .default('UTC')
    .meta({ description: 'Whose midnight a period begins at.' }),
  limit_usd: dollars
    .nullable()
    .default(null)
    .meta({ description: 'The limit in dollars, in quotes. Either this or limit_tokens.' }),
  limit_tokens: wholeNumber(1, 1_000_000_000_000_000)
    .nullable()
    .default(null)
    .meta({ description: 'The limit in tokens, of input, cache and output together.' }),
  mode: oneOf(BUDGET_MODES).default('notify').meta({
    description: 'notify: tells people; soft: tells the caller too; hard: refuses.',
  }),
  alert_at: z
    .array(percent, { error: 'must be a list of percents' })
    .max(20, { error: 'must be at most 20 percents' })
    .default([80, 100])
    .meta({ description: 'Percents of the limit at which people are told.' }),
  alert_forecast_at: percent.nullable().default(null).meta({
    description: 'Percent of the limit that the straight line to the end of the period reaches.',
  }),
  carry_over: yesOrNo
    .default(false)
    .meta({ description: 'What is left is added to the limit of the next period.' }),
  missing_max_tokens: oneOf(MISSING_MAX_TOKENS).default('model_max').meta({
    description: 'hard: what a call that states no maximum of output is held to.',
  }),
  unpriced_reserve_usd: dollars.default('1').meta({
    description: 'What a call whose price is not known reserves, and is charged.',
  }),
  shadow,
})

export type WrittenBudget = z.output<typeof budget>

export const budgets = z
  .array(budget, { error: 'must be a list of budgets' })
  .max(RULES_MAX, { error: `must be at most ${RULES_MAX} budgets` })
  .default([])
  .meta({ description: 'Who may spend how much; every budget that covers a call counts it.' })
