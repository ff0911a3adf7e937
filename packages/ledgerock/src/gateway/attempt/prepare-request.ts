// What goes upstream for one attempt: the client's own bytes but for the changes that are switched on, each of them named. The
// changes are edits at known places, put in together, so that nothing is parsed and written anew.

import { hash } from 'node:crypto'
import { UNKNOWN, type Tier } from '@ledgerock/contract'
import { METADATA_HEADER } from '../../attribution/client-headers.ts'
import { applyEdits, type BodyEdit } from '../../bedrock/edit/body-edit.ts'
import { canonicalQuery } from '../../bedrock/canonical-query.ts'
import { canonicalUri } from '../../bedrock/canonical-uri.ts'
import {
  GUARDRAIL_ID_HEADER,
  GUARDRAIL_VERSION_HEADER,
  guardrailEdits,
  takesGuardrail,
} from '../../bedrock/edit/guardrail-edit.ts'
import type { NamedGuardrail } from '../../bedrock/edit/edit-places.ts'
import { maxTokensEdits } from '../../bedrock/edit/max-tokens-edit.ts'
import { modelEdits, modelPath } from '../../bedrock/edit/model-edit.ts'
import {
  metadataEdits,
  metadataHeader,
  takesMetadata,
} from '../../bedrock/edit/request-metadata.ts'
import { streamUsageEdits } from '../../bedrock/edit/stream-usage-edit.ts'
import { TIER_HEADER } from '../../bedrock/tier.ts'
import { takesTier, tierEdits, tierWord } from '../../bedrock/edit/tier-edit.ts'
import type { AdmittedCall } from '../admitted-call.ts'
import type { UpstreamRequest } from './upstream.ts'

export type PreparedRequest = {
  readonly request: UpstreamRequest
  /** What was changed, for the record. */
  readonly changes: readonly string[]
  /** Entries of ours that the request metadata had no room for. */
  readonly metadataDropped: number
  /** The client did not ask for the usage in its stream, so it must not see it. */
  readonly hidesUsage: boolean
}

export type Preparation = {
  readonly callId: string
  /** The model to name instead of the client's, or null. */
  readonly model: string | null
  /** The tier to ask for instead of the client's, or null. */
  readonly tier: Tier | null
  /** The maximum to state for a call that states none, or null. */
  readonly maxTokens: number | null
  readonly injectMetadata: boolean
}

const UNCHANGED: readonly string[] = []
const CALL_ID_ENTRY = 'ledgerock_call_id'

export function prepareRequest(admitted: AdmittedCall, how: Preparation): PreparedRequest {
  const { call, known, payload } = admitted
  const { route, client } = call
  const { facts } = known
  const edits: BodyEdit[] = []
  const changes: string[] = []
  let metadataDropped = 0
  let path = route.upstreamPath
  let headers: readonly string[] = client.forward

  if (how.model !== null) {
    if (route.modelRequested === null) edits.push(...modelEdits(facts, how.model))
    else path = modelPath(route, how.model)
  }
  const place = how.injectMetadata ? takesMetadata(route.operation) : null
  if (place === 'body') {
    const injected = metadataEdits(facts, metadataEntries(admitted, how.callId))
    edits.push(...injected.edits)
    metadataDropped = noteMetadata(changes, injected.edits.length > 0, injected.dropped)
  } else if (place === 'header') {
    const entries = metadataEntries(admitted, how.callId)
    const injected = metadataHeader(client.values[METADATA_HEADER], entries)
    if (injected !== null) {
      const isChanged = injected.value !== client.values[METADATA_HEADER]
      if (isChanged) headers = withHeader(headers, METADATA_HEADER, injected.value)
      metadataDropped = noteMetadata(changes, isChanged, injected.dropped)
    }
  }
  const usageEdits = facts.streamUsageAsked ? [] : streamUsageEdits(facts)
  if (usageEdits.length > 0) {
    edits.push(...usageEdits)
    changes.push('include_usage')
  }
  const { guardrail } = admitted
  if (guardrail !== null) {
    const taken = takesGuardrail(route.operation)
    // Before the others: at the same place, what comes first stands first.
    if (taken === 'body') edits.unshift(...guardrailEdits(facts, guardrail, edits))
    if (taken === 'header') headers = withGuardrail(headers, guardrail)
    changes.push('guardrail')
  }
  if (how.maxTokens !== null) {
    edits.unshift(...(maxTokensEdits(route.operation, facts.places, how.maxTokens, edits) ?? []))
    changes.push('max_tokens')
  }
  if (how.tier !== null) {
    const taken = takesTier(route.operation)
    // Before the others, as above; what of it is changed, the step says.
    if (taken === 'body') {
      edits.unshift(...tierEdits(route.operation, payload.bytes, how.tier, edits))
    }
    if (taken === 'header') headers = withHeader(headers, TIER_HEADER, tierWord(how.tier))
  }
  const body = edits.length === 0 ? payload.bytes : applyEdits(payload.bytes, edits)
  return {
    request: {
      endpoint: route.endpoint,
      method: route.method,
      path,
      canonicalPath: canonicalUri(path),
      canonicalQuery: canonicalQuery(path),
      headers,
      body,
      bodySha256: body === payload.bytes ? payload.sha256 : hash('sha256', body, 'hex'),
    },
    changes: changes.length === 0 ? UNCHANGED : changes,
    metadataDropped,
    hidesUsage: usageEdits.length > 0,
  }
}

/** The call id first: where there is little room, it is what finds the call again in AWS's own logs. */
function metadataEntries(
  { known }: AdmittedCall,
  callId: string,
): readonly (readonly [string, string])[] {
  const entries: [string, string][] = [[CALL_ID_ENTRY, callId]]
  const { dimensions } = known.who
  for (const name in dimensions) {
    const value = dimensions[name] as string
    if (value !== UNKNOWN) entries.push([name, value])
  }
  return entries
}

function noteMetadata(changes: string[], isChanged: boolean, dropped: readonly string[]): number {
  if (isChanged) changes.push('request_metadata')
  if (dropped.length > 0) changes.push(`request_metadata_dropped:${dropped.join(',')}`)
  return dropped.length
}

/** In the place of the client's own, if it has sent one. */
function withHeader(headers: readonly string[], name: string, value: string): readonly string[] {
  const changed: string[] = []
  for (let at = 0; at < headers.length; at += 2) {
    const own = headers[at] as string
    if (own.toLowerCase() !== name) changed.push(own, headers[at + 1] as string)
  }
  changed.push(name, value)
  return changed
}

/** The client has sent neither of the two: it names no guardrail. */
function withGuardrail(
  headers: readonly string[],
  { id, version }: NamedGuardrail,
): readonly string[] {
  return [...headers, GUARDRAIL_ID_HEADER, id, GUARDRAIL_VERSION_HEADER, version]
}
