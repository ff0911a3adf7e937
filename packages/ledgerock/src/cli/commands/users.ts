// `ledgerock users`: the people who may use the control API, what they may do, and the part they see.

import { InvalidArgumentError, Option, type Command } from 'commander'
import { ROLES, type Role } from '../../control/people/roles.ts'
import { columnsOf, printOne, printRows, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { failed } from '../command-error.ts'
import { addExamples } from '../examples.ts'
import { visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type Scope = Readonly<Record<string, readonly string[]>>
type CreateOptions = {
  readonly name: string
  readonly role: Role
  readonly scope?: Scope
  readonly reason?: string
}
type User = { readonly name: string; readonly role: Role; readonly scope: Scope | null }

const LIST_COLUMNS: readonly Column[] = [
  { name: 'name', align: 'left' },
  { name: 'role', align: 'left' },
  { name: 'sees', align: 'left' },
  { name: 'created_at', heading: 'created', align: 'left' },
  { name: 'disabled_at', heading: 'disabled', align: 'left' },
]

export function addUsers(program: Command, context: CommandContext): void {
  const users = program.command('users').description('who may use Ledgerock, and what they see')
  addExamples(
    users,
    'users create --name mia --role lead --scope team=search,support',
    'users list',
    'users link mia',
    'users disable mia --reason "left the company"',
  )
  addCreate(users, context)
  addList(users, context)
  addLink(users, context)
  addDisable(users, context)
}

function addCreate(users: Command, context: CommandContext): void {
  const command = users
    .command('create')
    .description('make a user; make a token or a link afterwards')
    .requiredOption('--name <name>', 'as the audit trail will show it')
    .addOption(
      new Option('--role <role>', 'what the user may do').choices(ROLES).makeOptionMandatory(),
    )
    .option(
      '--scope <name=value,…>',
      'what a lead or viewer sees; repeated dimensions must all hold',
      collectScope,
    )
    .option('--reason <text>', 'why; kept in the audit trail')
    .action(({ name, role, scope, reason }: CreateOptions) =>
      withApi(context, command, async (api, format) => {
        const more = { ...(scope && { scope }), ...(reason !== undefined && { reason }) }
        const answer = await api.send('POST', 'users', { name, role, ...more })
        await printOne(context.io, format, answer, () => {
          const sees = seenBy(answer.json as User)
          const next = `ledgerock tokens create --user ${visible(name)}`
          return `${visible(name)} is made: ${role}, sees ${visible(sees)}. Next: ${next}\n`
        })
      }),
    )
  addExamples(
    command,
    'users create --name joe --role finance',
    'users create --name mia --role lead --scope team=search,support --scope environment=prod',
  )
}

function addList(users: Command, context: CommandContext): void {
  const command = users
    .command('list')
    .description('all users, also disabled ones')
    .action(() =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('users')
        const { items } = json as { readonly items: readonly (Row & User)[] }
        await printRows(context.io, format, {
          text,
          rows: format === 'table' ? items.map((one) => ({ ...one, sees: seenBy(one) })) : items,
          csvColumns: columnsOf(items),
          tableColumns: LIST_COLUMNS,
          empty: 'There are no users yet.',
        })
      }),
    )
  addExamples(command, 'users list', 'users list --format csv')
}

function addLink(users: Command, context: CommandContext): void {
  const command = users
    .command('link')
    .description('a link into the dashboard for a user: once, within ten minutes')
    .argument('<name>', 'the user')
    .action((name: string) =>
      withApi(context, command, async (api, format) => {
        if (api.kind !== 'server') {
          throw failed('no server is running that a link could lead to')
        }
        const answer = await api.send('POST', `users/${encodeURIComponent(name)}/links`)
        const { url } = answer.json as { readonly url: string }
        await printOne(context.io, format, answer, () => `${visible(url)}\n`)
      }),
    )
  addExamples(command, 'users link mia')
}

function addDisable(users: Command, context: CommandContext): void {
  const command = users
    .command('disable')
    .description('end everything a user may do, at once; the name stays taken')
    .argument('<name>', 'the user')
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((name: string, { reason }: { readonly reason?: string }) =>
      withApi(context, command, async (api, format) => {
        const route = `users/${encodeURIComponent(name)}/disable`
        const body = reason === undefined ? {} : { reason }
        const answer = await api.send('POST', route, body)
        await printOne(context.io, format, answer, () => `${visible(name)} is disabled.\n`)
      }),
    )
  addExamples(command, 'users disable mia', 'users disable mia --reason "left the company"')
}

/** `team=search,support`: any of the values; `\,` is a comma inside a value. */
export function collectScope(text: string, earlier: Scope = {}): Scope {
  const split = text.indexOf('=')
  const name = text.slice(0, Math.max(split, 0)).trim()
  const values = text
    .slice(split + 1)
    .split(/(?<!\\),/)
    .map((value) => value.replaceAll('\\,', ',').trim())
  if (name === '' || values.includes('')) {
    throw new InvalidArgumentError('It must be name=value or name=value,value.')
  }
  if (Object.hasOwn(earlier, name)) throw new InvalidArgumentError(`${name} is there twice.`)
  return { ...earlier, [name]: values }
}

function seenBy({ scope }: User): string {
  if (scope === null) return 'everything'
  return Object.entries(scope)
    .map(([name, values]) => `${name}=${values.join(',')}`)
    .join(' and ')
}
