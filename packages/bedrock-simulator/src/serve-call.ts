// Serves one model call from its complete request to its closed response: opens the record, decides, and delivers the
// refusal, the answer or the fault. The path of a fault-free unary call is synchronous.

import { hash } from 'node:crypto'

import type { Answer } from './answer.ts'
import { RECORDED_HEADERS, type CallDraft, type RecordedHeader } from './call-record.ts'
import { decide, type Decision } from './decide.ts'
import type { Exchange, ResponseHeaders } from './exchange.ts'
import {
  ERROR_STATUS,
  errorTypeHeader,
  isRefusal,
  refusalBody,
  serviceRefusal,
  type Refusal,
} from './refusal.ts'
import { isConverse, isStreaming, type Route } from './route.ts'
import type { Simulation } from './simulation.ts'
import { cacheWriteTokens } from './usage.ts'
import { answerBody, answerEvents } from './write-answer.ts'
import { writeStream } from './write-stream.ts'

const JSON_TYPE = 'application/json'
const STREAM_TYPE = 'application/vnd.amazon.eventstream'

export function serveCall(
  simulation: Simulation,
  exchange: Exchange,
  route: Route,
  body: Buffer,
): void {
  const draft = openDraft(simulation, exchange, route, body)
  simulation.log.add(draft)
  // Set when the response is handed over and taken back if it then breaks, so a client that has its answer finds the
  // record complete.
  exchange.onClose((complete) => {
    if (!complete) draft.completed = false
  })
  const decision = decide(simulation, draft, exchange, body)
  if (isRefusal(decision)) {
    sendRefusal(exchange, draft, decision)
    return
  }
  const { faults, latencyMs } = decision
  if (latencyMs === 0 && faults.timeoutMs === null && faults.cutFrame === null && !draft.stream) {
    sendUnary(exchange, draft, decision)
    return
  }
  deliver(simulation, exchange, draft, decision).catch(() => exchange.cut())
}

export function sendRefusal(exchange: Exchange, draft: CallDraft, refusal: Refusal): void {
  draft.errorType = refusal.type
  const body = refusalBody(refusal, draft.modelRequested)
  const bytes = Buffer.byteLength(body)
  const headers: ResponseHeaders = {
    'content-type': JSON_TYPE,
    'content-length': bytes,
    'x-amzn-requestid': draft.requestId,
    'x-amzn-errortype': errorTypeHeader(refusal.type),
  }
  sendWhole(exchange, draft, ERROR_STATUS[refusal.type], headers, body, bytes)
}

async function deliver(
  simulation: Simulation,
  exchange: Exchange,
  draft: CallDraft,
  decision: Decision,
): Promise<void> {
  const { answer, faults, latencyMs } = decision
  if (faults.timeoutMs !== null) {
    const { timeoutMs } = faults
    await exchange.sleep(timeoutMs === 'default' ? simulation.timeoutMs : timeoutMs)
    if (!exchange.closed) sendRefusal(exchange, draft, serviceRefusal('ModelTimeoutException'))
    return
  }
  if (latencyMs > 0) await exchange.sleep(latencyMs)
  if (faults.cutFrame === 0) {
    // Lost before the model ran: nothing is billed.
    exchange.cut()
    return
  }
  if (!draft.stream) {
    if (exchange.closed) draft.usage = answer.usage
    else if (faults.cutFrame === null) sendUnary(exchange, draft, decision)
    else await sendHalf(exchange, draft, answer)
    return
  }
  draft.usage = { ...answer.usage, output: 0 }
  if (exchange.closed) return
  const events = [...answerEvents(draft.operation, answer, { withMetadata: !faults.noMetadata })]
  draft.status = 200
  exchange.head(200, streamHeaders(draft, answer))
  await writeStream(exchange, draft, answer, events, faults)
}

function sendUnary(exchange: Exchange, draft: CallDraft, { answer }: Decision): void {
  const body = answerBody(draft.operation, answer)
  const bytes = Buffer.byteLength(body)
  draft.usage = answer.usage
  sendWhole(exchange, draft, 200, unaryHeaders(draft, answer, bytes), body, bytes)
}

