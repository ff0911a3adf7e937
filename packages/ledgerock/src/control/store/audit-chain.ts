// The audit trail as a hash chain: each entry's hash covers the entry and the hash before it, so that an entry cannot be edited,
// removed or moved without every later hash being wrong. The end is sealed under the master key, so that whoever can write the tables
// but has not the key cannot cut the trail or write it anew. (Who puts back an end that was once in force, seal and all, cuts what came
// after it: keep the last hash elsewhere too.)

import { createHash, createHmac, timingSafeEqual, type KeyObject } from 'node:crypto'
import { canonicalJson, type Json } from './canonical-json.ts'

/** What stands before the first entry. */
export const GENESIS_HASH = '0'.repeat(64)

/** What was done, before it has a place in the chain. `before` and `after` never hold a secret or a digest of one. */
export type AuditEvent = {
  readonly actor: string
  readonly action: string
  readonly subject: string
  readonly before: Json
  readonly after: Json
  /** Why, in the words of whoever did it; left out or null: nothing was said. */
  readonly reason?: string | null
}

export type AuditEntry = Required<AuditEvent> & {
  /** From 1, without gaps. */
  readonly seq: number
  readonly at: string
  readonly previousHash: string
  readonly hash: string
}

export type AuditHead = { readonly seq: number; readonly hash: string }

export function chainEntry(head: AuditHead, at: string, event: AuditEvent): AuditEntry {
  const { reason = null } = event
  const placed = { ...event, reason, seq: head.seq + 1, at, previousHash: head.hash }
  return { ...placed, hash: hashOf(placed) }
}

export function sealOf({ seq, hash }: AuditHead, auditKey: KeyObject): string {
  return createHmac('sha256', auditKey).update(`ledgerock audit trail:${seq}:${hash}`).digest('hex')
}

export function isSealed(head: AuditHead & { readonly seal: string | null }, auditKey: KeyObject) {
  const [kept, wanted] = [Buffer.from(head.seal ?? ''), Buffer.from(sealOf(head, auditKey))]
  return kept.length === wanted.length && timingSafeEqual(kept, wanted)
}

export type ChainVerdict =
  | { readonly sound: true; readonly entries: number }
  | { readonly sound: false; readonly atSeq: number; readonly problem: string }

/** Checks entries in order of `seq`, page by page: feed what `step` returned into the next one, then compare with the head. */
export function followChain(
  head: AuditHead,
  entries: readonly AuditEntry[],
): AuditHead | ChainVerdict {
  let last = head
  for (const entry of entries) {
    const broken = (problem: string): ChainVerdict => ({
      sound: false,
      atSeq: last.seq + 1,
      problem,
    })
    if (entry.seq !== last.seq + 1) return broken('an entry is missing or out of order')
    if (entry.previousHash !== last.hash) return broken('the entry does not follow the one before')
    if (entry.hash !== hashOf(entry)) return broken('the entry was changed')
    last = { seq: entry.seq, hash: entry.hash }
  }
  return last
}

function hashOf(entry: Omit<AuditEntry, 'hash'>): string {
  const { seq, at, actor, action, subject, before, after, reason, previousHash } = entry
  // Entries without a reason hash as those did that were written before there were reasons.
  const why = reason === null ? {} : { reason }
  const text = canonicalJson({ seq, at, actor, action, subject, before, after, ...why })
  return createHash('sha256').update(previousHash, 'latin1').update(text, 'utf8').digest('hex')
}
