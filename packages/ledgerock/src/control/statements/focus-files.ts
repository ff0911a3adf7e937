// FOCUS 1.4 files of a period: CSV or Parquet, of one owner or of all. An open month is what its bill says now. A closed one stays what it
// was when it was closed: the same lines while nothing has changed since, else the frozen shares without them.

import { UNKNOWN } from '@ledgerock/contract'
import { Fault } from '../../kernel/fault.ts'
import type { Picodollars } from '../../kernel/money.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { DOLLARS } from '../../ledger/rated-currency.ts'
import { checkFocus } from '../../reconciliation/focus/focus-check.ts'
import {
  focusRows,
  focusRowsOfShares,
  type FocusFrame,
} from '../../reconciliation/focus/focus-rows.ts'
import type { FocusRow } from '../../reconciliation/focus/focus-row.ts'
import { lineParts } from '../../reconciliation/line-parts.ts'
import type { Owner } from '../../reconciliation/owner.ts'
import { statementUnknown, type BillProblem } from '../month/bill-problem.ts'
import { focusCsv } from './focus-csv.ts'
import { focusParquet } from './focus-parquet.ts'
import type { MonthInputs } from '../month/month.ts'
import type { PeriodService } from '../periods/periods.ts'
import type { ReconciliationService } from '../month/reconciliations.ts'

export type FocusSource = Pick<ReconciliationService, 'wholeMonth'> &
  Pick<PeriodService, 'frozen' | 'adjustmentsIn'>

export const FOCUS_FORMATS = ['csv', 'parquet'] as const
export type FocusFormat = (typeof FOCUS_FORMATS)[number]

export type FocusFile = {
  /** `focus-1.4-2026-10.csv` */
  readonly name: string
  readonly mediaType: string
  /** May be read once. */
  readonly chunks: AsyncIterable<Uint8Array>
}

const MEDIA_TYPES: Readonly<Record<FocusFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
}

/** `owner`: as a statement means it; null: all rows. */
export async function focusFile(
  source: FocusSource,
  period: string,
  owner: Owner | null,
  format: FocusFormat,
): Promise<Result<FocusFile, BillProblem>> {
  const found = await focusRowsOf(source, period, owner)
  if (!found.ok) return found
  const { rows, currency, bill } = found.value
  // A file without rows would look as if somebody had used nothing; most likely a name is misspelt.
  if (owner !== null && isEmpty(rows())) return err(statementUnknown(period, owner))
  const expected = { period, currency, billed: owner === null ? bill : null }
  const [broken] = checkFocus(rows(), expected)
  if (broken !== undefined) {
    const { rule, row, column, detail } = broken
    const place = `row ${row ?? '-'}, ${column ?? 'all columns'}`
    throw new Fault(
      'focus_unsound',
      `the FOCUS rows of ${period} break ${rule}: ${place}: ${detail}`,
    )
  }
  const chunks = format === 'csv' ? focusCsv(rows()) : focusParquet(rows())
  const name = `focus-1.4-${period}.${format}`
  return ok({ name, mediaType: MEDIA_TYPES[format], chunks })
}

function isEmpty(rows: Iterable<FocusRow>): boolean {
  for (const _ of rows) return false
  return true
}

export type FocusRows = {
  /** From the first, each time it is asked. */
  readonly rows: () => Iterable<FocusRow>
  readonly currency: string
  /** What the rows of all owners add up to, corrections aside. */
  readonly bill: Picodollars
}

export async function focusRowsOf(
  source: FocusSource,
  period: string,
  owner: Owner | null,
): Promise<Result<FocusRows, BillProblem>> {
  const month = await source.wholeMonth(period, 'net')
  if (!month.ok) return month
  const { inputs, reconciliation: reconciled, inputsHash } = month.value
  const frozen = await source.frozen(period)
  const adjustments = await source.adjustmentsIn(period)
  const frame = frameOf(inputs)
  const { currency } = frame
  if (frozen !== null && frozen.inputsHash !== inputsHash) {
    const { shares, pools, bill, invoices } = frozen
    const then = { ...frame, invoices }
    const rows = () => focusRowsOfShares(then, shares, pools, adjustments, owner)
    return ok({ rows, currency, bill })
  }
  const ask = { ...inputs, cost: 'net' } as const
  const divided = lineParts(ask, reconciled)
  const rows = () => focusRows({ frame, ask, reconciled, adjustments }, owner, divided)
  return ok({ rows, currency, bill: reconciled.bill })
}

function frameOf({ period, invoices, lines }: MonthInputs): FocusFrame {
  const payers = new Set(lines.map(({ payerId = '' }) => payerId))
  payers.delete('')
  return {
    period,
    // Whatever the bill is in, it is read in dollars.
    currency: DOLLARS,
    // Of several payers any one may pay what stands on no line.
    billingAccountId: payers.size === 0 ? UNKNOWN : [...payers].toSorted().join('+'),
    invoices,
  }
}
