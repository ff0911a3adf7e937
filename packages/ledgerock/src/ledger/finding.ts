// What `verify` can find. A finding is data with a code that never changes; people and scripts act on the code.

export const FINDING_CODES = [
  'rollup_differs',
  'line_missing',
  'duplicate_call',
  'charges_do_not_add_up',
  'setting_not_in_force',
  'journal_gap',
] as const
export type FindingCode = (typeof FINDING_CODES)[number]

export type Finding = {
  readonly code: FindingCode
  /** What it is about: a rollup and month, a journal and sequence number, a call id, a setting. */
  readonly subject: string
  readonly detail: string
  /** How many rows, lines or calls it covers. */
  readonly count: number
}

export type VerifyReport = {
  /** No finding is left, after repairs. */
  readonly sound: boolean
  readonly checked: {
    readonly calls: number
    readonly journals: number
    readonly lines: number
    readonly rollups: number
  }
  readonly findings: readonly Finding[]
  /** Findings that a repair removed. */
  readonly repaired: readonly Finding[]
}
