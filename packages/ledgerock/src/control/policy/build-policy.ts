// Puts a policy together from what the store holds (keys, pauses, approved access, budgets and their raises, owners) and what the
// file declares. Pure: the same inputs give the same content, and the content's hash says whether anything changed.

import { createHash, type KeyObject } from 'node:crypto'
import { isoTime, MS_PER_DAY } from '../../kernel/time.ts'
import type { AccessGrant } from '../../governance/model-access.ts'
import type { Pause } from '../../governance/pause.ts'
import type { GovernanceRules, Policy, PolicyKey, PolicySigV4 } from '../../governance/policy.ts'
import { digestOfSecret } from '../../governance/credential/secret-digest.ts'
import { raisesOf } from '../budgets/budget-raise.ts'
import { budgetsOf } from '../budgets/budgets-in-force.ts'
import type { DeclaredKey, DeclaredPolicy, DeclaredRules } from './declared-policy.ts'
import { ownersOf, stillToCome } from '../month/owners-in-force.ts'
import type { StoredAccessRequest } from '../store/access-request-table.ts'
import type { StoredBudgetRequest } from '../store/budget-request-table.ts'
import type { StoredBudget } from '../store/budget-table.ts'
import type { ControlReads } from '../store/control-store.ts'
import type { StoredKey, StoredSecret } from '../store/key-table.ts'
import type { StoredOwner } from '../store/owner-table.ts'
import type { StoredPause } from '../store/pause-table.ts'

/** So long the use of a revoked or expired key is still told apart from a guess. */
const ENDED_KEYS_KEPT_MS = 30 * MS_PER_DAY
/** Workers look at a grant's end themselves; it leaves the policy when no worker's clock can be so wrong. */
const ENDED_GRANTS_KEPT_MS = MS_PER_DAY
/** Calls are owned as of when they began, which was hours ago at most; the bill asks the whole time line elsewhere. */
const ENDED_OWNERS_KEPT_MS = MS_PER_DAY
/**
 * What a period's limit was must be known as long as it may be asked for: for what it carries over, and where calls of it are priced
 * anew. The longest periods have two months after their end.
 */
const ENDED_RAISES_KEPT_MS = 430 * MS_PER_DAY

export type PolicyContent = Omit<Policy, 'format' | 'epoch' | 'version' | 'publishedAt'>

/** The part of a policy that is not declared in the file. */
export type StoredPolicy = {
  readonly keys: readonly StoredKey[]
  readonly pauses: readonly StoredPause[]
  readonly approved: readonly StoredAccessRequest[]
  /** Those people made. */
  readonly budgets: readonly StoredBudget[]
  /** Approved requests for more of a budget. */
  readonly raises: readonly StoredBudgetRequest[]
  /** Those people assigned that hold or will. */
  readonly owners: readonly StoredOwner[]
}

export async function storedPolicy(
  tables: Pick<
    ControlReads,
    'keys' | 'pauses' | 'accessRequests' | 'budgets' | 'budgetRequests' | 'assignedOwners'
  >,
  nowMs: number,
): Promise<StoredPolicy> {
  return {
    keys: await tables.keys.list(),
    pauses: await tables.pauses.inForce(),
    approved: await tables.accessRequests.approvedUntilAfter(isoTime(nowMs - ENDED_GRANTS_KEPT_MS)),
    budgets: await tables.budgets.inForce(),
    raises: await tables.budgetRequests.approvedUntilAfter(isoTime(nowMs - ENDED_RAISES_KEPT_MS)),
    owners: stillToCome(await tables.assignedOwners.list(), nowMs - ENDED_OWNERS_KEPT_MS),
  }
}

export function policyContent(
  stored: StoredPolicy,
  declared: DeclaredPolicy,
  pepper: KeyObject,
  nowMs: number,
): PolicyContent {
  const keys = [
    ...declared.keys.map((key) => fromFile(key, pepper)),
    ...stored.keys.filter((key) => worthKeeping(key, nowMs)).map((key) => fromStore(key, nowMs)),
  ]
  return {
    keys: keys.toSorted((left, right) => (left.keyId < right.keyId ? -1 : 1)),
    dimensions: declared.dimensions,
    owners: ownersOf(declared.owners, stored.owners),
    anonymous: declared.anonymous,
    ...governanceRules(stored, declared),
  }
}

/** The file's rules, with what was paused, opened and raised beside it. */
export function governanceRules(
  stored: Omit<StoredPolicy, 'keys' | 'owners'>,
  declared: DeclaredRules,
): GovernanceRules {
  return {
    pauses: stored.pauses.map(pauseOf),
    access: declared.access,
    grants: stored.approved.map(grantOf),
    limits: declared.limits,
    guardrails: declared.guardrails,
    budgets: budgetsOf(declared.budgets, stored.budgets).map((budget) => ({
      ...budget,
      raises: raisesOf(budget, stored.raises),
    })),
  }
}

function pauseOf({ scope, reason, pausedAt }: StoredPause): Pause {
  return { scope, reason, since: pausedAt }
}

/** From the moment of the approval on. */
function grantOf(request: StoredAccessRequest): AccessGrant {
  const { requestId, scope, model, askedAt, decidedAt, until } = request
  const fromMs = Date.parse(decidedAt ?? askedAt)
  return { requestId, scope, model, fromMs, toMs: Date.parse(until) }
}

export function contentHash(content: PolicyContent): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}

/** How the id of a declared key is made; it cannot be one of `lrk_`, which has no colon. */
export function declaredKeyId(name: string): string {
  return `file:${name}`
}

function fromFile(key: DeclaredKey, pepper: KeyObject): PolicyKey {
  return {
    keyId: declaredKeyId(key.name),
    name: key.name,
    source: 'file',
    secrets: [{ digest: digestOfSecret(pepper, key.secret).toString('hex'), until: null }],
    sigV4: null,
    bind: key.bind,
    region: key.region,
    expiresAt: null,
    revokedAt: null,
  }
}

function fromStore(key: StoredKey, nowMs: number): PolicyKey {
  const secrets = key.secrets.filter(
    ({ validUntil }) => validUntil === null || Date.parse(validUntil) > nowMs,
  )
  return {
    keyId: key.keyId,
    name: key.name,
    source: 'api',
    secrets: secrets.map(({ digest, validUntil }) => ({ digest, until: validUntil })),
    sigV4: pairsOf(secrets),
    bind: key.bind,
    region: key.region,
    expiresAt: key.expiresAt,
    revokedAt: key.revokedAt,
  }
}

/** A pair is made and ends with its secret, so a key made with a pair has one with each. */
function pairsOf([current, previous]: readonly StoredSecret[]): PolicySigV4 | null {
  if (current === undefined || current.sigV4 === null) return null
  const { sigV4, validUntil } = previous ?? { sigV4: null, validUntil: null }
  const overlapping = sigV4 === null || validUntil === null ? null : { ...sigV4, until: validUntil }
  return { ...current.sigV4, previous: overlapping }
}

function worthKeeping(key: StoredKey, nowMs: number): boolean {
  const ended = key.revokedAt ?? key.expiresAt
  return ended === null || Date.parse(ended) > nowMs - ENDED_KEYS_KEPT_MS
}