function sendWhole(
  exchange: Exchange,
  draft: CallDraft,
  status: number,
  headers: ResponseHeaders,
  body: string,
  bytes: number,
): void {
  draft.status = status
  draft.responseSha256 = hash('sha256', body, 'hex')
  draft.responseBytes = bytes
  draft.completed = true
  exchange.head(status, headers)
  exchange.end(body)
}

/** The model has run and is billed; its answer is lost half way. */
async function sendHalf(exchange: Exchange, draft: CallDraft, answer: Answer): Promise<void> {
  const body = Buffer.from(answerBody(draft.operation, answer))
  const half = body.subarray(0, body.length >> 1)
  draft.usage = answer.usage
  draft.status = 200
  draft.responseSha256 = hash('sha256', half, 'hex')
  draft.responseBytes = half.length
  exchange.head(200, unaryHeaders(draft, answer, body.length))
  await exchange.writeThenCut(half)
}

function unaryHeaders(draft: CallDraft, answer: Answer, bytes: number): ResponseHeaders {
  const headers: ResponseHeaders = {
    'content-type': JSON_TYPE,
    'content-length': bytes,
    'x-amzn-requestid': draft.requestId,
  }
  if (isConverse(draft.operation)) return headers
  const { usage, generation, caching, model } = answer
  headers['x-amzn-bedrock-invocation-latency'] = generation.latencyMs
  headers['x-amzn-bedrock-input-token-count'] = usage.input
  if (answer.embedding === null) headers['x-amzn-bedrock-output-token-count'] = usage.output
  if (caching && model.cache !== null) {
    headers['x-amzn-bedrock-cache-read-input-token-count'] = usage.cacheRead
    headers['x-amzn-bedrock-cache-write-input-token-count'] = cacheWriteTokens(usage)
  }
  addServiceHeaders(headers, answer)
  return headers
}

function streamHeaders(draft: CallDraft, answer: Answer): ResponseHeaders {
  const headers: ResponseHeaders = {
    'content-type': STREAM_TYPE,
    'x-amzn-requestid': draft.requestId,
  }
  if (isConverse(draft.operation)) return headers
  headers['x-amzn-bedrock-content-type'] = JSON_TYPE
  addServiceHeaders(headers, answer)
  return headers
}

function addServiceHeaders(headers: ResponseHeaders, { tier, performance }: Answer): void {
  headers['x-amzn-bedrock-service-tier'] = tier
  if (performance !== null) headers['x-amzn-bedrock-performanceconfig-latency'] = performance
}

function openDraft(
  simulation: Simulation,
  exchange: Exchange,
  { operation, modelPath }: Route,
  body: Buffer,
): CallDraft {
  return {
    ordinal: 0,
    requestId: simulation.nextRequestId(),
    atMs: simulation.clock.now(),
    protocol: exchange.protocol,
    operation,
    modelPath,
    accountId: simulation.accountId,
    stream: isStreaming(operation),
    headers: recordedHeaders(exchange),
    requestSha256: hash('sha256', body, 'hex'),
    requestBytes: body.length,
    auth: 'none',
    accessKeyId: null,
    keyFingerprint: null,
    region: '',
    modelRequested: null,
    resolved: null,
    tierAsked: null,
    tierResolved: null,
    performance: null,
    requestMetadata: null,
    fault: null,
    status: 0,
    errorType: null,
    usage: null,
    responseSha256: null,
    responseBytes: 0,
    completed: false,
  }
}

function recordedHeaders(exchange: Exchange): CallDraft['headers'] {
  const text = (name: RecordedHeader): string | null => {
    const value = exchange.headers[name]
    return typeof value === 'string' ? value : null
  }
  const [invocation, attempt, agent, metadata] = RECORDED_HEADERS
  return {
    [invocation]: text(invocation),
    [attempt]: text(attempt),
    [agent]: text(agent),
    [metadata]: text(metadata),
  }
}
