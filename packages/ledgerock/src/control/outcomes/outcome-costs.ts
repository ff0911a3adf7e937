// Spend beside what it brought: the outcomes of each row, and what one cost. Outcomes carry dimensions and a time, nothing of a call: where
// rows are told apart by anything else, nothing true can be said of a row, and null is said.

import {
  SPEND_MEASURES,
  type OutcomeMeasure,
  type SpendAnswer,
  type SpendMeasure,
  type SpendRow,
} from '@ledgerock/contract'
import { formatUsd, parseUsd, sumMoney, type Picodollars } from '../../kernel/money.ts'
import { err, mustOk, ok, type Result } from '../../kernel/result.ts'
import type { OutcomeQuestion, OutcomeSum } from '../../ledger/outcome.ts'
import type { SpendQuestion } from '../../ledger/question.ts'
import { plainDecimal, usdPerUnit } from '../../reconciliation/outcome-cost.ts'
import type { LedgerReads } from '../people/scoped-ledger.ts'

type OutcomeReads = Pick<LedgerReads, 'outcomeSums' | 'outcomeTotals'>
type Measures = Readonly<Record<OutcomeMeasure, string | null>>
type Sum = Pick<OutcomeSum, 'quantity' | 'value_usd'>

const NOTHING_SAID: Measures = { outcomes: null, outcome_value_usd: null, usd_per_unit: null }
const NONE: Sum = { quantity: '0', value_usd: null }

/** The problem is the names there are. */
export async function withOutcomes(
  ledger: OutcomeReads,
  dimensions: readonly string[],
  { by, from, to, granularity, tz, where }: SpendQuestion,
  { rows, total }: SpendAnswer,
  name: string,
): Promise<Result<SpendAnswer, readonly string[]>> {
  const isCarried = (field: string): boolean => dimensions.includes(field)
  const ofOutcomes = where.filter(({ field }) => isCarried(field))
  const known = await ledger.outcomeTotals({
    from: null,
    to: null,
    // Those within the reader's scope; what is asked for beside it may well have none.
    where: [],
    recordedBefore: null,
  })
  if (known.every((one) => one.name !== name)) return err(known.map((one) => one.name))
  if (ofOutcomes.length < where.length) {
    return ok({ rows: rows.map(unsaid), total: unsaid(total) })
  }
  const question: OutcomeQuestion = { name, by, from, to, granularity, tz, where }
  if (!by.every(isCarried)) {
    const whole = { ...question, by: [], granularity: 'total' } as const
    return ok({
      rows: rows.map(unsaid),
      total: said(total, sumOf(await ledger.outcomeSums(whole))),
    })
  }
  const sums = await ledger.outcomeSums(question)
  const bySlot = new Map(sums.map((sum) => [slotOf(sum.keys, sum.bucket), sum]))
  const beside = rows.map((row) => {
    const slot = slotOf(
      by.map((field) => String(row[field])),
      (row['bucket'] as string | undefined) ?? null,
    )
    const sum = bySlot.get(slot)
    bySlot.delete(slot)
    return said(row, sum ?? NONE)
  })
  const unpaid = [...bySlot.values()].map((sum) => said(rowOf(by, sum), sum))
  return ok({ rows: inTime([...beside, ...unpaid]), total: said(total, sumOf(sums)) })
}

/** Outcomes that nothing was spent for. */
function rowOf(by: readonly string[], { keys, bucket }: OutcomeSum): SpendRow {
  return {
    ...Object.fromEntries(by.map((field, index) => [field, keys[index] ?? ''])),
    ...(bucket === null ? {} : { bucket }),
    ...Object.fromEntries(SPEND_MEASURES.map((measure) => [measure, nothingOf(measure)])),
  }
}

function nothingOf(measure: SpendMeasure): string | number | null {
  if (measure.endsWith('_usd')) return '0'
  return /_p\d\d$/.test(measure) ? null : 0
}

/** As spend has them: by bucket, the dearest first. */
function inTime(rows: readonly SpendRow[]): readonly SpendRow[] {
  return rows.toSorted((left, right) => {
    const [one, other] = [left, right].map((row) => String(row['bucket'] ?? ''))
    return (one ?? '') < (other ?? '') ? -1 : Number((one ?? '') > (other ?? ''))
  })
}

function slotOf(keys: readonly string[], bucket: string | null): string {
  return JSON.stringify([bucket, ...keys])
}

function said(row: SpendRow, { quantity, value_usd: value }: Sum): SpendRow {
  const cost = mustOk(parseUsd(String(row['cost_usd'])))
  const measures: Measures = {
    outcomes: plainDecimal(quantity),
    outcome_value_usd: value === null ? null : plainDecimal(value),
    usd_per_unit: usdPerUnit(cost, quantity),
  }
  return { ...row, ...measures }
}

function unsaid(row: SpendRow): SpendRow {
  return { ...row, ...NOTHING_SAID }
}

function sumOf(sums: readonly Sum[]): Sum {
  const values = sums.flatMap(({ value_usd: value }) => (value === null ? [] : [value]))
  return {
    quantity: added(sums.map(({ quantity }) => quantity)),
    value_usd: values.length === 0 ? null : added(values),
  }
}

function added(texts: readonly string[]): string {
  const amounts: readonly Picodollars[] = texts.map((text) => mustOk(parseUsd(text)))
  return formatUsd(sumMoney(amounts))
}
