// The record of a call when nothing is known of it but its request.

import { hash } from 'node:crypto'

import type { CallDraft, RecordedHeader } from './call-record.ts'
import type { Exchange } from './exchange.ts'
import { isStreaming, type Operation, type Route } from './route.ts'
import { NO_TAGS } from './sessions.ts'
import type { Simulation } from './simulation.ts'

export function openDraft(
  simulation: Simulation,
  exchange: Exchange,
  { operation, family, endpoint, modelPath }: Route,
  body: Buffer,
): CallDraft {
  return {
    ordinal: 0,
    requestId: simulation.nextRequestId(),
    atMs: simulation.clock.now(),
    protocol: exchange.protocol,
    operation,
    family,
    endpoint,
    modelPath,
    headers: recordedHeaders(exchange),
    requestSha256: hash('sha256', body, 'hex'),
    requestBytes: body.length,
    stream: isStreaming(operation),
    auth: 'none',
    accessKeyId: null,
    keyFingerprint: null,
    principalArn: null,
    sessionTags: NO_TAGS,
    accountId: simulation.accountId,
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
    variant: null,
    priced: pricedBy(operation),
    responseSha256: null,
    responseBytes: 0,
    completed: false,
  }
}

function pricedBy(operation: Operation): CallDraft['priced'] {
  switch (operation) {
    case 'ApplyGuardrail':
    case 'InvokeGuardrailChecks':
      return 'by_guardrail'
    case 'Converse':
    case 'ConverseStream':
    case 'InvokeModel':
    case 'InvokeModelWithResponseStream':
    case 'InvokeModelWithBidirectionalStream':
    case 'StartAsyncInvoke':
    case 'ChatCompletions':
    case 'Responses':
    case 'CompactResponse':
    case 'Messages':
    case 'Embeddings':
      return 'by_model'
    default:
      return 'free'
  }
}

function recordedHeaders({ headers }: Exchange): CallDraft['headers'] {
  const text = (name: RecordedHeader): string | null => {
    const value = headers[name]
    return typeof value === 'string' ? value : null
  }
  return {
    'amz-sdk-invocation-id': text('amz-sdk-invocation-id'),
    'amz-sdk-request': text('amz-sdk-request'),
    'user-agent': text('user-agent'),
    'x-amzn-bedrock-request-metadata': text('x-amzn-bedrock-request-metadata'),
    'anthropic-beta': text('anthropic-beta'),
    'anthropic-version': text('anthropic-version'),
    'anthropic-workspace': text('anthropic-workspace'),
    'anthropic-workspace-id': text('anthropic-workspace-id'),
    'openai-project': text('openai-project'),
  }
}
