// Owners people assign, beside those of the file: from when on, each change audited and with the workers when the answer comes. An
// assignment ends what had no end where it begins, and touches nothing before that; what cannot be told apart is refused.

import {
  contradictedDimension,
  isSameMatch,
  matchedBy,
  overlap,
  placeOwner,
  startOf,
} from '../../attribution/owner-line.ts'
import type { OwnerRule } from '../../attribution/owner-rule.ts'
import type { DimensionRules } from '../../attribution/dimension-rule.ts'
import { base62 } from '../../governance/credential/base62.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import { parseInstant } from '../../pricing/parse-instant.ts'
import { billProblem, type BillProblem } from './bill-problem.ts'
import type { DeclaredPolicy } from '../policy/declared-policy.ts'
import { inOrder, ownersOf } from './owners-in-force.ts'
import { readOwner, type WrittenOwner } from './read-owner.ts'
import type { Delivery, PolicyPublisher } from '../policy/policy-publisher.ts'
import { isWithin, type UserScope } from '../people/scope.ts'
import type { Json } from '../store/canonical-json.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { StoredOwner } from '../store/owner-table.ts'

/** As many as a file may have. */
export const OWNERS_MAX = 10_000
const ID_BYTES = 8
const ID_CHARS = 12

export type OwnerView = {
  readonly owner_id: string
  /** As in the file: an ARN, or one of the other keys. */
  readonly match: string | Readonly<Record<string, string>>
  readonly set: Readonly<Record<string, string>>
  readonly from: string | null
  readonly to: string | null
  readonly source: 'file' | 'api'
  readonly reason: string | null
  readonly assigned_at: string | null
  readonly assigned_by: string | null
  readonly removed_at: string | null
  readonly removed_by: string | null
}

/** `ended`: what belonged to somebody else until the new rule begins. */
export type AssignedOwner = OwnerView & { readonly ended: string | null } & Delivery
export type RemovedOwner = OwnerView & Delivery

export type OwnerRemoval = { readonly from: string | null; readonly reason: string | null }

export type OwnerService = {
  /** For the month's evidence: the whole time line, file's and assigned. */
  readonly ownersInForce: () => Promise<readonly OwnerRule[]>
  /** In the order in which they are asked; who sees a part sees what is set to its own. */
  readonly list: (own: UserScope | null, isRemovedToo: boolean) => Promise<readonly OwnerView[]>
  /** Saying what is there already asks the workers again. */
  readonly assign: (
    actor: string,
    owner: WrittenOwner,
  ) => Promise<Result<AssignedOwner, BillProblem>>
  /** From an instant on, what lies before it stays; without one it goes whole, as a mistake that was made. */
  readonly remove: (
    actor: string,
    ownerId: string,
    removal: OwnerRemoval,
  ) => Promise<Result<RemovedOwner, BillProblem>>
}

export type OwnerServiceDeps = {
  readonly store: ControlStore
  readonly publisher: Pick<PolicyPublisher, 'publish'>
  readonly declared: () => Pick<DeclaredPolicy, 'owners'>
  readonly rules: () => DimensionRules
  readonly random: (bytes: number) => Uint8Array
  readonly clock: Clock
}

export function createOwnerService(deps: OwnerServiceDeps): OwnerService {
  const { store, publisher, declared } = deps
  return {
    ownersInForce: async () => ownersOf(declared().owners, await store.read.assignedOwners.list()),
    async list(own, isRemovedToo) {
      const file = declared().owners.map(fromFile)
      const { assignedOwners } = store.read
      const assigned = await (isRemovedToo ? assignedOwners.all() : assignedOwners.list())
      return [...file, ...inOrder(assigned).map(viewOf)].filter(({ set }) => isWithin(own, set))
    },
    async assign(actor, written) {
      const assigned = await assignOwner(deps, actor, written)
      if (!assigned.ok) return assigned
      const { owner, ended } = assigned.value
      return ok({ ...viewOf(owner), ended, ...(await publisher.publish()) })
    },
    async remove(actor, ownerId, removal) {
      const at = isoTime(deps.clock.now())
      const removed = await removeOwner(deps, actor, { ...removal, ownerId, at })
      if (!removed.ok) return removed
      return ok({ ...viewOf(removed.value), ...(await publisher.publish()) })
    },
  }
}

type Assigned = { readonly owner: StoredOwner; readonly ended: string | null }

async function assignOwner(
  deps: OwnerServiceDeps,
  actor: string,
  written: WrittenOwner,
): Promise<Result<Assigned, BillProblem>> {
  const nowMs = deps.clock.now()
  const read = readOwner(deps.rules(), written, nowMs)
  if (!read.ok) return err(invalid(read.problem))
  const rule = read.value
  const fileRule = contradictedInFile(deps.declared().owners, rule)
  if (fileRule !== null) return err(fileRule)
  const at = isoTime(nowMs)
  return deps.store.write(async ({ assignedOwners, audit }) => {
    const others = await assignedOwners.list()
    const placing = placeOwner(others, rule)
    if (placing.kind === 'there') return ok({ owner: placing.rule, ended: null })
    if (placing.kind === 'overlaps') return err(overlaps(placing.rule))
    if (others.length >= OWNERS_MAX) return err(tooMany())
    const { ends } = placing
    const ownerId = base62(deps.random(ID_BYTES), ID_CHARS)
    const { reason } = written
    const owner = { ...rule, ownerId, reason, assignedAt: at, assignedBy: actor }
    if (ends !== null) await assignedOwners.end(ends.ownerId, rule.from, at, actor)
    await assignedOwners.insert(owner)
    await audit.append({
      actor,
      action: 'owner.assign',
      subject: subjectOf(rule),
      before: ends === null ? null : facts(ends),
      after: facts(owner),
      reason,
    })
    const unended = { endedAt: null, endedBy: null, removedAt: null, removedBy: null }
    return ok({ owner: { ...owner, ...unended }, ended: ends?.ownerId ?? null })
  })
}

