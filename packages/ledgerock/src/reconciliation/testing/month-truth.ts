// What reconciling a simulated month must come to, read from the truth beside the bill: dollars by told owner and model, by reason, by
// cause. Models with an interrupted call in the month are left out of sums by token, because an estimate moves tokens between owners.

import type { Bill, Month, TruthPart, TruthRow } from '@ledgerock/bedrock-simulator'
import type { BilledLine } from '../cell.ts'
import { ownerKey, type Owner } from '../owner.ts'

/** Digits of the truth's amounts. */
const DECIMALS = 40
const PER_PICODOLLAR = 10n ** 28n

export function fineOf(text: string): bigint {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  return BigInt(`${sign}${whole}${fraction.padEnd(DECIMALS, '0')}`)
}

/** Less than a picodollar and a double's dust apart. */
export function isSame(fine: bigint, picodollars: bigint): boolean {
  const apart = fine - picodollars * PER_PICODOLLAR
  return (apart < 0n ? -apart : apart) * 1_000n <= PER_PICODOLLAR * 1_001n
}

export type Expected = {
  /** `owner|model` → dollars. */
  readonly owned: ReadonlyMap<string, bigint>
  /** Reason → dollars. */
  readonly untold: ReadonlyMap<string, bigint>
  readonly pooled: bigint
  readonly total: bigint
  readonly estimatedModels: ReadonlySet<string>
}

type Sums = Map<string, bigint>

export function add(to: Sums, key: string, value: bigint): void {
  to.set(key, (to.get(key) ?? 0n) + value)
}

/** `lines` say which rows are Bedrock's. */
export function expectedOf(
  bill: Bill,
  lines: readonly { readonly place: number }[],
  cost: 'net' | 'unblended' = 'net',
  blurred: ReadonlySet<string> = new Set(),
): Expected {
  const rows = lines.map(({ place }) => bill.truth[place] as TruthRow)
  const estimated = rows.filter(isEstimated).map(({ modelId }) => modelId ?? '')
  const estimatedModels = new Set([...blurred, ...estimated])
  const owned: Sums = new Map()
  const untold: Sums = new Map()
  let [pooled, total] = [0n, 0n]
  for (const row of rows) {
    for (const part of row.parts) {
      const usd = fineOf(cost === 'net' ? part.netUsd : part.usd)
      total += usd
      const told = toldOwner(part)
      if (part.rule === 'pool') pooled += usd
      else if (estimatedModels.has(row.modelId ?? '')) continue
      else if (told === null) add(untold, part.reason ?? '', usd)
      else add(owned, `${ownerKey(told)}|${row.modelId ?? ''}`, usd)
    }
  }
  return { owned, untold, pooled, total, estimatedModels }
}

function isEstimated({ parts }: TruthRow): boolean {
  return parts.some(({ evidence, isMetered, reason, rule }) => {
    const isSilent = isMetered && !evidence.some((each) => each.rule === 'metered')
    return reason === 'estimate' || (isSilent && rule === 'gateway_session')
  })
}

/** What the strongest evidence says, with what the others add. */
function toldOwner({ evidence }: TruthPart): Owner | null {
  const [strongest, ...weaker] = evidence
  if (strongest === undefined) return null
  let { owner }: { owner: Owner } = strongest
  for (const each of weaker) {
    const said = owner
    const agrees = Object.entries(each.owner).every(
      ([key, value]) => (said[key] ?? value) === value,
    )
    if (agrees) owner = { ...each.owner, ...owner }
  }
  return owner
}

export type ExpectedCauses = {
  /** Before the discount; `price` without models that have an estimate. */
  readonly usd: ReadonlyMap<string, bigint>
  readonly estimatedModels: ReadonlySet<string>
  /** Tokens of interrupted calls that the ledger could not count. */
  readonly estimatedTokens: bigint
  /** Tokens the ledger has in the hour before the bill's. */
  readonly crossedTokens: bigint
}

export function expectedCauses(
  month: Month,
  bill: Bill,
  lines: readonly (BilledLine & { readonly place: number })[],
): ExpectedCauses {
  const usd: Sums = new Map()
  const { estimatedModels } = expectedOf(bill, lines)
  for (const { place, unmappedReason } of lines) {
    const row = bill.truth[place] as TruthRow
    const net = fineOf(row.netUsd)
    if (row.thing === 'tax') add(usd, 'tax', net)
    if (row.thing === 'credit' || row.thing === 'refund') add(usd, 'credit', net)
    if (row.thing !== 'usage') continue
    if (unmappedReason !== '') {
      add(usd, 'unmapped_usage_type', net)
      continue
    }
    add(usd, 'discount', net - fineOf(row.usd))
    const off = BigInt(month.options.privateRates?.[row.modelId ?? ''] ?? 0)
    for (const part of row.parts) {
      const billed = fineOf(part.usd)
      if (!part.isMetered) add(usd, 'unmetered', billed)
      else if (off > 0n && !estimatedModels.has(row.modelId ?? ''))
        add(usd, 'price', billed - (billed * 10_000n) / (10_000n - off))
    }
  }
  let [estimatedTokens, crossedTokens] = [0n, 0n]
  for (const { meteredUsage, usage, billedAtMs, atMs } of month.calls) {
    if (meteredUsage === null) continue
    estimatedTokens += BigInt(usage.output - meteredUsage.output)
    if (billedAtMs === atMs) continue
    const { input, output, cache_read, cache_write_5m, cache_write_1h, other } = meteredUsage
    const counts = [
      input,
      output,
      cache_read,
      cache_write_5m,
      cache_write_1h,
      ...Object.values(other),
    ]
    for (const count of counts) crossedTokens += BigInt(count ?? 0)
  }
  return { usd, estimatedModels, estimatedTokens, crossedTokens }
}
