// One SQLite store as several nodes see a shared one: with an identity and a clock of its own, and a way to it that can be cut.

import type { ControlStore } from '../store/control-store.ts'
import type { LeaseReads } from '../store/lease-tables.ts'
import type { StoreStanding } from '../store/store-standing.ts'

export type SharedStore = {
  readonly shared: Pick<ControlStore, 'kind' | 'read' | 'write'>
  /** Set to cut this node off. */
  readonly fault: { next: Error | null }
}

export function sharedStore(store: ControlStore, standing: () => StoreStanding): SharedStore {
  const fault: { next: Error | null } = { next: null }
  const seen = <Reads extends LeaseReads>(leases: Reads): Reads => ({
    ...leases,
    standing: async () => standing(),
  })
  const { leases } = store.read
  const reachable = async <Value>(value: Promise<Value>): Promise<Value> => {
    if (fault.next !== null) throw fault.next
    return value
  }
  return {
    fault,
    shared: {
      kind: 'postgres',
      read: {
        ...store.read,
        leases: { ...seen(leases), revision: () => reachable(leases.revision()) },
      },
      write: async (work) => {
        if (fault.next !== null) throw fault.next
        return store.write((tables) => work({ ...tables, leases: seen(tables.leases) }))
      },
    },
  }
}
