// Where one row of the ledger and what Bedrock did differ: how the call ended, what it was, its tokens and its dollars.
// A call whose numbers came from the answer must be exact; one that was cut must say so, and that its numbers are estimates.

import type { SimulatedCall } from '@ledgerock/bedrock-simulator'
import { parseUsd, sumMoney } from '../../src/kernel/money.ts'
import { mustOk } from '../../src/kernel/result.ts'
import type { ApiCall } from './ledger-api.ts'
import type { Witnessed } from './witnessed.ts'
import { UNPRICED_MODEL } from './traffic-models.ts'

const STATUS_OF_ERROR: Readonly<Record<string, string>> = {
  ThrottlingException: 'throttled',
  ModelNotReadyException: 'upstream_error',
  ModelErrorException: 'upstream_error',
  ModelStreamErrorException: 'upstream_error',
  ModelTimeoutException: 'upstream_error',
  InternalServerException: 'upstream_error',
  ServiceUnavailableException: 'upstream_error',
  ValidationException: 'client_error',
}

/** What the gateway tells a client whom Bedrock told nothing. */
export const OWN_ANSWERS: ReadonlySet<number> = new Set([502, 504])

/** Faults after which a stream may have ended without its true usage having been seen. */
const HIDES_USAGE = /^(no_metadata|bad_crc)/

/** What the row must say of the call's end; a client that leaves may come too late to be noticed. */
export function statusDifferences({ attempt, served, row }: Witnessed): string[] {
  if (attempt.planned.intent.refused) return refusalDifferences({ attempt, served, row })
  if (served === null || row === null) return []
  const found: string[] = []
  const { leaving } = attempt.planned
  const said = row.interrupted_by === null ? row.status : `${row.status} by ${row.interrupted_by}`
  const expected = expectedEnds(served)
  if (leaving !== 'never') expected.push('interrupted by client')
  if (!expected.includes(said)) found.push(`ended as "${said}", not "${expected.join('" or "')}"`)
  if (row.status !== 'interrupted' && row.error_type !== served.error_type) {
    found.push(`error_type ${row.error_type}, not ${served.error_type}`)
  }
  if (row.aws_request_id === null) {
    const ownAnswer = row.http_status === null || OWN_ANSWERS.has(row.http_status)
    if (!ownAnswer) found.push(`http_status ${row.http_status}, though Bedrock was not heard`)
    return found
  }
  if (row.http_status !== served.status) found.push(`http_status ${row.http_status}`)
  if (row.aws_request_id !== served.request_id) found.push('another aws_request_id')
  return found
}

/** A caller who says what nobody may say is told so, never sent on, and on record. */
function refusalDifferences({ attempt, served, row }: Witnessed): string[] {
  const { status, refusal } = attempt.received
  const found: string[] = []
  if (served !== null) found.push('was sent on, though its dimensions are invalid')
  if (status !== null && refusal !== 'dimension') found.push(`answered ${status} ${refusal}`)
  if (status !== null && row?.refusal !== 'dimension') found.push('the refusal is not on record')
  if (row !== null && row.cost_usd !== '0') found.push(`a refusal that costs ${row.cost_usd}`)
  return found
}

function expectedEnds(served: SimulatedCall): string[] {
  if (served.error_type !== null) return [STATUS_OF_ERROR[served.error_type] ?? 'unknown']
  if (served.completed) return ['ok']
  return ['interrupted by upstream']
}

/** True where the ledger has no excuse: the whole answer, usage included, went through it. */
export function mustBeExact({ attempt, served }: Witnessed): boolean {
  if (served === null || !served.completed) return false
  if (attempt.planned.stream && attempt.planned.leaving !== 'never') return false
  return !(attempt.planned.stream && HIDES_USAGE.test(served.fault ?? ''))
}

export function exactDifferences(entry: Witnessed): string[] {
  const { served, row } = entry
  if (served === null || row === null) return []
  const found = [...identityDifferences(served, row), ...arithmeticDifferences(row)]
  const isEstimate = row.usage_source === 'estimated'
  if (!isEstimate) return [...found, ...usageDifferences(served, row)]
  if (mustBeExact(entry)) found.push('is estimated, though the answer was whole')
  return found
}

function identityDifferences(served: SimulatedCall, row: ApiCall): string[] {
  const found: string[] = []
  const same = (field: keyof ApiCall, actual: unknown, expected: unknown): void => {
    if (actual !== expected) found.push(`${field} ${String(actual)}, not ${String(expected)}`)
  }
  same('model_requested', row.model_requested, served.model_requested)
  same('region', row.region, served.region)
  same('stream', row.stream, served.stream)
  same('model_id', row.model_id, served.model_id)
  same('scope', row.scope, served.scope)
  if (served.tier !== null && row.aws_request_id !== null) same('tier', row.tier, served.tier)
  return found
}

/** Charges add up to the cost, and each is its quantity times its rate. */
function arithmeticDifferences(row: ApiCall): string[] {
  if (row.cost_usd === null) {
    return row.unpriced_reason === null ? ['neither a cost nor a reason why not'] : []
  }
  const sum = sumMoney(row.charges.map((charge) => mustOk(parseUsd(charge.amount_usd))))
  return sum === mustOk(parseUsd(row.cost_usd)) ? [] : ['the charges do not add up to the cost']
}

function usageDifferences(served: SimulatedCall, row: ApiCall): string[] {
  const found: string[] = []
  const failed = served.status >= 400
  const expected = {
    input_tokens: served.usage?.input ?? 0,
    output_tokens: served.usage?.output ?? 0,
    cache_read_tokens: served.usage?.cache_read ?? 0,
    cache_write_5m_tokens: served.usage?.cache_write_5m ?? 0,
    cache_write_30m_tokens: 0,
    cache_write_1h_tokens: served.usage?.cache_write_1h ?? 0,
  } as const
  for (const [field, count] of Object.entries(expected)) {
    if (row[field] !== count) found.push(`${field} ${String(row[field])}, not ${count}`)
  }
  if (Object.keys(row.other_usage).length > 0) found.push('other usage than tokens')
  const cost = failed ? '0' : served.model_id === UNPRICED_MODEL ? null : served.cost_usd
  if (row.cost_usd !== cost) {
    found.push(`cost ${row.cost_usd} (${row.unpriced_reason}), not ${cost}`)
  }
  return found
}
