// A statement's lines as CSV (RFC 4180), with one more row for all shared costs and one for all adjustments, so that `billed_usd` adds
// up to the total. Text is no formula to a spreadsheet; amounts stay numbers.

import { UNKNOWN } from '@ledgerock/contract'
import { guardFormula } from '../../kernel/formula-guard.ts'
import type { Statement } from './statement.ts'
import type { StatementLine } from './statement-lines.ts'

export const STATEMENT_COLUMNS = [
  'application',
  'feature',
  'workflow_id',
  'tenant_id',
  'model_id',
  'basis',
  'metered_usd',
  'billed_usd',
  'list_usd',
] as const satisfies readonly (keyof StatementLine)[]

const AMOUNTS: ReadonlySet<string> = new Set(['metered_usd', 'billed_usd', 'list_usd'])
const NEEDS_QUOTES = /[",\r\n]/

const OF_NO_LINE = {
  application: UNKNOWN,
  feature: UNKNOWN,
  workflow_id: UNKNOWN,
  tenant_id: UNKNOWN,
  model_id: '',
  metered_usd: '0',
  list_usd: '0',
} as const

/** All that adds up to the total: own use line by line, then shared costs and adjustments, a row each. */
export function statementRows(
  statement: Pick<Statement, 'lines' | 'shared' | 'shared_usd' | 'adjustments' | 'adjustments_usd'>,
): readonly StatementLine[] {
  const { lines, shared, shared_usd, adjustments, adjustments_usd } = statement
  return [
    ...lines,
    ...(shared.length === 0 ? [] : [{ ...OF_NO_LINE, basis: 'shared', billed_usd: shared_usd }]),
    ...(adjustments.length === 0
      ? []
      : [{ ...OF_NO_LINE, basis: 'adjustment', billed_usd: adjustments_usd }]),
  ]
}

export function statementCsv(statement: Statement): string {
  return [
    STATEMENT_COLUMNS.join(','),
    ...statementRows(statement).map((row) =>
      STATEMENT_COLUMNS.map((column) => cell(column, row[column])).join(','),
    ),
  ]
    .map((line) => `${line}\r\n`)
    .join('')
}

function cell(column: string, text: string): string {
  const isAmount = AMOUNTS.has(column) && /^-?\d+(\.\d+)?$/.test(text)
  const safe = isAmount ? text : guardFormula(text)
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
