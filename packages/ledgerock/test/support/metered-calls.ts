// What a client's calls cost, told twice: by the simulator that served them and by the ledger. Calls are joined by Bedrock's
// request id; the test says which are its own by how many the simulator had before.

import type { SimulatedCall } from '@ledgerock/bedrock-simulator'
import { allCalls, type ApiCall } from './ledger-api.ts'
import { eventually, UPSTREAM_CREDENTIALS, type RunningSystem } from './running-system.ts'

export type MeteredCall = { readonly served: SimulatedCall; readonly row: ApiCall }

/**
 * What went through the gateway after the simulator's first `since` calls, one call at least, in the order the simulator served
 * it, once the ledger has all of it.
 */
export async function meteredSince(
  system: RunningSystem,
  since: number,
): Promise<readonly MeteredCall[]> {
  return eventually(async () => {
    const served = system.simulator
      .calls()
      .slice(since)
      .filter((call) => call.access_key_id === UPSTREAM_CREDENTIALS.accessKeyId)
    const rows = new Map((await allCalls(system)).map((row) => [row.aws_request_id, row]))
    const metered = served.flatMap((call) => {
      const row = rows.get(call.request_id)
      return row === undefined ? [] : [{ served: call, row }]
    })
    return metered.length > 0 && metered.length === served.length ? metered : null
  }, 'all calls in the ledger')
}

/** What was used and what it cost, in the ledger's words. */
export type Bill = {
  /** Null: the call is for no model of Bedrock's, so that only the ledger has a word for it. */
  readonly model: { readonly id: string | null; readonly scope: string | null } | null
  readonly region: string
  readonly tier: string
  readonly endpoint: string
  readonly stream: boolean
  readonly http_status: number | null
  readonly usage: Readonly<Record<string, number>>
  readonly cost_usd: string | null
}

const TOKEN_FIELDS = {
  input: 'input_tokens',
  output: 'output_tokens',
  cache_read: 'cache_read_tokens',
  cache_write_5m: 'cache_write_5m_tokens',
  cache_write_30m: 'cache_write_30m_tokens',
  cache_write_1h: 'cache_write_1h_tokens',
} as const

export function ledgersBill({ row, served }: MeteredCall): Bill {
  const { region, tier, endpoint, stream, http_status, cost_usd } = row
  // A guardrail has no model at Bedrock, and a price of its own here.
  const model = served.model_id === null ? null : { id: row.model_id, scope: row.scope }
  const tokens = Object.entries(TOKEN_FIELDS).map(([kind, field]) => [kind, row[field]] as const)
  const usage = withoutZeros([...tokens, ...Object.entries(row.other_usage)])
  return { model, region, tier, endpoint, stream, http_status, usage, cost_usd }
}

/** A refused call used nothing and costs nothing. */
export function bedrocksBill({ served }: MeteredCall): Bill {
  const { model_id, region, scope, endpoint, stream, status } = served
  const { other, variant: _variant, ...tokens } = served.usage ?? { other: {}, variant: null }
  return {
    model: model_id === null ? null : { id: model_id, scope },
    region,
    tier: served.tier ?? 'standard',
    endpoint,
    stream,
    http_status: status,
    usage: withoutZeros([...Object.entries(tokens), ...Object.entries(other)]),
    cost_usd: status >= 400 ? '0' : served.cost_usd,
  }
}

function withoutZeros(
  counts: readonly (readonly [kind: string, count: unknown])[],
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    counts.flatMap(([kind, count]) =>
      typeof count === 'number' && count > 0 ? [[kind, count]] : [],
    ),
  )
}
