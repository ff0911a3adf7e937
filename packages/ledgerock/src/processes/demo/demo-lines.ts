// A call of the demo's past as the gateway would have written it: the two lines of its journal, priced by the price book. What the
// simulated month does not say of a call (its feature, tenant, how long it took) follows from its id.

import { createHash } from 'node:crypto'
import type { BilledCall } from '@ledgerock/bedrock-simulator'
import type { Operation } from '../../bedrock/operation.ts'
import type { MeteredUsage } from '../../bedrock/usage/usage-meter.ts'
import { settledLine } from '../../gateway/attempt/settle.ts'
import type { OpenedLine, SettledLine } from '../../journal/line.ts'
import { uuidV7 } from '../../kernel/ids.ts'
import { resolveModel, type ModelIdentity } from '../../pricing/model-catalog.ts'
import type { PriceBook } from '../../pricing/price-book.ts'

export type PastCall = {
  readonly opened: OpenedLine
  readonly settle: (openedSeq: number) => SettledLine
}

/** Null: the gateway never saw it. */
export function pastCall(book: PriceBook, call: BilledCall): PastCall | null {
  const { meteredUsage, owner } = call
  if (meteredUsage === null || owner === null) return null
  const draw = createHash('sha256').update(call.id).digest()
  const operation = operationOf(call)
  const isStream = operation === 'converse-stream'
  const modelRequested =
    call.operation === 'inference' ? (call.inferenceProfile ?? call.modelId) : guardrailOf(call)
  const identity = resolveModel(book, modelRequested)
  const told = { ...detailsOf(owner['application'] ?? '', draw), environment: 'prod' }
  const dimensions = { ...told, ...owner }
  const callId = uuidV7(call.atMs, draw)
  const opened: OpenedLine = {
    kind: 'opened',
    callId,
    logicalId: callId,
    attempt: 1,
    startedAt: call.atMs,
    operation,
    endpoint: call.endpoint,
    stream: isStream,
    accountId: call.accountId,
    region: call.region,
    modelRequested,
    modelId: identity.modelId,
    inferenceProfile: identity.inferenceProfile,
    scope: identity.scope,
    tier: call.tier,
    traceId: null,
    keyName: owner['application'] ?? null,
    principalArn: null,
    billedPrincipalArn: call.principal,
    billedAccountId: call.accountId,
    dimensions,
    attributes: {},
    provenance: Object.fromEntries(
      Object.keys(dimensions).map((name) => [name, KEY_SAYS.has(name) ? 'key' : 'header']),
    ),
    conflicts: [],
    inputEstimate: meteredUsage.input,
    policyVersion: 1,
    boundUsd: null,
    boundTokens: null,
    budgets: [],
  }
  return { opened, settle: (seq) => settled(book, call, opened, identity, draw, seq) }
}

const KEY_SAYS: ReadonlySet<string> = new Set(['team', 'application', 'environment'])

function settled(
  book: PriceBook,
  call: BilledCall,
  opened: OpenedLine,
  identity: ModelIdentity,
  draw: Uint8Array,
  openedSeq: number,
): SettledLine {
  const { input, output, cache_read, cache_write_5m, cache_write_1h, other, variant } =
    call.meteredUsage ?? call.usage
  const counts = { input, output, cache_read, cache_write_5m, cache_write_1h, ...other }
  const used = Object.entries(counts).filter(([, count]) => (count ?? 0) > 0)
  const usage = Object.fromEntries(used) as MeteredUsage
  const isInterrupted = output !== call.usage.output
  const firstByteMs = 180 + (draw[10] ?? 0) * 3
  const latencyMs = firstByteMs + output * 6
  return settledLine(
    book,
    opened,
    openedSeq,
    identity,
    {
      status: isInterrupted ? 'interrupted' : 'ok',
      interruptedBy: isInterrupted ? 'client' : null,
      refusal: null,
      httpStatus: 200,
      errorType: null,
      awsRequestId: call.id,
      usage,
      variant,
      free: false,
      usageSource: isInterrupted ? 'estimated' : 'response',
      rawUsage: null,
      tierResolved: null,
      tierUnknown: false,
    },
    {
      endedAt: call.atMs + latencyMs,
      latencyMs,
      firstByteMs,
      gatewayOverheadUs: 300 + (draw[11] ?? 0),
    },
    opened.stream || opened.operation === 'converse' ? ['request_metadata'] : [],
  )
}

function operationOf({ operation, endpoint, usage, stream }: BilledCall): Operation {
  if (operation !== 'inference') return 'apply-guardrail'
  if (endpoint === 'mantle') return 'chat-completions'
  if (usage.output === 0) return 'invoke'
  return stream ? 'converse-stream' : 'converse'
}

/** `arn:…:guardrail/gr1` → `guardrail/gr1/1` */
function guardrailOf({ resourceId }: BilledCall): string {
  return `${resourceId.slice(resourceId.lastIndexOf(':') + 1)}/1`
}

/** What the applications say of their calls in headers. */
const DETAILS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'search-api': { feature: ['answer-cards', 'query-rewrite', 'suggestions'] },
  ranker: { feature: ['rerank'], workflow_id: ['nightly-index', 'hourly-index'] },
  helpdesk: { feature: ['reply-draft', 'triage'], tenant_id: ['acme', 'globex', 'initech'] },
  'call-notes': { feature: ['summary'], tenant_id: ['acme', 'globex', 'umbrella'] },
  notebooks: { feature: ['exploration'], user_id: ['ada', 'grace', 'edsger'] },
  evaluation: { feature: ['scoring'], workflow_id: ['nightly-eval', 'regression'] },
  'developer-portal': { feature: ['code-review', 'chat'] },
}

export function detailsOf(application: string, draw: Uint8Array): Readonly<Record<string, string>> {
  const entries = Object.entries(DETAILS[application] ?? {})
  return Object.fromEntries(
    entries.map(([name, values], index) => {
      const place = (draw[12 + index] ?? 0) % values.length
      return [name, values[place] ?? '']
    }),
  )
}
