// Months that were worked out, so that none is worked out again while nothing it came from has changed. What comes of a month is small
// and stays: of two months, since a statement shows a month beside the one before. What goes in is a gigabyte for a large month: it stays
// for all views of one month, and as long as somebody asks for it again soon.

import { ok, type Result } from '../../kernel/result.ts'
import { isoTime, MS_PER_MINUTE, type Clock } from '../../kernel/time.ts'
import type { Cost } from '../../reconciliation/cell.ts'
import type { Reconciliation } from '../../reconciliation/reconcile.ts'
import type { BillProblem } from './bill-problem.ts'
import type { MonthInputs, ReconciledMonth } from './month.ts'
import { gatherMonth, type GatheredMonth, type MonthBooks } from './month-inputs.ts'
import { monthTerms, type MonthTerms, type MonthTermsDeps } from './month-terms.ts'

/** As long as rows stay that nobody asks for. */
export const ROWS_IDLE_MS = 5 * MS_PER_MINUTE
const MONTHS_KEPT = 2

export type MonthKeeperDeps = MonthTermsDeps & {
  readonly ledger: MonthBooks
  readonly clock: Clock
  readonly reconcile: (
    inputs: MonthInputs,
    terms: MonthTerms,
    cost: Cost,
  ) => Promise<Reconciliation>
}

export type WorkedOut = { readonly terms: MonthTerms; readonly month: ReconciledMonth }

export type MonthKeeper = {
  /** One at a time: whoever asks sees to that. */
  readonly workOut: (period: string, cost: Cost) => Promise<Result<WorkedOut, BillProblem>>
  /** All that goes into a month whose terms were asked for just now. */
  readonly inputsOf: (terms: MonthTerms) => Promise<MonthInputs>
  readonly forget: (period: string) => void
}

type Kept = { readonly standing: string; readonly months: Map<Cost, ReconciledMonth> }
type Rows = { readonly standing: string; readonly gathered: GatheredMonth }

export function createMonthKeeper(deps: MonthKeeperDeps): MonthKeeper {
  /** The one asked for last is the last. */
  const kept = new Map<string, Kept>()
  let rows: Rows | null = null
  let release: NodeJS.Timeout | null = null

  function keepRowsAwhile(): void {
    if (release !== null) clearTimeout(release)
    release = setTimeout(() => {
      rows = null
    }, ROWS_IDLE_MS)
    release.unref()
  }

  async function gathered(terms: MonthTerms): Promise<GatheredMonth> {
    const { standing } = terms
    if (rows?.standing !== standing) {
      // Gone before the next are there: two at once may be more than fits.
      rows = null
      rows = { standing, gathered: await gatherMonth(deps.ledger, terms) }
    }
    keepRowsAwhile()
    return rows.gathered
  }

  function keptOf({ period, standing }: MonthTerms): Kept {
    const known = kept.get(period)
    const own = known?.standing === standing ? known : { standing, months: new Map() }
    kept.delete(period)
    kept.set(period, own)
    for (const oldest of [...kept.keys()].slice(0, -MONTHS_KEPT)) kept.delete(oldest)
    return own
  }

  return {
    async workOut(period, cost) {
      const asked = await monthTerms(deps, period)
      if (!asked.ok) return asked
      const terms = asked.value
      const { months } = keptOf(terms)
      let month = months.get(cost)
      if (month === undefined) {
        const { inputs, inputsHash } = await gathered(terms)
        const reconciliation = await deps.reconcile(inputs, terms, cost)
        const { lines: _lines, metered: _metered, evidence: _evidence, ...facts } = inputs
        const { priceBookVersion, rulesKey } = terms
        const at = isoTime(deps.clock.now())
        month = { reconciliation, inputs: facts, inputsHash, priceBookVersion, rulesKey, at }
        months.set(cost, month)
      }
      return ok({ terms, month })
    },
    inputsOf: async (terms) => (await gathered(terms)).inputs,
    forget(period) {
      kept.delete(period)
      rows = null
    },
  }
}
