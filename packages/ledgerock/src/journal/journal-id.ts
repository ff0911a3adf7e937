// The name of one life of one writer: the instant in milliseconds, then random bits, in hexadecimal, so that names sort by
// age. The journal that recovery makes for it has the same name with `r`.

const RANDOM_BYTES = 6
const JOURNAL_ID = /^[0-9a-f]{24}r?$/

export function newJournalId(nowMs: number, random: (count: number) => Uint8Array): string {
  const instant = nowMs.toString(16).padStart(12, '0')
  return instant + Buffer.from(random(RANDOM_BYTES)).toString('hex')
}

export function isJournalId(name: string): boolean {
  return JOURNAL_ID.test(name)
}

export function recoveredIdOf(journalId: string): string {
  return `${journalId}r`
}

/** The journal a recovered one stands in for, or null for an original. */
export function originalIdOf(journalId: string): string | null {
  return journalId.endsWith('r') ? journalId.slice(0, -1) : null
}

/** The instant in a journal's name, in milliseconds since the epoch. */
export function journalIdTime(journalId: string): number {
  return Number.parseInt(journalId.slice(0, 12), 16)
}
