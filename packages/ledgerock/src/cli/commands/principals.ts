// `ledgerock principals`: every caller there was, and what about it somebody should mend.

import { Option, type Command } from 'commander'
import { PRINCIPAL_KINDS } from '../../attribution/principal.ts'
import { PRINCIPAL_FINDINGS } from '../../reconciliation/principal/principal-finding.ts'
import { columnsOf, printRows, type Row } from '../answer-format.ts'
import type { ApiClient } from '../api-client.ts'
import type { CommandContext } from '../cli-deps.ts'
import { wholeNumberBetween } from '../conditions.ts'
import { addExamples } from '../examples.ts'
import type { Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type Options = {
  readonly from?: string
  readonly to?: string
  readonly class?: string
  readonly finding?: string
  readonly limit?: number
}
type Principal = Row & {
  readonly owner: Readonly<Record<string, string>>
  readonly findings: readonly { readonly code: string; readonly fix: string }[]
}
type Page = {
  readonly items: readonly Principal[]
  readonly next_cursor: string | null
  readonly left_out: number
}

const PAGE_ROWS = 1_000
const ROWS_MAX = 100_000

const COLUMNS: readonly Column[] = [
  { name: 'principal', align: 'left' },
  { name: 'class', align: 'left' },
  { name: 'owner', align: 'left' },
  { name: 'via', align: 'left' },
  { name: 'billed_usd', heading: 'billed $', align: 'right' },
  { name: 'metered_usd', heading: 'metered $', align: 'right' },
  { name: 'last_use', heading: 'last use', align: 'left' },
  { name: 'findings', align: 'left' },
]

export function addPrincipals(program: Command, context: CommandContext): void {
  const command = program
    .command('principals')
    .description('every caller seen in the bill or by the gateway, the dearest first')
    .option('--from <time>', 'a date, a timestamp or -7d (default: the beginning of the month)')
    .option('--to <time>', 'exclusive (default: now)')
    .addOption(new Option('--class <class>', 'only these').choices(PRINCIPAL_KINDS))
    .addOption(
      new Option('--finding <code>', 'only those with this finding').choices(PRINCIPAL_FINDINGS),
    )
    .option('--limit <n>', 'at most so many (default: all)', wholeNumberBetween(1, ROWS_MAX))
    .action((options: Options) =>
      withApi(context, command, async (api, format) => {
        const { text, items, leftOut } = await allOf(api, options)
        const isForEyes = format === 'table' || format === 'csv'
        await printRows(context.io, format, {
          text,
          rows: isForEyes ? items.map(tableRow) : items,
          csvColumns: columnsOf(items),
          tableColumns: COLUMNS,
          empty: 'Nobody called in that time, as far as bill and ledger know.',
        })
        if (format === 'table') noteFixes(context, items)
        if (leftOut > 0)
          context.io.note(
            `The ledger knows ${leftOut} more callers of that time; ask for a shorter one.\n`,
          )
      }),
    )
  addExamples(
    command,
    'principals',
    'principals --finding unowned --from 2026-10-01 --to 2026-11-01',
    'principals --class iam_user --format csv',
  )
}

/** One page's body as it came; of several, all items as one. */
async function allOf(
  api: ApiClient,
  { limit = ROWS_MAX, ...options }: Options,
): Promise<{ text: string; items: readonly Principal[]; leftOut: number }> {
  const items: Principal[] = []
  let cursor: string | null = null
  let [text, pages, leftOut] = ['', 0, 0]
  do {
    const query = new URLSearchParams({
      ...options,
      limit: String(Math.min(PAGE_ROWS, limit - items.length)),
      ...(cursor === null ? {} : { cursor }),
    })
    const answer = await api.get(`principals?${query.toString()}`)
    const page = answer.json as Page
    items.push(...page.items)
    ;({ text } = answer)
    ;({ next_cursor: cursor, left_out: leftOut } = page)
    pages += 1
  } while (cursor !== null && items.length < limit)
  const whole = { items, next_cursor: cursor, left_out: leftOut }
  return { text: pages === 1 ? text : JSON.stringify(whole), items, leftOut }
}

function tableRow(row: Principal): Row {
  const owner = Object.entries(row.owner).map(([name, value]) => `${name}=${value}`)
  return {
    ...row,
    principal: row['principal'] === '' ? '(nobody is named)' : (row['principal'] ?? ''),
    owner: owner.join(','),
    findings: row.findings.map(({ code }) => code).join(' '),
  }
}

/** Each fix once, under the table. */
function noteFixes({ io }: CommandContext, items: readonly Principal[]): void {
  const fixes = new Map(
    items.flatMap(({ findings }) => findings.map(({ code, fix }) => [code, fix])),
  )
  for (const [code, fix] of fixes) io.note(`${code}: ${fix}\n`)
}
