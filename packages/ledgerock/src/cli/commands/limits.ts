// `ledgerock limits` and `guardrails`: the rules in force, as the file declares them. A limit is shown with what each worker last
// asked of it and its share.

import type { Command } from 'commander'
import { columnsOf, printRows, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { addExamples } from '../examples.ts'
import { ruleScopeText, type RuleScopeWords } from './rule-scope-words.ts'
import type { Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type Scoped = Row & { readonly scope: RuleScopeWords }
type Use = { readonly worker: string; readonly share: number; readonly slots: number | null }

const LIMIT_COLUMNS: readonly Column[] = [
  { name: 'name', align: 'left' },
  { name: 'scope', heading: 'for', align: 'left' },
  { name: 'per', heading: 'each', align: 'left' },
  { name: 'requests_per_minute', heading: 'requests/min', align: 'right' },
  { name: 'tokens_per_minute', heading: 'tokens/min', align: 'right' },
  { name: 'concurrent_calls', heading: 'at a time', align: 'right' },
  { name: 'shares', align: 'left' },
  { name: 'shadow', align: 'left' },
]
const GUARDRAIL_COLUMNS: readonly Column[] = [
  { name: 'name', align: 'left' },
  { name: 'scope', heading: 'for', align: 'left' },
  { name: 'id', heading: 'guardrail', align: 'left' },
  { name: 'version', align: 'left' },
  { name: 'mode', align: 'left' },
  { name: 'shadow', align: 'left' },
]

type Shown = {
  readonly command: 'limits' | 'guardrails'
  readonly description: string
  readonly columns: readonly Column[]
  readonly empty: string
}

export function addLimits(program: Command, context: CommandContext): void {
  addRuleList(program, context, {
    command: 'limits',
    description: 'how fast and how many at once',
    columns: LIMIT_COLUMNS,
    empty: 'No limit is declared.',
  })
}

export function addGuardrails(program: Command, context: CommandContext): void {
  addRuleList(program, context, {
    command: 'guardrails',
    description: 'which Bedrock guardrail calls must go through',
    columns: GUARDRAIL_COLUMNS,
    empty: 'No guardrail is declared.',
  })
}

function addRuleList(program: Command, context: CommandContext, what: Shown): void {
  const parent = program.command(what.command).description(what.description)
  addExamples(parent, `${what.command} list`)
  const command = parent
    .command('list')
    .description('the rules in force')
    .action(() =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get(what.command)
        const { items } = json as { readonly items: readonly Scoped[] }
        await printRows(context.io, format, {
          text,
          rows: format === 'table' ? items.map(shown) : items,
          csvColumns: columnsOf(items),
          tableColumns: what.columns,
          empty: what.empty,
        })
      }),
    )
  addExamples(command, `${what.command} list`, `${what.command} list --format json`)
}

function shown(row: Scoped): Row {
  const uses = Array.isArray(row['workers']) ? (row['workers'] as readonly Use[]) : []
  const shadow = row['shadow'] === true ? 'yes' : 'no'
  return { ...row, scope: ruleScopeText(row.scope), shares: uses.map(useText).join(', '), shadow }
}

function useText({ worker, share, slots }: Use): string {
  const percent = `${Math.round(share * 100)} %`
  return slots === null ? `${worker} ${percent}` : `${worker} ${percent}, ${slots} at a time`
}
