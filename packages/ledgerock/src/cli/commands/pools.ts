// `ledgerock pools`: how costs that no one call makes are shared out, and what another way would move.

import { Option, InvalidArgumentError, type Command } from 'commander'
import { POOL_THINGS } from '../../control/month/pool-terms.ts'
import { SPLITS } from '../../reconciliation/pool.ts'
import { columnsOf, printRows, type Format, type Row } from '../answer-format.ts'
import type { ApiClient } from '../api-client.ts'
import type { CommandContext } from '../cli-deps.ts'
import type { CliIo } from '../cli-io.ts'
import { wrongUsage } from '../command-error.ts'
import { readAssignments } from '../conditions.ts'
import { addExamples } from '../examples.ts'
import { day } from './prices-layout.ts'
import { visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type Owner = Readonly<Record<string, string>>
type Share = { readonly owner: Owner; readonly share: string }
type Terms = {
  readonly match: string
  readonly split: string
  readonly share?: readonly Share[]
  readonly owner?: Owner
  readonly from?: string
  readonly to?: string
}
type Answer = { readonly text: string; readonly json: unknown }

const COLUMNS: readonly Column[] = [
  { name: 'name', align: 'left' },
  { name: 'source', align: 'left' },
  { name: 'charges', align: 'left' },
  { name: 'shared', heading: 'shared out', align: 'left' },
  { name: 'during', align: 'left' },
]
const MOVED_COLUMNS: readonly Column[] = [
  { name: 'team', align: 'left' },
  { name: 'before_usd', heading: 'before USD', align: 'right' },
  { name: 'after_usd', heading: 'after USD', align: 'right' },
  { name: 'difference_usd', heading: 'difference USD', align: 'right' },
]

export function addPools(program: Command, context: CommandContext): void {
  const pools = program
    .command('pools')
    .description('how tax, support, reserved capacity and the like are shared out')
  addExamples(
    pools,
    'pools list',
    'pools preview tax --period 2026-10 --match tax --split even',
    'pools set tax --match tax --split even --from 2026-11-01 --reason "agreed with the teams"',
  )
  addList(pools, context)
  addPreview(pools, context)
  addSet(pools, context)
  addRemove(pools, context)
}

function addList(pools: Command, context: CommandContext): void {
  const command = pools
    .command('list')
    .description('the pools, of file and API; the first that fits a charge holds')
    .action(() =>
      withApi(context, command, async (api, format) => {
        await printPools(context.io, format, await api.get('pools'))
      }),
    )
  addExamples(command, 'pools list', 'pools list --format json')
}

function addPreview(pools: Command, context: CommandContext): void {
  const command = withTerms(
    pools
      .command('preview')
      .description('what a pool, or the end of one, would move: dollars of each team')
      .argument('<name>', 'the pool')
      .requiredOption('--period <month>', 'a month that has a bill: 2026-10')
      .option('--remove', 'how it would be without it'),
    false,
  ).action(
    (
      name: string,
      options: Partial<Terms> & { readonly period: string; readonly remove?: true },
    ) => {
      const { period, remove, ...terms } = options
      const { match, split } = terms
      const isSet = match !== undefined && split !== undefined
      if (isSet === (remove === true) || (remove === true && Object.keys(terms).length > 0)) {
        throw wrongUsage('preview needs --match and --split, or --remove alone')
      }
      const set = isSet ? [{ name, ...bodyOf({ ...terms, match, split }) }] : []
      const body = { period, set, remove: remove === true ? [name] : [] }
      return withApi(context, command, (api, format) => preview(context.io, api, format, body))
    },
  )
  addExamples(
    command,
    'pools preview tax --period 2026-10 --match tax --split even',
    'pools preview support --period 2026-10 --match support --split fixed --share team=search:60% --share team=lab:40%',
    'pools preview tax --period 2026-10 --remove',
  )
}

async function preview(
  io: CliIo,
  api: ApiClient,
  format: Format,
  body: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { text, json } = await api.send('POST', 'pools/preview', body)
  const { moved, bill_usd: bill } = json as {
    readonly moved: readonly Row[]
    readonly bill_usd: string
  }
  await printRows(io, format, {
    text,
    rows:
      format === 'table'
        ? moved.map((row) => ({ ...row, team: row['team'] ?? '(no team, apart, nobody)' }))
        : moved,
    csvColumns: columnsOf(moved),
    tableColumns: MOVED_COLUMNS,
    empty: 'There is nothing on this bill.',
  })
  if (format === 'table') io.note(`Both sides add up to USD ${bill}. Nothing is saved.\n`)
}

function addSet(pools: Command, context: CommandContext): void {
  const command = withTerms(
    pools
      .command('set')
      .description('make a pool, in place of what its name had at that time')
      .argument('<name>', 'what statements call it'),
    true,
  )
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((name: string, { reason, ...terms }: Terms & { readonly reason?: string }) =>
      withApi(context, command, async (api, format) => {
        const body = { ...bodyOf(terms), ...(reason === undefined ? {} : { reason }) }
        const answer = await api.send('PUT', `pools/${encodeURIComponent(name)}`, body)
        await printPools(context.io, format, answer)
      }),
    )
  addExamples(
    command,
    'pools set tax --match tax --split even --from 2026-11-01',
    'pools set guard --match "usage-type:*-Guardrail-*" --split owner --owner team=platform',
  )
}

function addRemove(pools: Command, context: CommandContext): void {
  const command = pools
    .command('remove')
    .description('end a pool: its charges are shared out by the next that fits, or the default')
    .argument('<name>', 'the pool')
    .option('--from <time>', 'since when it is gone (default: it should never have been)')
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((name: string, options: { readonly from?: string; readonly reason?: string }) =>
      withApi(context, command, async (api, format) => {
        const body = { ...options }
        const answer = await api.send('DELETE', `pools/${encodeURIComponent(name)}`, body)
        await printPools(context.io, format, answer)
        context.io.note(
          `${visible(name)} is removed${options.from === undefined ? '' : ` from ${visible(options.from)} on`}.\n`,
        )
      }),
    )
  addExamples(
    command,
    'pools remove tax',
    'pools remove tax --from 2026-11-01 --reason "booked elsewhere"',
  )
}

function withTerms(command: Command, isNeeded: boolean): Command {
  const match = new Option('--match <charge>', `${POOL_THINGS.join(', ')}, or usage-type:<glob>`)
  const split = new Option('--split <split>', 'how they are shared out').choices(SPLITS)
  if (isNeeded) {
    match.makeOptionMandatory()
    split.makeOptionMandatory()
  }
  return command
    .addOption(match)
    .addOption(split)
    .option(
      '--share <owner:share>',
      'with --split fixed, repeatable: team=search:60%',
      collectShare,
    )
    .option(
      '--owner <name=value>',
      'with --split owner: who pays (default: whom each line names)',
      readAssignments,
    )
    .option('--from <time>', 'since when (default: always)')
    .option('--to <time>', 'until when, exclusive (default: for good)')
}

function collectShare(text: string, earlier: readonly Share[] = []): readonly Share[] {
  const [, owner, share] = /^(.+):([0-9.]+%)$/s.exec(text) ?? []
  if (owner === undefined || share === undefined) {
    throw new InvalidArgumentError('It must be an owner and its share: team=search:60%.')
  }
  return [...earlier, { owner: readAssignments(owner), share }]
}

function bodyOf({
  match,
  split,
  share,
  owner,
  from,
  to,
}: Terms): Readonly<Record<string, unknown>> {
  const [, usageType] = /^usage-type:(.+)$/s.exec(match) ?? []
  const said = {
    match: usageType === undefined ? match : { usage_type: usageType },
    split,
    shares: share,
    owner,
    from,
    to,
  }
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined))
}

async function printPools(io: CliIo, format: Format, { text, json }: Answer): Promise<void> {
  const { items } = json as { readonly items: readonly Row[] }
  await printRows(io, format, {
    text,
    rows: format === 'table' ? items.map(tableRow) : items,
    csvColumns: columnsOf(items),
    tableColumns: COLUMNS,
    empty: 'No pool: shared costs are divided by the default split.',
  })
}

function tableRow(row: Row): Row {
  const { match, split, shares, owner, from, to } = row
  const usageType = (match as { readonly usage_type?: string }).usage_type
  const parts = (shares ?? []) as readonly Share[]
  const named = owner === null || owner === undefined ? [] : [ownerText(owner as Owner)]
  const detail = [...parts.map((part) => `${ownerText(part.owner)} ${part.share}`), ...named]
  const since = from === null || from === undefined ? null : `from ${day(from)}`
  const until = to === null || to === undefined ? null : `to ${day(to)}`
  return {
    ...row,
    charges: usageType === undefined ? match : `usage type ${usageType}`,
    shared: [split as string, ...detail].join(', '),
    during: [since, until].filter((part) => part !== null).join(' ') || 'always',
  }
}

function ownerText(owner: Owner): string {
  return Object.entries(owner)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}
