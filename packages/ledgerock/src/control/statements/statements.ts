// Statements of a period: of the whole, or of one owner. Drafts are made from the month as it is reconciled now, final ones from the
// frozen rows of the closing. What was issued before with the same content is issued again, byte for byte; other content counts the
// version up.

import { createHash } from 'node:crypto'
import { formatUsd } from '../../kernel/money.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime } from '../../kernel/time.ts'
import { ownerKey, type Owner } from '../../reconciliation/owner.ts'
import { allocationOf, keptApart, type ReportedAllocation } from '../../reconciliation/report.ts'
import {
  isStated,
  ownerTotals,
  statementOf,
  type Closing,
  type OwnerTotal,
  type Statement,
  type StatementContent,
  type StatementInput,
  type StatedPeriod,
} from '../../reconciliation/statement/statement.ts'
import {
  isPeriod,
  periodInvalid,
  statementUnknown,
  type BillProblem,
} from '../month/bill-problem.ts'
import { focusFile } from './focus-files.ts'
import { monthRange } from '../month/period-calendar.ts'
import { isWithin, type UserScope } from '../people/scope.ts'
import {
  focusStatementFile,
  statementFile,
  type StatementFile,
  type StatementFormat,
} from './statement-file.ts'
import type { StatementSource } from './statement-source.ts'
import { canonicalJson } from '../store/canonical-json.ts'
import type { ControlStore } from '../store/control-store.ts'

type Done<Value> = Promise<Result<Value, BillProblem>>

export type StatementList = {
  readonly items: readonly (OwnerTotal & { readonly statement_id: string })[]
  readonly next_cursor: string | null
  readonly period: string
  readonly state: 'draft' | 'final'
}

/** Whose each dollar of the month's bill is: of a closed month as it was frozen, else as it is reconciled now. */
export type MonthAllocation = {
  readonly period: string
  readonly state: 'draft' | 'final'
  readonly closing: Closing | null
  readonly bill_usd: string
  readonly items: readonly ReportedAllocation[]
  readonly next_cursor: null
}

export type StatementService = {
  readonly allocation: (period: string) => Done<MonthAllocation>
  /** `own`: what the reader sees; an owner outside of it does not exist, nor does the whole. */
  readonly statement: (
    own: UserScope | null,
    period: string,
    owner: Owner | null,
  ) => Done<Statement>
  /** Of every value of a dimension, `unknown` included, with totals. */
  readonly list: (own: UserScope | null, period: string, by: string) => Done<StatementList>
  readonly file: (
    own: UserScope | null,
    period: string,
    owner: Owner | null,
    format: StatementFormat,
  ) => Done<StatementFile>
}

export type StatementServiceDeps = {
  readonly store: Pick<ControlStore, 'read' | 'write'>
  readonly source: StatementSource
}

const GROUP = 'team'

export function createStatementService(deps: StatementServiceDeps): StatementService {
  const find: StatementService['statement'] = async (own, period, owner) => {
    const refusal = refusalOf(own, period, owner)
    if (refusal !== null) return err(refusal)
    const found = await inputOf(deps.source, period)
    if (!found.ok) return found
    const { input, madeAt } = found.value
    if (owner !== null && !isStated(input, owner)) return err(statementUnknown(period, owner))
    const outcomes = await outcomesOf(deps.source, period, owner, input.closing)
    return ok(await issue(deps.store, statementOf({ ...input, owner, outcomes }), madeAt))
  }
  return {
    statement: find,
    async allocation(period) {
      if (!isPeriod(period)) return err(periodInvalid('period'))
      const found = await statedPeriod(deps.source, period)
      if (!found.ok) return found
      const { closing, stated } = found.value
      return ok({
        period,
        state: closing === null ? 'draft' : 'final',
        closing,
        bill_usd: formatUsd(stated.bill),
        items: [...allocationOf(stated.shares), ...keptApart(stated.pools)],
        next_cursor: null,
      })
    },
    async list(own, period, by) {
      const found = await inputOf(deps.source, period)
      if (!found.ok) return found
      const { input } = found.value
      const items = ownerTotals(input, by)
        .filter(({ owner }) => isWithin(own, owner))
        .map((total) => ({ statement_id: statementId(period, total.owner), ...total }))
      const state = input.closing === null ? 'draft' : 'final'
      return ok({ items, next_cursor: null, period, state })
    },
    async file(own, period, owner, format) {
      if (format === 'focus' || format === 'focus-parquet') {
        const refusal = refusalOf(own, period, owner)
        if (refusal !== null) return err(refusal)
        const form = format === 'focus' ? 'csv' : 'parquet'
        const made = await focusFile(deps.source, period, owner, form)
        return made.ok ? ok(focusStatementFile(made.value, owner)) : made
      }
      const found = await find(own, period, owner)
      return found.ok ? ok(await statementFile(found.value, format)) : found
    },
  }
}

