// Lays use beside the pools it drew on: provisioned throughput by the ARN a call named, reserved capacity by tier, model, region and
// scope. Use that finds no pool is kept, because it was paid for somewhere.

import type { Scope } from '@ledgerock/contract'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import type { CapacityPool } from './capacity-pool.ts'
import type { CapacityUse } from '../capacity-use.ts'

export type HourUse = { calls: bigint; tokens: bigint }

/** By hour, then by owner. */
export type PoolUse = Map<number, Map<string, HourUse>>

export type MatchedUse = {
  readonly byPool: ReadonlyMap<string, PoolUse>
  /** Calls by owner, each once though it read from one pool and wrote to another. */
  readonly callsByOwner: ReadonlyMap<string, bigint>
  readonly unmatched: readonly {
    readonly owner: string
    readonly modelRequested: string
    calls: bigint
    tokens: bigint
  }[]
}

export function matchUse(pools: readonly CapacityPool[], use: Iterable<CapacityUse>): MatchedUse {
  const named = new Map(pools.map((pool) => [pool.pool, pool]))
  const byPool = new Map<string, PoolUse>(pools.map(({ pool }) => [pool, new Map()]))
  const callsByOwner = new Map<string, bigint>()
  const unmatched = new Map<string, MatchedUse['unmatched'][number]>()
  for (const each of use) {
    const calls = BigInt(each.calls)
    const drawn = poolsOf(each, named, pools)
    for (const pool of drawn) add(byPool.get(pool.pool) ?? new Map(), each, tokensOf(each, pool))
    if (drawn.length > 0) {
      callsByOwner.set(each.owner, (callsByOwner.get(each.owner) ?? 0n) + calls)
      continue
    }
    const { owner, modelRequested } = each
    const key = JSON.stringify([owner, modelRequested])
    const sum = unmatched.get(key) ?? { owner, modelRequested, calls: 0n, tokens: 0n }
    sum.calls += calls
    sum.tokens += BigInt(each.inputTokens) + BigInt(each.outputTokens)
    unmatched.set(key, sum)
  }
  return { byPool, callsByOwner, unmatched: [...unmatched.values()] }
}

function poolsOf(
  use: CapacityUse,
  named: ReadonlyMap<string, CapacityPool>,
  pools: readonly CapacityPool[],
): readonly CapacityPool[] {
  const own = named.get(use.modelRequested)
  if (own?.kind === 'provisioned') return [own]
  if (use.tier === 'reserved') {
    return (['input', 'output'] as const).flatMap((direction) => {
      const sold = pools.filter(
        (pool) =>
          pool.kind === 'reserved' &&
          pool.direction === direction &&
          pool.modelId === use.modelId &&
          pool.region === use.region,
      )
      const then = sold.filter(({ hours }) => hours.has(hourOf(use)))
      return ofScope(then.length > 0 ? then : sold, use.scope)
    })
  }
  // Without resources on the bill, only the model and the region tell which throughput was meant.
  if (!/:provisioned-model\//.test(use.modelRequested) || use.modelId === null) return []
  const unnamed = named.get(`${use.region} ${use.modelId} provisioned`)
  return unnamed === undefined ? [] : [unnamed]
}

/** A geography's profile is billed under the word of the region itself, unless a line says otherwise. */
function ofScope(pools: readonly CapacityPool[], scope: Scope | null): readonly CapacityPool[] {
  const own = pools.filter((pool) => pool.scope === scope)
  if (own.length > 0 || scope !== 'geo') return own
  return pools.filter((pool) => pool.scope === 'in-region')
}

function hourOf({ hourMs }: CapacityUse): number {
  return hourMs - (hourMs % MS_PER_HOUR)
}

function tokensOf(use: CapacityUse, { direction }: CapacityPool): bigint {
  switch (direction) {
    case 'input':
      return BigInt(use.inputTokens)
    case 'output':
      return BigInt(use.outputTokens)
    case null:
      return BigInt(use.inputTokens) + BigInt(use.outputTokens)
  }
}

function add(hours: PoolUse, use: CapacityUse, tokens: bigint): void {
  const { owner, calls } = use
  const hour = hourOf(use)
  const owners = hours.get(hour) ?? new Map<string, HourUse>()
  const sum = owners.get(owner) ?? { calls: 0n, tokens: 0n }
  sum.calls += BigInt(calls)
  sum.tokens += tokens
  owners.set(owner, sum)
  hours.set(hour, owners)
}
