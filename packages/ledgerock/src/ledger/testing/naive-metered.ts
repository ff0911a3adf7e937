// What was metered and who was seen, by the plainest arithmetic over the calls in force: what the store's answers are held against.

import { UNKNOWN, type CallRecord } from '@ledgerock/contract'
import { formatUsd, parseUsd, sumMoney } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { MS_PER_HOUR } from '../../kernel/time.ts'
import type { MeteredUseRow, PrincipalSeen, SortOfRate } from '../metered-use.ts'

type Line = {
  readonly kind: string
  readonly count: number
  readonly usd: string
  readonly rateId: string
}

export function naiveMetered(
  calls: readonly CallRecord[],
  sortOfRate: SortOfRate,
): readonly MeteredUseRow[] {
  const rows = new Map<string, MeteredUseRow>()
  for (const call of calls.filter(({ status }) => status !== 'refused')) {
    for (const line of linesOf(call)) {
      const cell = {
        account_id: call.billed_account_id,
        region: call.region,
        model_id: call.model_id ?? call.model_requested,
        kind: line.kind,
        scope: call.scope,
        tier: call.tier,
        sort: sortOfRate(line.rateId),
        principal: call.billed_principal_arn ?? '',
        hour: hourOf(call.started_at),
        owner: ownerOf(call),
      }
      const key = `${keyOf(cell)} ${String(call.cost_usd === null)}`
      const before = rows.get(key)
      const isEstimate = call.usage_source === 'estimated'
      rows.set(key, {
        ...cell,
        tokens: (before?.tokens ?? 0) + line.count,
        estimated_tokens: (before?.estimated_tokens ?? 0) + (isEstimate ? line.count : 0),
        usd: call.cost_usd === null ? null : plus(before?.usd ?? '0', line.usd),
      })
    }
  }
  return [...rows.values()]
}

/** Charges, then what was used and not charged. */
function linesOf(call: CallRecord): readonly Line[] {
  const charged = call.charges.map(({ kind, quantity, amount_usd, rate_id }) => ({
    kind,
    count: quantity,
    usd: amount_usd,
    rateId: rate_id,
  }))
  const kinds = new Set<string>(call.charges.map(({ kind }) => kind))
  const used: Readonly<Record<string, number>> = {
    input: call.input_tokens,
    output: call.output_tokens,
    cache_read: call.cache_read_tokens,
    cache_write_5m: call.cache_write_5m_tokens,
    cache_write_30m: call.cache_write_30m_tokens,
    cache_write_1h: call.cache_write_1h_tokens,
    ...call.other_usage,
  }
  const uncharged = Object.entries(used)
    .filter(([kind, count]) => count !== 0 && !kinds.has(kind))
    .map(([kind, count]) => ({ kind, count, usd: '0', rateId: '' }))
  return [...charged, ...uncharged]
}

function ownerOf({ dimensions }: CallRecord): Readonly<Record<string, string>> {
  const known = Object.entries(dimensions).filter(
    ([name, value]) => name !== 'user_id' && value !== UNKNOWN,
  )
  return Object.fromEntries(known)
}

function hourOf(iso: string): string {
  return new Date(Math.floor(Date.parse(iso) / MS_PER_HOUR) * MS_PER_HOUR).toISOString()
}

function keyOf(cell: object): string {
  return JSON.stringify(
    Object.entries(cell).map(([name, value]) =>
      name === 'owner' ? Object.entries(value as object).toSorted(byName) : [name, value],
    ),
  )
}

const byName = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : 1

const plus = (left: string, right: string): string =>
  formatUsd(sumMoney([mustOk(parseUsd(left)), mustOk(parseUsd(right))]))

/** In an order of its own, amounts in shortest form: what is compared is a set. */
export function inOneOrder(
  rows: readonly MeteredUseRow[],
): readonly (readonly [string, unknown])[] {
  return rows
    .map(({ tokens, estimated_tokens, usd, ...cell }): readonly [string, unknown] => [
      `${keyOf(cell)} ${String(usd === null)}`,
      { tokens, estimated_tokens, usd: usd === null ? null : plus(usd, '0') },
    ])
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
}

export type NaivePrincipal = Omit<PrincipalSeen, 'sessions' | 'billed_sessions'>

export function naivePrincipals(records: readonly CallRecord[]): readonly NaivePrincipal[] {
  const groups = new Map<string, CallRecord[]>()
  for (const call of records.filter(({ status }) => status !== 'refused')) {
    const key = JSON.stringify([
      call.principal_arn,
      call.billed_principal_arn,
      call.via,
      call.billed_account_id,
    ])
    groups.set(key, [...(groups.get(key) ?? []), call])
  }
  return [...groups.values()].map(principalOf)
}

function principalOf(calls: readonly CallRecord[]): NaivePrincipal {
  const [first] = calls as readonly [CallRecord]
  const said = (values: readonly (string | null)[]): readonly string[] =>
    [...new Set(values.filter((value) => value !== null))].toSorted()
  const times = calls.map(({ started_at }) => started_at).toSorted()
  const priced = calls.flatMap(({ cost_usd }) => (cost_usd === null ? [] : [cost_usd]))
  const teams = said(calls.map(({ dimensions }) => dimensions['team'] ?? UNKNOWN))
  return {
    principal: first.principal_arn ?? '',
    billed_principal: first.billed_principal_arn ?? '',
    via: first.via,
    account_id: first.billed_account_id,
    key_names: said(calls.map(({ key_name }) => key_name)),
    environments: said(calls.map(({ dimensions }) => dimensions['environment'] ?? UNKNOWN)),
    calls: calls.length,
    tokens: tokensOf(calls),
    usd: priced.reduce(plus, '0'),
    unpriced_calls: calls.length - priced.length,
    first_use: times[0] ?? '',
    last_use: times.at(-1) ?? '',
    teams: teams
      .map((team) => {
        const own = calls.filter(({ dimensions }) => (dimensions['team'] ?? UNKNOWN) === team)
        return { team, tokens: tokensOf(own), calls: own.length }
      })
      .toSorted(
        (left, right) =>
          right.tokens - left.tokens ||
          right.calls - left.calls ||
          (left.team < right.team ? -1 : 1),
      ),
  }
}

function tokensOf(calls: readonly CallRecord[]): number {
  return calls.reduce(
    (sum, call) =>
      sum +
      call.input_tokens +
      call.output_tokens +
      call.cache_read_tokens +
      call.cache_write_5m_tokens +
      call.cache_write_30m_tokens +
      call.cache_write_1h_tokens,
    0,
  )
}
