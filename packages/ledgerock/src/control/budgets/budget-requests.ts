// Requests for more of a budget, once: asked for with a reason and an end, approved or denied with a reason by an admin who is somebody
// else, withdrawn by whoever asked or by an admin. An approved one raises the limit in the policy until its end, which needs nobody.

import type { ProblemError } from '@ledgerock/contract'
import type { DimensionRules } from '../../attribution/dimension-rule.ts'
import { base62 } from '../../governance/credential/base62.ts'
import type { Budget } from '../../governance/budget/budget.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import { readAmount, writtenAmount } from './budget-amount.ts'
import { budgetRequestView, type BudgetRequestView } from './budget-request-view.ts'
import { counterScope } from './budget-scope.ts'
import { budgetsOf } from './budgets-in-force.ts'
import {
  DECISION_VERBS,
  decidesAlone,
  decisionRefusal,
  hasNoOtherAdmin,
  hasTooMany,
  PENDING_MAX,
  readUntil,
  type DecisionCodes,
} from '../rules/decide-request.ts'
import { governanceProblem, type GovernanceProblem } from '../rules/governance-problem.ts'
import { checkRuleScope, concerns, isWithinOwn, scopeFaults } from '../rules/governed-scope.ts'
import { ID_BYTES, ID_CHARS, type Asker } from '../rules/pauses.ts'
import type { Delivery, PolicyPublisher } from '../policy/policy-publisher.ts'
import type { Decided } from '../store/access-request-table.ts'
import type { StoredBudgetRequest } from '../store/budget-request-table.ts'
import type { Json } from '../store/canonical-json.ts'
import type { ControlStore, ControlWrites } from '../store/control-store.ts'

const CODES: DecisionCodes = {
  expired: 'raise_request_expired',
  decided: 'raise_request_decided',
}

export type NewBudgetRequest = {
  /** Exactly one: the one in the budget's unit. */
  readonly amount_usd: string | null
  readonly amount_tokens: number | null
  /** Of the dimension the budget counts `per`; null: every counter. */
  readonly counter: string | null
  /** A date, a timestamp or a time from now such as `30d`. */
  readonly until: string
  readonly carry_over: boolean
  readonly reason: string | null
}

type Answer = Promise<Result<BudgetRequestView, GovernanceProblem>>
type Delivered = Promise<Result<BudgetRequestView & Delivery, GovernanceProblem>>

export type BudgetRequestService = {
  /** Those within the reader's own scope, newest first. */
  readonly list: (own: Asker['scope']) => Promise<readonly BudgetRequestView[]>
  readonly ask: (asker: Asker, budget: string, request: NewBudgetRequest) => Answer
  readonly approve: (asker: Asker, requestId: string, reason: string) => Delivered
  readonly deny: (asker: Asker, requestId: string, reason: string) => Answer
  /** Also ends what was approved. */
  readonly withdraw: (asker: Asker, requestId: string, reason: string | null) => Delivered
}

export type BudgetRequestServiceDeps = {
  readonly store: ControlStore
  readonly publisher: Pick<PolicyPublisher, 'publish'>
  readonly random: (bytes: number) => Uint8Array
  readonly clock: Clock
  readonly rules: () => DimensionRules
  /** As the file declares them now; those people made are in the store. */
  readonly declared: () => readonly Budget[]
}

