// The one door of a node to the leases in the store: every change goes through it, one after the other, on a copy that is up to date.
// It also knows whether this store may be believed: by its clock, and by its identity. A database that took over after a failover may
// have lost what the one before acknowledged, so nothing is granted until every node has laid before it what it knows of its own leases.

import { MS_PER_SECOND, type Clock } from '../../kernel/time.ts'
import { createTurns } from '../../kernel/turns.ts'
import { createLeaseBook, type BookDraft, type BookReads, type LeaseBook } from './lease-book.ts'
import { reassert } from './lease-reassert.ts'
import type { ControlReads, ControlStore, ControlWrites } from '../store/control-store.ts'
import type { StoredLease, StoredNode } from '../store/lease-tables.ts'

/**
 * Why nothing can be granted now; null: it can. `ledgers`: nodes share this store but each has a ledger of its own, so that nobody can
 * ask what all of them have spent.
 */
export const GRANT_STOPS = ['clock', 'failover', 'ledgers'] as const
export type GrantStop = (typeof GRANT_STOPS)[number]

export type LeaseStoreHealth = {
  /** The store's clock less the node's; 0 where the store has none. */
  readonly clockOffsetMs: number
  readonly stop: GrantStop | null
  /** Nodes that have not yet told a database that took over what they hold. */
  readonly awaited: readonly string[]
}

export type KeeperWork = {
  readonly draft: BookDraft
  readonly tables: ControlWrites
  readonly stop: GrantStop | null
}

export type LeaseKeeper = {
  readonly book: () => BookReads
  /** By the store's clock. */
  readonly nowMs: () => number
  readonly health: () => LeaseStoreHealth
  /** One transaction; what was drafted is written when `work` returns. */
  readonly write: <T>(work: (keeping: KeeperWork) => T | Promise<T>) => Promise<T>
  /** Says that the node lives and whom it hears; with what else is to be written. */
  readonly beat: <T>(work: (keeping: KeeperWork) => T | Promise<T>) => Promise<T>
  /** What other nodes changed: keys of instances. */
  readonly follow: () => Promise<readonly string[]>
  /** What time the store has, and which nodes are on it. */
  readonly look: () => Promise<void>
  /** It has written its beat just now; this node is always alive to itself. */
  readonly isAlive: (nodeId: string) => boolean
  /** Its holder's last word says nothing any more. */
  readonly isSilent: (lease: StoredLease) => boolean
  readonly nodes: () => readonly StoredNode[]
}

export type KeeperDeps = {
  readonly store: Pick<ControlStore, 'kind' | 'read' | 'write'>
  readonly clock: Clock
  readonly nodeId: string
  /** Whether every node on the store writes to the ledger this one asks. */
  readonly isLedgerShared: boolean
  /** Holders of this node that were heard of just now. */
  readonly heard: () => ReadonlySet<string>
  readonly isHeard: (holder: string) => boolean
  /** A database took over that may have forgotten some of what the one before had. */
  readonly onMoved: () => void
}

/** Further apart, nothing is granted: a period would begin and end at the wrong time. */
const CLOCKS_APART_MS_MAX = 30 * MS_PER_SECOND
/** A node writes its beat every second. */
const NODE_SILENT_MS = 3 * MS_PER_SECOND

export function createLeaseKeeper(deps: KeeperDeps): LeaseKeeper {
  return new Keeper(deps)
}

type Work<T> = (keeping: KeeperWork) => T | Promise<T>

class Keeper implements LeaseKeeper {
  readonly #deps: KeeperDeps
  readonly #isShared: boolean
  readonly #beats = new Map<string, { readonly beat: number; readonly atMs: number }>()
  #book: LeaseBook = createLeaseBook()
  #identity: string | null = null
  #nodes: readonly StoredNode[] = []
  #clockOffsetMs = 0
  readonly #inTurn = createTurns()

  constructor(deps: KeeperDeps) {
    this.#deps = deps
    this.#isShared = deps.store.kind === 'postgres'
  }

  readonly book = (): BookReads => this.#book
  readonly nodes = (): readonly StoredNode[] => this.#nodes
  readonly nowMs = (): number => this.#deps.clock.now() + this.#clockOffsetMs

  readonly health = (): LeaseStoreHealth => ({
    clockOffsetMs: this.#clockOffsetMs,
    stop: this.#identity === null ? null : this.#stopOf(this.#identity),
    awaited: this.#nodes.filter((one) => one.identity !== this.#identity).map((one) => one.nodeId),
  })

