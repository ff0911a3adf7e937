// `ledgerock imports`: what the configuration imports again and again, when, and how it went; and one of them now.

import type { Command } from 'commander'
import type { RecurringView, ImportView } from '../../control/imports/import-view.ts'
import { columnsOf, printRows, type Format, type Row } from '../answer-format.ts'
import type { ApiClient } from '../api-client.ts'
import type { CommandContext } from '../cli-deps.ts'
import { addExamples } from '../examples.ts'
import { followImport } from './follow-import.ts'
import type { Column } from '../table.ts'
import { withApi } from '../with-api.ts'

const LIST_COLUMNS: readonly Column[] = [
  { name: 'name', align: 'left' },
  { name: 'kind', align: 'left' },
  { name: 'from', align: 'left' },
  { name: 'next_at', heading: 'next', align: 'left' },
  { name: 'last_state', heading: 'last', align: 'left' },
  { name: 'last_at', heading: 'at', align: 'left' },
  { name: 'last_problem', heading: 'problem', align: 'left' },
]

const RUN_COLUMNS: readonly Column[] = [
  { name: 'import_id', heading: 'import', align: 'left' },
  { name: 'name', align: 'left' },
  { name: 'state', align: 'left' },
  { name: 'periods', align: 'left' },
  { name: 'usd', heading: 'USD', align: 'right' },
  { name: 'created_at', heading: 'at', align: 'left' },
  { name: 'created_by', heading: 'by', align: 'left' },
  { name: 'problem', align: 'left' },
]

export function addImports(program: Command, context: CommandContext): void {
  const imports = program
    .command('imports')
    .description('imports the configuration names, and what was imported')
  addExamples(imports, 'imports list', 'imports run cur')
  const list = imports
    .command('list')
    .description('imports the configuration names, with their last run')
    .option('--runs', 'what was imported instead, newest first')
    .action(({ runs = false }: { readonly runs?: boolean }) =>
      withApi(context, list, async (api, format) => {
        await (runs ? listRuns(context, api, format) : listNames(context, api, format))
      }),
    )
  addExamples(list, 'imports list', 'imports list --runs --format csv')
  const run = imports
    .command('run')
    .description('run an import of the configuration now')
    .argument('<name>', 'its name')
    .action((name: string) =>
      withApi(context, run, async (api, format) => {
        const started = await api.send('POST', `imports/names/${encodeURIComponent(name)}/run`)
        await followImport(context.io, api, format, started)
      }),
    )
  addExamples(run, 'imports run cur')
}

async function listNames({ io }: CommandContext, api: ApiClient, format: Format): Promise<void> {
  const { text, json } = await api.get('imports/names')
  const rows = (json as { readonly items: readonly RecurringView[] }).items.map(nameRow)
  await printRows(io, format, {
    text,
    rows,
    csvColumns: columnsOf(rows),
    tableColumns: LIST_COLUMNS,
    empty: 'The configuration has no imports',
  })
}

function nameRow({ last, ...view }: RecurringView): Row {
  return {
    ...view,
    last_import_id: last?.import_id ?? null,
    last_state: last?.state ?? null,
    last_at: last?.created_at ?? null,
    last_by: last?.created_by ?? null,
    last_problem: last?.problem ?? null,
  }
}

async function listRuns({ io }: CommandContext, api: ApiClient, format: Format): Promise<void> {
  const { text, json } = await api.get('imports')
  const rows = (json as { readonly items: readonly ImportView[] }).items.map(runRow)
  await printRows(io, format, {
    text,
    rows,
    csvColumns: columnsOf(rows),
    tableColumns: RUN_COLUMNS,
    empty: 'Nothing was imported yet',
  })
}

function runRow({ progress: _progress, report, ...view }: ImportView): Row {
  return {
    ...view,
    periods: report?.periods.join(' ') ?? null,
    usd: report?.usd ?? null,
    rejected: report?.rejected.length ?? null,
  }
}
