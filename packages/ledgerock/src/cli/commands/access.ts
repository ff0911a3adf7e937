// `ledgerock access`: which models a scope may call, and asking for one it may not: a lead asks, an admin who is somebody else
// approves or denies.

import type { Command } from 'commander'
import { columnsOf, printOne, printRows, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { addAccessDecisions } from './access-decide.ts'
import { addExamples } from '../examples.ts'
import { collectRuleScope, ruleScopeText, type RuleScopeWords } from './rule-scope-words.ts'
import { renderTable, visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type AskOptions = {
  readonly model: string
  readonly scope: RuleScopeWords
  readonly until: string
  readonly reason: string
}
type ListOptions = { readonly state?: string; readonly limit?: string; readonly cursor?: string }
type Scoped = Row & { readonly scope: RuleScopeWords }
type Page = { readonly items: readonly Scoped[]; readonly next_cursor: string | null }

const REQUEST_COLUMNS: readonly Column[] = [
  { name: 'request_id', heading: 'id', align: 'left' },
  { name: 'state', align: 'left' },
  { name: 'model', align: 'left' },
  { name: 'scope', heading: 'for', align: 'left' },
  { name: 'until', align: 'left' },
  { name: 'asked_by', heading: 'asked by', align: 'left' },
  { name: 'reason', align: 'left' },
]
const RULE_COLUMNS: readonly Column[] = [
  { name: 'name', align: 'left' },
  { name: 'scope', heading: 'for', align: 'left' },
  { name: 'allow', align: 'left' },
  { name: 'deny', align: 'left' },
  { name: 'scopes', align: 'left' },
  { name: 'tiers', align: 'left' },
  { name: 'max_output_tokens', heading: 'max tokens', align: 'right' },
  { name: 'shadow', align: 'left' },
]
const GRANT_COLUMNS: readonly Column[] = [
  { name: 'request_id', heading: 'opened by', align: 'left' },
  { name: 'model', align: 'left' },
  { name: 'scope', heading: 'for', align: 'left' },
  { name: 'to', heading: 'until', align: 'left' },
]

export function addAccess(program: Command, context: CommandContext): void {
  const access = program.command('access').description('which models may be called, and asking')
  addExamples(
    access,
    'access rules',
    'access request --model anthropic.claude-opus-4-6-v1 --scope team=search --until 30d --reason "a trial"',
    'access list --state pending',
    'access approve 4fT0cU2kQx7Z --reason "for the trial"',
  )
  addList(access, context)
  addRules(access, context)
  addRequest(access, context)
  addAccessDecisions(access, context)
}

function addList(access: Command, context: CommandContext): void {
  const command = access
    .command('list')
    .description('requests for access, newest first')
    .option('--state <state>', 'pending, approved, denied, withdrawn or expired')
    .option('--limit <n>', 'how many; the API’s default is 100')
    .option('--cursor <c>', 'next_cursor of the page before')
    .action((options: ListOptions) =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('access/requests', { ...options })
        const { items, next_cursor: next } = json as Page
        await printRows(context.io, format, {
          text,
          rows: format === 'table' ? items.map(shown) : items,
          csvColumns: columnsOf(items),
          tableColumns: REQUEST_COLUMNS,
          empty: 'There are no such requests.',
        })
        if (next !== null) context.io.note(`There are more: --cursor ${visible(next)}\n`)
      }),
    )
  addExamples(command, 'access list', 'access list --state pending --format json')
}

function addRules(access: Command, context: CommandContext): void {
  const command = access
    .command('rules')
    .description('the rules in force, and what was opened beside them')
    .action(() =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('access')
        const { items, grants } = json as Page & { readonly grants: readonly Scoped[] }
        await printRows(context.io, format, {
          text,
          rows: items,
          csvColumns: columnsOf(items),
          tableColumns: RULE_COLUMNS,
          layOut: () => {
            const rules = renderTable(RULE_COLUMNS, items.map(ruleShown))
            if (grants.length === 0) return rules
            return `${rules}\n${renderTable(GRANT_COLUMNS, grants.map(shown))}`
          },
          empty: 'No rule is declared: every model may be called.',
        })
      }),
    )
  addExamples(command, 'access rules', 'access rules --format json')
}

function addRequest(access: Command, context: CommandContext): void {
  const command = access
    .command('request')
    .description('ask for a model that a rule keeps closed')
    .requiredOption('--model <model>', 'its id, or a pattern of base models with *')
    .requiredOption(
      '--scope <name=value,…>',
      'for whom; repeated names must all hold; or everybody',
      collectRuleScope,
    )
    .requiredOption('--until <time>', 'when it ends: a date, a timestamp or 30d; a year at most')
    .requiredOption(
      '--reason <text>',
      'why; whoever decides reads it, and the audit trail keeps it',
    )
    .action(({ model, scope, until, reason }: AskOptions) =>
      withApi(context, command, async (api, format) => {
        const answer = await api.send('POST', 'access/requests', { model, scope, until, reason })
        await printOne(context.io, format, answer, () => {
          const { request_id: id } = answer.json as { readonly request_id: string }
          const next = `ledgerock access approve ${visible(id)} --reason …`
          return `Asked as ${visible(id)}. An admin who is somebody else answers: ${next}\n`
        })
      }),
    )
  addExamples(
    command,
    'access request --model anthropic.claude-opus-4-6-v1 --scope team=search --until 2026-12-01 --reason "a trial"',
  )
}

function shown(row: Scoped): Row {
  return { ...row, scope: ruleScopeText(row.scope) }
}

/** Lists as words; an empty or missing one means that nothing is left out. */
function ruleShown(row: Scoped): Row {
  const words = (value: unknown): string =>
    Array.isArray(value) && value.length > 0 ? value.join(', ') : '-'
  const { allow, deny, scopes, tiers } = row
  const lists = { allow: words(allow), deny: words(deny), scopes: words(scopes) }
  return {
    ...shown(row),
    ...lists,
    tiers: words(tiers),
    shadow: row['shadow'] === true ? 'yes' : 'no',
  }
}