  readonly write = <T>(work: Work<T>): Promise<T> => this.#write(work, false)
  readonly beat = <T>(work: Work<T>): Promise<T> => this.#write(work, true)

  readonly follow = (): Promise<readonly string[]> =>
    this.#inTurn(async () => {
      const { leases } = this.#deps.store.read
      if ((await leases.revision()) === this.#book.revision()) return []
      // Only a transaction, in which nobody else writes, may begin with a database that took over.
      const { identity } = await leases.standing()
      const isMoved = this.#identity !== null && identity !== this.#identity
      return isMoved ? [] : this.#book.pull(leases)
    })

  readonly look = (): Promise<void> =>
    this.#inTurn(async () => {
      const { read } = this.#deps.store
      await this.#standing(read)
      this.#noteNodes(this.#isShared ? await read.leases.nodes() : [])
    })

  readonly isAlive = (nodeId: string): boolean => {
    if (nodeId === this.#deps.nodeId) return true
    const beat = this.#beats.get(nodeId)
    const isHere = this.#nodes.some((one) => one.nodeId === nodeId)
    const nowMs = this.#deps.clock.monotonic()
    return isHere && beat !== undefined && nowMs - beat.atMs <= NODE_SILENT_MS
  }

  readonly isSilent = ({ nodeId, holder }: StoredLease): boolean => {
    if (nodeId === this.#deps.nodeId) return !this.#deps.isHeard(holder)
    const node = this.#nodes.find((one) => one.nodeId === nodeId)
    return !this.isAlive(nodeId) || node?.heard.includes(holder) !== true
  }

  #write<T>(work: Work<T>, mustBeat: boolean): Promise<T> {
    return this.#inTurn(async () => {
      const done = await this.#deps.store.write(async (tables) => {
        const current = await this.#standing(tables)
        const isMoved = this.#identity !== null && this.#identity !== current
        // Numbers of changes may be given out a second time by a database that lost some: its copy begins anew.
        const copy = isMoved ? createLeaseBook() : this.#book
        if (isMoved) this.#deps.onMoved()
        await copy.pull(tables.leases)
        const draft = copy.draft()
        if (this.#isShared) await this.#introduce(tables, draft, copy, current, mustBeat)
        const value = await work({ draft, tables, stop: this.#stopOf(current) })
        const revision = await draft.save(tables.leases, this.#book.revision())
        return { value, draft, revision, copy, current }
      })
      this.#identity = done.current
      this.#book = done.copy
      if (done.revision !== null) this.#book.take(done.draft, done.revision)
      return done.value
    })
  }

  /** Says who this node is, and after a failover what it holds. */
  async #introduce(
    tables: ControlWrites,
    draft: BookDraft,
    copy: LeaseBook,
    current: string,
    mustBeat: boolean,
  ): Promise<void> {
    const { nodeId, clock } = this.#deps
    const known = await tables.leases.nodes()
    const isNew = known.find((one) => one.nodeId === nodeId)?.identity !== current
    if (copy !== this.#book || isNew) reassert(draft, this.#book, nodeId)
    if (!mustBeat && !isNew) return this.#noteNodes(known)
    const heard = [...this.#deps.heard()]
    await tables.leases.putNode({ nodeId, beat: clock.now(), identity: current, heard })
    this.#noteNodes(await tables.leases.nodes())
  }

  async #standing({ leases }: Pick<ControlReads, 'leases'>): Promise<string> {
    const { nowMs, identity } = await leases.standing()
    this.#clockOffsetMs = nowMs === null ? 0 : nowMs - this.#deps.clock.now()
    return identity
  }

  #noteNodes(nodes: readonly StoredNode[]): void {
    const atMs = this.#deps.clock.monotonic()
    this.#nodes = nodes
    for (const { nodeId, beat } of nodes) {
      if (this.#beats.get(nodeId)?.beat !== beat) this.#beats.set(nodeId, { beat, atMs })
    }
  }

  #stopOf(current: string): GrantStop | null {
    if (Math.abs(this.#clockOffsetMs) > CLOCKS_APART_MS_MAX) return 'clock'
    const { isLedgerShared, nodeId } = this.#deps
    if (!isLedgerShared && this.#nodes.some((one) => one.nodeId !== nodeId)) return 'ledgers'
    return this.#nodes.every((one) => one.identity === current) ? null : 'failover'
  }
}
