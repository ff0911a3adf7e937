// Everything that is not a model's answer: counting, guardrails, asynchronous jobs, stored responses, embeddings and lists.
// Each operation is a function from the request to a JSON answer and what it used; faults are decided before it runs, so a
// call that fails on purpose changes nothing.

import type { CallDraft } from './call-record.ts'
import { faultsOf, identify, latencyOf, readJson } from './decide.ts'
import type { Exchange } from './exchange.ts'
import type { FaultSet } from './fault.ts'
import { isRefusal, refuse, serviceRefusal, type Refusal } from './refusal.ts'
import type { Operation } from './route.ts'
import { getAsyncInvoke, listAsyncInvokes, startAsyncInvoke } from './serve-async-invoke.ts'
import { countMessageTokens, countTokens } from './serve-count-tokens.ts'
import { embed } from './serve-embeddings.ts'
import { applyGuardrail, invokeGuardrailChecks } from './serve-guardrail.ts'
import { getModel, listFiles, listFineTuningJobs, listModels } from './serve-models.ts'
import { cancelResponse, deleteResponse, getResponse } from './serve-stored-response.ts'
import type { Simulation } from './simulation.ts'
import type { Served } from './served.ts'
import type { ServiceRequest } from './service-request.ts'

export type ServiceDecision = {
  readonly kind: 'service'
  readonly run: () => Served | Refusal
  readonly faults: FaultSet
  readonly latencyMs: number
}

type Serve = (request: ServiceRequest) => Served | Refusal

const SERVE: { readonly [Name in Operation]?: Serve } = {
  CountTokens: countTokens,
  CountMessageTokens: countMessageTokens,
  ApplyGuardrail: applyGuardrail,
  InvokeGuardrailChecks: invokeGuardrailChecks,
  StartAsyncInvoke: startAsyncInvoke,
  GetAsyncInvoke: getAsyncInvoke,
  ListAsyncInvokes: listAsyncInvokes,
  GetResponse: getResponse,
  DeleteResponse: deleteResponse,
  CancelResponse: cancelResponse,
  Embeddings: embed,
  ListModels: listModels,
  GetModel: getModel,
  Files: listFiles,
  FineTuning: listFineTuningJobs,
}

export function decideService(
  simulation: Simulation,
  draft: CallDraft,
  exchange: Exchange,
  bytes: Buffer,
): ServiceDecision | Refusal {
  const refused = identify(simulation, draft, exchange)
  if (refused !== null) return refused
  const serve = SERVE[draft.operation]
  if (serve === undefined) return refuse('UnknownOperationException', 'Unknown operation')
  const isJson = exchange.headers['content-type']?.startsWith('multipart/') !== true
  const body = bytes.length === 0 || !isJson ? {} : readJson(bytes)
  if (isRefusal(body)) return body
  const faults = faultsOf(simulation, draft, exchange)
  if (isRefusal(faults)) return faults
  draft.fault = faults.label
  if (faults.error !== null) return serviceRefusal(faults.error)
  const query = new URLSearchParams(exchange.query)
  const request = { simulation, draft, query, body, exchange }
  return {
    kind: 'service',
    run: () => serve(request),
    faults,
    latencyMs: faults.latencyMs + latencyOf(simulation, draft),
  }
}
