// `ledgerock owners`: who owns which principal, account, profile, project or key, and since when.

import { InvalidArgumentError, type Command } from 'commander'
import { columnsOf, printOne, printRows, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { readAssignments } from '../conditions.ts'
import { addExamples } from '../examples.ts'
import { noteMissing } from '../note-missing.ts'
import { day, word } from './prices-layout.ts'
import { visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type Match = string | Readonly<Record<string, string>>
type AssignOptions = {
  readonly match: Match
  readonly set: Readonly<Record<string, string>>
  readonly from: string
  readonly to?: string
  readonly reason?: string
}
type RemoveOptions = { readonly from?: string; readonly reason?: string }

const LIST_COLUMNS: readonly Column[] = [
  { name: 'match', heading: 'whose calls', align: 'left' },
  { name: 'set', heading: 'owner', align: 'left' },
  { name: 'from', align: 'left' },
  { name: 'to', align: 'left' },
  { name: 'source', align: 'left' },
  { name: 'owner_id', heading: 'id', align: 'left' },
]

const REMOVED_COLUMNS: readonly Column[] = [
  { name: 'removed_at', heading: 'removed', align: 'left' },
  { name: 'removed_by', heading: 'by', align: 'left' },
]

export function addOwners(program: Command, context: CommandContext): void {
  const owners = program
    .command('owners')
    .description('who owns which principal, account, profile, project or key, and since when')
  addExamples(
    owners,
    'owners assign --match "arn:aws:sts::*:assumed-role/search-api/*" --set team=search --from 2026-10-14',
    'owners list',
    'owners remove 4fT0cU2kQx7Z --from 2026-11-01',
  )
  addList(owners, context)
  addAssign(owners, context)
  addRemove(owners, context)
}

function addList(owners: Command, context: CommandContext): void {
  const command = owners
    .command('list')
    .description('owners of the file and assigned ones, in the order in which they are believed')
    .option('--removed', 'also those that were removed')
    .action(({ removed = false }: { readonly removed?: boolean }) =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get(removed ? 'owners?removed=true' : 'owners')
        const { items } = json as { readonly items: readonly Row[] }
        await printRows(context.io, format, {
          text,
          rows: format === 'json' || format === 'ndjson' ? items : items.map(tableRow),
          csvColumns: columnsOf(items),
          tableColumns: removed ? [...LIST_COLUMNS, ...REMOVED_COLUMNS] : LIST_COLUMNS,
          empty: 'Nothing has an owner yet. Assign one with "ledgerock owners assign --match …".',
        })
      }),
    )
  addExamples(command, 'owners list', 'owners list --removed --format csv')
}

function addAssign(owners: Command, context: CommandContext): void {
  const command = owners
    .command('assign')
    .description('give it an owner from an instant on; what lies before keeps its own')
    .requiredOption(
      '--match <pattern>',
      'a principal ARN, or account=, profile=, project= or key_name= and a pattern; * is any text',
      readMatch,
    )
    .requiredOption('--set <name=value,…>', 'dimensions of its calls', readAssignments)
    .requiredOption('--from <time>', 'since when: a date, a timestamp or -7d')
    .option('--to <time>', 'until when, exclusive (default: for good)')
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((options: AssignOptions) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', 'owners', { ...options })
        const said = `Assigned: ${matchText(options.match)} to ${setText(options.set)} from ${options.from} on.\n`
        await printOne(context.io, format, answer, () => visible(said.trimEnd()) + '\n')
        noteEnded(context, answer.json, options.from)
        noteMissing(context, answer.json)
      }),
    )
  addExamples(
    command,
    'owners assign --match "arn:aws:iam::210987654321:user/batch" --set team=research --from 2026-10-01',
    'owners assign --match account=210987654321 --set cost_center=cc-12 --from -30d --to 2027-01-01',
    'owners assign --match "key_name=search-*" --set team=platform --from 2026-10-14 --reason "re-organisation"',
  )
}

function addRemove(owners: Command, context: CommandContext): void {
  const command = owners
    .command('remove')
    .description('take an owner back whole, as a mistake; with --from: end it then')
    .argument('<id>', 'as owners list shows it')
    .option('--from <time>', 'it ends then, and what lies before stays')
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((id: string, options: RemoveOptions) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('DELETE', `owners/${encodeURIComponent(id)}`, { ...options })
        const { from } = options
        const done = from === undefined ? 'is removed' : `ends at ${from}`
        await printOne(context.io, format, answer, () => `${visible(`${id} ${done}`)}.\n`)
        noteMissing(context, answer.json)
      }),
    )
  addExamples(
    command,
    'owners remove 4fT0cU2kQx7Z --reason "wrong account"',
    'owners remove 4fT0cU2kQx7Z --from 2026-11-01',
  )
}

function noteEnded({ io }: CommandContext, answer: unknown, from: string): void {
  const { ended } = (answer ?? {}) as Row
  if (typeof ended === 'string')
    io.note(`${visible(ended)}, its owner until now, ends at ${visible(from)}.\n`)
}

const NAMED = /^(principal|account|profile|project|key_name)=(.+)$/s

/** Checked here only for its form; what it may match the API knows. */
export function readMatch(text: string): Match {
  const [, key, pattern] = NAMED.exec(text) ?? []
  if (key !== undefined && pattern !== undefined) return { [key]: pattern }
  if (text.startsWith('arn:') || text.startsWith('*')) return text
  throw new InvalidArgumentError(
    'It must be a principal ARN, or one of account, profile, project, key_name with "=" and a pattern.',
  )
}

function tableRow(row: Row): Row {
  return {
    ...row,
    match: matchText(row['match'] as Match),
    set: setText(row['set'] as Readonly<Record<string, string>>),
    from: row['from'] === null ? null : day(row['from']),
    to: row['to'] === null ? null : day(row['to']),
    source: word(row['source']),
  }
}

function matchText(match: Match): string {
  return typeof match === 'string' ? match : setText(match)
}

function setText(set: Readonly<Record<string, string>>): string {
  return Object.entries(set)
    .map(([name, value]) => `${name}=${value}`)
    .join(',')
}
