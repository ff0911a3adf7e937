// Lays what the simulator served beside what the ledger says and lists every difference, in words. A served call and its row are
// joined by Bedrock's request id; where the answer's head never reached the gateway, by invocation id and attempt, which
// the simulator records and the ledger keeps as `logical_id` and `attempt`.

import type { SimulatedCall } from '@ledgerock/bedrock-simulator'
import type { Attempt } from './drive-traffic.ts'
import type { ApiCall } from './ledger-api.ts'
import { exactDifferences, OWN_ANSWERS, statusDifferences } from './call-differences.ts'
import { attributionDifferences } from './attribution-differences.ts'

export type Evidence = {
  readonly served: readonly SimulatedCall[]
  readonly attempts: readonly Attempt[]
  readonly rows: readonly ApiCall[]
}

/** One attempt as its client, Bedrock and the ledger saw it. */
export type Witnessed = {
  readonly attempt: Attempt
  /** Null where the call never reached Bedrock. */
  readonly served: SimulatedCall | null
  /** Null where the ledger does not know it. */
  readonly row: ApiCall | null
}

export type Joined = {
  readonly witnessed: readonly Witnessed[]
  /** What could not be joined, or only ambiguously. */
  readonly differences: readonly string[]
}

export function joinEvidence({ served, attempts, rows }: Evidence): Joined {
  const differences: string[] = []
  const index = <Value>(what: string, values: readonly Value[], key: (value: Value) => string) => {
    const map = new Map<string, Value>()
    for (const value of values) {
      if (map.has(key(value))) differences.push(`${what} ${key(value)} is there twice`)
      map.set(key(value), value)
    }
    return map
  }
  index('call_id', rows, (row) => row.call_id)
  const identified = rows.filter((row) => row.aws_request_id !== null)
  const rowOfRequest = index('aws_request_id', identified, (row) => row.aws_request_id as string)
  const rowOfAttempt = index('row of', rows, (row) => attemptKey(row.logical_id, row.attempt))
  const servedOf = index('served call of', served, servedKey)
  const attemptOf = index('attempt', attempts, (made) =>
    attemptKey(made.planned.logicalId, made.attempt),
  )
  for (const call of served) {
    if (!attemptOf.has(servedKey(call))) differences.push(`nobody made ${servedKey(call)}`)
    const row = rowOfAttempt.get(servedKey(call))
    if (row === undefined) differences.push(`lost: ${servedKey(call)} ${call.request_id}`)
    else if (row.aws_request_id !== null && rowOfRequest.get(call.request_id) !== row) {
      differences.push(`${servedKey(call)} has the request id of another call`)
    }
  }
  for (const row of rows) {
    const key = attemptKey(row.logical_id, row.attempt)
    if (!attemptOf.has(key)) differences.push(`a row nobody called for: ${key}`)
    if (servedOf.has(key) || row.status === 'refused') continue
    if (row.status !== 'interrupted' || row.aws_request_id !== null) {
      differences.push(`a row without a served call: ${key} ${row.status}`)
    }
  }
  const witnessed = attempts.map((attempt) => {
    const key = attemptKey(attempt.planned.logicalId, attempt.attempt)
    return { attempt, served: servedOf.get(key) ?? null, row: rowOfAttempt.get(key) ?? null }
  })
  return { witnessed, differences }
}

/** Everything in which client, Bedrock and ledger disagree on the attempts. */
export function differencesOf(witnessed: readonly Witnessed[]): string[] {
  return witnessed.flatMap((entry) => {
    const { planned, attempt } = entry.attempt
    const found = [
      ...statusDifferences(entry),
      ...exactDifferences(entry),
      ...attributionDifferences(entry),
      ...byteDifferences(entry),
    ]
    const fault = entry.served?.fault ?? 'none'
    const what = `${planned.path} (${planned.protocol}, ${fault}, leaves ${planned.leaving})`
    return found.map((text) => `${planned.logicalId}#${attempt} ${what}: ${text}`)
  })
}

/** Bytes arrive as they were sent, both ways; the answer carries its call's id and, unless it streams, its cost. */
function byteDifferences({ attempt, served, row }: Witnessed): string[] {
  const { planned, received } = attempt
  const found: string[] = []
  if (served === null) return found
  if (served.request_sha256 !== planned.bodySha256) found.push('the request was changed on its way')
  if (received.status === null) return found
  if (row !== null && received.callId !== row.call_id) {
    found.push(`the answer names call ${received.callId}`)
  }
  // Bedrock broke off before it answered: what the client has is the gateway's own answer.
  if (served.status === 0) {
    if (!OWN_ANSWERS.has(received.status)) found.push(`invented an answer ${received.status}`)
    return found
  }
  if (received.status !== served.status) found.push(`status ${received.status}`)
  if (received.complete && received.bodySha256 !== served.response_sha256) {
    found.push('the answer was changed')
  }
  const costIsSaid = !planned.stream || served.status !== 200
  if (row !== null && costIsSaid && received.costUsd !== row.cost_usd) {
    found.push(`the answer says ${received.costUsd}, the ledger ${row.cost_usd}`)
  }
  return found
}

function servedKey(call: SimulatedCall): string {
  const attempt = /attempt=(\d+)/.exec(call.headers['amz-sdk-request'] ?? '')?.[1]
  return attemptKey(call.headers['amz-sdk-invocation-id'] ?? 'nobody', Number(attempt))
}

function attemptKey(logicalId: string, attempt: number): string {
  return `${logicalId}#${attempt}`
}
