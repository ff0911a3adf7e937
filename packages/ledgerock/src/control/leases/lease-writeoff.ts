// What only a person may decide about leases, each in the audit trail: that a node never comes back, and that what a lost lease may have
// spent, and nobody can prove, need not be held any longer.

import { err, ok, type Result } from '../../kernel/result.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { instanceKey } from '../../governance/budget/lease.ts'
import type { BookReads } from './lease-book.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { Freed, LeaseProblem, LeaseService, LeaseView } from './leases.ts'
import { heldBy } from './budget-states.ts'
import type { Json } from '../store/canonical-json.ts'
import type { StoredInstance, StoredLease } from '../store/lease-tables.ts'

export type WriteOffDeps = {
  readonly keeper: LeaseKeeper
  readonly ledger: Pick<Ledger, 'journalEnds'>
  readonly nodeId: string
}

export function createWriteOffs(
  deps: WriteOffDeps,
): Pick<LeaseService, 'reclaim' | 'evict' | 'leases'> {
  const { keeper } = deps
  return {
    async leases() {
      await keeper.follow()
      return leaseViews(keeper.book(), keeper).toSorted((left, right) =>
        left.held === right.held ? 0 : left.held < right.held ? 1 : -1,
      )
    },
    reclaim: (instance, holder, actor, reason) => reclaim(deps, instance, holder, actor, reason),
    evict: (nodeId, actor, reason) => evict(deps, nodeId, actor, reason),
  }
}

async function reclaim(
  { keeper, ledger }: WriteOffDeps,
  instance: string,
  holder: string,
  actor: string,
  reason: string,
): Promise<Result<Freed, LeaseProblem>> {
  // The books say the least that was spent; a node that is gone may have no books here.
  const [end] = await ledger.journalEnds([holder]).catch(() => [])
  const charge = end?.charges.find(
    ({ budget, fromMs, counter }) => instanceKey(budget, fromMs, counter) === instance,
  )
  const booked = BigInt(charge?.amount ?? '0')
  return keeper.write(async ({ draft, tables }) => {
    const lease = draft.entry(instance)?.leases.get(holder)
    if (lease === undefined)
      return problem('lease_unknown', `${holder} has no lease of ${instance}`)
    if (lease.state !== 'lost') {
      return problem(
        'lease_not_lost',
        `the lease of ${holder} is ${lease.state}: it ends by itself`,
      )
    }
    const settled = booked > lease.settled ? booked : lease.settled
    const after: StoredLease = { ...lease, settled, reserved: 0n, state: 'closed' }
    draft.putLease(after)
    await tables.audit.append({
      actor,
      action: 'lease.reclaim',
      subject: instance,
      before: leaseJson(lease),
      after: leaseJson(after),
      reason,
    })
    const freed = heldBy(lease) - (settled - lease.settled)
    return ok({ instance, holder, freed: freed > 0n ? freed : 0n })
  })
}

async function evict(
  { keeper, nodeId: own }: WriteOffDeps,
  nodeId: string,
  actor: string,
  reason: string,
): Promise<Result<readonly LeaseView[], LeaseProblem>> {
  return keeper.write(async ({ draft, tables }) => {
    const held: { readonly row: StoredInstance; readonly lease: StoredLease }[] = []
    for (const { row, leases } of draft.entries()) {
      for (const lease of leases.values()) {
        if (lease.nodeId === nodeId && lease.state === 'open') held.push({ row, lease })
      }
    }
    const isKnown = keeper.nodes().some((node) => node.nodeId === nodeId)
    if (!isKnown && held.length === 0) return problem('node_unknown', `no node ${nodeId} is known`)
    if (nodeId === own || keeper.isAlive(nodeId)) {
      return problem('node_alive', `node ${nodeId} is running; stop it first`)
    }
    for (const { lease } of held) draft.putLease({ ...lease, state: 'lost' })
    await tables.leases.removeNode(nodeId)
    await tables.audit.append({
      actor,
      action: 'node.evict',
      subject: nodeId,
      before: held.map(({ lease }) => leaseJson(lease)),
      after: null,
      reason,
    })
    return ok(held.map(({ row, lease }) => viewOf(row, { ...lease, state: 'lost' }, true)))
  })
}

function leaseViews(book: BookReads, keeper: LeaseKeeper): readonly LeaseView[] {
  const views: LeaseView[] = []
  for (const { row, leases } of book.entries()) {
    for (const lease of leases.values()) {
      if (lease.state !== 'closed') views.push(viewOf(row, lease, !keeper.isAlive(lease.nodeId)))
    }
  }
  return views
}

function viewOf(row: StoredInstance, lease: StoredLease, cutOff: boolean): LeaseView {
  const { instance, holder, nodeId, state, granted, returned, settled } = lease
  const { budget, counter, fromMs } = row
  const held = heldBy(lease)
  const name = { instance, budget, counter, fromMs, holder, nodeId, state }
  return { ...name, granted, returned, settled, held, cutOff }
}

function leaseJson(lease: StoredLease): Json {
  const { instance, holder, nodeId, state, granted, returned, settled } = lease
  return {
    instance,
    holder,
    node: nodeId,
    state,
    granted: String(granted),
    returned: String(returned),
    settled: String(settled),
  }
}

function problem(code: LeaseProblem['code'], detail: string) {
  return err({ code, detail })
}
