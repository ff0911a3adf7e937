// `ledgerock budgets leases`, `reclaim` and `evict`: who holds what of hard budgets, and giving free what a disk or a node took with it.

import type { Command } from 'commander'
import { columnsOf, printOne, printRows, type Row } from '../answer-format.ts'
import { amountText } from './budget-amount.ts'
import type { CommandContext } from '../cli-deps.ts'
import { addExamples } from '../examples.ts'
import { visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type Lease = Row & { readonly state: string; readonly cut_off: boolean }
type ReclaimOptions = {
  readonly instance: string
  readonly holder: string
  readonly reason: string
}

const COLUMNS: readonly Column[] = [
  { name: 'instance', align: 'left' },
  { name: 'holder', align: 'left' },
  { name: 'node_id', heading: 'node', align: 'left' },
  { name: 'state', align: 'left' },
  { name: 'granted', align: 'right' },
  { name: 'settled', align: 'right' },
  { name: 'held', align: 'right' },
]

export function addBudgetLeases(budgets: Command, context: CommandContext): void {
  addLeases(budgets, context)
  addReclaim(budgets, context)
  addEvict(budgets, context)
}

function addLeases(budgets: Command, context: CommandContext): void {
  const command = budgets
    .command('leases')
    .description('who holds what of budgets, the largest hold first')
    .action(() =>
      withApi(context, command, async (api, format) => {
        const { text, json } = await api.get('budgets/leases')
        const { items } = json as { readonly items: readonly Lease[] }
        await printRows(context.io, format, {
          text,
          rows: format === 'table' ? items.map(shown) : items,
          csvColumns: columnsOf(items),
          tableColumns: COLUMNS,
          empty: 'Nobody holds anything.',
        })
      }),
    )
  addExamples(command, 'budgets leases', 'budgets leases --format json')
}

function addReclaim(budgets: Command, context: CommandContext): void {
  const command = budgets
    .command('reclaim')
    .description('free what a lost lease holds; what its calls are known to have cost stays')
    .requiredOption('--instance <key>', 'as the list of leases shows it')
    .requiredOption('--holder <id>', 'as the list of leases shows it')
    .requiredOption('--reason <text>', 'why; kept in the audit trail')
    .action(({ instance, holder, reason }: ReclaimOptions) =>
      withApi(context, command, async (api, format) => {
        const body = { instance, holder, reason }
        const answer = await api.send('POST', 'budgets/leases/reclaim', body)
        await printOne(context.io, format, answer, () => {
          return `${amountText(answer.json as Row, 'freed') ?? 'What it held'} of ${visible(instance)} is free again.\n`
        })
      }),
    )
  addExamples(
    command,
    'budgets reclaim --instance search-monthly@mg6h8ow0 --holder 01999e1c-7d00-7000-8000-000000000002 --reason "looked at the disk"',
  )
}

function addEvict(budgets: Command, context: CommandContext): void {
  const command = budgets
    .command('evict')
    .description('give up a node that will not come back; what it may have spent stays charged')
    .argument('<node>', 'its id, as the list of leases shows it')
    .requiredOption('--reason <text>', 'why; kept in the audit trail')
    .action((node: string, { reason }: { readonly reason: string }) =>
      withApi(context, command, async (api, format) => {
        const route = `budgets/nodes/${encodeURIComponent(node)}/evict`
        const answer = await api.send('POST', route, { reason })
        await printOne(context.io, format, answer, () => {
          const { leases } = answer.json as { readonly leases: readonly unknown[] }
          return `${visible(node)} is given up; leases lost with it: ${leases.length}.\n`
        })
      }),
    )
  addExamples(
    command,
    'budgets evict 01999e1c-7d00-7000-8000-000000000001 --reason "the machine burnt down"',
  )
}

function shown(row: Lease): Row {
  const state = row.cut_off ? `${row.state}, cut off` : row.state
  const amounts = ['granted', 'settled', 'held'].map((name) => [name, amountText(row, name)])
  return { ...row, state, ...Object.fromEntries(amounts) }
}
