// `ledgerock budgets set` and `delete`: budgets beside those of the file, made by people. The words are the file's, and so are the
// defaults and checks: the API has them.

import { Option, type Command } from 'commander'
import { BUDGET_MODES, MISSING_MAX_TOKENS } from '../../governance/budget/budget.ts'
import { printOne, type Row } from '../answer-format.ts'
import { amountText } from './budget-amount.ts'
import type { CommandContext } from '../cli-deps.ts'
import { wrongUsage } from '../command-error.ts'
import { wholeNumberBetween } from '../conditions.ts'
import { addExamples } from '../examples.ts'
import { noteMissing } from '../note-missing.ts'
import { collectRuleScope, ruleScopeText, type RuleScopeWords } from './rule-scope-words.ts'
import { visible } from '../table.ts'
import { withApi } from '../with-api.ts'

type SetOptions = {
  readonly scope: RuleScopeWords
  readonly period: string
  readonly limitUsd?: string
  readonly limitTokens?: number
  readonly per?: string
  readonly startsOn?: string
  readonly timeZone?: string
  readonly mode?: string
  readonly alertAt?: readonly number[]
  readonly alertForecastAt?: number
  readonly carryOver?: true
  readonly missingMaxTokens?: string
  readonly unpricedReserveUsd?: string
  readonly shadow?: true
  readonly reason?: string
}

const TOKENS_MAX = 1_000_000_000_000_000
const PERCENT_MAX = 1_000
const percent = wholeNumberBetween(1, PERCENT_MAX)
const ROLLING = /^(\d{1,3})d$/

export function addBudgetChanges(budgets: Command, context: CommandContext): void {
  addSet(budgets, context)
  addDelete(budgets, context)
}

function addSet(budgets: Command, context: CommandContext): void {
  const command = budgets
    .command('set')
    .description('make a budget, or replace the one of that name that was made here, whole')
    .argument('<name>', 'what refusals, headers and alerts call it')
    .requiredOption(
      '--scope <name=value>',
      'whose calls: dimensions, key_name or model, repeatable; or everybody',
      collectRuleScope,
    )
    .requiredOption(
      '--period <period>',
      'hour, day, week, month, quarter, year, total, or a rolling 30d',
    )
    .option('--limit-usd <usd>', 'the limit in dollars; or --limit-tokens')
    .option(
      '--limit-tokens <n>',
      'the limit in tokens, of input, cache and output',
      wholeNumberBetween(1, TOKENS_MAX),
    )
    .option('--per <dimension>', 'each of its values has the limit to itself')
    .option('--starts-on <day>', 'first day: of a month 1 to 28, a weekday, or MM-DD')
    .option('--time-zone <zone>', 'whose midnight a period begins at (default: UTC)')
    .addOption(new Option('--mode <mode>', 'what it does (default: notify)').choices(BUDGET_MODES))
    .option(
      '--alert-at <percents>',
      'when people are told: 50,80,100, or none (default: 80,100)',
      percents,
    )
    .option('--alert-forecast-at <percent>', 'when the straight line reaches it', percent)
    .option('--carry-over', 'what is left goes on into the next period')
    .addOption(
      new Option(
        '--missing-max-tokens <how>',
        'hard: calls that state no maximum (default: model_max)',
      ).choices(MISSING_MAX_TOKENS),
    )
    .option('--unpriced-reserve-usd <usd>', 'what a call without a price is charged (default: 1)')
    .option('--shadow', 'refuse nothing, only report')
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((name: string, options: SetOptions) => {
      const terms = termsOf(options)
      return withApi(context, command, async (api, format) => {
        const answer = await api.send('PUT', routeOf(name), terms)
        await printOne(context.io, format, answer, () => {
          const limit = amountText(answer.json as Row, 'limit') ?? ''
          const whose = ruleScopeText(options.scope)
          return `${visible(name)} is in force: ${limit} for ${whose}.\n`
        })
        noteMissing(context, answer.json)
      })
    })
  addExamples(
    command,
    'budgets set search-trial --scope team=search --limit-usd 500 --period month --mode hard',
    'budgets set each-user --scope everybody --per user_id --limit-usd 50 --period 30d',
    'budgets set tokens --scope team=search,support --limit-tokens 2000000 --period day --shadow',
  )
}

function termsOf(options: SetOptions): Row {
  const { limitUsd, limitTokens, scope, startsOn } = options
  if ((limitUsd === undefined) === (limitTokens === undefined)) {
    throw wrongUsage('a budget has --limit-usd or --limit-tokens, one of the two')
  }
  const given = {
    scope,
    per: options.per,
    period: periodOf(options.period),
    // A day of the month is a number in the file, a weekday and MM-DD are texts.
    starts_on: startsOn !== undefined && /^\d{1,2}$/.test(startsOn) ? Number(startsOn) : startsOn,
    time_zone: options.timeZone,
    limit_usd: limitUsd,
    limit_tokens: limitTokens,
    mode: options.mode,
    alert_at: options.alertAt,
    alert_forecast_at: options.alertForecastAt,
    carry_over: options.carryOver,
    missing_max_tokens: options.missingMaxTokens,
    unpriced_reserve_usd: options.unpricedReserveUsd,
    shadow: options.shadow,
    reason: options.reason,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function periodOf(text: string): string | { readonly rolling_days: number } {
  const days = ROLLING.exec(text)?.[1]
  return days === undefined ? text : { rolling_days: Number(days) }
}

/** None at all: nobody is told. */
function percents(text: string): readonly number[] {
  return text === 'none' ? [] : text.split(',').map((one) => percent(one.trim()))
}

function addDelete(budgets: Command, context: CommandContext): void {
  const command = budgets
    .command('delete')
    .description('end a budget that was made by set; what was spent stays in the ledger')
    .argument('<name>', 'as the list shows it')
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((name: string, options: { readonly reason?: string }) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('DELETE', routeOf(name), { ...options })
        await printOne(context.io, format, answer, () => `${visible(name)} is deleted.\n`)
        noteMissing(context, answer.json)
      }),
    )
  addExamples(
    command,
    'budgets delete search-trial',
    'budgets delete search-trial --reason "the trial is over"',
  )
}

function routeOf(name: string): string {
  return `budgets/${encodeURIComponent(name)}`
}
