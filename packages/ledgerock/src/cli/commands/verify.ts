// `ledgerock verify`: does the ledger agree with the journals and with itself, the audit trail with its chain, and the counters of
// budgets with the ledger? Exit code 3 where it does not.

import type { Command } from 'commander'
import { connectApi } from '../api-client.ts'
import { formatOf, printRows, type Row } from '../answer-format.ts'
import { amountText } from './budget-amount.ts'
import type { CommandContext } from '../cli-deps.ts'
import { CommandError } from '../command-error.ts'
import { addExamples } from '../examples.ts'
import { EXIT } from '../exit-code.ts'
import { globalsOf } from '../global-options.ts'
import { grouped, visible } from '../table.ts'

type VerifyBody = {
  readonly sound: boolean
  readonly checked: Readonly<Record<string, number>>
  readonly findings: readonly Row[]
  readonly repaired: readonly Row[]
  readonly audit_trail?: {
    readonly sound: boolean
    readonly at_seq?: number
    readonly problem?: string
  }
  readonly budgets?: {
    readonly checked: number
    readonly moving: number
    readonly lost: readonly Row[]
    readonly findings: readonly Row[]
  }
}

const FINDING_COLUMNS = ['code', 'subject', 'count', 'detail'] as const

export function addVerify(program: Command, context: CommandContext): void {
  const command = program
    .command('verify')
    .description('check ledger, audit trail and budgets; exit code 3: findings')
    .option('--repair', 'rebuild rollups that differ')
    .action(({ repair }: { readonly repair?: true }) => verify(context, command, repair === true))
  addExamples(command, 'verify', 'verify --repair --format json')
}

async function verify(context: CommandContext, command: Command, repair: boolean): Promise<void> {
  const { io } = context
  const flags = globalsOf(command)
  const api = await connectApi(context, flags)
  try {
    const { text, json } = repair
      ? await api.send('POST', 'verify', { repair })
      : await api.get('verify')
    const body = json as VerifyBody
    const { sound, repaired, budgets } = body
    const findings = allFindings(body)
    const checked = { ...body.checked, ...(budgets === undefined ? {} : countsOf(budgets)) }
    const counts = Object.entries(checked).map(([what, count]) => `${grouped(count)} ${what}`)
    const fixed = repaired.length === 0 ? '' : `, ${repaired.length} repaired`
    await printRows(io, formatOf(io, flags.format), {
      text,
      rows: findings,
      csvColumns: FINDING_COLUMNS,
      tableColumns: FINDING_COLUMNS.map((name) => ({
        name,
        align: name === 'count' ? 'right' : 'left',
      })),
      empty: 'The books are sound.',
    })
    for (const row of budgets?.lost ?? []) io.note(lostNote(row))
    io.note(`Checked ${counts.join(', ')}: ${findings.length} findings${fixed}.\n`)
    if (!sound || findings.length > 0) throw new CommandError(EXIT.found)
  } finally {
    await api.close()
  }
}

function allFindings({ findings, audit_trail: trail, budgets }: VerifyBody): readonly Row[] {
  return [
    ...findings,
    ...(trail?.sound === false ? [trailFinding(trail)] : []),
    ...(budgets?.findings ?? []).map(budgetFinding),
  ]
}

/** A counter that moved while it was looked at is neither right nor wrong. */
function countsOf({ checked, moving }: NonNullable<VerifyBody['budgets']>) {
  return {
    'budget counters': checked,
    ...(moving === 0 ? {} : { 'moving budget counters': moving }),
  }
}

function lostNote(row: Row): string {
  const amount = amountText(row, 'lost') ?? '?'
  const { instance } = row
  const name = typeof instance === 'string' ? visible(instance) : '?'
  return `Lost leases of ${name} hold ${amount}: counted as spent until they are reclaimed.\n`
}

function budgetFinding(row: Row): Row {
  const detail = `counts ${amountText(row, 'counted') ?? '?'}, the ledger has ${amountText(row, 'ledger') ?? '?'}`
  return { code: 'budget_differs', subject: row['instance'], count: 1, detail }
}

/** The audit trail is not the ledger's, so it has no finding code of its own there. */
function trailFinding({ at_seq: seq, problem }: NonNullable<VerifyBody['audit_trail']>): Row {
  return { code: 'audit_trail_broken', subject: `entry ${seq ?? '?'}`, count: 1, detail: problem }
}
