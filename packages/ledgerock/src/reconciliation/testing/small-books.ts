// Small bills and ledgers for tests: one line, one use, and a reconciliation of a few of them with everything else quiet.

import { compileOwnerRules, type OwnerRule } from '../../attribution/owner-rule.ts'
import { MS_PER_DAY, MS_PER_HOUR } from '../../kernel/time.ts'
import type { BilledLine, MeteredUse } from '../cell.ts'
import { exactOf } from '../exact.ts'
import { PRECEDENCE, TAG_LAG_MS, type EvidenceRules } from '../evidence.ts'
import { reconcile, type Reconciliation, type ReconcileAsk } from '../reconcile.ts'
import { reportOf, type ReconciliationReport } from '../report.ts'

export const START_MS = Date.UTC(2026, 9, 1)
/** An hour of the month, from 0. */
export const hour = (index: number): number => START_MS + index * MS_PER_HOUR
export const day = (index: number): number => START_MS + index * MS_PER_DAY

export const ROLE = 'arn:aws:sts::222233334444:assumed-role/app/one'
export const GATEWAY = 'arn:aws:sts::222233334444:assumed-role/gateway/g-1'
export const SESSION = 'arn:aws:sts::222233334444:assumed-role/ledgerock/lr-search'

const CELL = {
  accountId: '222233334444',
  region: 'us-east-1',
  modelId: 'amazon.nova-pro-v1:0',
  kind: 'input',
  scope: 'in-region',
  tier: 'standard',
  sort: '',
  principal: GATEWAY,
} as const

/** A microdollar a token, unless said otherwise. */
export function line(
  atHour: number,
  tokens: number,
  more: Partial<BilledLine> & { readonly usd?: string } = {},
): BilledLine {
  const { usd, ...rest } = more
  const amount = usd === undefined ? exactOf((tokens / 1_000_000).toFixed(6)) : exactOf(usd)
  return {
    ...CELL,
    thing: 'usage',
    usageType: 'USE1-NovaPro-input-tokens',
    resourceId: '',
    tags: {},
    fromMs: hour(atHour),
    toMs: hour(atHour + 1),
    unmappedReason: '',
    quantity: exactOf(String(tokens)),
    unblended: amount,
    net: amount,
    list: amount,
    rows: 1,
    ...rest,
  }
}

export function use(
  atHour: number,
  team: string,
  tokens: number,
  more: Partial<MeteredUse> = {},
): MeteredUse {
  return {
    ...CELL,
    hourMs: hour(atHour),
    owner: team === '' ? {} : { team },
    tokens: BigInt(tokens),
    estimatedTokens: 0n,
    usd: (BigInt(tokens) * 1_000_000n) as MeteredUse['usd'],
    ...more,
  }
}

export function rulesOf(
  owners: readonly OwnerRule[] = [],
  more: Partial<EvidenceRules> = {},
): EvidenceRules {
  return {
    ownerOf: compileOwnerRules(owners).ownerOf,
    sessionOwner: (principal) => (principal === SESSION ? { team: 'search' } : null),
    isGateway: (principal) => principal === GATEWAY,
    precedence: PRECEDENCE,
    tagDimensions: new Map([
      ['team', 'team'],
      ['app', 'application'],
    ]),
    tagLagMs: TAG_LAG_MS,
    ...more,
  }
}

export function reconciled(
  lines: readonly BilledLine[],
  metered: readonly MeteredUse[],
  more: Partial<ReconcileAsk> = {},
): Reconciliation {
  return reconcile({
    period: '2026-10',
    cost: 'net',
    lines,
    metered,
    evidence: rulesOf(),
    pools: [],
    defaultSplit: { kind: 'proportional' },
    group: 'team',
    billedUntilMs: null,
    ...more,
  })
}

export function reported(...asked: Parameters<typeof reconciled>): ReconciliationReport {
  const facts = { bill_version: 1, left_aside: { rows: 0, usd: '0' }, invoices: [] }
  return reportOf(reconciled(...asked), facts)
}

/** `team basis reason amount`, the dearest first. */
export function given(...asked: Parameters<typeof reconciled>): readonly string[] {
  return reported(...asked).allocation.map(
    ({ owner, basis, reason, amount_usd }) =>
      `${Object.values(owner).join('+') || '-'} ${basis} ${reason} ${amount_usd}`,
  )
}

/** `cause bill metered difference`, the greatest first. */
export function caused(...asked: Parameters<typeof reconciled>): readonly string[] {
  return reported(...asked).variance.map(
    ({ cause, bill_usd, metered_usd, difference_usd }) =>
      `${cause} ${bill_usd} ${metered_usd} ${difference_usd}`,
  )
}