async function removeOwner(
  { store, declared, clock }: OwnerServiceDeps,
  actor: string,
  { ownerId, from, reason, at }: OwnerRemoval & { readonly ownerId: string; readonly at: string },
): Promise<Result<StoredOwner, BillProblem>> {
  if (declared().owners.some((_, index) => fileId(index) === ownerId)) return err(inFile())
  const fromMs = from === null ? null : parseInstant(from, clock.now())
  if (fromMs !== null && !fromMs.ok)
    return err(invalid([{ path: 'from', message: fromMs.problem }]))
  return store.write(async ({ assignedOwners, audit }) => {
    const owner = (await assignedOwners.list()).find((one) => one.ownerId === ownerId)
    if (owner === undefined) return err(unknown(ownerId))
    const end = fromMs === null ? null : isoTime(fromMs.value)
    // Before it began there is nothing to keep.
    const isWhole = end === null || fromMs === null || fromMs.value <= startOf(owner)
    if (end !== null && owner.to !== null && end >= owner.to) return err(endedBefore(owner, end))
    if (isWhole) await assignedOwners.remove(ownerId, at, actor)
    else await assignedOwners.end(ownerId, end, at, actor)
    const left = isWhole ? { ...owner, removedAt: at, removedBy: actor } : { ...owner, to: end }
    await audit.append({
      actor,
      action: isWhole ? 'owner.remove' : 'owner.end',
      subject: subjectOf(owner),
      before: facts(owner),
      after: isWhole ? { owner_id: ownerId, removed_at: at } : facts(left),
      reason,
    })
    return ok(left)
  })
}

/** The file comes first, so what contradicts it would hold for nothing. */
function contradictedInFile(declared: readonly OwnerRule[], rule: OwnerRule): BillProblem | null {
  for (const [index, other] of declared.entries()) {
    if (!isSameMatch(rule, other) || !overlap(rule, other)) continue
    const name = contradictedDimension(other, rule)
    if (name === null) continue
    const message = `owners[${index}] of the configuration file says ${name}=${other.set[name]} of the same at that time; change it there`
    return billProblem('declared_in_file', message, [{ path: `set.${name}`, message }])
  }
  return null
}

function fileId(index: number): string {
  return `file:${index}`
}

function fromFile(rule: OwnerRule, index: number): OwnerView {
  const { set, from, to } = rule
  const nobody = { reason: null, assigned_at: null, assigned_by: null }
  const kept = { removed_at: null, removed_by: null }
  const view = { owner_id: fileId(index), match: inFileWords(rule), set, from, to }
  return { ...view, source: 'file', ...nobody, ...kept }
}

function viewOf(owner: StoredOwner): OwnerView {
  const { ownerId, set, from, to, reason, assignedAt, assignedBy, removedAt, removedBy } = owner
  return {
    owner_id: ownerId,
    match: inFileWords(owner),
    set,
    from,
    to,
    source: 'api',
    reason,
    assigned_at: assignedAt,
    assigned_by: assignedBy,
    removed_at: removedAt,
    removed_by: removedBy,
  }
}

function inFileWords(rule: OwnerRule): OwnerView['match'] {
  const { key, pattern } = matchedBy(rule)
  return key === 'principal' ? pattern : { [key]: pattern }
}

function subjectOf(rule: OwnerRule): string {
  const { key, pattern } = matchedBy(rule)
  return key === 'principal' ? pattern : `${key}=${pattern}`
}

function facts({ ownerId, match, set, from, to }: Pick<StoredOwner, 'ownerId'> & OwnerRule): Json {
  return { owner_id: ownerId, match, set, from, to }
}

const invalid = (errors: BillProblem['errors']): BillProblem =>
  billProblem('invalid_request', 'this cannot be an owner', errors)
const unknown = (ownerId: string): BillProblem =>
  billProblem('owner_unknown', `no owner has the id ${ownerId}`)
const inFile = (): BillProblem =>
  billProblem(
    'declared_in_file',
    'this owner is declared in the configuration file; change it there',
  )
const tooMany = (): BillProblem =>
  billProblem('owner_exists', `${OWNERS_MAX} owners are assigned; remove some first`)

function overlaps(rule: StoredOwner): BillProblem {
  const owner = Object.entries(rule.set).map(([name, value]) => `${name}=${value}`)
  const until = rule.to === null ? 'for good' : `until ${rule.to}`
  const detail =
    `${subjectOf(rule)} belongs to ${owner.join(', ')} from ${rule.from} ${until} (${rule.ownerId}); ` +
    'an assignment with no end follows one with no end that began earlier, all else must not overlap: end or remove that first'
  return billProblem('owner_exists', detail, [{ path: 'from', message: detail }])
}

function endedBefore({ to }: StoredOwner, end: string): BillProblem {
  const message = `it ends at ${to} already, before ${end}`
  return billProblem('invalid_request', message, [{ path: 'from', message }])
}
