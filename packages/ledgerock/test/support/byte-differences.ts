// Where what a caller sent and what Bedrock got differ, and the same of the answer. The request may differ by the metadata the
// gateway injects and by nothing else: the bytes it should have are made here anew, from the caller's own and the ledger's row.

import { hash } from 'node:crypto'
import type { ApiCall } from './ledger-api.ts'
import { OWN_ANSWERS } from './call-differences.ts'
import type { Witnessed } from './witnessed.ts'
import { DIMENSIONS } from './traffic-attribution.ts'
import type { PlannedCall } from './traffic.ts'

const METADATA_HEADER = 'x-amzn-bedrock-request-metadata'

/** The answer carries its call's id and, unless it streams, its cost. */
export function byteDifferences(entry: Witnessed, injectsMetadata: boolean): string[] {
  const { attempt, served, row } = entry
  const { planned, received } = attempt
  if (served === null) return []
  const found = row === null ? [] : requestDifferences(planned, { served, row }, injectsMetadata)
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

type Sent = { readonly served: NonNullable<Witnessed['served']>; readonly row: ApiCall }

function requestDifferences(planned: PlannedCall, sent: Sent, injectsMetadata: boolean): string[] {
  const { served, row } = sent
  const expected = expectedRequest(planned, row, injectsMetadata)
  const found: string[] = []
  if (served.request_sha256 !== hash('sha256', expected.body, 'hex')) {
    found.push('the body that was sent on is not the one that was to be')
  }
  const header = served.headers[METADATA_HEADER]
  if (header !== expected.header) found.push(`metadata ${header}, not ${expected.header}`)
  // A call whose worker died has no word of its changes: its last line was never written.
  const died = row.status === 'interrupted' && row.interrupted_by === 'gateway'
  if (!died && row.changes.join() !== expected.changes.join()) {
    found.push(`changes [${row.changes.join()}], not [${expected.changes.join()}]`)
  }
  return found
}

type Expected = {
  readonly body: string
  readonly header: string | null
  readonly changes: readonly string[]
}

/** Ours stand before the caller's own, which keep every key they have. */
function expectedRequest(planned: PlannedCall, row: ApiCall, injectsMetadata: boolean): Expected {
  const { body, headers, path } = planned
  const header = headers[METADATA_HEADER] ?? null
  if (!injectsMetadata) return { body, header, changes: [] }
  const isConverse = /\/converse(-stream)?$/.test(path)
  const own = ownMetadata(planned, isConverse)
  const ours = metadataOf(planned, row)
  const dropped = Object.keys(ours).filter((key) => own !== null && key in own)
  const members = Object.entries(ours)
    .filter(([key]) => !dropped.includes(key))
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
    .join()
  const changes = ['request_metadata']
  if (dropped.length > 0) changes.push(`request_metadata_dropped:${dropped.join()}`)
  const written = own === null ? null : JSON.stringify(own)
  const spliced = written === null ? `{${members}}` : `{${members},${written.slice(1)}`
  if (!isConverse) return { body, header: spliced, changes }
  const inBody =
    written === null
      ? `{"requestMetadata":${spliced},${body.slice(1)}`
      : body.replace(`"requestMetadata":${written}`, () => `"requestMetadata":${spliced}`)
  return { body: inBody, header, changes }
}

function ownMetadata(planned: PlannedCall, isConverse: boolean): Record<string, string> | null {
  const text = planned.headers[METADATA_HEADER]
  if (!isConverse) return text === undefined ? null : (JSON.parse(text) as Record<string, string>)
  const { requestMetadata } = JSON.parse(planned.body) as {
    readonly requestMetadata?: Record<string, string>
  }
  return requestMetadata ?? null
}

function metadataOf({ intent }: PlannedCall, row: ApiCall): Readonly<Record<string, string>> {
  const known = DIMENSIONS.map((name) => [name, intent.dimensions[name] ?? 'unknown'] as const)
  return {
    ledgerock_call_id: row.call_id,
    ...Object.fromEntries(known.filter(([, value]) => value !== 'unknown')),
  }
}
