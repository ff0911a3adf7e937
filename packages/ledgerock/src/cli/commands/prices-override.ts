// `ledgerock prices override`: what a contract says instead of the list price.

import { SCOPES, TIERS, type Scope, type Tier } from '@ledgerock/contract'
import { Option, type Command } from 'commander'
import { PRICE_UNITS, type PriceUnit } from '../../pricing/price-unit.ts'
import { columnsOf, printOne, printRows, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { wrongUsage } from '../command-error.ts'
import { wholeNumberBetween } from '../conditions.ts'
import { addExamples } from '../examples.ts'
import { noteMissing } from '../note-missing.ts'
import { day, per, word } from './prices-layout.ts'
import { grouped, visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type SetOptions = {
  readonly name: string
  readonly models: string
  readonly account?: string
  readonly regions: string
  readonly scope?: Scope
  readonly tier?: Tier
  readonly kind?: string
  readonly percent?: string
  readonly price?: string
  readonly unit?: PriceUnit
  readonly variant?: string
  readonly contextAbove?: number
  readonly from?: string
  readonly to?: string
  readonly reason?: string
  readonly replace?: true
}

const CONTEXT_TOKENS_MAX = 100_000_000

const LIST_COLUMNS: readonly Column[] = [
  { name: 'name', align: 'left' },
  { name: 'origin', align: 'left' },
  { name: 'models', align: 'left' },
  { name: 'where', align: 'left' },
  { name: 'effect', align: 'left' },
  { name: 'during', align: 'left' },
  { name: 'reason', align: 'left' },
]

export function addPricesOverride(prices: Command, context: CommandContext): void {
  const override = prices
    .command('override')
    .description('contract prices: a percentage of the list price, or a fixed price')
  addExamples(
    override,
    'prices override set --name edp --models "anthropic.*" --percent -12.5 --from 2026-10-01',
    'prices override list',
    'prices override remove edp --reason "contract ended"',
  )
  addSet(override, context)
  addList(override, context)
  addRemove(override, context)
}

function addSet(override: Command, context: CommandContext): void {
  const command = override
    .command('set')
    .description('make an override; one of that name is kept, unless --replace')
    .requiredOption('--name <name>', 'its name; charges show it as their source')
    .requiredOption('--models <glob>', 'base model ids it is for; * is any text')
    .option('--account <id>', 'only calls billed to this account (default: every account)')
    .option('--regions <glob>', 'regions it is for', '*')
    .addOption(new Option('--scope <scope>', 'only this scope').choices(SCOPES))
    .addOption(new Option('--tier <tier>', 'only this tier').choices(TIERS))
    .option('--kind <kind>', 'only this usage kind: input, cache_read …')
    .option('--percent <percent>', 'change of the list price: -12.5 is 12.5 % less')
    .option('--price <usd>', 'a price instead of the list price; needs --kind')
    .addOption(
      new Option('--unit <unit>', 'what --price buys: 1M tokens, 1K text units, else 1').choices(
        PRICE_UNITS,
      ),
    )
    .option('--variant <name>', 'with --price, where a model is sold in several')
    .option(
      '--context-above <tokens>',
      'with --price: for prompts of more tokens than this',
      wholeNumberBetween(0, CONTEXT_TOKENS_MAX),
    )
    .option('--from <time>', 'since when (default: always)')
    .option('--to <time>', 'until when, exclusive (default: for good)')
    .option('--reason <text>', 'why; kept in the audit trail')
    .option('--replace', 'in place of the override of that name, if there is one')
    .action((options: SetOptions) => {
      const terms = termsOf(options)
      return withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', 'prices/overrides', terms)
        const said = `${visible(options.name)} is in force. Calls already made keep their price until "ledgerock prices rerate".\n`
        await printOne(context.io, format, answer, () => said)
        noteMissing(context, answer.json)
      })
    })
  addExamples(
    command,
    'prices override set --name edp --models "*" --percent -9 --from 2026-10-01 --to 2027-10-01',
    'prices override set --name sonnet --models anthropic.claude-sonnet-4-6 --kind input --price 2.70',
    'prices override set --name edp --models "*" --percent -11 --from 2026-10-01 --replace',
    'prices override set --name lab --account 210987654321 --models "amazon.nova-*" --percent -20',
  )
}

/** Checked here only for what the words contradict; which models, regions and kinds there are the API knows. */
function termsOf(options: SetOptions): Readonly<Record<string, unknown>> {
  const { percent, price, kind, unit, variant, contextAbove, account, ...rest } = options
  const faults: string[] = []
  if ((percent === undefined) === (price === undefined)) {
    faults.push('an override has --percent or --price, one of the two')
  }
  if (price !== undefined && kind === undefined) faults.push('--price needs --kind')
  const fixedOnly = { unit, variant, 'context-above': contextAbove }
  for (const [name, value] of Object.entries(fixedOnly)) {
    if (value !== undefined && price === undefined) faults.push(`--${name} goes with --price only`)
  }
  if (faults.length > 0) throw wrongUsage(...faults)
  const { name, models, regions, scope, tier, from, to, reason, replace } = rest
  const given = {
    name,
    account_id: account,
    models,
    regions,
    scope,
    tier,
    kind,
    percent,
    price,
    unit: price === undefined ? undefined : (unit ?? 'token'),
    variant,
    context_above: contextAbove,
    from,
    to,
    reason,
    replace,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

function addList(override: Command, context: CommandContext): void {
  const command = override
    .command('list')
    .description('the overrides in force, from the API and from the file')
    .action(() =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('prices/overrides')
        const { items } = json as { readonly items: readonly Row[] }
        await printRows(context.io, format, {
          text,
          rows: format === 'table' ? items.map(tableRow) : items,
          csvColumns: columnsOf(items),
          tableColumns: LIST_COLUMNS,
          empty: 'There are no overrides: list prices are in force.',
        })
      }),
    )
  addExamples(command, 'prices override list', 'prices override list --format csv')
}

function addRemove(override: Command, context: CommandContext): void {
  const command = override
    .command('remove')
    .description('end an override; what was priced by it stays explained')
    .argument('<name>', 'its name')
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((name: string, { reason }: { readonly reason?: string }) =>
      withApi(context, command, async (api, format) => {
        const body = reason === undefined ? {} : { reason }
        const route = `prices/overrides/${encodeURIComponent(name)}`
        const answer = await api.send('DELETE', route, body)
        await printOne(context.io, format, answer, () => `${visible(name)} is removed.\n`)
        noteMissing(context, answer.json)
      }),
    )
  addExamples(command, 'prices override remove edp', 'prices override remove edp --reason expired')
}

function tableRow(row: Row): Row {
  const account = row['account_id']
  const where = [row['regions'], row['scope'], row['tier'], row['kind']]
    .filter((part) => part !== null && part !== undefined && part !== '*')
    .map(word)
  if (typeof account === 'string') where.unshift(`account ${account}`)
  const { from, to } = row
  const since = from === null || from === undefined ? null : `from ${day(from)}`
  const until = to === null || to === undefined ? null : `to ${day(to)}`
  return {
    ...row,
    where: where.join(', ') || 'everywhere',
    effect: effectOf(row),
    during: [since, until].filter((part) => part !== null).join(' ') || 'always',
  }
}

function effectOf(row: Row): string {
  const { percent, price, variant, context_above: above } = row
  if (typeof percent === 'string') return `${percent} % of list`
  const band = typeof above === 'number' && above > 0 ? ` over ${grouped(above)}` : ''
  const kind = typeof variant === 'string' ? ` ${variant}` : ''
  return `${word(price)} USD per ${per(row)}${kind}${band}`
}
