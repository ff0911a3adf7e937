// Pools as people say them to the API, in the words of the configuration file, and as they are shown.

import { UNKNOWN, type ProblemError } from '@ledgerock/contract'
import { valueProblem, type DimensionRules } from '../../attribution/dimension-rule.ts'
import type { BillThing } from '../../billing/bill-word.ts'
import { exhaustive } from '../../kernel/assert.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime } from '../../kernel/time.ts'
import { parseInstant } from '../../pricing/parse-instant.ts'
import {
  percentWeight,
  WHOLE_WEIGHT,
  type DeclaredPool,
  type DeclaredSplit,
} from '../../reconciliation/declared-pool.ts'
import type { Owner } from '../../reconciliation/owner.ts'
import type { SPLITS } from '../../reconciliation/pool.ts'

/** What no call makes. */
export const POOL_THINGS = [
  'provisioned',
  'reserved',
  'storage',
  'guardrail',
  'credit',
  'refund',
  'tax',
  'support',
  'discount',
  'fee',
  'other',
] as const satisfies readonly BillThing[]

export type WrittenPool = {
  readonly name: string
  readonly match: (typeof POOL_THINGS)[number] | { readonly usage_type: string }
  readonly split: (typeof SPLITS)[number]
  /** Of `fixed`: `60%`. */
  readonly shares: readonly { readonly owner: Owner; readonly share: string }[] | null
  /** Of `owner`; null: whom each line itself names. */
  readonly owner: Owner | null
  /** From (inside) and to (outside); null: always. */
  readonly from: string | null
  readonly to: string | null
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const NAME_WANTED = 'must be 1 to 64 letters, digits, dots, dashes or underscores'

export function readPool(
  rules: DimensionRules,
  written: WrittenPool,
  nowMs: number,
): Result<DeclaredPool, readonly ProblemError[]> {
  const errors: ProblemError[] = []
  if (!NAME.test(written.name)) errors.push({ path: 'name', message: NAME_WANTED })
  const read = (path: 'from' | 'to', text: string | null): number | null => {
    if (text === null) return null
    const parsed = parseInstant(text, nowMs)
    if (!parsed.ok) errors.push({ path, message: parsed.problem })
    return parsed.ok ? parsed.value : null
  }
  const [fromMs, toMs] = [read('from', written.from), read('to', written.to)]
  if (fromMs !== null && toMs !== null && fromMs >= toMs) {
    errors.push({ path: 'to', message: 'must be after from' })
  }
  const split = readSplit(rules, written, errors)
  const { name, match: said } = written
  const match = typeof said === 'string' ? said : { usageType: said.usage_type }
  return errors.length > 0 ? err(errors) : ok({ name, match, split, fromMs, toMs })
}

function readSplit(
  rules: DimensionRules,
  { split, shares, owner }: WrittenPool,
  errors: ProblemError[],
): DeclaredSplit {
  if (split !== 'fixed' && shares !== null)
    errors.push({ path: 'shares', message: 'is for split fixed' })
  if (split !== 'owner' && owner !== null)
    errors.push({ path: 'owner', message: 'is for split owner' })
  if (split === 'owner') {
    if (owner !== null) checkOwner(rules, 'owner', owner, errors)
    return { kind: 'owner', owner }
  }
  if (split !== 'fixed') return { kind: split }
  const parts = (shares ?? []).map((part, index) => {
    checkOwner(rules, `shares[${index}].owner`, part.owner, errors)
    return { owner: part.owner, percent: part.share.replace(/%$/, '') }
  })
  const weights = parts.map(({ percent }) => percentWeight(percent))
  for (const [index, weight] of weights.entries()) {
    const message = 'must be a share from 0% to 100% with at most 9 decimals'
    if (weight === null) errors.push({ path: `shares[${index}].share`, message })
  }
  const sum = weights.reduce<bigint>((all, weight) => all + (weight ?? 0n), 0n)
  if (!weights.includes(null) && sum !== WHOLE_WEIGHT) {
    errors.push({ path: 'shares', message: 'must add up to 100%' })
  }
  return { kind: 'fixed', shares: parts }
}

function checkOwner(
  { dimensions }: DimensionRules,
  path: string,
  owner: Owner,
  errors: ProblemError[],
): void {
  const entries = Object.entries(owner)
  if (entries.length === 0) errors.push({ path, message: 'must name a dimension' })
  for (const [name, value] of entries) {
    const dimension = dimensions.find((one) => one.name === name)
    const message =
      dimension === undefined
        ? `is not a declared dimension; declared are ${dimensions.map((one) => one.name).join(', ')}`
        : value === '' || value === UNKNOWN
          ? 'must name somebody'
          : valueProblem(dimension, value)
    if (message !== null) errors.push({ path: `${path}.${name}`, message })
  }
}

export type PoolView = {
  readonly name: string
  readonly match: string | { readonly usage_type: string }
  readonly split: DeclaredSplit['kind']
  readonly shares: readonly { readonly owner: Owner; readonly share: string }[] | null
  readonly owner: Owner | null
  readonly from: string | null
  readonly to: string | null
  readonly source: 'file' | 'api'
  readonly set_at: string | null
  readonly set_by: string | null
}

type Written = Pick<PoolView, 'name' | 'match' | 'split' | 'shares' | 'owner' | 'from' | 'to'>

/** As it was written, with every field there. */
export function writtenPool({ name, match, split, fromMs, toMs }: DeclaredPool): Written {
  return {
    name,
    match: typeof match === 'string' ? match : { usage_type: match.usageType },
    split: split.kind,
    ...writtenSplit(split),
    from: fromMs === null ? null : isoTime(fromMs),
    to: toMs === null ? null : isoTime(toMs),
  }
}

function writtenSplit(split: DeclaredSplit): Pick<PoolView, 'shares' | 'owner'> {
  switch (split.kind) {
    case 'proportional':
    case 'even':
    case 'apart':
      return { shares: null, owner: null }
    case 'owner':
      return { shares: null, owner: split.owner }
    case 'fixed': {
      const shares = split.shares.map(({ owner, percent }) => ({ owner, share: `${percent}%` }))
      return { shares, owner: null }
    }
    default:
      return exhaustive(split)
  }
}
