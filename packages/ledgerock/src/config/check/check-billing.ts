// What billing rules and imports must say together: a split with what it needs and nothing else, no two rules for the same lines at one
// time, rates that do not overlap, receivers there are, and imports with names of their own.

import { percentWeight, WHOLE_WEIGHT } from '../../reconciliation/declared-pool.ts'
import { checkWhen } from './check-dimensions.ts'
import { checkTimes, timesOf } from './check-rules.ts'
import {
  isWritten,
  list,
  strings,
  text,
  tree,
  type Path,
  type PathFault,
  type Tree,
} from '../raw.ts'

export function checkBilling(root: Tree, dimensions: Tree): readonly PathFault[] {
  const billing = tree(root['billing'])
  return [
    ...checkPools(billing['pools'], dimensions),
    ...checkSharedCosts(billing),
    ...checkPrecedence(billing['precedence']),
    ...checkExchange(billing['exchange']),
    ...checkStatements(billing['statements'], dimensions, list(tree(root['alerts'])['sinks'])),
    ...checkImportNames(root['imports']),
  ]
}

function checkPools(written: unknown, dimensions: Tree): readonly PathFault[] {
  const pools = list(written).map(tree)
  return pools.flatMap((pool, index) => {
    const path = ['billing', 'pools', index]
    const clash = (of: (pool: Tree) => string | null): number =>
      pools.findIndex(
        (other, at) =>
          at < index && of(pool) !== null && of(other) === of(pool) && meet(other, pool),
      )
    const [named, matched] = [clash(({ name }) => text(name)), clash(matchOf)]
    return [
      ...checkSplit(path, pool, dimensions),
      ...checkTimes(path, pool),
      ...fault(named >= 0, [...path, 'name'], `is the name of pools[${named}] at the same time`),
      ...fault(
        matched >= 0,
        [...path, 'match'],
        `is matched by pools[${matched}] at the same time`,
      ),
    ]
  })
}

function checkSplit(path: Path, pool: Tree, dimensions: Tree): readonly PathFault[] {
  const { split, shares, owner } = pool
  const hasShares = isWritten(shares)
  return [
    ...fault(split === 'fixed' && !hasShares, path, 'split fixed needs shares'),
    ...fault(split !== 'fixed' && hasShares, [...path, 'shares'], 'is for split fixed'),
    ...fault(split !== 'owner' && isWritten(owner), [...path, 'owner'], 'is for split owner'),
    ...checkWhen([...path, 'owner'], owner, dimensions),
    ...checkShares([...path, 'shares'], list(shares).map(tree), dimensions),
  ]
}

function checkShares(path: Path, shares: readonly Tree[], dimensions: Tree): readonly PathFault[] {
  const owners = shares.map(({ owner }) =>
    JSON.stringify(Object.entries(tree(owner)).toSorted(([one], [two]) => (one < two ? -1 : 1))),
  )
  const faults = shares.flatMap(({ owner }, index) => {
    const first = owners.indexOf(owners[index] ?? '')
    return [
      ...checkWhen([...path, index, 'owner'], owner, dimensions),
      ...fault(first < index, [...path, index, 'owner'], `is the owner of shares[${first}] too`),
    ]
  })
  const weights = shares.map(({ share }) => percentWeight((text(share) ?? '').replace(/%$/, '')))
  // What is no share is the schema's fault to report.
  if (shares.length === 0 || weights.includes(null)) return faults
  const sum = weights.reduce<bigint>((total, weight) => total + (weight ?? 0n), 0n)
  return [
    ...faults,
    ...fault(sum !== WHOLE_WEIGHT, path, `must add up to 100%, not ${percentText(sum)}%`),
  ]
}

function percentText(weight: bigint): string {
  const [whole, decimals] = [weight / 1_000_000_000n, weight % 1_000_000_000n]
  const rest = String(decimals).padStart(9, '0').replace(/0+$/, '')
  return rest === '' ? String(whole) : `${whole}.${rest}`
}

function matchOf({ match }: Tree): string | null {
  if (typeof match === 'string') return match
  const pattern = text(tree(match)['usage_type'])
  return pattern === null ? null : `usage type ${pattern}`
}

function meet(one: Tree, two: Tree): boolean {
  const [left, right] = [timesOf(one), timesOf(two)]
  return left.from < right.to && right.from < left.to
}

function checkSharedCosts({
  default_split: split,
  shared_costs: short,
}: Tree): readonly PathFault[] {
  const isTwice = isWritten(split) && isWritten(short)
  return fault(
    isTwice,
    ['billing', 'shared_costs'],
    'is short for default_split: write one of them',
  )
}

function checkPrecedence(precedence: unknown): readonly PathFault[] {
  const rules = strings(precedence)
  return rules.flatMap((rule, index) =>
    fault(rules.indexOf(rule) < index, ['billing', 'precedence', index], 'is there twice'),
  )
}

function checkExchange(written: unknown): readonly PathFault[] {
  const rates = list(written).map(tree)
  return rates.flatMap((rate, index) => {
    const path = ['billing', 'exchange', index]
    const currency = text(rate['currency'])
    const other = rates.findIndex(
      (each, at) => at < index && each['currency'] === currency && meet(each, rate),
    )
    return [
      ...checkTimes(path, rate),
      ...fault(currency === 'USD', [...path, 'currency'], 'is what the ledger is in already'),
      ...fault(
        other >= 0 && currency !== null,
        path,
        `is another rate of ${currency} at the same time as exchange[${other}]`,
      ),
    ]
  })
}

const MAIL_ADDRESS = /^[^\s@<>,;"]{1,64}@[^\s@<>,;"]{1,255}$/

function checkStatements(
  written: unknown,
  dimensions: Tree,
  sinks: readonly unknown[],
): readonly PathFault[] {
  const mailers = sinks.map(tree).filter(({ type }) => type === 'email')
  return list(written).flatMap((value, index) => {
    const { owner, to } = tree(value)
    const path = ['billing', 'statements', index]
    return [
      ...checkWhen([...path, 'owner'], owner, dimensions),
      ...strings(to).flatMap((receiver, place) => {
        const problem = receiverProblem(receiver, mailers)
        return problem === null ? [] : [{ path: [...path, 'to', place], message: problem }]
      }),
    ]
  })
}

function receiverProblem(receiver: string, mailers: readonly Tree[]): string | null {
  if (!receiver.includes('@')) {
    const isThere = mailers.some(({ name }) => name === receiver)
    return isThere ? null : 'is no sink of type email in alerts.sinks, and no mail address'
  }
  if (!MAIL_ADDRESS.test(receiver)) return 'must be a mail address such as cfo@example.com'
  return mailers.length > 0 ? null : 'needs a sink of type email in alerts.sinks to send it'
}

function checkImportNames(written: unknown): readonly PathFault[] {
  const names = list(written).map((value) => text(tree(value)['name']))
  return names.flatMap((name, index) => {
    const first = names.indexOf(name)
    const message = `is the name of imports[${first}] too`
    return fault(name !== null && first < index, ['imports', index, 'name'], message)
  })
}

function fault(isOne: boolean, path: Path, message: string): readonly PathFault[] {
  return isOne ? [{ path, message }] : []
}
