// A disk in memory that behaves as badly as real ones may. It keeps written and synced apart, for bytes and for names; when
// the power goes, what was not synced is lost wholly, partly, or torn at a sector. Operations fail on request, the disk may
// be full, bits may flip. Several processes use one disk; each can be killed, and then nothing it began ever ends.
//
//   file       bytes (what any process reads)      durable (what power loss leaves) + the writes since the last sync
//   directory  entries                             durable + the first few of the changes of names since its last sync

import type { FileLayer, OpenFile } from '../file-layer.ts'
import type { Random } from './seeded-random.ts'

export const SECTOR_BYTES = 512

export const OPERATIONS = [
  'write',
  'sync',
  'create',
  'writeWhole',
  'rename',
  'remove',
  'syncDirectory',
  'makeDirectory',
  'list',
  'readWhole',
  'read',
] as const
export type Operation = (typeof OPERATIONS)[number]

/** Fails operations `from` to `from + times - 1` of that kind, counted from 1 over the life of the disk. */
export type PlannedFailure = {
  readonly operation: Operation
  readonly from: number
  readonly times: number
  readonly code: 'EIO' | 'ENOSPC'
}

type FileNode = {
  kind: 'file'
  bytes: Buffer
  durable: Buffer
  unsynced: [at: number, bytes: Buffer][]
  /** Failed syncs: every descriptor that was open then hears of each once, as on Linux. */
  syncErrors: number
  /** Where reading fails, by byte, or -1. */
  brokenAt: number
}
type FolderNode = { kind: 'folder'; entries: Map<string, Node>; durable: Map<string, Node> }
type Node = FileNode | FolderNode

/** One change of names that is not synced, all or nothing, as journaling file systems have it. */
type NameChange = { readonly folders: readonly FolderNode[]; readonly apply: () => void }

export type ForgetfulDisk = {
  readonly process: () => { readonly files: FileLayer; readonly kill: () => void }
  /**
   * Every process dies; of what was not synced, `random` decides sector by sector what is left, and after which name the
   * rest is.
   */
  readonly losePower: (random: Random) => void
  readonly failures: PlannedFailure[]
  /** How many operations of each kind there were. */
  readonly counts: Record<Operation, number>
  quotaBytes: number
  /** Syncs asked of a descriptor whose sync had failed: there must be none. */
  syncsAfterFailure: number
  readonly usedBytes: () => number
  /** The bytes any process reads. Changes to them stay, as if they had always been so. */
  readonly edit: (path: string, change: (bytes: Buffer) => Buffer) => void
  /** No read that takes in that byte succeeds from now on. */
  readonly breakAt: (path: string, at: number) => void
  readonly bytesOf: (path: string) => Buffer
  readonly names: (path: string) => readonly string[]
}

/** `later` decides when an asynchronous operation ends; at once, in a microtask, by default. */
export function createForgetfulDisk(
  later: (run: () => void) => void = queueMicrotask,
): ForgetfulDisk {
  return new Disk(later)
}

class DiskError extends Error {
  readonly code: string

  constructor(code: string, operation: string) {
    super(`${code}: ${operation}`)
    this.code = code
  }
}

class DeadProcess extends Error {}

class Disk implements ForgetfulDisk {
  readonly failures: PlannedFailure[] = []
  readonly counts = Object.fromEntries(OPERATIONS.map((name) => [name, 0])) as Record<
    Operation,
    number
  >
  quotaBytes = Number.POSITIVE_INFINITY
  syncsAfterFailure = 0
  readonly #later: (run: () => void) => void
  readonly #root: FolderNode = { kind: 'folder', entries: new Map(), durable: new Map() }
  #processes: { alive: boolean }[] = []
  #changes: NameChange[] = []

  constructor(later: (run: () => void) => void) {
    this.#later = later
  }

