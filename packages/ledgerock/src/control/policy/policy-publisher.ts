// Makes policy changes take effect. Each publication: build the policy, take its position durably, write `<data>/policy.json`
// for workers that start while control is down, hand it to the connected workers and wait for their word. One at a time.

import { readFileSync } from 'node:fs'
import type { KeyObject } from 'node:crypto'
import type { ProblemError } from '@ledgerock/contract'
import { Fault } from '../../kernel/fault.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import { createTurns } from '../../kernel/turns.ts'
import { writeFileAtomically } from '../../platform/atomic-file.ts'
import { openPolicy, sealPolicy } from '../../governance/policy-envelope.ts'
import {
  POLICY_FORMAT,
  supersedes,
  type Policy,
  type PolicyPosition,
} from '../../governance/policy.ts'
import type { BudgetTools } from '../budgets/budget-tools.ts'
import { recordUnits, unitsSoFar } from '../leases/budget-units.ts'
import { checkDeclaredBudgets } from '../budgets/budgets-in-force.ts'
import { contentHash, policyContent, storedPolicy } from './build-policy.ts'
import { checkDeclaredKeys } from '../keys/check-declared-keys.ts'
import { checkPausedFields } from '../rules/check-paused-fields.ts'
import { declaredText, recordDeclared } from './declared-changes.ts'
import type { DeclaredPolicy } from './declared-policy.ts'
import { checkDeclaredOwners } from '../month/owners-in-force.ts'
import type { ControlStore, ControlWrites } from '../store/control-store.ts'

/** The connected workers that have the policy in force, and those that did not say so in time. */
export type Delivery = { readonly acked: readonly string[]; readonly missing: readonly string[] }

export type PolicyPublisherDeps = {
  readonly store: ControlStore
  readonly pepper: KeyObject
  readonly clock: Clock
  /** Whose file `declared` is. */
  readonly nodeId: string
  /** `<data>/policy.json` */
  readonly path: string
  readonly declared: () => DeclaredPolicy
  readonly budgetTools: Pick<BudgetTools, 'faultsInFile'>
  /** Settles within a second, whoever has answered by then. A worker that already has this position answers too. */
  readonly broadcast: (envelope: string) => Promise<Delivery>
}

export type PolicyPublisher = {
  /** Publishes what store and file say now. Nothing changed: the same position again, so that late workers catch up. */
  readonly publish: () => Promise<Delivery>
  /** For nodes that share a store: publishes if another node changed something. Cheap otherwise. */
  readonly follow: () => Promise<void>
  /** Faults of what is declared, with their path in the file; publishing them would fail. */
  readonly check: (declared: DeclaredPolicy) => Promise<readonly ProblemError[]>
  /** What was published last, for workers that connect; null before the first publication. */
  readonly current: () => { readonly policy: Policy; readonly envelope: string } | null
}

