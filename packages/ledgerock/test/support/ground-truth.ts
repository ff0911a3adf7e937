// Lays what the simulator served beside what the ledger says and lists every difference, in words. A served call and its row are
// joined by Bedrock's request id; where the answer's head never reached the gateway, by invocation id and attempt, which
// the simulator records and the ledger keeps as `logical_id` and `attempt`.

import type { SimulatedCall } from '@ledgerock/bedrock-simulator'
import type { Attempt } from './drive-traffic.ts'
import type { ApiCall } from './ledger-api.ts'
import type { Received } from './wire-client.ts'
import type { Witnessed } from './witnessed.ts'
import { attributionDifferences } from './attribution-differences.ts'
import { byteDifferences } from './byte-differences.ts'
import { exactDifferences, statusDifferences } from './call-differences.ts'

export type Evidence = {
  readonly served: readonly SimulatedCall[]
  readonly attempts: readonly Attempt[]
  readonly rows: readonly ApiCall[]
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
  const servedOf = Map.groupBy(served, servedKey)
  const witnessed = attempts.flatMap((attempt) =>
    triesOf(attempt, servedOf.get(keyOf(attempt)) ?? [], rowOfAttempt),
  )
  for (const calls of servedOf.values()) differences.push(...unduePersistence(calls))
  const entryOf = index('attempt', witnessed, (entry) => keyOf(entry.attempt))
  const known = new Set(witnessed.map((entry) => entry.served))
  for (const call of served) {
    if (!known.has(call)) differences.push(`nobody made ${servedKey(call)}`)
  }
  for (const { attempt, served: call, row } of witnessed) {
    if (call === null) continue
    if (row === null) differences.push(`lost: ${keyOf(attempt)} ${call.request_id}`)
    else if (row.aws_request_id !== null && rowOfRequest.get(call.request_id) !== row) {
      differences.push(`${keyOf(attempt)} has the request id of another call`)
    }
  }
  for (const row of rows) {
    const key = attemptKey(row.logical_id, row.attempt)
    const entry = entryOf.get(key)
    if (entry === undefined) differences.push(`a row nobody called for: ${key}`)
    if ((entry?.served ?? null) !== null || row.status === 'refused') continue
    if (row.status !== 'interrupted' || row.aws_request_id !== null) {
      differences.push(`a row without a served call: ${key} ${row.status}`)
    }
  }
  return { witnessed, differences }
}

/**
 * What came of one request: several attempts where the gateway itself tried again, each with a number of its own, counted on
 * from the client's. Only the last one's answer is the client's; of those before it the client hears nothing.
 */
function triesOf(
  attempt: Attempt,
  served: readonly SimulatedCall[],
  rowOfAttempt: ReadonlyMap<string, ApiCall>,
): Witnessed[] {
  const count = Math.max(1, served.length)
  return Array.from({ length: count }, (_, index) => {
    const numbered = { ...attempt, attempt: attempt.attempt + index }
    const isLast = index === count - 1
    return {
      attempt: isLast ? numbered : { ...numbered, received: UNSAID },
      served: served[index] ?? null,
      row: rowOfAttempt.get(keyOf(numbered)) ?? null,
    }
  })
}

/** What Bedrock says no to may be tried again; what it served, or may have, must not be. */
const REFUSED = new Set([429, 500, 503])

function unduePersistence(calls: readonly SimulatedCall[]): string[] {
  return calls
    .slice(0, -1)
    .filter((call) => !REFUSED.has(call.status))
    .map((call) => `${servedKey(call)} was tried again after status ${call.status}`)
}

const UNSAID: Received = {
  status: null,
  callId: null,
  costUsd: null,
  refusal: null,
  bodySha256: '',
  complete: false,
}

/** Everything in which client, Bedrock and ledger disagree on the attempts. */
export function differencesOf(witnessed: readonly Witnessed[], injectsMetadata = true): string[] {
  return witnessed.flatMap((entry) => {
    const { planned, attempt } = entry.attempt
    const found = [
      ...statusDifferences(entry),
      ...exactDifferences(entry),
      ...attributionDifferences(entry),
      ...byteDifferences(entry, injectsMetadata),
    ]
    const fault = entry.served?.fault ?? 'none'
    const what = `${planned.path} (${planned.protocol}, ${fault}, leaves ${planned.leaving})`
    return found.map((text) => `${planned.logicalId}#${attempt} ${what}: ${text}`)
  })
}

function servedKey(call: SimulatedCall): string {
  const attempt = /attempt=(\d+)/.exec(call.headers['amz-sdk-request'] ?? '')?.[1]
  return attemptKey(call.headers['amz-sdk-invocation-id'] ?? 'nobody', Number(attempt))
}

function keyOf({ planned, attempt }: Attempt): string {
  return attemptKey(planned.logicalId, attempt)
}

function attemptKey(logicalId: string, attempt: number): string {
  return `${logicalId}#${attempt}`
}
