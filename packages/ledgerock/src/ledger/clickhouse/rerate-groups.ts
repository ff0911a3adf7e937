// The groups of calls that re-rating decides about, read from the store and checked: no two of them share a key.

import type { Scope, Tier, UnpricedReason, UsageKind } from '@ledgerock/contract'
import { Fault } from '../../kernel/fault.ts'
import type { RepriceFacts } from '../../pricing/reprice-facts.ts'
import type { RerateGroup, RerateSlice } from '../rerate-plan.ts'
import { TOKEN_COLUMNS } from './call-columns.ts'
import type { Session } from './database.ts'
import { groupsSql } from './rerate-sql.ts'

type Row = Readonly<Record<string, unknown>> & {
  readonly key: string
  readonly team: string
  readonly calls: number
  readonly before: string | null
  readonly example: readonly unknown[]
}

/** Example: time, the token columns, other kinds and their counts, kinds and rates of the charges. */
const KINDS_AT = TOKEN_COLUMNS.length + 1

export async function readGroups(
  session: Session,
  database: string,
  slice: RerateSlice,
): Promise<readonly RerateGroup[]> {
  const rows = await session.select<Row>(groupsSql(database, slice))
  const identities = new Map<string, string>()
  return rows.map((row): RerateGroup => {
    const facts = factsOf(row)
    const { atMs: _at, usage: _usage, ...same } = facts
    const identity = JSON.stringify([
      same,
      row['used_bits'],
      row['other_kinds'],
      row['no_cost'],
      row['is_broken'],
      row['band'],
      row['period'],
    ])
    const before = identities.get(row.key)
    if (before !== undefined && before !== identity) {
      throw new Fault('rerate_ambiguous', 'two groups of calls have the same key')
    }
    identities.set(row.key, identity)
    return {
      key: row.key,
      team: row.team,
      calls: row.calls,
      hasCost: row['no_cost'] === 0,
      beforeUsd: row.before ?? '0',
      used: usedOf(row),
      facts,
    }
  })
}

function factsOf(row: Row): RepriceFacts {
  const { example } = row
  const usage: { [Kind in UsageKind]?: number } = {}
  const add = (kind: string, count: number): void => {
    if (count !== 0) usage[kind as UsageKind] = count
  }
  TOKEN_COLUMNS.forEach((name, index) => {
    add(name.replace(/_tokens$/, ''), example[index + 1] as number)
  })
  const counts = example[KINDS_AT + 1] as readonly number[]
  ;(example[KINDS_AT] as readonly string[]).forEach((kind, index) => {
    add(kind, counts[index] as number)
  })
  const kinds = example[KINDS_AT + 2] as readonly UsageKind[]
  const rates = example[KINDS_AT + 3] as readonly string[]
  const rateIds = row['charge_rate_ids'] as readonly string[]
  return {
    modelRequested: row['model_requested'] as string,
    modelId: row['model_id'] as string | null,
    inferenceProfile: row['inference_profile'] as string | null,
    scope: row['scope'] as Scope | null,
    region: row['region'] as string,
    tier: row['tier'] as Tier,
    accountId: row['billed_account_id'] as string | null,
    atMs: example[0] as number,
    usage,
    unpricedReason: row['unpriced_reason'] as UnpricedReason | null,
    rates: rateIds.map((rateId, index) => ({
      kind: kinds[index] as UsageKind,
      rateId,
      rateUsd: rates[index] as string,
    })),
    bookVersion: row['price_book_version'] as string,
  }
}

function usedOf(row: Row): Readonly<Record<string, string>> {
  const used: Record<string, string> = {}
  for (const name of TOKEN_COLUMNS)
    used[name.replace(/_tokens$/, '')] = row[`sum_${name}`] as string
  const counts = row['sum_other_counts'] as readonly string[]
  ;(row['sum_other_kinds'] as readonly string[]).forEach((kind, index) => {
    used[kind] = counts[index] as string
  })
  return used
}
