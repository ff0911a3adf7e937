// The files of one delivery as the ledger is given them: on this machine, under names of our own, checked.

export const BILL_FORMATS = ['parquet', 'csv'] as const
export type BillFormat = (typeof BILL_FORMATS)[number]

/** A file that lies on this machine under a name of our own, checked and ready to be read. */
export type StagedBillFile = {
  /** As the delivery calls it: in every report. */
  readonly name: string
  /** Where it lies now; a plain path without anything a query engine takes for a pattern. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  /** As the file has them, in order; null for Parquet, which says so itself. */
  readonly columns: readonly string[] | null
  readonly gzipped: boolean
}