  process = (): { readonly files: FileLayer; readonly kill: () => void } => {
    const life = { alive: true }
    this.#processes.push(life)
    const kill = (): void => {
      life.alive = false
    }
    return { files: this.#layerOf(life), kill }
  }

  losePower = (random: Random): void => {
    for (const life of this.#processes) life.alive = false
    this.#processes = []
    const kept = Math.floor(random() * (this.#changes.length + 1))
    for (const { apply } of this.#changes.splice(0).slice(0, kept)) apply()
    forget(this.#root, random)
  }

  usedBytes = (): number => sizeOf(this.#root)

  edit = (path: string, change: (bytes: Buffer) => Buffer): void => {
    const node = this.#fileAt(path)
    node.bytes = change(Buffer.from(node.bytes))
    node.durable = Buffer.from(node.bytes)
    node.unsynced = []
  }

  breakAt = (path: string, at: number): void => {
    this.#fileAt(path).brokenAt = at
  }

  bytesOf = (path: string): Buffer => Buffer.from(this.#fileAt(path).bytes)

  names = (path: string): readonly string[] => {
    const node = this.#find(path)
    return node?.kind === 'folder' ? [...node.entries.keys()].toSorted() : []
  }

  /** Counts the operation and fails it if that was planned. */
  #begin(operation: Operation, life: { readonly alive: boolean }): void {
    if (!life.alive) throw new DeadProcess(operation)
    this.counts[operation] += 1
    const count = this.counts[operation]
    for (const plan of this.failures) {
      if (plan.operation !== operation) continue
      if (count >= plan.from && count < plan.from + plan.times) {
        throw new DiskError(plan.code, `${operation} ${count}`)
      }
    }
  }

  #layerOf(life: { readonly alive: boolean }): FileLayer {
    /** An asynchronous operation takes effect when it ends; that of a dead process never does. */
    const run = <Value>(operation: Operation, act: () => Value): Promise<Value> =>
      new Promise((resolve, reject) => {
        this.#later(() => {
          if (!life.alive) return
          try {
            this.#begin(operation, life)
            resolve(act())
          } catch (error) {
            reject(error)
          }
        })
      })
    return {
      create: (path, sizeBytes) =>
        run('create', () => this.#open(this.#create(path, Buffer.alloc(sizeBytes)), life)),
      openToRead: (path) => {
        if (!life.alive) throw new DeadProcess(path)
        return this.#open(this.#fileAt(path), life)
      },
      writeWhole: (path, bytes) =>
        run('writeWhole', () => {
          const { folder, name } = this.#place(path)
          const old = folder.entries.get(name)
          // In place, as opening with `w` does: an existing file that is cut and written again is torn by a crash in
          // between.
          if (old?.kind === 'file') this.#replace(old, Buffer.from(bytes))
          else this.#create(path, Buffer.from(bytes))
        }),
      readWhole: (path) =>
        run('readWhole', () => {
          const node = this.#find(path)
          return node?.kind === 'file' ? Buffer.from(node.bytes) : null
        }),
      makeDirectory: (path) =>
        run('makeDirectory', () => {
          this.#makeFolder(path)
        }),
      list: (path) => run('list', () => this.names(path)),
      rename: (from, to) =>
        run('rename', () => {
          const source = this.#place(from)
          const target = this.#place(to)
          const node = source.folder.entries.get(source.name)
          if (node === undefined) throw new DiskError('ENOENT', from)
          this.#change([source.folder, target.folder], (entriesOf) => {
            entriesOf(source.folder).delete(source.name)
            entriesOf(target.folder).set(target.name, node)
          })
        }),
      remove: (path) =>
        run('remove', () => {
          const { folder, name } = this.#place(path)
          this.#change([folder], (entriesOf) => {
            entriesOf(folder).delete(name)
          })
        }),
      removeTree: (path) =>
        run('remove', () => {
          const { folder, name } = this.#place(path)
          this.#change([folder], (entriesOf) => {
            entriesOf(folder).delete(name)
          })
        }),
      syncDirectory: (path) =>
        run('syncDirectory', () => {
          const node = this.#find(path)
          if (node?.kind !== 'folder') throw new DiskError('ENOENT', path)
          for (const change of this.#changes) if (change.folders.includes(node)) change.apply()
          this.#changes = this.#changes.filter(({ folders }) => !folders.includes(node))
        }),
    }
  }

