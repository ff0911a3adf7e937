// Token counts as every shape of usage is read into, before estimates fill the holes. A hole is a number nobody gave, which is
// not the same as zero. Numbers that cannot be counts (negative, fractional, huge) are refused, reported, and leave a hole.

import type { UsageKind } from '@ledgerock/contract'
import type { JsonObject } from '../json/json-value.ts'

export type TokenCounts = {
  /** Fresh input: neither read from a cache nor written to one. */
  input?: number
  output?: number
  cacheRead?: number
  cacheWrite?: CacheWrite
}

/** Written tokens by how long they are kept; they have different prices. */
export type CacheWrite = { readonly m5: number; readonly m30: number; readonly h1: number }

/** More than any context window; a provider's number beyond it is a fault, not a call. */
export const TOKENS_MAX = 1_000_000_000

export function countOf(raw: JsonObject, key: string, problems: Set<string>): number | undefined {
  const value = raw[key]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= TOKENS_MAX) {
    return value
  }
  problems.add(`refused_number:${key}`)
  return undefined
}

/** Adds what `from` knows and `counts` does not. */
export function fillHoles(counts: TokenCounts, from: TokenCounts): void {
  if (from.input !== undefined) counts.input ??= from.input
  if (from.output !== undefined) counts.output ??= from.output
  if (from.cacheRead !== undefined) counts.cacheRead ??= from.cacheRead
  if (from.cacheWrite !== undefined) counts.cacheWrite ??= from.cacheWrite
}

export function isEmpty(counts: TokenCounts): boolean {
  return (
    counts.input === undefined &&
    counts.output === undefined &&
    counts.cacheRead === undefined &&
    counts.cacheWrite === undefined
  )
}

/** Cache kinds that are zero are left out; `input` and `output` stay where they are known. */
export function usageOf(counts: TokenCounts): Partial<Record<UsageKind, number>> {
  const usage: Partial<Record<UsageKind, number>> = {}
  const { input, output, cacheRead, cacheWrite } = counts
  if (input !== undefined) usage.input = input
  if (output !== undefined) usage.output = output
  if (cacheRead !== undefined && cacheRead > 0) usage.cache_read = cacheRead
  if (cacheWrite === undefined) return usage
  if (cacheWrite.m5 > 0) usage.cache_write_5m = cacheWrite.m5
  if (cacheWrite.m30 > 0) usage.cache_write_30m = cacheWrite.m30
  if (cacheWrite.h1 > 0) usage.cache_write_1h = cacheWrite.h1
  return usage
}

/** The lifetime of written tokens whose lifetime nobody names: what a request gets that asks for none. */
export type DefaultLifetime = 'm5' | 'm30'

/**
 * Writes split by lifetime, from a total and the parts that were named. What no part names has the default lifetime. Parts
 * that exceed the total are believed: they are what is priced.
 */
export function splitWrites(
  total: number | undefined,
  parts: CacheWrite | undefined,
  lifetime: DefaultLifetime,
  problems: Set<string>,
): CacheWrite | undefined {
  if (parts === undefined && total === undefined) return undefined
  const named = parts ?? { m5: 0, m30: 0, h1: 0 }
  const rest = (total ?? 0) - (named.m5 + named.m30 + named.h1)
  if (total === undefined || rest === 0) return named
  if (rest < 0) {
    problems.add('cache_parts_exceed_total')
    return named
  }
  return { ...named, [lifetime]: named[lifetime] + rest }
}
