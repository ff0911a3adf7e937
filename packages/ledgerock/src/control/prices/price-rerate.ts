// Pricing the past anew: the ledger does it, by the book in force, and only if it has that very book. Each time that writes is an
// entry of the audit trail with what it changed.

import { base62 } from '../../governance/credential/base62.ts'
import { Fault } from '../../kernel/fault.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { RerateReport } from '../../ledger/rerate-question.ts'
import { priceProblem, type PriceProblem } from './price-problem.ts'
import type { PricePublisher } from './price-publisher.ts'
import type { ControlStore } from '../store/control-store.ts'

const ID_CHARS = 11
const ID_BYTES = 8

export type RerateTerms = {
  readonly fromMs: number
  readonly toMs: number
  readonly dryRun: boolean
  readonly reason: string | null
}

export type RerateService = (
  actor: string,
  terms: RerateTerms,
) => Promise<Result<RerateReport, PriceProblem>>

export type RerateDeps = {
  readonly store: ControlStore
  readonly publisher: Pick<PricePublisher, 'current'>
  readonly ledger: Pick<Ledger, 'rerate'>
  readonly random: (bytes: number) => Uint8Array
}

export function createRerate(deps: RerateDeps): RerateService {
  return async (actor, { fromMs, toMs, dryRun, reason }) => {
    const bookVersion = deps.publisher.current().version
    const rerateId = `rr${base62(deps.random(ID_BYTES), ID_CHARS)}`
    let report: RerateReport
    try {
      const closedPeriods = await deps.store.read.periods.closed()
      const question = { fromMs, toMs, dryRun, rerateId, bookVersion, closedPeriods }
      report = await deps.ledger.rerate(question)
    } catch (error) {
      const problem = problemOf(error)
      if (problem === null) throw error
      return err(problem)
    }
    if (!dryRun) await note(deps.store, actor, report, reason)
    return ok(report)
  }
}

function problemOf(error: unknown): PriceProblem | null {
  if (!(error instanceof Fault)) return null
  switch (error.code) {
    case 'prices_differ':
    case 'prices_missing':
      return priceProblem('price_book_differs', `${error.message}; try again in a moment`)
    case 'rerate_running':
      return priceProblem('rerate_running', error.message)
    case 'invalid_question':
      return priceProblem('invalid_request', error.message)
    default:
      return null
  }
}

async function note(
  store: ControlStore,
  actor: string,
  report: RerateReport,
  reason: string | null,
): Promise<void> {
  const { from, to, changed, before_usd, after_usd, book_version } = report
  const after = { from, to, changed, after_usd, book_version }
  await store.write(async ({ audit }) => {
    await audit.append({
      actor,
      action: 'prices.rerate',
      subject: report.rerate_id,
      before: { before_usd },
      after,
      reason,
    })
  })
}
