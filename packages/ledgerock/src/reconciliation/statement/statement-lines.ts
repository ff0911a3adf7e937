// The figures of a statement: which shares are whose, and what they come to by application, feature, workflow, tenant, model and day.
// Adding up happens in picodollars; what is shown is text.

import { UNKNOWN } from '@ledgerock/contract'
import { formatUsd, sumMoney, type Picodollars } from '../../kernel/money.ts'
import { isoTime } from '../../kernel/time.ts'
import { roundToPicodollars, type Exact } from '../exact.ts'
import type { RoundedShare } from '../give.ts'
import type { Owner } from '../owner.ts'

/** Dimensions by which a statement is laid out; `model_id` and `day` come on top. */
export const LINE_DIMENSIONS = ['application', 'feature', 'workflow_id', 'tenant_id'] as const
export const SECTIONS = [...LINE_DIMENSIONS, 'model_id', 'day'] as const
export type Section = (typeof SECTIONS)[number]

export type StatementLine = {
  readonly application: string
  readonly feature: string
  readonly workflow_id: string
  readonly tenant_id: string
  readonly model_id: string
  readonly basis: string
  readonly metered_usd: string
  readonly billed_usd: string
  readonly list_usd: string
}

export type SectionRow = {
  readonly value: string
  readonly usd: string
  readonly metered_usd: string
  /** The same in the period before; null: there was no bill, or days, which no other month has. */
  readonly previous_usd: string | null
}

/** Whose dollars: `unknown` stands for what has an owner that says nothing about the dimension. What nobody owns is no owner's. */
export function isOf(
  wanted: Owner | null,
  { owner, basis }: { readonly owner: Owner; readonly basis: string },
): boolean {
  if (wanted === null) return true
  if (isNobodys(basis)) return false
  return Object.entries(wanted).every(([dimension, value]) => valueOf(owner, dimension) === value)
}

/** Unattributed, or kept apart by a pool: of the whole only. */
export function isNobodys(basis: string): boolean {
  return basis === 'unattributed' || basis === 'apart'
}

export function valueOf(owner: Owner, dimension: string): string {
  return Object.hasOwn(owner, dimension) ? (owner[dimension] ?? UNKNOWN) : UNKNOWN
}

export function usdOf(rows: Iterable<{ readonly usd: Picodollars }>): Picodollars {
  return sumMoney(Array.from(rows, ({ usd }) => usd))
}

type LineSum = { readonly words: readonly string[]; usd: bigint; metered: bigint; list: bigint }

/** The dearest first. */
export function linesOf(own: readonly RoundedShare[]): readonly StatementLine[] {
  const sums = new Map<string, LineSum>()
  for (const { owner, modelId, basis, usd, metered, list } of own) {
    const words = [...LINE_DIMENSIONS.map((name) => valueOf(owner, name)), modelId, basis]
    const key = JSON.stringify(words)
    const sum = sums.get(key) ?? { words, usd: 0n, metered: 0n, list: 0n }
    sums.set(key, sum)
    sum.usd += usd
    sum.metered += metered
    sum.list += list
  }
  return dearestFirst(sums).map(({ words, usd, metered, list }) => {
    const [application = '', feature = '', workflow_id = '', tenant_id = ''] = words
    return {
      application,
      feature,
      workflow_id,
      tenant_id,
      model_id: words[4] ?? '',
      basis: words[5] ?? '',
      metered_usd: formatUsd(metered as Picodollars),
      billed_usd: formatUsd(usd as Picodollars),
      list_usd: formatUsd(roundToPicodollars(list as Exact)),
    }
  })
}

/** Days in their order, everything else with the dearest first; what was there before and is no more stays as a zero. */
export function sectionOf(
  section: Section,
  own: readonly RoundedShare[],
  previous: readonly RoundedShare[] | null,
): readonly SectionRow[] {
  const isDay = section === 'day'
  const sums = sumsBy(section, own)
  const before = isDay || previous === null ? null : sumsBy(section, previous)
  for (const value of before?.keys() ?? [])
    if (!sums.has(value)) sums.set(value, { words: [value], usd: 0n, metered: 0n })
  const sorted = dearestFirst(sums)
  const rows = isDay
    ? sorted.toSorted((left, right) => ((left.words[0] ?? '') < (right.words[0] ?? '') ? -1 : 1))
    : sorted
  return rows.map(({ words: [value = ''], usd, metered }) => ({
    value,
    usd: formatUsd(usd as Picodollars),
    metered_usd: formatUsd(metered as Picodollars),
    previous_usd: before === null ? null : formatUsd((before.get(value)?.usd ?? 0n) as Picodollars),
  }))
}

type Sum = { readonly words: readonly string[]; usd: bigint; metered: bigint }

function sumsBy(section: Section, shares: readonly RoundedShare[]): Map<string, Sum> {
  const sums = new Map<string, Sum>()
  for (const share of shares) {
    const value = sectionValue(section, share)
    const sum = sums.get(value) ?? { words: [value], usd: 0n, metered: 0n }
    sums.set(value, sum)
    sum.usd += share.usd
    sum.metered += share.metered
  }
  return sums
}

/** Empty: of no model, of no one day. */
function sectionValue(section: Section, { owner, modelId, dayMs }: RoundedShare): string {
  if (section === 'model_id') return modelId
  if (section === 'day') return dayMs === null ? '' : isoTime(dayMs).slice(0, 10)
  return valueOf(owner, section)
}

function dearestFirst<Each extends { readonly usd: bigint }>(
  sums: ReadonlyMap<string, Each>,
): readonly Each[] {
  return [...sums]
    .toSorted(([one, left], [other, right]) => {
      if (left.usd !== right.usd) return left.usd > right.usd ? -1 : 1
      return one < other ? -1 : 1
    })
    .map(([, sum]) => sum)
}
