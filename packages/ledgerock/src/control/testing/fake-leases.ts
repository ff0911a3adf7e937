// Leases as a test says they are, and what was decided about them.

import { err, ok } from '../../kernel/result.ts'
import type { BudgetState } from '../leases/budget-state.ts'
import type { BudgetCheck, LeaseService, LeaseView } from '../leases/leases.ts'

export type FakeLeases = LeaseService & {
  all: readonly BudgetState[]
  held: readonly LeaseView[]
  found: BudgetCheck
  readonly aliveNodes: Set<string>
  readonly decided: { readonly what: string; readonly actor: string; readonly reason: string }[]
}

export function createFakeLeases(): FakeLeases {
  const fake: FakeLeases = {
    all: [],
    held: [],
    found: { checked: 0, moving: 0, findings: [], lost: [] },
    aliveNodes: new Set(),
    decided: [],
    states: () => fake.all,
    leases: async () => fake.held,
    reclaim: async (instance, holder, actor, reason) => {
      const lease = fake.held.find((one) => one.instance === instance && one.holder === holder)
      if (lease === undefined)
        return err({ code: 'lease_unknown', detail: 'there is no such lease' })
      if (lease.state !== 'lost') return err({ code: 'lease_not_lost', detail: 'it is in use' })
      fake.decided.push({ what: `reclaim ${instance} ${holder}`, actor, reason })
      return ok({ instance, holder, freed: lease.held })
    },
    evict: async (nodeId, actor, reason) => {
      const leases = fake.held.filter((one) => one.nodeId === nodeId)
      if (leases.length === 0) return err({ code: 'node_unknown', detail: 'there is no such node' })
      if (fake.aliveNodes.has(nodeId)) return err({ code: 'node_alive', detail: 'it is alive' })
      fake.decided.push({ what: `evict ${nodeId}`, actor, reason })
      return ok(leases.map((one) => ({ ...one, state: 'lost' as const })))
    },
    check: async () => fake.found,
  }
  return fake
}
