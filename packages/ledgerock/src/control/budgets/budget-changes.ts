// Budgets made by people, beside those of the file: set whole, replaced, deleted, each audited and in force on all workers when the
// answer comes. Admin and finance make them for anybody, a lead for calls within the own scope, who changes none of theirs.

import type { ProblemError } from '@ledgerock/contract'
import { base62 } from '../../governance/credential/base62.ts'
import type { Budget } from '../../governance/budget/budget.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import type { BudgetTools, BudgetWords } from './budget-tools.ts'
import { unitFaults, unitsSoFar } from '../leases/budget-units.ts'
import { budgetsOf } from './budgets-in-force.ts'
import type { DeclaredPolicy } from '../policy/declared-policy.ts'
import { governanceProblem, type GovernanceProblem } from '../rules/governance-problem.ts'
import { concerns, scopeFaults } from '../rules/governed-scope.ts'
import { ID_BYTES, ID_CHARS, type Asker } from '../rules/pauses.ts'
import type { Delivery, PolicyPublisher } from '../policy/policy-publisher.ts'
import type { StoredBudget } from '../store/budget-table.ts'
import type { ControlStore, ControlWrites } from '../store/control-store.ts'

/** Of file and store together: as many as a file may have. */
export const BUDGETS_MAX = 1_000

/** In the words of the file. */
export type SetBudgetView = BudgetWords & {
  readonly name: string
  readonly source: 'api'
  readonly set_at: string
  readonly set_by: string
}
export type DeletedBudgetView = { readonly name: string; readonly removed_at: string }

export type BudgetChanges = {
  /** Replaces the one of that name whole: what is not said is the default, as in the file. */
  readonly set: (
    asker: Asker,
    name: string,
    terms: Readonly<Record<string, unknown>>,
    reason: string | null,
  ) => Promise<Result<SetBudgetView & Delivery, GovernanceProblem>>
  readonly remove: (
    asker: Asker,
    name: string,
    reason: string | null,
  ) => Promise<Result<DeletedBudgetView & Delivery, GovernanceProblem>>
}

export type BudgetChangesDeps = {
  readonly store: ControlStore
  readonly publisher: Pick<PolicyPublisher, 'publish'>
  readonly tools: BudgetTools
  readonly random: (bytes: number) => Uint8Array
  readonly clock: Clock
  readonly declared: () => Pick<DeclaredPolicy, 'budgets' | 'dimensions'>
}

export function createBudgetChanges(deps: BudgetChangesDeps): BudgetChanges {
  return {
    async set(asker, name, terms, reason) {
      const set = await setBudget(deps, asker, { ...terms, name }, reason)
      if (!set.ok) return set
      return ok({ ...viewOf(deps.tools, set.value), ...(await deps.publisher.publish()) })
    },
    async remove(asker, name, reason) {
      const at = isoTime(deps.clock.now())
      const removed = await removeBudget(deps, asker, { name, at, reason })
      if (!removed.ok) return removed
      return ok({ name, removed_at: at, ...(await deps.publisher.publish()) })
    },
  }
}

async function setBudget(
  deps: BudgetChangesDeps,
  asker: Asker,
  terms: Readonly<Record<string, unknown>> & { readonly name: string },
  reason: string | null,
): Promise<Result<StoredBudget, GovernanceProblem>> {
  const { tools, clock, random } = deps
  const declared = deps.declared()
  const read = tools.read(terms, declared.dimensions)
  if (!read.ok) return err(invalid(read.problem))
  const budget = read.value
  // Before anything is said about other budgets: those of others are none of the asker's business.
  const outside = scopeFaults(asker.scope, budget.scope)
  if (outside.length > 0) return err(outsideScope(outside))
  if (isDeclared(declared.budgets, budget.name)) return err(inFile(budget.name))
  const row = {
    budgetId: base62(random(ID_BYTES), ID_CHARS),
    budget,
    setAt: isoTime(clock.now()),
    setBy: asker.name,
    setByRole: asker.role,
  }
  return deps.store.write(async (tables) => {
    const inForce = await tables.budgets.inForce()
    const replaced = inForce.find((one) => one.budget.name === budget.name)
    const refused = replaced === undefined ? null : refusal(asker, replaced, nameTaken(budget.name))
    if (refused !== null) return err(refused)
    const kept = inForce.filter((one) => one !== replaced)
    const others = budgetsOf(declared.budgets, kept)
    if (others.length >= BUDGETS_MAX) return err(tooMany())
    const faults = [
      ...unitFaults(budget, await unitsSoFar(tables.settings)),
      ...tools.faultsBeside(budget, others, declared.dimensions),
    ]
    if (faults.length > 0) return err(invalid(faults))
    const isSame = replaced !== undefined && sameTerms(replaced.budget, budget)
    if (isSame && (asker.role === 'lead' || replaced.setByRole !== 'lead')) return ok(replaced)
    await put(tables, tools, { row, replaced: replaced ?? null, reason })
    return ok({ ...row, removedAt: null, removedBy: null })
  })
}

