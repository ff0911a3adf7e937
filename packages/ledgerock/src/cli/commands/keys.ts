// `ledgerock keys`: the gateway's own keys. A secret is printed once, when it is made.

import type { Command } from 'commander'
import type { ApiAnswer } from '../api-client.ts'
import { columnsOf, printOne, printRows, type Format, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { readAssignments } from '../conditions.ts'
import { addExamples } from '../examples.ts'
import { noteMissing } from '../note-missing.ts'
import { visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type CreateOptions = {
  readonly name: string
  readonly bind?: Readonly<Record<string, string>>
  readonly expires?: string
  readonly sigv4?: boolean
  readonly reason?: string
}
type RotateOptions = { readonly immediately?: boolean; readonly reason?: string }
type Reasoned = { readonly reason?: string }

const REASON = ['--reason <text>', 'why; kept in the audit trail'] as const

type Minted = {
  readonly name: string
  readonly key: string
  readonly access_key_id?: string
  readonly secret_access_key?: string
  readonly bind: Readonly<Record<string, string>>
  readonly expires_at?: string | null
  readonly old_secret_until?: string | null
}

const LIST_COLUMNS: readonly Column[] = [
  { name: 'name', align: 'left' },
  { name: 'state', align: 'left' },
  { name: 'source', align: 'left' },
  { name: 'key_prefix', heading: 'key', align: 'left' },
  { name: 'bound', heading: 'bound to', align: 'left' },
  { name: 'created_at', heading: 'created', align: 'left' },
  { name: 'expires_at', heading: 'expires', align: 'left' },
]

export function addKeys(program: Command, context: CommandContext): void {
  const keys = program.command('keys').description('make, list, rotate and revoke gateway keys')
  addExamples(
    keys,
    'keys create --name search-prod --bind team=search,environment=prod',
    'keys list',
    'keys rotate search-prod',
    'keys revoke search-prod',
  )
  addCreate(keys, context)
  addList(keys, context)
  addRotate(keys, context)
  addRevoke(keys, context)
}

function addCreate(keys: Command, context: CommandContext): void {
  const command = keys
    .command('create')
    .description('make a key; its secret is shown once')
    .requiredOption('--name <name>', 'its name; reports show it as key_name')
    .option('--bind <name=value,…>', 'dimensions this key decides', readAssignments)
    .option('--expires <time>', 'when it stops working: a date, a timestamp or 90d')
    .option('--sigv4', 'make an access key id and secret too, for clients that sign requests')
    .option(...REASON)
    .action(({ name, bind = {}, expires, sigv4 = false, ...why }: CreateOptions) =>
      withApi(context, command, async (api, format) => {
        const wanted = { ...(expires === undefined ? {} : { expires }), ...(sigv4 && { sigv4 }) }
        const body = { name, bind, ...wanted, ...why }
        await printMinted(context, format, await api.send('POST', 'keys', body))
      }),
    )
  addExamples(
    command,
    'keys create --name search-prod --bind team=search,application=search-api',
    'keys create --name workshop --bind team=research --expires 2026-12-31',
    'keys create --name batch --bind team=search --sigv4',
  )
}

function addList(keys: Command, context: CommandContext): void {
  const command = keys
    .command('list')
    .description('all keys, also revoked ones')
    .action(() =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('keys')
        const { items } = json as { readonly items: readonly Row[] }
        await printRows(context.io, format, {
          text,
          rows: format === 'table' ? items.map(withBoundText) : items,
          csvColumns: columnsOf(items),
          tableColumns: LIST_COLUMNS,
          empty: 'There are no keys yet. Make one with "ledgerock keys create --name …".',
        })
      }),
    )
  addExamples(command, 'keys list', 'keys list --format csv')
}

function addRotate(keys: Command, context: CommandContext): void {
  const command = keys
    .command('rotate')
    .description('give a key a new secret, and a new pair; the old ones go on working for a day')
    .argument('<name>', 'its name')
    .option('--immediately', 'end the old secret now')
    .option(...REASON)
    .action((name: string, { immediately = false, ...why }: RotateOptions) =>
      withApi(context, command, async (api, format) => {
        const route = `keys/${encodeURIComponent(name)}/rotate`
        const answer = await api.send('POST', route, { immediately, ...why })
        await printMinted(context, format, answer)
      }),
    )
  addExamples(command, 'keys rotate search-prod', 'keys rotate search-prod --immediately')
}

function addRevoke(keys: Command, context: CommandContext): void {
  const { io } = context
  const command = keys
    .command('revoke')
    .description('stop a key at once; returns when the gateway workers know')
    .argument('<name>', 'its name')
    .option(...REASON)
    .action((name: string, why: Reasoned) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', `keys/${encodeURIComponent(name)}/revoke`, { ...why })
        await printOne(io, format, answer, () => `${visible(name)} is revoked.\n`)
        noteMissing(context, answer.json)
      }),
    )
  addExamples(command, 'keys revoke search-prod')
}

async function printMinted(
  context: CommandContext,
  format: Format,
  answer: ApiAnswer,
): Promise<void> {
  await printOne(context.io, format, answer, () => mintedBlock(answer.json as Minted))
  noteMissing(context, answer.json)
}

function mintedBlock(minted: Minted): string {
  const { name, key, bind, expires_at, old_secret_until } = minted
  const lines = [`name      ${visible(name)}`, `key       ${key}`]
  const bound = boundText(bind)
  if (bound !== '') lines.push(`bound to  ${visible(bound)}`)
  if (typeof expires_at === 'string') lines.push(`expires   ${expires_at}`)
  if (typeof old_secret_until === 'string')
    lines.push(`the old secret works until ${old_secret_until}`)
  lines.push('', 'This is the only time the key is shown. AWS SDKs and the AWS CLI take it as')
  lines.push(`  export AWS_BEARER_TOKEN_BEDROCK=${key}`)
  const { access_key_id: id, secret_access_key: secret } = minted
  if (id !== undefined && secret !== undefined) {
    lines.push('or, where requests must be signed, without AWS_SESSION_TOKEN, as')
    lines.push(`  export AWS_ACCESS_KEY_ID=${id}`, `  export AWS_SECRET_ACCESS_KEY=${secret}`)
  }
  return `${lines.join('\n')}\n`
}

function withBoundText(row: Row): Row {
  return { ...row, bound: boundText((row['bind'] ?? {}) as Readonly<Record<string, string>>) }
}

function boundText(bind: Readonly<Record<string, string>>): string {
  return Object.entries(bind)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')
}
