// `ledgerock policy simulate`: what the rules of a configuration file would have done with past calls, beside those in force. Nothing is
// changed by it.

import type { Command } from 'commander'
import { columnsOf, printRows, type Row } from '../answer-format.ts'
import type { CommandContext } from '../cli-deps.ts'
import { addExamples } from '../examples.ts'
import { globalsOf } from '../global-options.ts'
import { mustLoadRules } from '../settings.ts'
import { grouped, renderTable, visible, type Column } from '../table.ts'
import { withApi } from '../with-api.ts'

type SimulateOptions = {
  readonly file?: string
  readonly from?: string
  readonly to?: string
  readonly tz?: string
}

type Sum = { readonly calls: number; readonly usd: string; readonly unpriced: number }
type Effect = Sum & {
  readonly kind: string
  readonly rule: string
  readonly effect: string
  readonly shadow: boolean
  readonly teams: readonly string[]
  readonly more_teams: boolean
  readonly first_at: string
  readonly last_at: string
  readonly examples: readonly string[]
}
type Open = { readonly what: string; readonly calls: number; readonly rules: readonly string[] }
type Trial = {
  readonly refused: Sum
  readonly kept: Sum
  readonly rules: readonly Effect[]
  readonly not_judged: readonly Open[]
}
type Report = {
  readonly from: string
  readonly to: string
  readonly candidate: Trial
  readonly in_force: Trial
  readonly elsewhere: { readonly calls: number; readonly usd: string }
  readonly left_out: number
}

const COLUMNS: readonly Column[] = [
  { name: 'kind', align: 'left' },
  { name: 'rule', align: 'left' },
  { name: 'effect', align: 'left' },
  { name: 'calls', align: 'right' },
  { name: 'usd', heading: 'USD', align: 'right' },
  { name: 'now_calls', heading: 'in force: calls', align: 'right' },
  { name: 'now_usd', heading: 'USD', align: 'right' },
  { name: 'teams', align: 'left' },
  { name: 'first_at', heading: 'first', align: 'left' },
  { name: 'last_at', heading: 'last', align: 'left' },
  { name: 'example', align: 'left' },
]

const OPEN_WORDS: Readonly<Record<string, string>> = {
  max_output_tokens: 'what maximum of output they asked for is not known',
  guardrail_named: 'whether they named a guardrail is not known',
  route_target: 'whether the route could serve them, and what it would save, is not worked out',
  refused_then: 'they were refused then, so what they would have cost is not known',
}

export function addPolicy(program: Command, context: CommandContext): void {
  const policy = program.command('policy').description('try rules before they are in force')
  addExamples(policy, 'policy simulate --file new.yaml --from -7d')
  const command = policy
    .command('simulate')
    .description('what the rules of a file would have done with past calls')
    .option('--file <file>', 'configuration file with the rules; default: that of --config')
    .option('--from <time>', 'from when: a date, a timestamp or -7d; default: this month')
    .option('--to <time>', 'to when, exclusive; default: now')
    .option('--tz <zone>', 'IANA time zone of dates; default: UTC')
    .action((options: SimulateOptions) => simulate(context, command, options))
  addExamples(
    command,
    'policy simulate --file new.yaml',
    'policy simulate --file new.yaml --from 2026-10-01 --to 2026-11-01',
    'policy simulate --config new.yaml --from -7d --format json',
  )
}

async function simulate(
  context: CommandContext,
  command: Command,
  { file, ...range }: SimulateOptions,
): Promise<void> {
  const { io } = context
  const rules = mustLoadRules(io, globalsOf(command), file)
  await withApi(context, command, async (api, format) => {
    const { text, json } = await api.send('POST', 'policy/simulate', { ...range, ...rules })
    const report = json as Report
    const rows = rowsOf(report)
    if (format === 'table') return io.out(reportText(report))
    const csvColumns = columnsOf(rows)
    await printRows(io, format, { text, rows, csvColumns, tableColumns: COLUMNS, empty: '' })
  })
}

function rowsOf({ candidate, in_force: inForce }: Report): readonly Row[] {
  const rows = (policy: string, { rules }: Trial) =>
    rules.map(({ teams, examples, ...effect }): Row => {
      return { policy, ...effect, teams: teams.join(' '), examples: examples.join(' ') }
    })
  return [...rows('candidate', candidate), ...rows('in_force', inForce)]
}

function reportText(report: Report): string {
  const { candidate, in_force: inForce, elsewhere, left_out: leftOut, from, to } = report
  const lines = [
    `${grouped(candidate.refused.calls + candidate.kept.calls)} calls from ${visible(from)} to ${visible(to)}`,
    `These rules would have refused ${sumText(candidate.refused)} and kept ${sumText(candidate.kept)}.`,
    `Those in force would have refused ${sumText(inForce.refused)} and kept ${sumText(inForce.kept)}.`,
  ]
  const rows = tableRows(candidate.rules, inForce.rules)
  const table = rows.length === 0 ? [] : ['', renderTable(COLUMNS, rows).trimEnd(), '']
  const notes = candidate.not_judged.map(openText)
  if (elsewhere.calls > 0) {
    notes.push(
      `${grouped(elsewhere.calls)} calls (USD ${visible(elsewhere.usd)}) came another way: budgets count them, no rule refuses them.`,
    )
  }
  if (leftOut > 0) notes.push(`${grouped(leftOut)} calls were refused for other reasons then.`)
  return `${[...lines, ...table, ...notes].join('\n')}\n`
}

function sumText({ calls, usd, unpriced }: Sum): string {
  const without = unpriced === 0 ? '' : `, ${grouped(unpriced)} without a price`
  return `${grouped(calls)} (USD ${visible(usd)}${without})`
}

function openText({ what, calls, rules }: Open): string {
  const by = rules.length === 0 ? '' : ` (${visible(rules.join(', '))})`
  return `Not judged, ${grouped(calls)} calls: ${OPEN_WORDS[what] ?? visible(what)}${by}.`
}

function tableRows(candidate: readonly Effect[], inForce: readonly Effect[]): readonly Row[] {
  const keyOf = ({ kind, rule, effect, shadow }: Effect): string =>
    JSON.stringify([kind, rule, effect, shadow])
  const now = new Map(inForce.map((one) => [keyOf(one), one]))
  const tried = new Set(candidate.map(keyOf))
  return [
    ...candidate.map((one) => tableRow(one, one, now.get(keyOf(one)))),
    ...inForce.filter((one) => !tried.has(keyOf(one))).map((one) => tableRow(one, undefined, one)),
  ]
}

function tableRow(shown: Effect, then: Sum | undefined, now: Sum | undefined): Row {
  return {
    kind: shown.kind,
    rule: shown.rule,
    effect: shown.shadow ? `${shown.effect} (shadow)` : shown.effect,
    calls: then?.calls ?? 0,
    usd: then?.usd ?? '0',
    now_calls: now?.calls ?? 0,
    now_usd: now?.usd ?? '0',
    teams: shown.teams.join(' ') + (shown.more_teams ? ' …' : ''),
    first_at: shown.first_at,
    last_at: shown.last_at,
    example: shown.examples[0] ?? null,
  }
}
