// What could not be read of a bill, and where: such lines are counted and shown with their dollars where those were readable, and
// never taken for something else.

export const BILL_FAULT_REASONS = [
  // The file as a whole, or from some line on.
  'not_a_bill',
  'format',
  'columns',
  'truncated',
  'rest_unreadable',
  // One row.
  'quotes',
  'fields',
  'amount',
  'time',
  'map',
  'currency',
  'type',
] as const
export type BillFaultReason = (typeof BILL_FAULT_REASONS)[number]

export type BillFault = {
  readonly file: string
  /** The line of the file on which the row ends, the header's being 1; the item of a list from 0. Null: the whole file. */
  readonly row: number | null
  readonly reason: BillFaultReason
  readonly detail: string
  /** The row's cost, where it could be read: a plain decimal. */
  readonly usd: string | null
}

export type RowProblem = Omit<BillFault, 'file' | 'row'>
