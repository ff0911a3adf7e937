// `ledgerock tokens`: what people and scripts show the control API. A token is printed once, when it is made.

import type { Command } from 'commander'
import { columnsOf, printOne, printRows, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { addExamples } from '../examples.ts'
import { visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type CreateOptions = { readonly user: string; readonly expires?: string; readonly reason?: string }
type Minted = {
  readonly token: string
  readonly token_id: string
  readonly user: string
  readonly expires_at: string | null
}

const LIST_COLUMNS: readonly Column[] = [
  { name: 'token_id', heading: 'id', align: 'left' },
  { name: 'user', align: 'left' },
  { name: 'name', align: 'left' },
  { name: 'state', align: 'left' },
  { name: 'created_at', heading: 'created', align: 'left' },
  { name: 'expires_at', heading: 'expires', align: 'left' },
]

export function addTokens(program: Command, context: CommandContext): void {
  const tokens = program.command('tokens').description('make, list and revoke API tokens')
  addExamples(
    tokens,
    'tokens create --user mia --expires 90d',
    'tokens list',
    'tokens revoke 4fT0cU2kQx7Z',
  )
  addCreate(tokens, context)
  addList(tokens, context)
  addRevoke(tokens, context)
}

function addCreate(tokens: Command, context: CommandContext): void {
  const command = tokens
    .command('create')
    .description('make a token for a user; it is shown once')
    .requiredOption('--user <name>', 'whose it is')
    .option('--expires <time>', 'when it stops working: a date, a timestamp or 90d')
    .option('--reason <text>', 'why; kept in the audit trail')
    .action(({ user, expires, reason }: CreateOptions) =>
      withApi(context, command, async (api, format) => {
        const wanted = {
          ...(expires !== undefined && { expires }),
          ...(reason !== undefined && { reason }),
        }
        const answer = await api.send('POST', 'tokens', { user, ...wanted })
        await printOne(context.io, format, answer, () => mintedBlock(answer.json as Minted))
      }),
    )
  addExamples(command, 'tokens create --user mia', 'tokens create --user mia --expires 90d')
}

function addList(tokens: Command, context: CommandContext): void {
  const command = tokens
    .command('list')
    .description('all tokens, also those that work no more')
    .action(() =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('tokens')
        const { items } = json as { readonly items: readonly Row[] }
        await printRows(context.io, format, {
          text,
          rows: items,
          csvColumns: columnsOf(items),
          tableColumns: LIST_COLUMNS,
          empty: 'There are no tokens yet.',
        })
      }),
    )
  addExamples(command, 'tokens list', 'tokens list --format ndjson')
}

function addRevoke(tokens: Command, context: CommandContext): void {
  const command = tokens
    .command('revoke')
    .description('stop a token at once, and the sessions of its user')
    .argument('<id>', 'as the list shows it')
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((id: string, { reason }: { readonly reason?: string }) =>
      withApi(context, command, async (api, format) => {
        const route = `tokens/${encodeURIComponent(id)}/revoke`
        const body = reason === undefined ? {} : { reason }
        const answer = await api.send('POST', route, body)
        await printOne(context.io, format, answer, () => `${visible(id)} is revoked.\n`)
      }),
    )
  addExamples(command, 'tokens revoke 4fT0cU2kQx7Z', 'tokens revoke 4fT0cU2kQx7Z --reason leaked')
}

function mintedBlock({ token, token_id: id, user, expires_at: expires }: Minted): string {
  const lines = [`user     ${visible(user)}`, `id       ${id}`, `token    ${token}`]
  if (expires !== null) lines.push(`expires  ${expires}`)
  lines.push('', 'This is the only time the token is shown. The command line takes it as')
  lines.push(`  export LEDGEROCK_TOKEN=${token}`)
  return `${lines.join('\n')}\n`
}
