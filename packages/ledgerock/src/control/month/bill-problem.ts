// Why a question about the bill, its periods, owners or pools is refused: one closed list with permanent codes.

import type { ProblemError } from '@ledgerock/contract'

export const BILL_PROBLEMS = [
  'invalid_request',
  'period_invalid',
  'bill_unknown',
  'exchange_missing',
  'period_open',
  'period_closed',
  'period_unready',
  'forbidden',
  'nothing_to_reopen',
  'reopening_waits',
  'nothing_to_approve',
  'same_person',
  'import_unknown',
  'import_running',
  'import_not_open',
  'upload_too_large',
  'source_refused',
  'owner_unknown',
  'owner_exists',
  'pool_unknown',
  'statement_unknown',
  'declared_in_file',
] as const

export type BillProblem = {
  readonly code: (typeof BILL_PROBLEMS)[number]
  readonly detail: string
  readonly errors: readonly ProblemError[]
}

export function billProblem(
  code: BillProblem['code'],
  detail: string,
  errors: readonly ProblemError[] = [],
): BillProblem {
  return { code, detail, errors }
}

const PERIOD = /^\d{4}-(?:0[1-9]|1[0-2])$/

export function isPeriod(text: string): boolean {
  return PERIOD.test(text)
}

export function periodInvalid(path: string): BillProblem {
  const message = 'must be a month such as 2026-10'
  return billProblem('period_invalid', `${path} ${message}`, [{ path, message }])
}

export function billUnknown(period: string): BillProblem {
  const detail =
    `there is no bill of ${period}: import it first (ledgerock import cur <folder or s3:// prefix>` +
    ` --period ${period}), or see "ledgerock imports list" for what a recurring import found`
  return billProblem('bill_unknown', detail)
}

/** `owner`: null for the whole. */
export function statementUnknown(
  period: string,
  owner: Readonly<Record<string, string>> | null,
): BillProblem {
  const words = Object.entries(owner ?? {}).map(([name, value]) => `${name}=${value}`)
  const whose = owner === null ? 'the whole' : words.join(',')
  return billProblem('statement_unknown', `there is no statement of ${whose} for ${period}`)
}