export function createBudgetRequestService(deps: BudgetRequestServiceDeps): BudgetRequestService {
  return {
    async list(own) {
      const nowMs = deps.clock.now()
      const requests = await deps.store.read.budgetRequests.list()
      return requests
        .filter(({ scope }) => isWithinOwn(own, scope))
        .map((request) => budgetRequestView(request, nowMs))
    },
    ask: (asker, budget, request) => ask(deps, asker, budget, request),
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
  deps: BudgetRequestServiceDeps,
  asker: Asker,
  name: string,
  input: NewBudgetRequest,
): ReturnType<BudgetRequestService['ask']> {
  const nowMs = deps.clock.now()
  const budgets = budgetsOf(deps.declared(), await deps.store.read.budgets.inForce())
  const budget = budgets.find((one) => one.name === name)
  if (budget === undefined || !concerns(asker.scope, budget.scope)) return err(unknownBudget(name))
  const request = read(deps, asker, budget, input)
  if (!request.ok) return request
  const outside = scopeFaults(asker.scope, request.value.scope)
  if (outside.length > 0) {
    return err(governanceProblem('forbidden', 'this reaches beyond your scope', outside))
  }
  return deps.store.write(async (tables) => {
    if (hasTooMany(await tables.budgetRequests.list(), asker.name, nowMs)) {
      return err(tooMany(asker.name))
    }
    await tables.budgetRequests.insert(request.value)
    await tables.audit.append({
      actor: asker.name,
      action: 'budget_raise.ask',
      subject: request.value.requestId,
      before: null,
      after: facts(request.value),
      reason: input.reason,
    })
    return ok(budgetRequestView(request.value, nowMs))
  })
}

/** What is asked for, or every fault of it. */
function read(
  deps: BudgetRequestServiceDeps,
  asker: Asker,
  budget: Budget,
  input: NewBudgetRequest,
): Result<StoredBudgetRequest, GovernanceProblem> {
  const nowMs = deps.clock.now()
  const { counter, carry_over: carryOver, reason } = input
  const written = { usd: input.amount_usd, tokens: input.amount_tokens }
  const amount = readAmount(budget.unit, written)
  const until = readUntil(input.until, nowMs)
  const errors: readonly ProblemError[] = [
    ...(amount.ok ? [] : [amount.problem]),
    ...counterFaults(deps.rules(), budget, counter),
    ...(until.ok ? [] : [{ path: 'until', message: until.problem }]),
  ]
  if (!amount.ok || !until.ok || errors.length > 0) return err(invalid(errors))
  return ok({
    requestId: base62(deps.random(ID_BYTES), ID_CHARS),
    budget: budget.name,
    unit: budget.unit,
    amount: String(amount.value),
    counter,
    scope: counterScope(budget, counter),
    until: isoTime(until.value),
    carryOver,
    reason,
    state: 'pending',
    askedAt: isoTime(nowMs),
    askedBy: asker.name,
    decidedAt: null,
    decidedBy: null,
    decisionReason: null,
  })
}

function counterFaults(
  rules: DimensionRules,
  { name, scope, per }: Budget,
  counter: string | null,
): readonly ProblemError[] {
  if (counter === null) return []
  if (per === null) {
    return [{ path: 'counter', message: `${name} has one counter for its whole scope` }]
  }
  const named = Object.hasOwn(scope, per) ? scope[per] : undefined
  if (named !== undefined && !named.includes(counter)) {
    return [{ path: 'counter', message: `must be one of ${named.join(', ')}` }]
  }
  return checkRuleScope(rules, { [per]: [counter] }).map(({ message }) => {
    return { path: 'counter', message }
  })
}

async function decide(
  deps: BudgetRequestServiceDeps,
  asker: Asker,
  requestId: string,
  { state, reason }: Pick<Decided, 'state' | 'reason'>,
): Answer {
  const nowMs = deps.clock.now()
  return deps.store.write(async (tables) => {
    const request = await tables.budgetRequests.find(requestId)
    if (request === null || !isWithinOwn(asker.scope, request.scope)) return err(unknown(requestId))
    const users = await tables.access.users()
    const deciding = { asker, wanted: state, nowMs, isOnlyAdmin: hasNoOtherAdmin(asker, users) }
    const refused = decisionRefusal(request, deciding, CODES)
    if (refused !== null) return err(refused)
    const budgets = budgetsOf(deps.declared(), await tables.budgets.inForce())
    if (state === 'approved' && !fits(request, budgets)) return err(changed(request))
    const decided: Decided = { state, reason, at: isoTime(nowMs), by: asker.name }
    const alone = decidesAlone(request, deciding)
    return ok(budgetRequestView(await record(tables, request, decided, alone), nowMs))
  })
}

/** Whether the budget is still counted as it was when more was asked for. */
function fits(request: StoredBudgetRequest, budgets: readonly Budget[]): boolean {
  const budget = budgets.find(({ name }) => name === request.budget)
  if (budget === undefined || budget.unit !== request.unit) return false
  return request.counter === null || budget.per !== null
}

async function record(
  { budgetRequests, audit }: ControlWrites,
  request: StoredBudgetRequest,
  decided: Decided,
  alone: boolean,
): Promise<StoredBudgetRequest> {
  const { state, reason, at, by } = decided
  await budgetRequests.decide(request.requestId, decided)
  const next = { ...request, state, decidedAt: at, decidedBy: by, decisionReason: reason }
  await audit.append({
    actor: by,
    action: `budget_raise.${DECISION_VERBS[state]}`,
    subject: request.requestId,
    before: facts(request),
    after: { ...facts(next), ...(alone && state !== 'withdrawn' ? { only_admin: true } : {}) },
    reason,
  })
  return next
}

type Facts = { readonly [field: string]: Json }

function facts(request: StoredBudgetRequest): Facts {
  const { budget, unit, amount, counter, until, carryOver, state } = request
  return {
    budget,
    counter,
    ...writtenAmount('amount', unit, BigInt(amount)),
    until,
    carry_over: carryOver,
    state,
  }
}

const invalid = (errors: readonly ProblemError[]): GovernanceProblem =>
  governanceProblem('invalid_request', 'this cannot be asked for', errors)
export const unknownBudget = (name: string): GovernanceProblem =>
  governanceProblem('budget_unknown', `no budget is named ${name}`)
const unknown = (requestId: string): GovernanceProblem =>
  governanceProblem('raise_request_unknown', `no request for a raise has the id ${requestId}`)
const changed = ({ budget }: StoredBudgetRequest): GovernanceProblem =>
  governanceProblem('budget_changed', `${budget} is counted otherwise since, or is gone; ask anew`)
const tooMany = (name: string): GovernanceProblem =>
  governanceProblem(
    'too_many_raise_requests',
    `${PENDING_MAX} requests of ${name} wait for an answer; withdraw some first`,
  )
