// A simulated month as statements are made of it.

import { simulateMonth, writeBill } from '@ledgerock/bedrock-simulator'
import { reconcile, type Reconciliation } from '../reconcile.ts'
import type { PoolRule } from '../pool.ts'
import type { StatedAdjustment, StatedPeriod, StatementInput } from '../statement/statement.ts'
import type { Picodollars } from '../../kernel/money.ts'
import { bedrockLines, evidenceRules, meteredUses } from './month-books.ts'

const POOLS: readonly PoolRule[] = [
  { name: 'tax', match: 'tax', split: { kind: 'apart' }, fromMs: null, toMs: null },
  { name: 'support', match: 'support', split: { kind: 'even' }, fromMs: null, toMs: null },
]

export function reconciledOf(seed: number, period = '2026-10'): Reconciliation {
  const month = simulateMonth({ seed, calls: 600 })
  return reconcile({
    period,
    cost: 'net',
    lines: bedrockLines(writeBill(month)),
    metered: meteredUses(month),
    evidence: evidenceRules(month),
    pools: POOLS,
    defaultSplit: { kind: 'proportional' },
    group: 'team',
    billedUntilMs: null,
  })
}

export function adjustmentOf(
  team: string,
  usd: bigint,
  more: Partial<StatedAdjustment> = {},
): StatedAdjustment {
  return {
    adjustmentId: `adj-${team}`,
    chargePeriod: '2026-08',
    owner: { team },
    modelId: 'amazon.nova-pro-v1:0',
    basis: 'metered',
    pool: '',
    usd: usd as Picodollars,
    reason: 'late_delivery',
    at: '2026-10-09T00:00:00.000Z',
    ...more,
  }
}

export function statedOf(
  { period, bill, shares, pools }: Reconciliation,
  adjustments: readonly StatedAdjustment[] = [],
): StatedPeriod {
  return { period, bill, shares, pools, adjustments }
}

export function inputOf(stated: StatedPeriod, more: Partial<StatementInput> = {}): StatementInput {
  return {
    owner: null,
    group: 'team',
    stated,
    previous: null,
    invoices: [],
    pricesAsOf: '2026.10',
    outcomes: [],
    closing: null,
    ...more,
  }
}
