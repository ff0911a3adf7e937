// A simulated month as FOCUS files are made of it, with what they must come to.

import { simulateMonth, writeBill } from '@ledgerock/bedrock-simulator'
import { ok } from '../../kernel/result.ts'
import type { Picodollars } from '../../kernel/money.ts'
import { reconcile } from '../../reconciliation/reconcile.ts'
import {
  bedrockLines,
  evidenceRules,
  meteredUses,
} from '../../reconciliation/testing/month-books.ts'
import type { FocusSource } from '../statements/focus-files.ts'
import type { WholeMonth } from '../month/month.ts'
import type { Adjustment, FrozenPeriod } from '../periods/periods.ts'

export type FocusWorld = {
  readonly month: WholeMonth
  readonly adjustments: Adjustment[]
  frozen: FrozenPeriod | null
  readonly source: FocusSource
}

export function focusWorld(seed: number): FocusWorld {
  const simulated = simulateMonth({ seed, calls: 800 })
  const inputs = {
    period: simulated.period,
    versions: [],
    leftAside: { rows: 0, usd: '0' },
    exchange: [],
    invoices: [],
    lines: bedrockLines(writeBill(simulated)),
    metered: meteredUses(simulated),
    evidence: evidenceRules(simulated),
    pools: [],
    defaultSplit: { kind: 'proportional' },
    group: 'team',
    billedUntilMs: null,
  } as const
  const month: WholeMonth = {
    reconciliation: reconcile({ ...inputs, cost: 'net' }),
    inputs,
    inputsHash: 'one',
    priceBookVersion: 'v1',
    rulesKey: 'rules',
    at: '2026-11-05T00:00:00.000Z',
  }
  const world: FocusWorld = {
    month,
    adjustments: [],
    frozen: null,
    source: {
      wholeMonth: () => Promise.resolve(ok(month)),
      frozen: () => Promise.resolve(world.frozen),
      adjustmentsIn: () => Promise.resolve(world.adjustments),
    },
  }
  return world
}

/** As the month was closed, and what was closed since has another hash. */
export function frozenAs({ month }: FocusWorld, inputsHash: string): FrozenPeriod {
  const { reconciliation: all, inputs } = month
  return {
    period: inputs.period,
    number: 1,
    sha256: '',
    cost: 'net',
    bill: all.bill,
    shares: all.shares,
    pools: all.pools,
    poolRules: [],
    defaultSplit: inputs.defaultSplit,
    versions: [],
    invoices: [],
    leftAside: inputs.leftAside,
    exchange: inputs.exchange,
    inputsHash,
    rows: all.rows,
    metered: all.metered,
    billTokens: all.billTokens,
    meteredTokens: all.meteredTokens,
    adjustments: [],
    closedAt: '2026-11-05T00:00:00.000Z',
    closedBy: 'finance',
    pricesAsOf: 'v1',
  }
}

export function adjustmentOf(team: string, usd: Picodollars): Adjustment {
  return {
    adjustmentId: `adj-${team}`,
    chargePeriod: '2026-09',
    postedIn: '2026-10',
    owner: { team },
    modelId: '',
    basis: 'metered',
    pool: '',
    usd,
    reason: 'late_delivery',
    at: '2026-10-09T00:00:00.000Z',
  }
}
