// Reads and appends the audit trail. Appending locks the chain's head row first, which also puts every writer of the control
// store in line.

import type { KeyObject } from 'node:crypto'
import type { Kysely, Transaction } from 'kysely'
import { isoTime, type Clock } from '../../kernel/time.ts'
import {
  chainEntry,
  followChain,
  GENESIS_HASH,
  isSealed,
  sealOf,
  type AuditEntry,
  type AuditEvent,
  type AuditHead,
  type ChainVerdict,
} from './audit-chain.ts'
import { canonicalJson, type Json } from './canonical-json.ts'
import type { AuditTrailTable, ControlDatabase } from './schema.ts'

export const AUDIT_PAGE_MAX = 1_000

const FOREIGN = 'the trail up to here was not written under the master key of this store'

export type AuditFilter = {
  /** ISO times; `from` is inside, `to` outside. */
  readonly from: string
  readonly to: string | null
  readonly actor: string | null
  readonly action: string | null
  readonly subject: string | null
  /** Only entries before this one. */
  readonly beforeSeq: number | null
  readonly limit: number
}

export type AuditReads = {
  /** Entries with a higher `seq` than `afterSeq`, oldest first. */
  readonly entries: (afterSeq: number, limit: number) => Promise<readonly AuditEntry[]>
  /** What the filter lets through, newest first. */
  readonly page: (filter: AuditFilter) => Promise<readonly AuditEntry[]>
  readonly verify: () => Promise<ChainVerdict>
}

export type AuditWrites = AuditReads & {
  readonly append: (event: AuditEvent) => Promise<AuditEntry>
}

/** `auditKey` null: seals are not looked at. */
export function auditReads(
  database: Kysely<ControlDatabase>,
  auditKey: KeyObject | null,
): AuditReads {
  const entries: AuditReads['entries'] = async (afterSeq, limit) => {
    const rows = await database
      .selectFrom('audit_trail')
      .selectAll()
      .where('seq', '>', afterSeq)
      .orderBy('seq')
      .limit(Math.min(limit, AUDIT_PAGE_MAX))
      .execute()
    return rows.map(entryOf)
  }
  return {
    entries,
    page: (filter) => newestFirst(database, filter),
    async verify() {
      // The head is read first: entries appended meanwhile lie beyond it and are left to the next time.
      const head = await headOf(database)
      const isForeign = auditKey !== null && !isSealed(head, auditKey)
      let last: AuditHead = { seq: 0, hash: GENESIS_HASH }
      while (last.seq < head.seq) {
        const page = await entries(last.seq, Math.min(AUDIT_PAGE_MAX, head.seq - last.seq))
        if (page.length === 0) break
        const next = followChain(last, page)
        if ('sound' in next) return next
        last = next
      }
      if (last.seq === head.seq && last.hash === head.hash) {
        if (isForeign) return { sound: false, atSeq: Math.max(1, head.seq), problem: FOREIGN }
        const [beyond] = await entries(head.seq, 1)
        const grown = await headOf(database)
        if (beyond === undefined || grown.seq > head.seq) return { sound: true, entries: last.seq }
        return { sound: false, atSeq: beyond.seq, problem: 'an entry was added past the end' }
      }
      return { sound: false, atSeq: last.seq + 1, problem: 'the end of the trail is missing' }
    },
  }
}

async function newestFirst(
  database: Kysely<ControlDatabase>,
  filter: AuditFilter,
): Promise<readonly AuditEntry[]> {
  const { from, to, actor, action, subject, beforeSeq, limit } = filter
  let query = database.selectFrom('audit_trail').selectAll().where('at', '>=', from)
  if (to !== null) query = query.where('at', '<', to)
  if (actor !== null) query = query.where('actor', '=', actor)
  if (action !== null) query = query.where('action', '=', action)
  if (subject !== null) query = query.where('subject', '=', subject)
  if (beforeSeq !== null) query = query.where('seq', '<', beforeSeq)
  // One more than a page tells whether there is another.
  const rows = await query
    .orderBy('seq', 'desc')
    .limit(Math.min(limit, AUDIT_PAGE_MAX + 1))
    .execute()
  return rows.map(entryOf)
}

export function auditWrites(
  transaction: Transaction<ControlDatabase>,
  clock: Clock,
  auditKey: KeyObject | null,
): AuditWrites {
  return {
    ...auditReads(transaction, auditKey),
    async append(event) {
      const head = await headOf(transaction)
      const entry = chainEntry(head, isoTime(clock.now()), event)
      await transaction.insertInto('audit_trail').values(rowOf(entry)).execute()
      await transaction
        .updateTable('audit_head')
        .set({ seq: entry.seq, hash: entry.hash, seal: nextSeal(head, entry, auditKey) })
        .where('id', '=', 1)
        .execute()
      return entry
    },
  }
}

/** A broken seal stays: what is written after it must not make good what was done before. */
function nextSeal(head: SealedHead, next: AuditHead, auditKey: KeyObject | null): string | null {
  if (auditKey === null || !isSealed(head, auditKey)) return head.seal
  return sealOf(next, auditKey)
}

/** For a trail from before there were seals. */
export async function sealTrail(
  transaction: Transaction<ControlDatabase>,
  auditKey: KeyObject,
): Promise<void> {
  const seal = sealOf(await headOf(transaction), auditKey)
  await transaction.updateTable('audit_head').set({ seal }).where('id', '=', 1).execute()
}

/** Waits until no other transaction of the store writes; the lock goes with the transaction. */
export async function lockWriters(transaction: Transaction<ControlDatabase>): Promise<void> {
  await transaction
    .updateTable('audit_head')
    .set((eb) => ({ seq: eb.ref('seq') }))
    .where('id', '=', 1)
    .execute()
}

type SealedHead = AuditHead & { readonly seal: string | null }

async function headOf(database: Kysely<ControlDatabase>): Promise<SealedHead> {
  return database
    .selectFrom('audit_head')
    .select(['seq', 'hash', 'seal'])
    .where('id', '=', 1)
    .executeTakeFirstOrThrow()
}

function rowOf(entry: AuditEntry): AuditTrailTable {
  return {
    seq: entry.seq,
    at: entry.at,
    actor: entry.actor,
    action: entry.action,
    subject: entry.subject,
    state_before: entry.before === null ? null : canonicalJson(entry.before),
    state_after: entry.after === null ? null : canonicalJson(entry.after),
    reason: entry.reason,
    previous_hash: entry.previousHash,
    hash: entry.hash,
  }
}

function entryOf(row: AuditTrailTable): AuditEntry {
  return {
    seq: row.seq,
    at: row.at,
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    before: parsed(row.state_before),
    after: parsed(row.state_after),
    reason: row.reason,
    previousHash: row.previous_hash,
    hash: row.hash,
  }
}

/** Text that is no JSON any more is kept as text: its hash then does not fit, which is what `verify` reports. */
function parsed(text: string | null): Json {
  if (text === null) return null
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