function refusalOf(own: UserScope | null, period: string, owner: Owner | null): BillProblem | null {
  if (!isPeriod(period)) return periodInvalid('period')
  const isVisible = own === null || (owner !== null && isWithin(own, owner))
  return isVisible ? null : statementUnknown(period, owner)
}

/** Of a closed period those that were told before it closed: its statement does not change any more. */
function outcomesOf(
  source: StatementSource,
  period: string,
  owner: Owner | null,
  closing: Closing | null,
): Promise<StatementInput['outcomes']> {
  const { fromMs, toMs } = monthRange(period)
  return source.outcomeTotals({
    from: isoTime(fromMs),
    to: isoTime(toMs),
    where: Object.entries(owner ?? {}).map(([field, value]) => ({ field, values: [value] })),
    recordedBefore: closing?.closed_at ?? null,
  })
}

type Made = { readonly input: Omit<StatementInput, 'owner' | 'outcomes'>; readonly madeAt: string }

async function inputOf(source: StatementSource, period: string): Done<Made> {
  if (!isPeriod(period)) return err(periodInvalid('period'))
  const now = await statedPeriod(source, period)
  if (!now.ok) return now
  const before = await statedPeriod(source, periodBefore(period))
  const { stated, invoices, pricesAsOf, closing, madeAt } = now.value
  const previous = before.ok ? before.value.stated : null
  return ok({ input: { group: GROUP, stated, previous, invoices, pricesAsOf, closing }, madeAt })
}

type Stated = Pick<StatementInput, 'stated' | 'invoices' | 'pricesAsOf' | 'closing'> & {
  readonly madeAt: string
}

async function statedPeriod(source: StatementSource, period: string): Done<Stated> {
  const frozen = await source.frozen(period)
  if (frozen !== null) {
    const { number, sha256, closedAt, bill, shares, pools, adjustments } = frozen
    const closing: Closing = { number, sha256, closed_at: closedAt }
    const stated: StatedPeriod = { period, bill, shares, pools, adjustments }
    const { invoices, pricesAsOf } = frozen
    return ok({ stated, invoices, pricesAsOf, closing, madeAt: closedAt })
  }
  const month = await source.month(period, 'net')
  if (!month.ok) return month
  const { reconciliation, inputs, priceBookVersion, at } = month.value
  const { bill, shares, pools } = reconciliation
  const adjustments = await source.adjustmentsIn(period)
  const stated: StatedPeriod = { period, bill, shares, pools, adjustments }
  const { invoices } = inputs
  return ok({ stated, invoices, pricesAsOf: priceBookVersion, closing: null, madeAt: at })
}

/** `2026-01` → `2025-12` */
export function periodBefore(period: string): string {
  const [year = 0, month = 0] = period.split('-').map(Number)
  return month === 1
    ? `${String(year - 1).padStart(4, '0')}-12`
    : `${String(year).padStart(4, '0')}-${String(month - 1).padStart(2, '0')}`
}

const ID_CHARS = 24

/** The same for the same owner and period, always. */
export function statementId(period: string, owner: Owner | null): string {
  const whose = owner === null ? 'all' : ownerKey(owner)
  return `st_${hashOf(`${period} ${whose}`).slice(0, ID_CHARS)}`
}

export function contentSha256(content: StatementContent): string {
  return hashOf(canonicalJson(content))
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function issue(
  { read, write }: StatementServiceDeps['store'],
  content: StatementContent,
  madeAt: string,
): Promise<Statement> {
  const { period, owner, state, total_usd: totalUsd } = content
  const id = statementId(period, owner)
  const sum = contentSha256(content)
  const known = await read.statements.latest(id)
  const latest =
    known?.sha256 === sum
      ? known
      : await write(async ({ statements }) => {
          // Somebody else may have issued it meanwhile.
          const last = await statements.latest(id)
          if (last?.sha256 === sum) return last
          const next = { statementId: id, version: (last?.version ?? 0) + 1, period, owner, state }
          const issued = { ...next, sha256: sum, totalUsd, generatedAt: madeAt }
          await statements.issue(issued)
          return issued
        })
  const { version, generatedAt } = latest
  return { statement_id: id, version, sha256: sum, generated_at: generatedAt, ...content }
}
