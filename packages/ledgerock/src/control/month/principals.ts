// Every caller there was in a time, from the bill's lines and the ledger's calls. The bill is read page by page and added up on the
// way; what was worked out is kept for a moment, so that the pages of one list come from one look.

import { UNKNOWN } from '@ledgerock/contract'
import { ownerHistory, type OwnerSpan } from '../../attribution/owner-history.ts'
import type { Ownable, OwnerRule } from '../../attribution/owner-rule.ts'
import type { PrincipalKind } from '../../attribution/principal.ts'
import { parseUsd } from '../../kernel/money.ts'
import { err, mustOk, ok, type Result } from '../../kernel/result.ts'
import type { Clock } from '../../kernel/time.ts'
import type { BillBooks } from '../../ledger/bill.ts'
import type { MeteredBooks, PrincipalSeen } from '../../ledger/metered-use.ts'
import type { EvidenceRules } from '../../reconciliation/evidence.ts'
import { lineOfCell } from '../../reconciliation/line-of-cell.ts'
import {
  principalBook,
  type PrincipalBook,
  type SeenUse,
} from '../../reconciliation/principal/principal-book.ts'
import type { PrincipalFindingCode } from '../../reconciliation/principal/principal-finding.ts'
import { principalRows, type PrincipalRow } from '../../reconciliation/principal/principal-row.ts'
import { billProblem, type BillProblem } from './bill-problem.ts'
import { lineInDollars, type ExchangeRule } from './exchange.ts'
import { evidenceFactsOf, evidenceRulesOf, type EvidenceConfig } from './month-evidence.ts'
import { billsOf, monthOf, type MonthBill } from './month-terms.ts'
import { isWithin, type UserScope } from '../people/scope.ts'

export type PrincipalQuestion = {
  readonly fromMs: number
  readonly toMs: number
  readonly kind: PrincipalKind | null
  readonly finding: PrincipalFindingCode | null
  /** ARN of the last one of the page before; null: the first page. */
  readonly after: string | null
  readonly limit: number
  /** Of the asker: those whose owner lies within it; null: all. */
  readonly own: UserScope | null
}

export type ListedPrincipal = PrincipalRow & { readonly owners: readonly OwnerSpan[] }

export type PrincipalPage = {
  readonly items: readonly ListedPrincipal[]
  readonly isLast: boolean
  /** Callers the ledger saw and had no room for in its answer. */
  readonly leftOut: number
}

export type PrincipalService = {
  readonly list: (question: PrincipalQuestion) => Promise<Result<PrincipalPage, BillProblem>>
}

export type PrincipalDeps = {
  readonly ledger: Pick<BillBooks, 'billSummary' | 'billCells'> &
    Pick<MeteredBooks, 'principalsSeen'>
  readonly config: () => EvidenceConfig & {
    readonly billing: { readonly exchange: readonly ExchangeRule[] }
  }
  /** The time line, the file's and the assigned. */
  readonly owners: () => Promise<readonly OwnerRule[]>
  readonly clock: Clock
}

type Look = { readonly rows: readonly PrincipalRow[]; readonly leftOut: number }
type Kept = {
  readonly key: string
  readonly untilMs: number
  readonly look: Promise<Result<Look, BillProblem>>
}

/** A year and the month that is running. */
const MONTHS_MAX = 13
const PAGE_ROWS = 20_000
const KEPT_MS = 20_000

export function createPrincipalService(deps: PrincipalDeps): PrincipalService {
  let kept: Kept | null = null
  return {
    async list(question) {
      const { fromMs, toMs, kind, finding, after, limit, own } = question
      const owners = await deps.owners()
      const nowMs = deps.clock.now()
      const key = JSON.stringify([fromMs, toMs, owners])
      if (kept === null || kept.key !== key || kept.untilMs <= nowMs) {
        kept = { key, untilMs: nowMs + KEPT_MS, look: lookAt(deps, owners, fromMs, toMs) }
        const mine = kept
        // What failed is asked again by the next one.
        mine.look.catch(() => {
          if (kept === mine) kept = null
        })
      }
      const look = await kept.look
      if (!look.ok) return look
      const { rows, leftOut } = look.value
      const place = after === null ? 0 : rows.findIndex(({ principal }) => principal === after) + 1
      if (after !== null && place === 0) return err(unknownCursor())
      const rest = rows
        .slice(place)
        .filter((row) => kind === null || row.kind === kind)
        .filter((row) => finding === null || row.findings.some(({ code }) => code === finding))
        .filter((row) => isWithin(own, row.owner))
      const history = ownerHistory(owners)
      // Whose it was before is no business of who sees a part.
      const spansOf = (row: PrincipalRow): readonly OwnerSpan[] =>
        history(ownable(row)).filter(({ owner }) => isWithin(own, owner))
      const items = rest.slice(0, limit).map((row) => ({ ...row, owners: spansOf(row) }))
      return ok({ items, isLast: rest.length <= limit, leftOut })
    },
  }
}

