// Who writes a journal: the node, the role and the process, by boot id, pid and start time, because a pid alone is used
// again. It stands in `owner.json`, and again in every segment's header in case that file is damaged.

/** Null where the operating system does not tell (no /proc): then the pid alone must do. */
export type ProcessIdentity = {
  readonly bootId: string | null
  readonly pid: number
  readonly startTime: string | null
}

export type JournalOwner = {
  readonly journalId: string
  readonly nodeId: string
  readonly role: string
  readonly process: ProcessIdentity
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export const OWNER_FILE = 'owner.json'
export const JOURNAL_FORMAT = 1

export type OwnerJson = {
  readonly format: number
  readonly journal_id: string
  readonly node_id: string
  readonly role: string
  readonly boot_id: string | null
  readonly pid: number
  readonly pid_start_time: string | null
  readonly created_at: string
}

export function ownerToJson(owner: JournalOwner): OwnerJson {
  return {
    format: JOURNAL_FORMAT,
    journal_id: owner.journalId,
    node_id: owner.nodeId,
    role: owner.role,
    boot_id: owner.process.bootId,
    pid: owner.process.pid,
    pid_start_time: owner.process.startTime,
    created_at: new Date(owner.createdAt).toISOString(),
  }
}

/** Null for anything that is not an owner in full. */
export function ownerFromJson(value: unknown): JournalOwner | null {
  if (typeof value !== 'object' || value === null) return null
  const json = value as Partial<Record<keyof OwnerJson, unknown>>
  const { journal_id: journalId, node_id: nodeId, role, pid } = json
  const createdAt = typeof json.created_at === 'string' ? Date.parse(json.created_at) : Number.NaN
  if (typeof journalId !== 'string' || typeof nodeId !== 'string') return null
  if (typeof role !== 'string' || typeof pid !== 'number' || Number.isNaN(createdAt)) return null
  const bootId = typeof json.boot_id === 'string' ? json.boot_id : null
  const startTime = typeof json.pid_start_time === 'string' ? json.pid_start_time : null
  return { journalId, nodeId, role, process: { bootId, pid, startTime }, createdAt }
}
