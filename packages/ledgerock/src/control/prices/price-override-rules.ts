// Overrides between their three forms: the words of file and API (terms), the override pricing works with, and the store's row.
// New ones are read together with those already in force, because two rules that want the same call are a fault of both.

import type { ProblemError } from '@ledgerock/contract'
import { err, type Result } from '../../kernel/result.ts'
import type { PriceBook, PriceOverride } from '../../pricing/price-book.ts'
import type { PriceTools } from './price-tools.ts'
import type { StoredOverride } from '../store/price-tables.ts'

type Terms = Readonly<Record<string, string | number>>

/** Of the store's; what the file declares it says itself. */
export function inForce(stored: readonly StoredOverride[]): readonly PriceOverride[] {
  return stored
    .filter(({ origin, removedAt }) => origin === 'api' && removedAt === null)
    .map(overrideOf)
}

/** What is stored was read once, when it was set, and stays what it was then; the row knows when that was. */
export function overrideOf({ terms, setAt }: StoredOverride): PriceOverride {
  return { ...(JSON.parse(terms) as PriceOverride), setAt }
}

/** As file and API write it; what it leaves open is left out. */
export function termsOf(override: PriceOverride): Terms {
  const { name, models, regions, effect } = override
  const open: Readonly<Record<string, string | number | null>> = {
    account_id: override.accountId,
    scope: override.scope,
    tier: override.tier,
    kind: override.kind,
    from: override.validFrom,
    to: override.validTo,
    reason: override.reason,
    ...('percent' in effect
      ? { percent: effect.percent }
      : {
          price: effect.price,
          unit: effect.unit,
          variant: effect.variant,
          context_above: effect.contextAbove === 0 ? null : effect.contextAbove,
        }),
  }
  const said = Object.entries(open).flatMap(([key, value]) =>
    value === null ? [] : [[key, value] as const],
  )
  return { name, models, regions, ...Object.fromEntries(said) }
}

/**
 * Reads `added` beside those in force. Faults carry the place within `added`: `[0].models`, or `` where one in force is at
 * odds with it.
 */
export function readBeside(
  tools: Pick<PriceTools, 'readOverrides'>,
  added: readonly unknown[],
  origin: PriceOverride['origin'],
  others: readonly PriceOverride[],
  base: PriceBook,
): Result<readonly PriceOverride[], readonly ProblemError[]> {
  const alone = tools.readOverrides(added, origin, base)
  if (!alone.ok) return err(alone.problem.map((fault) => placed(fault, 0)))
  const before = others.map(termsOf)
  // What is in force may fit the prices of today less well than those of the day it was set: that is no fault of the new ones.
  const known = new Set(faultsOf(tools, before, base).map(faultText))
  const faults = faultsOf(tools, [...before, ...added], base).filter(
    (fault) => !known.has(faultText(fault)),
  )
  if (faults.length === 0) return alone
  return err(faults.map((fault) => placed(fault, before.length)))
}

export function checkDeclaredOverrides(
  tools: Pick<PriceTools, 'readOverrides'>,
  declared: readonly unknown[],
  stored: readonly PriceOverride[],
  base: PriceBook,
): Result<readonly PriceOverride[], readonly ProblemError[]> {
  return readBeside(tools, declared, 'file', stored, base)
}

/** Faults of the file's overrides over other prices than those in force, with their place in the file. */
export function misfits(
  tools: Pick<PriceTools, 'readOverrides'>,
  declared: readonly PriceOverride[],
  stored: readonly StoredOverride[],
  base: PriceBook,
): readonly ProblemError[] {
  const checked = checkDeclaredOverrides(tools, declared.map(termsOf), inForce(stored), base)
  return checked.ok ? [] : checked.problem.map(inFile)
}

/** Of a fault of a declared override: with the key of the configuration file it stands under. */
export function inFile({ path, message }: ProblemError): ProblemError {
  return { path: `prices.overrides${path}`, message }
}

function faultsOf(
  tools: Pick<PriceTools, 'readOverrides'>,
  terms: readonly unknown[],
  base: PriceBook,
): readonly ProblemError[] {
  const read = tools.readOverrides(terms, 'api', base)
  return read.ok ? [] : read.problem
}

function faultText({ path, message }: ProblemError): string {
  return `${path}: ${message}`
}

function placed({ path, message }: ProblemError, before: number): ProblemError {
  const [, index, rest = ''] = /^[a-z]*\[?(\d+)\]?(.*)$/.exec(path) ?? []
  if (index === undefined) return { path, message }
  const own = Number(index) - before
  return own < 0 ? { path: '', message } : { path: `[${own}]${rest}`, message }
}
