// Who used the capacity that is paid by the hour: the bill says what it cost, the ledger who used it, hour by hour. Only calls of
// reserved tiers and calls that name provisioned throughput are asked for, because all others are not of a pool.

import { TIERS, SCOPES, UNKNOWN, type SpendRow } from '@ledgerock/contract'
import type { BillRow } from '../../billing/bill-row.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Condition, QuestionProblem } from '../../ledger/question.ts'
import type { PricePublisher } from './price-publisher.ts'
import type { CapacityUse } from '../../pricing/capacity-use.ts'
import type { CapacityTerms, PriceTools } from './price-tools.ts'

export type CapacityService = (
  rows: readonly BillRow[],
  by: string,
  terms: CapacityTerms,
) => Promise<Result<object, QuestionProblem>>

export type CapacityDeps = {
  readonly publisher: Pick<PricePublisher, 'base'>
  readonly tools: Pick<PriceTools, 'splitCapacity'>
  readonly ledger: Pick<Ledger, 'spend'>
}

const PROVISIONED = /:(?:provisioned-model|custom-model-deployment|imported-model)\//

type Asked = Result<readonly SpendRow[], QuestionProblem>

export function createCapacity({ publisher, tools, ledger }: CapacityDeps): CapacityService {
  return async (rows, by, terms) => {
    const [from, to] = monthOf(terms.period)
    const ask = async (
      names: readonly string[],
      granularity: 'total' | 'hour',
      where: readonly Condition[],
    ): Promise<Asked> => {
      const answer = await ledger.spend({ by: names, from, to, granularity, tz: 'UTC', where })
      return answer.ok ? ok(answer.value.rows) : answer
    }
    const named = await ask(['model_requested'], 'total', [])
    if (!named.ok) return err(named.problem)
    const arns = named.value
      .map((row) => String(row['model_requested']))
      .filter((name) => PROVISIONED.test(name))
    const names = [by, 'model_requested', 'model_id', 'region', 'scope', 'tier']
    const use: CapacityUse[] = []
    const conditions: readonly Condition[] = [
      { field: 'tier', values: ['reserved'] },
      { field: 'model_requested', values: arns },
    ]
    for (const condition of conditions.filter(({ values }) => values.length > 0)) {
      const hourly = await ask([...new Set(names)], 'hour', [condition])
      if (!hourly.ok) return err(hourly.problem)
      const isReserved = condition.field === 'tier'
      for (const row of hourly.value) {
        // Asked for by its ARN below: each use is one row.
        if (isReserved && arns.includes(String(row['model_requested']))) continue
        use.push(useOf(row, by))
      }
    }
    return ok(tools.splitCapacity(rows, use, await publisher.base(), terms))
  }
}

function useOf(row: SpendRow, by: string): CapacityUse {
  const modelId = String(row['model_id'])
  return {
    owner: String(row[by]),
    hourMs: Date.parse(String(row['bucket'])),
    modelRequested: String(row['model_requested']),
    modelId: modelId === UNKNOWN ? null : modelId,
    region: String(row['region']),
    scope: SCOPES.find((scope) => scope === row['scope']) ?? null,
    tier: TIERS.find((tier) => tier === row['tier']) ?? null,
    calls: Number(row['calls']),
    inputTokens:
      Number(row['input_tokens']) +
      Number(row['cache_read_tokens']) +
      Number(row['cache_write_tokens']),
    outputTokens: Number(row['output_tokens']),
  }
}

/** `2026-10` to its first instant and the first after it. */
function monthOf(period: string): readonly [string, string] {
  const [year, month] = period.split('-').map(Number) as [number, number]
  return [
    new Date(Date.UTC(year, month - 1)).toISOString(),
    new Date(Date.UTC(year, month)).toISOString(),
  ]
}