  #open(node: FileNode, life: { readonly alive: boolean }): OpenFile {
    let seenErrors = node.syncErrors
    let hasFailed = false
    return {
      writeAt: (bytes, offset, length, position) => {
        const data = Buffer.from(bytes.subarray(offset, offset + length))
        try {
          this.#begin('write', life)
        } catch (error) {
          // A failed write may have done half of its work.
          if (error instanceof DiskError) put(node, position, data.subarray(0, length >> 1))
          throw error
        }
        put(node, position, data)
      },
      readAt: (into, offset, length, position) => {
        this.#begin('read', life)
        if (node.brokenAt >= position && node.brokenAt < position + length) {
          throw new DiskError('EIO', 'read')
        }
        return node.bytes.copy(into, offset, position, position + length)
      },
      dataSync: (done) => {
        if (hasFailed) this.syncsAfterFailure += 1
        const covered = node.unsynced.length
        this.#later(() => {
          if (!life.alive) return
          const writes = node.unsynced.splice(0, covered)
          try {
            this.#begin('sync', life)
          } catch {
            // The pages count as clean from now on, and a second sync would succeed without them.
            node.syncErrors += 1
          }
          if (node.syncErrors > seenErrors) {
            seenErrors = node.syncErrors
            hasFailed = true
            done(new DiskError('EIO', 'sync'))
            return
          }
          for (const [at, bytes] of writes) bytes.copy(node.durable, at)
          done(null)
        })
      },
      sizeBytes: () => node.bytes.length,
      close: () => undefined,
    }
  }

  #create(path: string, bytes: Buffer): FileNode {
    const { folder, name } = this.#place(path)
    if (folder.entries.has(name)) throw new DiskError('EEXIST', path)
    this.#require(bytes.length)
    const durable = Buffer.from(bytes)
    const node: FileNode = {
      kind: 'file',
      bytes,
      durable,
      unsynced: [],
      syncErrors: 0,
      brokenAt: -1,
    }
    this.#change([folder], (entriesOf) => {
      entriesOf(folder).set(name, node)
    })
    return node
  }

  /** Changes what processes see now, and what is durable once it is synced. */
  #change(
    folders: readonly FolderNode[],
    change: (entriesOf: (folder: FolderNode) => Map<string, Node>) => void,
  ): void {
    change((folder) => folder.entries)
    const apply = (): void => {
      change((folder) => folder.durable)
    }
    this.#changes.push({ folders, apply })
  }

  #replace(node: FileNode, bytes: Buffer): void {
    this.#require(bytes.length - node.bytes.length)
    node.bytes = bytes
    node.durable = Buffer.from(bytes)
    node.unsynced = []
  }

  #require(bytes: number): void {
    if (this.usedBytes() + bytes > this.quotaBytes) throw new DiskError('ENOSPC', 'quota')
  }

  #find(path: string): Node | undefined {
    let node: Node | undefined = this.#root
    for (const name of path.split('/').filter((part) => part !== '')) {
      node = node?.kind === 'folder' ? node.entries.get(name) : undefined
    }
    return node
  }

  #fileAt(path: string): FileNode {
    const node = this.#find(path)
    if (node?.kind !== 'file') throw new DiskError('ENOENT', path)
    return node
  }

  #place(path: string): { readonly folder: FolderNode; readonly name: string } {
    const at = path.lastIndexOf('/')
    const folder = this.#find(path.slice(0, at))
    if (folder?.kind !== 'folder') throw new DiskError('ENOENT', path)
    return { folder, name: path.slice(at + 1) }
  }

  #makeFolder(path: string): void {
    let node: FolderNode = this.#root
    for (const name of path.split('/').filter((part) => part !== '')) {
      let next = node.entries.get(name)
      if (next === undefined) {
        const made: FolderNode = { kind: 'folder', entries: new Map(), durable: new Map() }
        node.entries.set(name, made)
        node.durable.set(name, made)
        next = made
      }
      if (next.kind !== 'folder') throw new DiskError('ENOTDIR', path)
      node = next
    }
  }
}

function put(node: FileNode, position: number, bytes: Buffer): void {
  bytes.copy(node.bytes, position)
  node.unsynced.push([position, bytes])
}

function sizeOf(node: Node): number {
  if (node.kind === 'file') return node.bytes.length
  let sum = 0
  for (const entry of node.entries.values()) sum += sizeOf(entry)
  return sum
}

function forget(node: Node, random: Random): void {
  if (node.kind === 'file') {
    forgetBytes(node, random)
    return
  }
  node.entries = new Map(node.durable)
  for (const entry of node.entries.values()) forget(entry, random)
}

/** Every sector of every unsynced write may or may not have reached the disk, in any order; one may be torn. */
function forgetBytes(node: FileNode, random: Random): void {
  const luck = random()
  for (const [at, bytes] of node.unsynced) {
    for (let from = 0; from < bytes.length;) {
      const sectorEnd = SECTOR_BYTES - ((at + from) % SECTOR_BYTES) + from
      const to = Math.min(bytes.length, sectorEnd)
      if (random() < luck) bytes.copy(node.durable, at + from, from, to)
      from = to
    }
  }
  node.unsynced = []
  node.bytes = Buffer.from(node.durable)
}