export function createPolicyPublisher(deps: PolicyPublisherDeps): PolicyPublisher {
  let current: { readonly policy: Policy; readonly envelope: string } | null = null
  /** What the file said at the last publication. */
  let recorded: string | null = null
  const inTurn = createTurns()

  const checkKeysAndPauses: PolicyPublisher['check'] = async (declared) => [
    ...checkDeclaredKeys(declared.keys, await storedNames(deps.store)),
    ...checkPausedFields(declared, await deps.store.read.pauses.inForce()),
  ]
  const check: PolicyPublisher['check'] = async (declared) => [
    ...(await checkKeysAndPauses(declared)),
    ...checkDeclaredBudgets(
      deps.budgetTools,
      declared,
      await deps.store.read.budgets.inForce(),
      await unitsSoFar(deps.store.read.settings),
    ),
    ...checkDeclaredOwners(declared, await deps.store.read.assignedOwners.list(), deps.clock.now()),
  ]

  async function publishNow(): Promise<Delivery> {
    const declared = deps.declared()
    // A budget made on another node, with another file, must not keep a revocation from the workers of this one.
    const errors = await (current === null ? check : checkKeysAndPauses)(declared)
    if (errors.length > 0) {
      const text = errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
      throw new Fault('declared_keys_invalid', text)
    }
    const floor = current?.policy ?? positionInFile(deps.path)
    const text = declaredText(declared, deps.pepper)
    const policy = await deps.store.write(async (tables) => {
      // Compared with this process's own word first: what is confirmed every half minute asks nothing more of the store.
      if (text !== recorded) await recordDeclared(tables, deps.nodeId, text, deps.pepper)
      return nextPolicy(deps, tables, declared, floor)
    })
    recorded = text
    const envelope = sealPolicy(policy)
    current = { policy, envelope }
    const fileFault = writeOrFault(deps.path, envelope)
    // A full disk must not keep a revocation from the workers that run.
    const delivery = await deps.broadcast(envelope)
    if (fileFault !== null) throw fileFault
    return delivery
  }

  return {
    publish: () => inTurn(publishNow),
    follow: () =>
      inTurn(async () => {
        const latest = await deps.store.read.policies.latest()
        const known = current?.policy ?? null
        if (latest === null || known === null || !supersedes(known, latest)) return
        const nowMs = deps.clock.now()
        const stored = await storedPolicy(deps.store.read, nowMs)
        const content = policyContent(stored, deps.declared(), deps.pepper, nowMs)
        // Nodes may declare different keys: publish only what is new here, or they would wake each other for ever.
        if (contentHash(content) !== contentHash(known)) await publishNow()
      }),
    check,
    current: () => current,
  }
}

async function nextPolicy(
  deps: PolicyPublisherDeps,
  tables: ControlWrites,
  declared: DeclaredPolicy,
  floor: PolicyPosition | null,
): Promise<Policy> {
  const nowMs = deps.clock.now()
  const stored = await storedPolicy(tables, nowMs)
  const content = policyContent(stored, declared, deps.pepper, nowMs)
  const contentSha256 = contentHash(content)
  const latest = await tables.policies.latest()
  const publishedAt = isoTime(nowMs)
  const behind = latest !== null && floor !== null && supersedes(latest, floor)
  if (latest?.contentSha256 === contentSha256 && !behind) {
    return { format: POLICY_FORMAT, ...positionOf(latest), publishedAt, ...content }
  }
  const position = nextPosition(latest, floor)
  await recordUnits(tables.settings, content.budgets)
  await tables.policies.insert({ ...position, publishedAt, contentSha256 })
  return { format: POLICY_FORMAT, ...position, publishedAt, ...content }
}

/** A store that lies behind what workers already have was lost or restored: a new epoch begins. */
function nextPosition(latest: PolicyPosition | null, floor: PolicyPosition | null): PolicyPosition {
  if (latest !== null && (floor === null || !supersedes(latest, floor))) {
    return { epoch: latest.epoch, version: latest.version + 1 }
  }
  return { epoch: (floor?.epoch ?? 0) + 1, version: 1 }
}

function positionOf({ epoch, version }: PolicyPosition): PolicyPosition {
  return { epoch, version }
}

function writeOrFault(path: string, envelope: string): Fault | null {
  try {
    writeFileAtomically(path, envelope)
    return null
  } catch (cause) {
    const message = `the policy is in force, but ${path} could not be written`
    return new Fault('policy_file_unwritable', message, { retryable: true, cause })
  }
}

/** A file that cannot be read as a policy binds nobody: no worker would have taken it. */
function positionInFile(path: string): PolicyPosition | null {
  try {
    const opened = openPolicy(readFileSync(path, 'utf8'))
    return opened.ok ? positionOf(opened.value) : null
  } catch {
    return null
  }
}

async function storedNames(store: ControlStore): Promise<ReadonlySet<string>> {
  return new Set((await store.read.keys.list()).map(({ name }) => name))
}
