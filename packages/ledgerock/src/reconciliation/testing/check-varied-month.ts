// A varied month, reconciled and held against what is true of it. Every claim is a list of what is wrong, so that a test says all of it.

import { CAUSES, type Cause } from '../variance.ts'
import { ownerKey } from '../owner.ts'
import { reconcile, type Reconciliation } from '../reconcile.ts'
import { isSame } from './month-truth.ts'
import type { VariedMonth } from './varied-month.ts'
import { wantedCauses, wantedOwners } from './varied-truth.ts'

export function reconciledVaried(month: VariedMonth): Reconciliation {
  const { period, cost, lines, metered, evidence, pools, billedUntilMs } = month
  return reconcile({
    period,
    cost,
    lines,
    metered,
    evidence,
    pools,
    defaultSplit: { kind: 'proportional' },
    group: 'team',
    billedUntilMs,
  })
}

/** The sum is the bill, and what is no use has gone to its pools. */
export function wrongSums(month: VariedMonth, reconciled: Reconciliation): readonly string[] {
  const { total, pooled } = wantedOwners(month)
  const { bill, allocated, apart, unattributed, shares } = reconciled
  const shared = shares.filter(({ basis }) => basis === 'shared')
  const given = shared.reduce((sum, { usd }) => sum + usd, apart as bigint)
  return [
    ...(isSame(total, bill) ? [] : [`the bill is ${total}, not ${bill}`]),
    ...(allocated + apart + unattributed === bill ? [] : ['the sum is not the bill']),
    ...(isSame(pooled, given) ? [] : [`pools have ${pooled}, not ${given}`]),
  ]
}

/** Told dollars by owner and model, untold ones by reason. */
export function wrongOwners(month: VariedMonth, reconciled: Reconciliation): readonly string[] {
  if (month.blurred === 'all') return []
  const { owned, untold, estimatedModels } = wantedOwners(month)
  const given = new Map<string, bigint>()
  const add = (key: string, usd: bigint): void => {
    given.set(key, (given.get(key) ?? 0n) + usd)
  }
  for (const { owner, basis, reason, modelId, usd } of reconciled.shares) {
    if (basis === 'shared' || estimatedModels.has(modelId)) continue
    add(basis === 'unattributed' ? `untold ${reason}` : `${ownerKey(owner)}|${modelId}`, usd)
  }
  const wanted = new Map(owned)
  for (const [reason, usd] of untold) {
    // Of whom the ledger saw one team only, nobody can know that others call behind the role too.
    const isSeen = reason !== 'shared_role' || teamsBehindShared(month) > 1
    const key = `untold ${isSeen ? reason : 'no_owner'}`
    wanted.set(key, (wanted.get(key) ?? 0n) + usd)
  }
  return differing(wanted, given, 1_000n * PICODOLLAR, PICODOLLAR)
}

function teamsBehindShared({ metered }: VariedMonth): number {
  const behind = metered.filter(({ principal }) => principal.includes('/ml-shared/'))
  return new Set(behind.map(({ owner }) => owner['team'])).size
}

/** Every cause has the dollars that were put in, to the picodollar, and none has what was not. */
export function wrongCauses(month: VariedMonth, { variance }: Reconciliation): readonly string[] {
  const found = new Map<string, bigint>()
  for (const { cause, difference } of variance)
    found.set(cause, (found.get(cause) ?? 0n) + difference)
  const wanted = new Map(wantedCauses(month))
  // In the hour before or after, at the same price: no dollars, where nothing was left out of the bill.
  if (!wanted.has('late')) found.delete('late')
  const rounding = found.get('rounding') ?? 0n
  found.delete('rounding')
  const wrong = differing(wanted, found, PICODOLLAR, FINE_PER_EXACT)
  return magnitude(rounding) < ROUNDING_MAX ? wrong : [...wrong, `rounding ${rounding}`]
}

export function causesSeen({ variance }: Reconciliation): ReadonlySet<Cause> {
  return new Set(CAUSES.filter((each) => variance.some(({ cause }) => cause === each)))
}

/** In 1e-40 dollars. */
const PICODOLLAR = 10n ** 28n
const FINE_PER_EXACT = 10n ** 10n
/** A hundredth of a cent in 1e-30 dollars: doubles of a bill that AWS multiplied leave no more. */
const ROUNDING_MAX = 10n ** 26n

const magnitude = (amount: bigint): bigint => (amount < 0n ? -amount : amount)

/** `unit`: how much of the wanted amounts' unit one of the found is. */
function differing(
  wanted: ReadonlyMap<string, bigint>,
  found: ReadonlyMap<string, bigint>,
  allowed: bigint,
  unit: bigint,
): readonly string[] {
  return [...new Set([...wanted.keys(), ...found.keys()])]
    .filter((key) => {
      const difference = (wanted.get(key) ?? 0n) - (found.get(key) ?? 0n) * unit
      return magnitude(difference) > allowed
    })
    .map((key) => `${key}: ${wanted.get(key) ?? 0n} wanted, ${(found.get(key) ?? 0n) * unit} found`)
}
