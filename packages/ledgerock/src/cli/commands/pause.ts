// `ledgerock pause` and `resume`: the kill switch. Without a scope `pause` shows what is paused and pauses nothing, so that a
// script with an empty variable does no harm.

import type { Command } from 'commander'
import { columnsOf, printOne, printRows, type Format, type Row } from '../answer-format.ts'
import type { ApiClient } from '../api-client.ts'
import type { CommandContext } from '../cli-deps.ts'
import { failed } from '../command-error.ts'
import { addExamples } from '../examples.ts'
import { noteMissing } from '../note-missing.ts'
import {
  collectRuleScope,
  isSameRuleScope,
  ruleScopeText,
  type RuleScopeWords,
} from './rule-scope-words.ts'
import type { Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type Reasoned = { readonly reason?: string }
type Pause = { readonly pause_id: string; readonly scope: RuleScopeWords }

const LIST_COLUMNS: readonly Column[] = [
  { name: 'scope', heading: 'paused', align: 'left' },
  { name: 'paused_at', heading: 'since', align: 'left' },
  { name: 'paused_by', heading: 'by', align: 'left' },
  { name: 'reason', align: 'left' },
]

export function addPause(program: Command, context: CommandContext): void {
  const command = program
    .command('pause')
    .description('refuse the calls of a scope from now on; without a scope: what is paused')
    .argument(
      '[scope...]',
      'name=value,value of dimensions, key_name or model; or everybody',
      collectRuleScope,
    )
    .option('--reason <text>', 'why; told to the callers, and kept in the audit trail')
    .action((scope: RuleScopeWords | undefined, options: Reasoned) =>
      withApi(context, command, async (api, format) => {
        // An argument that is not there is an empty list.
        if (scope === undefined || Array.isArray(scope)) return listPauses(context, api, format)
        const answer = await api.send('POST', 'pauses', { scope, ...options })
        await printOne(context.io, format, answer, () => {
          const words = ruleScopeText(scope)
          return `Paused: ${words}. To go on: ledgerock resume ${words}\n`
        })
        noteMissing(context, answer.json)
      }),
    )
  addExamples(
    command,
    'pause',
    'pause team=search --reason "a runaway agent"',
    'pause team=search,support environment=prod',
    'pause key_name=batch-* model=anthropic.*',
    'pause everybody',
  )
}

export function addResume(program: Command, context: CommandContext): void {
  const command = program
    .command('resume')
    .description('end a pause: the same scope as it was paused with')
    .argument('<scope...>', 'as pause shows it', collectRuleScope)
    .option('--reason <text>', 'why; kept in the audit trail')
    .action((scope: RuleScopeWords, options: Reasoned) =>
      withApi(context, command, async (api, format) => {
        const pause = await findPause(api, scope)
        const route = `pauses/${encodeURIComponent(pause.pause_id)}`
        const answer = await api.send('DELETE', route, { ...options })
        await printOne(context.io, format, answer, () => `Resumed: ${ruleScopeText(scope)}.\n`)
        noteMissing(context, answer.json)
      }),
    )
  addExamples(command, 'resume team=search', 'resume everybody --reason "found and fixed"')
}

async function pausesOf(api: ApiClient) {
  const { text, json } = await api.get('pauses')
  const { items } = json as { readonly items: readonly (Row & Pause)[] }
  return { text, items }
}

async function findPause(api: ApiClient, scope: RuleScopeWords): Promise<Pause> {
  const { items } = await pausesOf(api)
  const found = items.find((pause) => isSameRuleScope(pause.scope, scope))
  if (found !== undefined) return found
  const paused = items.map((pause) => `  ledgerock resume ${ruleScopeText(pause.scope)}`)
  const others = paused.length === 0 ? ['Nothing is.'] : ['What is:', ...paused]
  throw failed(`${ruleScopeText(scope)} is not paused`, ...others)
}

async function listPauses({ io }: CommandContext, api: ApiClient, format: Format): Promise<void> {
  const { text, items } = await pausesOf(api)
  await printRows(io, format, {
    text,
    rows:
      format === 'table'
        ? items.map((pause) => ({ ...pause, scope: ruleScopeText(pause.scope) }))
        : items,
    csvColumns: columnsOf(items),
    tableColumns: LIST_COLUMNS,
    empty: 'Nothing is paused.',
  })
}
