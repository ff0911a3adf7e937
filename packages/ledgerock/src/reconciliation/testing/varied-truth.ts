// What reconciling a varied month must come to: dollars of every owner, of every reason, of every cause. Read from the truth beside the
// bill and from what was put in on purpose, never from the code under test.

import type { TruthPart, TruthRow } from '@ledgerock/bedrock-simulator'
import type { BilledLine } from '../cell.ts'
import { add, expectedOf, fineOf, type Expected } from './month-truth.ts'
import type { VariedMonth } from './varied-month.ts'

const FINE_PER_PICODOLLAR = 10n ** 28n

/** Cause → bill less ledger, in 1e-40 dollars. */
export function wantedCauses({
  bill,
  lines,
  cost,
  injected,
}: VariedMonth): ReadonlyMap<string, bigint> {
  const wanted = new Map<string, bigint>()
  const isNet = cost === 'net'
  for (const { place, unmappedReason } of lines) {
    const row = bill.truth[place] as TruthRow
    const said = fineOf(isNet ? row.netUsd : row.usd)
    if (row.thing === 'tax') add(wanted, 'tax', said)
    else if (row.thing === 'credit' || row.thing === 'refund') add(wanted, 'credit', said)
    else if (row.thing === 'discount') add(wanted, 'discount', said)
    else if (row.thing !== 'usage') continue
    else if (unmappedReason !== '') add(wanted, 'unmapped_usage_type', said)
    else {
      add(wanted, 'discount', said - fineOf(row.usd))
      for (const part of row.parts) if (!part.isMetered) add(wanted, 'unmetered', fineOf(part.usd))
    }
  }
  for (const [cause, usd] of injected) add(wanted, cause, usd * FINE_PER_PICODOLLAR)
  return wanted
}

export function wantedOwners({ bill, lines, cost, blurred, twist }: VariedMonth): Expected {
  const models = blurred === 'all' ? undefined : blurred
  const changed = twist === 'coarse' ? lines.filter(spansChange) : []
  // On a bill by the day or month a line can span a change of owner: then nobody can be told from its caller.
  const truth = [...bill.truth]
  for (const { place } of changed) {
    const row = truth[place] as TruthRow
    truth[place] = { ...row, parts: row.parts.map(untold) }
  }
  return expectedOf({ ...bill, truth }, lines, cost, models)
}

function untold(part: TruthPart): TruthPart {
  const reason = 'owner_changed' as TruthPart['reason']
  return { ...part, rule: null, reason, determinable: false, evidence: [] }
}

/** The two principals of the simulated house that change hands, and when. */
const CHANGES: readonly (readonly [RegExp, number])[] = [
  [/:assumed-role\/search-api\//, Date.UTC(2026, 9, 14)],
  [/:user\/alice$/, Date.UTC(2026, 9, 12, 10)],
]

function spansChange({ principal, fromMs, toMs }: BilledLine): boolean {
  return CHANGES.some(([who, atMs]) => who.test(principal) && fromMs < atMs && atMs < toMs)
}
