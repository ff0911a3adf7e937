// The file's billing rules and imports as the program works with them: plain data, because configurations travel as JSON; folders are
// absolute, and meant from where the file lies.

import type { DeclaredPool, DeclaredSplit } from '../../reconciliation/declared-pool.ts'
import type { Told } from '../../reconciliation/evidence.ts'
import type { Owner } from '../../reconciliation/owner.ts'
import {
  isS3,
  type PLAIN_SPLITS,
  type STATEMENT_FORMATS,
  type WrittenBilling,
  type WrittenImports,
} from '../schema/billing-schema.ts'

export type ExchangeRate = {
  readonly currency: string
  /** USD for one unit, an exact decimal. */
  readonly rate: string
  /** From (inside) and to (outside); null: always. */
  readonly fromMs: number | null
  readonly toMs: number | null
}

export type ScheduledStatement = {
  /** Empty: the whole. */
  readonly owner: Owner
  /** Names of email sinks, or mail addresses: those have an `@`. */
  readonly to: readonly string[]
  readonly format: (typeof STATEMENT_FORMATS)[number]
}

export type BillingConfig = {
  /** Globs of ARNs. */
  readonly gatewayPrincipals: readonly string[]
  /** `poolRuleOf` makes rules of them. */
  readonly pools: readonly DeclaredPool[]
  readonly defaultSplit: DeclaredSplit
  readonly precedence: readonly Told[]
  readonly graceMs: number
  /** Null: as FOCUS has it, by the number of rows. */
  readonly toleranceUsd: string | null
  readonly exchange: readonly ExchangeRate[]
  /** Absolute folders and `s3://` prefixes. */
  readonly roots: readonly string[]
  readonly uploadBytesMax: number
  readonly statements: readonly ScheduledStatement[]
}

export const IMPORT_KINDS = ['cur', 'outcomes'] as const
export type ImportKind = (typeof IMPORT_KINDS)[number]

export type ImportConfig = {
  readonly name: string
  readonly kind: ImportKind
  /** An absolute path, with `*` for any text, or an `s3://` prefix. */
  readonly from: string
  /** Null: only when asked. */
  readonly everyMs: number | null
}

/** `beside` makes a path absolute. */
export function billingOf(
  written: WrittenBilling,
  beside: (path: string) => string,
): BillingConfig {
  return {
    gatewayPrincipals: written.gateway_principals,
    pools: written.pools.map(poolOf),
    defaultSplit: plainSplit(written.default_split ?? written.shared_costs ?? 'proportional'),
    precedence: written.precedence,
    graceMs: written.grace,
    toleranceUsd: written.tolerance,
    exchange: written.exchange.map(({ currency, rate, ...times }) => ({
      currency,
      rate,
      ...timesOf(times),
    })),
    roots: written.roots.map((root) => placeOf(root, beside)),
    uploadBytesMax: written.upload_size,
    statements: written.statements,
  }
}

export function importsOf(
  written: WrittenImports,
  beside: (path: string) => string,
): readonly ImportConfig[] {
  return written.map(({ name, kind, from, every }) => ({
    name,
    kind,
    from: placeOf(from, beside),
    everyMs: every,
  }))
}

function poolOf(written: WrittenBilling['pools'][number]): DeclaredPool {
  const { name, match } = written
  return {
    name,
    match: typeof match === 'string' ? match : { usageType: match.usage_type },
    split: splitOf(written),
    ...timesOf(written),
  }
}

function splitOf({ split, shares, owner }: WrittenBilling['pools'][number]): DeclaredSplit {
  if (split === 'fixed') {
    const parts = (shares ?? []).map(({ owner: of, share }) => ({ owner: of, percent: share }))
    return { kind: 'fixed', shares: parts }
  }
  return split === 'owner' ? { kind: 'owner', owner } : { kind: split }
}

function plainSplit(split: (typeof PLAIN_SPLITS)[number]): DeclaredSplit {
  return split === 'owner' ? { kind: 'owner', owner: null } : { kind: split }
}

function timesOf({ from, to }: { readonly from: string | null; readonly to: string | null }): {
  readonly fromMs: number | null
  readonly toMs: number | null
} {
  return {
    fromMs: from === null ? null : Date.parse(from),
    toMs: to === null ? null : Date.parse(to),
  }
}

function placeOf(source: string, beside: (path: string) => string): string {
  return isS3(source) ? source : beside(source)
}
