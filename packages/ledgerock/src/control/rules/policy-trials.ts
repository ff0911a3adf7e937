// Tries rules on past calls: those of a candidate, and beside them those in force, in one pass over the ledger. Nothing is changed and
// nothing is written. Approved access, raises, and budgets people made belong to both, as they stand in the store.

import { setImmediate } from 'node:timers/promises'
import type { ProblemError } from '@ledgerock/contract'
import type { PastCall } from '../../governance/trial/past-call.ts'
import {
  PolicySimulation,
  type PolicyTrial,
  type TriedRoute,
  type TriedRules,
} from '../../governance/trial/simulate-policy.ts'
import { picodollars, type Picodollars } from '../../kernel/money.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { governanceRules, storedPolicy, type StoredPolicy } from '../policy/build-policy.ts'
import { callsInOrder } from './calls-in-order.ts'
import type { DeclaredRules } from '../policy/declared-policy.ts'
import { earlierSpend } from './earlier-spend.ts'
import { pastCallOf } from './past-call-of.ts'
import type { ControlStore } from '../store/control-store.ts'

/** What the file says of rules, routes included. */
export type TriedFile = DeclaredRules & { readonly routes: readonly TriedRoute[] }

/** The sections of a file that are about rules, each as it would stand there. */
export type WrittenRules = Readonly<Record<string, unknown>>

export type PolicyTrialsDeps = {
  readonly store: Pick<ControlStore, 'read'>
  readonly ledger: Pick<Ledger, 'calls' | 'budgetSpend'>
  readonly inForce: () => TriedFile
  readonly readRules: (written: WrittenRules) => Result<TriedFile, readonly ProblemError[]>
}

export type TrialQuestion = {
  readonly rules: WrittenRules
  readonly fromMs: number
  readonly toMs: number
  /** Whoever asked is gone. */
  readonly signal: AbortSignal
}

export type TrialProblem = {
  readonly code: 'invalid_request' | 'too_many_rows' | 'asker_gone'
  readonly detail: string
  readonly errors: readonly ProblemError[]
}

export type TrialReport = {
  readonly candidate: PolicyTrial
  readonly inForce: PolicyTrial
  /** Calls that came another way: budgets count them, and no rule here could have refused them. */
  readonly elsewhere: { readonly calls: number; readonly usd: Picodollars }
  /** Refused before any rule was asked, or because the gateway could not serve them. */
  readonly leftOut: number
}

export type PolicyTrials = {
  readonly simulate: (question: TrialQuestion) => Promise<Result<TrialReport, TrialProblem>>
}

/** Control has other things to do in between. */
const CALLS_AT_A_GO = 500
/** Some minutes of reading. */
export const TRIED_CALLS_MAX = 2_000_000

export function createPolicyTrials(deps: PolicyTrialsDeps): PolicyTrials {
  return {
    async simulate(question) {
      const read = deps.readRules(question.rules)
      if (!read.ok) return err(invalid(read.problem))
      const { fromMs } = question
      const stored = await storedPolicy(deps.store.read, fromMs)
      const simulations: PolicySimulation[] = []
      for (const file of [read.value, deps.inForce()]) {
        const rules = rulesOf(stored, file)
        const earlier = await earlierSpend(deps.ledger, rules.budgets, fromMs)
        simulations.push(new PolicySimulation(rules, fromMs, earlier))
      }
      return run(deps, question, simulations)
    },
  }
}

async function run(
  { ledger }: PolicyTrialsDeps,
  { fromMs, toMs, signal }: TrialQuestion,
  simulations: readonly PolicySimulation[],
): Promise<Result<TrialReport, TrialProblem>> {
  const elsewhere = { calls: 0, usd: picodollars(0n) }
  let [calls, leftOut] = [0, 0]
  const keep = (record: Parameters<typeof pastCallOf>[0]): PastCall | 'left_out' =>
    pastCallOf(record) ?? 'left_out'
  for await (const stretch of callsInOrder(ledger, { fromMs, toMs }, keep)) {
    for (const [index, call] of stretch.entries()) {
      if (index % CALLS_AT_A_GO === 0) await setImmediate()
      if (call === 'left_out') {
        leftOut += 1
        continue
      }
      for (const simulation of simulations) simulation.add(call)
      if (call.isOurs) continue
      elsewhere.calls += 1
      elsewhere.usd = picodollars(elsewhere.usd + (call.cost ?? 0n))
    }
    calls += stretch.length
    if (calls > TRIED_CALLS_MAX) return err(tooMany())
    if (signal.aborted) return err(GONE)
  }
  const [candidate, inForce] = simulations.map((simulation) => simulation.result())
  return ok({ candidate, inForce, elsewhere, leftOut } as TrialReport)
}

function rulesOf(stored: StoredPolicy, file: TriedFile): TriedRules {
  return { ...governanceRules(stored, file), routes: file.routes }
}

function invalid(errors: readonly ProblemError[]): TrialProblem {
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
  return { code: 'invalid_request', detail, errors }
}

const GONE: TrialProblem = { code: 'asker_gone', detail: 'whoever asked is gone', errors: [] }

function tooMany(): TrialProblem {
  const message = `there are more than ${TRIED_CALLS_MAX} calls; ask for less time`
  return { code: 'too_many_rows', detail: message, errors: [{ path: 'from', message }] }
}