async function lookAt(
  deps: PrincipalDeps,
  owners: readonly OwnerRule[],
  fromMs: number,
  toMs: number,
): Promise<Result<Look, BillProblem>> {
  const periods = periodsOf(fromMs, toMs)
  if (periods.length > MONTHS_MAX) return err(tooLong())
  const config = deps.config()
  const seen = await deps.ledger.principalsSeen({ fromMs, toMs })
  const uses = seen.items.map(useOf)
  const teams = new Set(uses.flatMap((use) => use.teams.map(({ team }) => team)))
  const rules: EvidenceRules = evidenceRulesOf(
    evidenceFactsOf(config, owners),
    [...teams].map((team) => ({ owner: { team } })),
  )
  const book = principalBook(rules)
  for (const use of uses) book.seeUse(use)
  for (const period of periods) {
    const bills = await billsOf(
      deps.ledger,
      period,
      monthOf(period).startMs,
      config.billing.exchange,
    )
    // A month without a bill has its callers in the ledger only.
    if (!bills.ok && bills.problem.code !== 'bill_unknown') return bills
    for (const bill of bills.ok ? bills.value : []) {
      await readBill(deps.ledger, bill, book, fromMs, toMs)
    }
  }
  return ok({ rows: principalRows(book.principals(), rules), leftOut: seen.left_out })
}

async function readBill(
  { billCells }: Pick<BillBooks, 'billCells'>,
  { version: { period, version }, exchange }: MonthBill,
  book: PrincipalBook,
  fromMs: number,
  toMs: number,
): Promise<void> {
  let cursor: string | null = null
  do {
    const page = await billCells({ period, version, cursor, limit: PAGE_ROWS })
    for (const row of page.items) {
      const line = lineInDollars(lineOfCell(row), exchange)
      // Taxes, credits and the like call nobody.
      const isUse = line.thing === 'usage' && line.fromMs < toMs && line.toMs > fromMs
      if (isUse) book.seeLine(line, line.net)
    }
    cursor = page.next_cursor
  } while (cursor !== null)
}

function useOf(item: PrincipalSeen): SeenUse {
  return {
    principal: item.principal,
    billedPrincipal: item.billed_principal,
    via: item.via,
    accountId: item.account_id,
    keyNames: item.key_names,
    environments: item.environments,
    calls: item.calls,
    usd: mustOk(parseUsd(item.usd)),
    firstMs: Date.parse(item.first_use),
    lastMs: Date.parse(item.last_use),
    teams: item.teams
      .filter(({ team }) => team !== UNKNOWN && team !== '')
      .map(({ team, tokens }) => ({ team, tokens: BigInt(tokens) })),
    hasUnknown: item.teams.some(({ team }) => team === UNKNOWN || team === ''),
  }
}

function ownable({ principal, accountId }: PrincipalRow): Ownable {
  const principalArn = principal === '' ? null : principal
  return { principalArn, accountId, profile: null, project: null, keyName: null }
}

function periodsOf(fromMs: number, toMs: number): readonly string[] {
  const periods: string[] = []
  const at = new Date(fromMs)
  let startMs = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1)
  while (startMs < toMs && periods.length <= MONTHS_MAX) {
    const period = new Date(startMs).toISOString().slice(0, 7)
    periods.push(period)
    startMs = monthOf(period).endMs
  }
  return periods
}

const tooLong = (): BillProblem => {
  const message = `must be at most ${MONTHS_MAX} months before to`
  return billProblem('invalid_request', `from ${message}`, [{ path: 'from', message }])
}

const unknownCursor = (): BillProblem => {
  const message = 'is not a cursor of an earlier answer'
  return billProblem('invalid_request', `cursor ${message}`, [{ path: 'cursor', message }])
}