type Put = {
  readonly row: Omit<StoredBudget, 'removedAt' | 'removedBy'>
  readonly replaced: StoredBudget | null
  readonly reason: string | null
}

async function put(
  { budgets, leases, audit }: ControlWrites,
  tools: BudgetTools,
  { row, replaced, reason }: Put,
): Promise<void> {
  if (replaced !== null) await budgets.remove(replaced.budgetId, row.setAt, row.setBy)
  await budgets.insert(row)
  // There may have been one of that name: what was spent since, or by others, is no part of its counters yet.
  const isCountedOn = replaced !== null && countedText(replaced.budget) === countedText(row.budget)
  if (!isCountedOn) await leases.unask(row.budget.name)
  await audit.append({
    actor: row.setBy,
    action: 'budget.set',
    subject: row.budget.name,
    before: replaced === null ? null : tools.written(replaced.budget),
    after: tools.written(row.budget),
    reason,
  })
}

type Removal = { readonly name: string; readonly at: string; readonly reason: string | null }

async function removeBudget(
  deps: BudgetChangesDeps,
  asker: Asker,
  { name, at, reason }: Removal,
): Promise<Result<null, GovernanceProblem>> {
  const fromFile = deps.declared().budgets.find((one) => one.name === name)
  if (fromFile !== undefined) {
    return err(concerns(asker.scope, fromFile.scope) ? inFile(name) : unknown(name))
  }
  return deps.store.write(async ({ budgets, audit }) => {
    const row = (await budgets.inForce()).find(({ budget }) => budget.name === name)
    if (row === undefined) return err(unknown(name))
    const refused = refusal(asker, row, unknown(name))
    if (refused !== null) return err(refused)
    await budgets.remove(row.budgetId, at, asker.name)
    await audit.append({
      actor: asker.name,
      action: 'budget.delete',
      subject: name,
      before: deps.tools.written(row.budget),
      after: { removed_at: at },
      reason,
    })
    return ok(null)
  })
}

/** Why the asker may not change what is there; `unseen` where it does not exist for the asker. */
function refusal(
  asker: Asker,
  { budget, setBy, setByRole }: StoredBudget,
  unseen: GovernanceProblem,
): GovernanceProblem | null {
  if (!concerns(asker.scope, budget.scope)) return unseen
  const outside = scopeFaults(asker.scope, budget.scope)
  if (outside.length > 0) return outsideScope(outside)
  return asker.role === 'lead' && setByRole !== 'lead' ? byAdmin(budget.name, setBy) : null
}

function isDeclared(budgets: readonly Budget[], name: string): boolean {
  return budgets.some((one) => one.name === name)
}

/** Both were put together by the same function, so their fields stand in one order; those of a scope may not. */
function sameTerms(left: Budget, right: Budget): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}

function countedText({ scope, per, period, timeZone }: Budget): string {
  return JSON.stringify([scope, per, period, timeZone])
}

function viewOf(tools: BudgetTools, { budget, setAt, setBy }: StoredBudget): SetBudgetView {
  const { name } = budget
  return { ...tools.written(budget), name, source: 'api', set_at: setAt, set_by: setBy }
}

const invalid = (errors: readonly ProblemError[]): GovernanceProblem =>
  governanceProblem('invalid_request', 'this cannot be a budget', errors)
const outsideScope = (errors: readonly ProblemError[]): GovernanceProblem =>
  governanceProblem('forbidden', 'this reaches beyond your scope', errors)
const unknown = (name: string): GovernanceProblem =>
  governanceProblem('budget_unknown', `no budget is named ${name}`)
const nameTaken = (name: string): GovernanceProblem =>
  governanceProblem('budget_name_taken', `${name} is the name of a budget beyond your scope`)
const byAdmin = (name: string, who: string): GovernanceProblem =>
  governanceProblem(
    'budget_set_by_admin',
    `${who} set ${name}, for all to keep to; only admin and finance change it`,
  )
const tooMany = (): GovernanceProblem =>
  governanceProblem('too_many_budgets', `there are ${BUDGETS_MAX} budgets; delete some first`)
const inFile = (name: string): GovernanceProblem =>
  governanceProblem(
    'budget_declared_in_file',
    `${name} is declared in the configuration file and can only be changed there`,
  )
