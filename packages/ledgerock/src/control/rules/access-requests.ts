// Requests for access to a model: asked for with a reason and an end, approved or denied with a reason by an admin who is somebody
// else, withdrawn by whoever asked or by an admin. An approved one is a grant in the policy until its end, which needs nobody.

import type { ProblemError } from '@ledgerock/contract'
import type { DimensionRules } from '../../attribution/dimension-rule.ts'
import { parseModelId } from '../../bedrock/model-id.ts'
import { base62 } from '../../governance/credential/base62.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import { requestView, type AccessRequestView } from './access-request-view.ts'
import {
  DECISION_VERBS,
  decidesAlone,
  decisionRefusal,
  hasNoOtherAdmin,
  hasTooMany,
  PENDING_MAX,
  readUntil,
  type DecisionCodes,
} from './decide-request.ts'
import { governanceProblem, type GovernanceProblem } from './governance-problem.ts'
import { checkRuleScope, isWithinOwn, scopeFaults } from './governed-scope.ts'
import { ID_BYTES, ID_CHARS, type Asker } from './pauses.ts'
import type { Delivery, PolicyPublisher } from '../policy/policy-publisher.ts'
import { readScope, type WrittenScope } from '../people/scope.ts'
import type { Decided, StoredAccessRequest } from '../store/access-request-table.ts'
import type { Json } from '../store/canonical-json.ts'
import type { ControlStore, ControlWrites } from '../store/control-store.ts'

const CODES: DecisionCodes = {
  expired: 'access_request_expired',
  decided: 'access_request_decided',
}
const MODEL = /^[\w.:/*-]{1,256}$/

export type NewAccessRequest = {
  readonly model: string
  readonly scope: WrittenScope
  /** A date, a timestamp or a time from now such as `30d`. */
  readonly until: string
  readonly reason: string
}

type Answer = Promise<Result<AccessRequestView, GovernanceProblem>>
type Delivered = Promise<Result<AccessRequestView & Delivery, GovernanceProblem>>

export type AccessRequestService = {
  /** Those within the reader's own scope, newest first. */
  readonly list: (own: Asker['scope']) => Promise<readonly AccessRequestView[]>
  readonly ask: (asker: Asker, request: NewAccessRequest) => Answer
  readonly approve: (asker: Asker, requestId: string, reason: string) => Delivered
  readonly deny: (asker: Asker, requestId: string, reason: string) => Answer
  /** Also ends what was approved. */
  readonly withdraw: (asker: Asker, requestId: string, reason: string | null) => Delivered
}

export type AccessRequestServiceDeps = {
  readonly store: ControlStore
  readonly publisher: Pick<PolicyPublisher, 'publish'>
  readonly random: (bytes: number) => Uint8Array
  readonly clock: Clock
  readonly rules: () => DimensionRules
  /** Whether there is a base model of this id or pattern. */
  readonly knowsModel: (pattern: string) => boolean
}

export function createAccessRequestService(deps: AccessRequestServiceDeps): AccessRequestService {
  return {
    async list(own) {
      const nowMs = deps.clock.now()
      const requests = await deps.store.read.accessRequests.list()
      return requests
        .filter(({ scope }) => isWithinOwn(own, scope))
        .map((request) => requestView(request, nowMs))
    },
    ask: (asker, request) => ask(deps, asker, request),
    async approve(asker, requestId, reason) {
      const decided = await decide(deps, asker, requestId, { state: 'approved', reason })
      if (!decided.ok) return decided
      return ok({ ...decided.value, ...(await deps.publisher.publish()) })
    },
    deny: (asker, requestId, reason) => decide(deps, asker, requestId, { state: 'denied', reason }),
    async withdraw(asker, requestId, reason) {
      const decided = await decide(deps, asker, requestId, { state: 'withdrawn', reason })
      if (!decided.ok) return decided
      return ok({ ...decided.value, ...(await deps.publisher.publish()) })
    },
  }
}

