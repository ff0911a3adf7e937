// A node's copy of what the store has of leases and counters. It is brought up to date inside every transaction, so what is decided
// there is decided on the truth; changes are drafts that enter the copy when the store has taken them.

import { instanceKey } from '../../governance/budget/lease.ts'
import type { LeaseReads, LeaseWrites, StoredInstance, StoredLease } from '../store/lease-tables.ts'

export type BookEntry = {
  readonly row: StoredInstance
  /** By holder. */
  readonly leases: ReadonlyMap<string, StoredLease>
}

export type BookReads = {
  readonly entry: (instance: string) => BookEntry | null
  readonly entries: () => Iterable<BookEntry>
  /** Of one counter, of every period that is known, in no order. */
  readonly ofCounter: (budget: string, counter: string | null) => readonly BookEntry[]
}

export type BookDraft = BookReads & {
  readonly putInstance: (row: StoredInstance) => void
  /** Its instance must be there. */
  readonly putLease: (lease: StoredLease) => void
  /** Leases that became part of the instance's `other`. */
  readonly fold: (instance: string, holders: readonly string[]) => void
  readonly dropInstances: (instances: readonly string[]) => void
  /** Writes what was drafted; the revision is for `LeaseBook.take`. */
  readonly save: (tables: LeaseWrites, floor: number) => Promise<number | null>
}

export type LeaseBook = BookReads & {
  readonly revision: () => number
  /** Keys of instances of which anything is new. */
  readonly pull: (reads: LeaseReads) => Promise<readonly string[]>
  readonly draft: () => BookDraft
  /** A draft that was saved and committed. */
  readonly take: (draft: BookDraft, revision: number) => void
}

type Entry = { readonly row: StoredInstance; readonly leases: ReadonlyMap<string, StoredLease> }

export function createLeaseBook(): LeaseBook {
  const copy = new Copy()
  const drafts = new WeakMap<BookDraft, ReadonlyMap<string, Entry | null>>()
  let seen = 0
  return {
    entry: copy.entry,
    entries: copy.entries,
    ofCounter: copy.ofCounter,
    revision: () => seen,
    async pull(tables) {
      const revision = await tables.revision()
      if (revision === seen) return []
      const news = await pullSince(copy, tables, seen)
      seen = Math.max(seen, revision)
      return news
    },
    draft() {
      const changed = new Map<string, Entry | null>()
      const draft = createDraft(copy, changed)
      drafts.set(draft, changed)
      return draft
    },
    take(draft, revision) {
      for (const [key, entry] of drafts.get(draft) ?? []) copy.put(key, entry)
      seen = Math.max(seen, revision)
    },
  }
}

class Copy implements BookReads {
  readonly #entries = new Map<string, Entry>()
  /** Keys of instances, by counter. */
  readonly #counters = new Map<string, Set<string>>()

