// What a call is charged to its budgets: what it used, where Bedrock counted that; else the whole of its bound, until better evidence
// arrives. So a budget never believes an estimate.

import { picodollars, type Picodollars } from '../kernel/money.ts'
import type { OpenedLine, SettledLine } from './line.ts'

export type BudgetCharge = { readonly usd: Picodollars; readonly tokens: bigint }

export function budgetCharge(
  opened: Pick<OpenedLine, 'boundUsd' | 'boundTokens'>,
  settled: Pick<SettledLine, 'cost' | 'usage' | 'usageSource'>,
): BudgetCharge {
  const counted = settled.usageSource !== 'estimated'
  const tokens = counted
    ? tokensOf(settled.usage)
    : Math.max(opened.boundTokens ?? 0, tokensOf(settled.usage))
  const cost = settled.cost ?? 0n
  const bound = opened.boundUsd ?? 0n
  const known = counted && settled.cost !== null
  return { usd: picodollars(known || cost > bound ? cost : bound), tokens: BigInt(tokens) }
}

function tokensOf(usage: SettledLine['usage']): number {
  return (
    (usage.input ?? 0) +
    (usage.output ?? 0) +
    (usage.cache_read ?? 0) +
    (usage.cache_write ?? 0) +
    (usage.cache_write_5m ?? 0) +
    (usage.cache_write_30m ?? 0) +
    (usage.cache_write_1h ?? 0)
  )
}
