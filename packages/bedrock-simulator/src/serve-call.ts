// Serves one call from its complete request to its closed response: opens the record, decides, and delivers the refusal, the
// answer or the fault. The path of a fault-free unary call is synchronous.

import { hash } from 'node:crypto'

import type { Answer } from './answer.ts'
import type { CallDraft } from './call-record.ts'
import { decide, decideWire, type Decision } from './decide.ts'
import type { Exchange, ResponseHeaders } from './exchange.ts'
import { EVENT_STREAM_TYPE, SSE_TYPE } from './framing.ts'
import { openDraft } from './open-draft.ts'
import { isRefusal, serviceRefusal, type Refusal } from './refusal.ts'
import { refusalReply } from './refusal-body.ts'
import { isConverse, type Operation, type Route } from './route.ts'
import { decideService, type ServiceDecision } from './serve-service.ts'
import type { Simulation } from './simulation.ts'
import { tokenCountHeaders } from './token-count-headers.ts'
import type { Usage } from './usage.ts'
import { replyBody, replyEvents, storeReply } from './write-reply.ts'
import { writeStream } from './write-stream.ts'

const JSON_TYPE = 'application/json'

/** A call of a model, or of another operation of the service. */
type Decided = Decision | ServiceDecision

/** One response, complete and not yet sent. */
type Whole = {
  readonly status: number
  readonly headers: ResponseHeaders
  readonly body: string
  readonly bytes: number
  readonly usage: Usage | null
}

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
  const decided = decidedBy(route.operation)(simulation, draft, exchange, body)
  if (isRefusal(decided)) {
    sendRefusal(exchange, draft, decided)
    return
  }
  const { faults, latencyMs } = decided
  if (latencyMs === 0 && faults.timeoutMs === null && faults.cutFrame === null && !draft.stream) {
    sendUnary(simulation, exchange, draft, decided)
    return
  }
  deliver(simulation, exchange, draft, decided).catch(() => exchange.cut())
}

type Decide = (
  simulation: Simulation,
  draft: CallDraft,
  exchange: Exchange,
  body: Buffer,
) => Decided | Refusal

function decidedBy(operation: Operation): Decide {
  switch (operation) {
    case 'Converse':
    case 'ConverseStream':
    case 'InvokeModel':
    case 'InvokeModelWithResponseStream':
      return decide
    case 'ChatCompletions':
    case 'Responses':
    case 'CompactResponse':
    case 'Messages':
      return decideWire
    default:
      return decideService
  }
}

function sendRefusal(exchange: Exchange, draft: CallDraft, refusal: Refusal): void {
  draft.errorType = refusal.type
  const { family, requestId, modelRequested: model } = draft
  const { status, headers, body } = refusalReply(refusal, { family, requestId, model })
  const bytes = Buffer.byteLength(body)
  sendWhole(exchange, draft, { status, headers, body, bytes, usage: null })
}

async function deliver(
  simulation: Simulation,
  exchange: Exchange,
  draft: CallDraft,
  decided: Decided,
): Promise<void> {
  const { faults, latencyMs } = decided
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
  if (!draft.stream || decided.kind === 'service') {
    await deliverUnary(simulation, exchange, draft, decided)
    return
  }
  const { answer, wire } = decided
  draft.usage = { ...answer.usage, output: 0 }
  if (exchange.closed) return
  const options = { withMetadata: !faults.noMetadata }
  const events = [...replyEvents(draft, answer, wire, options)]
  draft.status = 200
  exchange.head(200, streamHeaders(draft, answer))
  storeReply(simulation, draft, answer, wire)
  await writeStream(exchange, draft, answer.usage, events, faults)
}

async function deliverUnary(
  simulation: Simulation,
  exchange: Exchange,
  draft: CallDraft,
  decided: Decided,
): Promise<void> {
  if (!exchange.closed && decided.faults.cutFrame === null) {
    sendUnary(simulation, exchange, draft, decided)
    return
  }
  const whole = wholeOf(simulation, draft, decided)
  if (isRefusal(whole)) {
    if (!exchange.closed) sendRefusal(exchange, draft, whole)
    return
  }
  // The model has run and is billed, whether or not anybody is left to read its answer.
  draft.usage = whole.usage
  if (!exchange.closed) await sendHalf(exchange, draft, whole)
}

function sendUnary(
  simulation: Simulation,
  exchange: Exchange,
  draft: CallDraft,
  decided: Decided,
): void {
  const whole = wholeOf(simulation, draft, decided)
  if (isRefusal(whole)) sendRefusal(exchange, draft, whole)
  else sendWhole(exchange, draft, whole)
}

function wholeOf(simulation: Simulation, draft: CallDraft, decided: Decided): Whole | Refusal {
  if (decided.kind === 'service') {
    const served = decided.run()
    if (isRefusal(served)) return served
    const { status, body, usage } = served
    const bytes = Buffer.byteLength(body)
    return { status, headers: plainHeaders(draft, bytes), body, bytes, usage }
  }
  const { answer, wire } = decided
  const body = replyBody(draft, answer, wire)
  const bytes = Buffer.byteLength(body)
  storeReply(simulation, draft, answer, wire)
  const headers = answerHeaders(draft, answer, bytes)
  return { status: 200, headers, body, bytes, usage: answer.usage }
}

function sendWhole(exchange: Exchange, draft: CallDraft, whole: Whole): void {
  const { status, headers, body, bytes, usage } = whole
  draft.usage = usage
  draft.status = status
  draft.responseSha256 = hash('sha256', body, 'hex')
  draft.responseBytes = bytes
  draft.completed = true
  exchange.head(status, headers)
  exchange.end(body)
}

/** The answer is lost half way. */
async function sendHalf(exchange: Exchange, draft: CallDraft, whole: Whole): Promise<void> {
  const body = Buffer.from(whole.body)
  const half = body.subarray(0, body.length >> 1)
  draft.status = whole.status
  draft.responseSha256 = hash('sha256', half, 'hex')
  draft.responseBytes = half.length
  exchange.head(whole.status, whole.headers)
  await exchange.writeThenCut(half)
}

function plainHeaders({ requestId, family }: CallDraft, bytes: number): ResponseHeaders {
  const headers: ResponseHeaders = {
    'content-type': JSON_TYPE,
    'content-length': bytes,
    'x-amzn-requestid': requestId,
  }
  if (family !== 'bedrock') headers[family === 'openai' ? 'x-request-id' : 'request-id'] = requestId
  return headers
}

function answerHeaders(draft: CallDraft, answer: Answer, bytes: number): ResponseHeaders {
  const headers = plainHeaders(draft, bytes)
  if (isConverse(draft.operation) || draft.family !== 'bedrock') return headers
  headers['x-amzn-bedrock-invocation-latency'] = answer.generation.latencyMs
  Object.assign(headers, tokenCountHeaders(answer))
  addServiceHeaders(headers, answer)
  return headers
}

function streamHeaders(draft: CallDraft, answer: Answer): ResponseHeaders {
  const { family, requestId } = draft
  if (family !== 'bedrock') {
    return {
      'content-type': `${SSE_TYPE}; charset=utf-8`,
      'cache-control': 'no-cache',
      'x-amzn-requestid': requestId,
      [family === 'openai' ? 'x-request-id' : 'request-id']: requestId,
    }
  }
  const headers: ResponseHeaders = {
    'content-type': EVENT_STREAM_TYPE,
    'x-amzn-requestid': requestId,
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