  readonly entry = (instance: string): Entry | null => this.#entries.get(instance) ?? null
  readonly entries = (): Iterable<Entry> => this.#entries.values()
  readonly ofCounter: BookReads['ofCounter'] = (budget, counter) =>
    [...(this.#counters.get(counterKey(budget, counter)) ?? [])].map(
      (key) => this.#entries.get(key) as Entry,
    )

  put(key: string, entry: Entry | null): void {
    const row = entry?.row ?? this.#entries.get(key)?.row
    if (row === undefined) return
    const counter = counterKey(row.budget, row.counter)
    const keys = this.#counters.get(counter) ?? new Set()
    if (entry === null) {
      this.#entries.delete(key)
      keys.delete(key)
    } else {
      this.#entries.set(key, entry)
      keys.add(key)
    }
    if (keys.size === 0) this.#counters.delete(counter)
    else this.#counters.set(counter, keys)
  }
}

async function pullSince(copy: Copy, tables: LeaseReads, seen: number): Promise<readonly string[]> {
  const rows = await tables.instancesSince(seen)
  const leases = await tables.leasesSince(seen)
  const anew = new Set(
    rows
      .filter(({ instance, folded }) => (copy.entry(instance)?.row.folded ?? 0) !== folded)
      .map(({ instance }) => instance),
  )
  const whole = await tables.leasesOf([...anew])
  for (const row of rows) {
    const kept = anew.has(row.instance) ? undefined : copy.entry(row.instance)?.leases
    copy.put(row.instance, { row, leases: kept ?? new Map() })
  }
  for (const lease of [...whole, ...leases]) {
    const entry = copy.entry(lease.instance)
    // What is gone with its instance counts for nothing.
    if (entry === null) continue
    const kept = new Map(entry.leases).set(lease.holder, lease)
    copy.put(lease.instance, { ...entry, leases: kept })
  }
  return [...new Set([...rows, ...leases].map(({ instance }) => instance))]
}

function createDraft(book: BookReads, changed: Map<string, Entry | null>): BookDraft {
  const rows = new Set<string>()
  const leases = new Map<string, Set<string>>()
  const folds = new Map<string, readonly string[]>()
  const dropped: string[] = []

  const entry = (instance: string): Entry | null => {
    const known = changed.get(instance)
    return known === undefined ? book.entry(instance) : known
  }

  return {
    entry,
    *entries() {
      for (const one of book.entries()) {
        const now = entry(one.row.instance)
        if (now !== null) yield now
      }
      for (const [key, one] of changed) if (one !== null && book.entry(key) === null) yield one
    },
    ofCounter(budget, counter) {
      const found = book.ofCounter(budget, counter).map(({ row }) => row.instance)
      const added = [...changed.values()].filter(
        (one) => one !== null && one.row.budget === budget && one.row.counter === counter,
      )
      const keys = new Set([...found, ...added.map((one) => (one as Entry).row.instance)])
      return [...keys].map(entry).filter((one) => one !== null)
    },
    putInstance(row) {
      changed.set(row.instance, { row, leases: entry(row.instance)?.leases ?? new Map() })
      rows.add(row.instance)
    },
    putLease(lease) {
      const { instance, holder } = lease
      const own = entry(instance)
      if (own === null) throw new Error(`a lease of ${instance}, which nobody knows`)
      changed.set(instance, { ...own, leases: new Map(own.leases).set(holder, lease) })
      leases.set(instance, (leases.get(instance) ?? new Set()).add(holder))
    },
    fold(instance, holders) {
      const own = entry(instance)
      if (own === null) return
      const gone = new Set(holders)
      const kept = [...own.leases].filter(([holder]) => !gone.has(holder))
      const row = { ...own.row, folded: own.row.folded + 1 }
      changed.set(instance, { row, leases: new Map(kept) })
      rows.add(instance)
      folds.set(instance, holders)
    },
    dropInstances(instances) {
      for (const instance of instances) {
        changed.set(instance, null)
        rows.delete(instance)
        leases.delete(instance)
        dropped.push(instance)
      }
    },
    save: (tables, floor) =>
      changed.size === 0
        ? Promise.resolve(null)
        : saveAll(tables, floor, { entry, rows, leases, folds, dropped }),
  }
}

type Changes = Pick<BookReads, 'entry'> & {
  readonly rows: ReadonlySet<string>
  /** Holders, by instance. */
  readonly leases: ReadonlyMap<string, ReadonlySet<string>>
  readonly folds: ReadonlyMap<string, readonly string[]>
  readonly dropped: readonly string[]
}

async function saveAll(
  tables: LeaseWrites,
  floor: number,
  { entry, rows, leases, folds, dropped }: Changes,
): Promise<number> {
  const revision = await tables.nextRevision(floor)
  const instances = [...rows].map((key) => ({ ...(entry(key) as Entry).row, revision }))
  const held = [...leases].flatMap(([key, holders]) =>
    [...holders].flatMap((holder) => {
      const lease = entry(key)?.leases.get(holder)
      return lease === undefined ? [] : [{ ...lease, revision }]
    }),
  )
  await tables.putInstances(instances)
  for (const [instance, holders] of folds) await tables.removeLeases(instance, holders)
  await tables.putLeases(held)
  await tables.removeInstances(dropped)
  return revision
}

/** Budgets have no `@` at their key's place, so one text for both is none of another counter. */
function counterKey(budget: string, counter: string | null): string {
  return instanceKey(budget, 0, counter)
}
