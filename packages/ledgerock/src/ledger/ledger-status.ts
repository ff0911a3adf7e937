// How the ledger is doing, as `status` answers it: whether the store takes writes and how far it is behind the journals.

export type LedgerStatus = {
  readonly store: {
    readonly kind: 'embedded' | 'server'
    readonly state: 'ok' | 'unreachable'
    readonly schema_version: number
  }
  readonly shipping: {
    readonly state: 'idle' | 'shipping' | 'retrying' | 'stopped'
    /** Bytes of journal, synced or not, that the store has not confirmed. */
    readonly lag_bytes: number
    /** Age of the oldest settled line that the store has not confirmed; 0 if none. */
    readonly lag_seconds: number
    readonly journals: number
    readonly shipped_calls: number
    /** Damaged journal records and lines the store refuses for good; they are kept on disk. */
    readonly quarantined: number
    readonly last_shipped_at: string | null
    readonly last_error: {
      readonly code: string
      readonly message: string
      readonly at: string
      readonly retryable: boolean
    } | null
  }
}