async function ask(
  deps: AccessRequestServiceDeps,
  asker: Asker,
  input: NewAccessRequest,
): ReturnType<AccessRequestService['ask']> {
  const nowMs = deps.clock.now()
  const model = readModel(deps, input.model)
  const scope = readScope(input.scope)
  const until = readUntil(input.until, nowMs)
  const errors = [
    ...(model.ok ? [] : [{ path: 'model', message: model.problem }]),
    ...checkRuleScope(deps.rules(), scope),
    ...(until.ok ? [] : [{ path: 'until', message: until.problem }]),
  ]
  if (!model.ok || !until.ok || errors.length > 0) return err(invalid(errors))
  const outside = scopeFaults(asker.scope, scope)
  if (outside.length > 0) {
    return err(governanceProblem('forbidden', 'this reaches beyond your scope', outside))
  }
  const request: StoredAccessRequest = {
    requestId: base62(deps.random(ID_BYTES), ID_CHARS),
    model: model.value,
    scope,
    until: isoTime(until.value),
    reason: input.reason,
    state: 'pending',
    askedAt: isoTime(nowMs),
    askedBy: asker.name,
    decidedAt: null,
    decidedBy: null,
    decisionReason: null,
  }
  return deps.store.write(async (tables) => {
    if (hasTooMany(await tables.accessRequests.list(), asker.name, nowMs)) {
      return err(tooMany(asker.name))
    }
    await tables.accessRequests.insert(request)
    await tables.audit.append({
      actor: asker.name,
      action: 'access_request.ask',
      subject: request.requestId,
      before: null,
      after: facts(request),
      reason: input.reason,
    })
    return ok(requestView(request, nowMs))
  })
}

async function decide(
  deps: AccessRequestServiceDeps,
  asker: Asker,
  requestId: string,
  { state, reason }: Pick<Decided, 'state' | 'reason'>,
): Answer {
  const nowMs = deps.clock.now()
  return deps.store.write(async (tables) => {
    const request = await tables.accessRequests.find(requestId)
    if (request === null || !isWithinOwn(asker.scope, request.scope)) return err(unknown(requestId))
    const users = await tables.access.users()
    const deciding = { asker, wanted: state, nowMs, isOnlyAdmin: hasNoOtherAdmin(asker, users) }
    const refused = decisionRefusal(request, deciding, CODES)
    if (refused !== null) return err(refused)
    const decided: Decided = { state, reason, at: isoTime(nowMs), by: asker.name }
    const alone = decidesAlone(request, deciding)
    return ok(requestView(await record(tables, request, decided, alone), nowMs))
  })
}

async function record(
  { accessRequests, audit }: ControlWrites,
  request: StoredAccessRequest,
  decided: Decided,
  alone: boolean,
): Promise<StoredAccessRequest> {
  const { state, reason, at, by } = decided
  await accessRequests.decide(request.requestId, decided)
  const next = { ...request, state, decidedAt: at, decidedBy: by, decisionReason: reason }
  await audit.append({
    actor: by,
    action: `access_request.${DECISION_VERBS[state]}`,
    subject: request.requestId,
    before: facts(request),
    after: { ...facts(next), ...(alone && state !== 'withdrawn' ? { only_admin: true } : {}) },
    reason,
  })
  return next
}

/** A rule lists base models, so a profile's id stands for the one behind it. */
function readModel({ knowsModel }: AccessRequestServiceDeps, text: string): Result<string, string> {
  if (!MODEL.test(text)) return err('must be a model id, or a pattern of them with *')
  const { baseModel } = parseModelId(text)
  if (baseModel === null) return err('names no base model; ask for the model behind it')
  return knowsModel(baseModel) ? ok(baseModel) : err('is no model that has a price here')
}

type Facts = { readonly [field: string]: Json }

function facts(request: StoredAccessRequest): Facts {
  const { model, scope, until, state } = request
  return { model, scope, until, state }
}

const invalid = (errors: readonly ProblemError[]): GovernanceProblem =>
  governanceProblem('invalid_request', 'this cannot be asked for', errors)
const unknown = (requestId: string): GovernanceProblem =>
  governanceProblem('access_request_unknown', `no request for access has the id ${requestId}`)
const tooMany = (name: string): GovernanceProblem =>
  governanceProblem(
    'too_many_access_requests',
    `${PENDING_MAX} requests of ${name} wait for an answer; withdraw some first`,
  )
