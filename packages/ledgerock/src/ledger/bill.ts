// The bill in the books: what an import is asked, what it answers, and what can be asked of the bill afterwards. All of it is
// plain data. Lines never come here: the engine reads the files, and only words, sums and cells are answers.

import type { ReadBillWord } from '../billing/bill-word.ts'
import type { BillFormat, StagedBillFile } from '../billing/staged-bill.ts'
import type { RatedCurrency } from './rated-currency.ts'

export type BillOrder = {
  readonly importId: string
  /** Bills of one name replace each other; two that are not the same bill (two payers) have two names. */
  readonly bill: string
  /** `2026-10`; null: as the lines say. */
  readonly period: string | null
  readonly exportName: string
  readonly executionId: string
  readonly format: BillFormat
  readonly files: readonly StagedBillFile[]
  /** What a bill may be in besides dollars. */
  readonly rated: readonly RatedCurrency[]
  readonly importedBy: string
}

export const BILL_REFUSALS = [
  'no_files',
  'unreadable',
  'columns',
  'not_a_bill',
  'amount',
  'time',
  'map',
  'currency',
  'mixed_currencies',
  'mixed_periods',
  'other_period',
  'period_unknown',
  'files_changed',
  'too_many_words',
] as const
export type BillRefusalReason = (typeof BILL_REFUSALS)[number]

export type BillRejection = {
  readonly file: string
  /** From 1, the header not counted; null: the whole file. */
  readonly row: number | null
  readonly reason: BillRefusalReason
  readonly detail: string
}

/** Row by row against the version that was in force before. */
export type BillDifference = {
  readonly added: number
  readonly removed: number
  /** Of those two, the same charge with another amount. */
  readonly changed: number
  readonly unchanged: number
  /** New minus old, exact. */
  readonly usd: string
}

/** Amounts are in `currency`, as AWS wrote them, whatever their names say: of dollars, which most bills are in. */
export type BillVersion = {
  readonly period: string
  readonly bill: string
  readonly version: number
  readonly import_id: string
  readonly fingerprint: string
  readonly export_name: string
  readonly execution_id: string
  readonly files: readonly {
    readonly name: string
    readonly bytes: number
    readonly sha256: string
  }[]
  /** All rows of the delivery, and those of Bedrock among them. */
  readonly rows: number
  readonly bedrock_rows: number
  readonly left_aside: { readonly rows: number; readonly usd: string }
  readonly currency: string
  /** Exact sums of the Bedrock rows, all digits. */
  readonly unblended_usd: string
  readonly net_usd: string
  readonly words: number
  readonly unmapped: { readonly rows: number; readonly usd: string }
  /** Lines whose amount × rate is not their cost. */
  readonly rate_mismatches: { readonly rows: number; readonly usd: string }
  readonly columns: readonly string[]
  readonly difference: BillDifference | null
  readonly imported_at: string
  readonly imported_by: string
}

export type BillImport =
  | { readonly state: 'imported'; readonly version: BillVersion }
  /** The same delivery is here already, as this version; nothing changed. */
  | { readonly state: 'unchanged'; readonly version: BillVersion }
  | {
      readonly state: 'refused'
      readonly rejected: readonly BillRejection[]
      readonly read: number
    }

export type BillQuestion = {
  readonly period: string
  /** Null: what is in force. */
  readonly version: number | null
}

export type BillSumRow = {
  readonly thing: string
  readonly line_item_type: string
  readonly rows: number
  readonly unblended_usd: string
  readonly net_usd: string
}

export type UnmappedWord = {
  readonly reason: string
  readonly usage_type: string
  readonly product_name: string
  readonly unit: string
  readonly unit_text: string
  readonly rows: number
  readonly unblended_usd: string
  readonly net_usd: string
}

export type BillSummary = {
  readonly period: string
  readonly versions: readonly BillVersion[]
  readonly sums: readonly BillSumRow[]
  /** `unmapped_usage_type`, the dearest first. */
  readonly unmapped: readonly UnmappedWord[]
  readonly invoices: readonly {
    readonly invoice_id: string
    readonly issuer: string
    readonly rows: number
    readonly unblended_usd: string
    readonly net_usd: string
    readonly tax_usd: string
  }[]
}

/** A stretch of the bill in which only one price can apply, and who called: what reconciliation lays calls beside. */
export type BillCellRow = {
  /** Who pays the bill; empty where the delivery has no such column. */
  readonly payer_account: string
  readonly account_id: string
  readonly region: string
  readonly model_id: string
  readonly kind: string
  readonly scope: string
  readonly tier: string
  readonly long_context: boolean
  /** What sells at a price of its own within the kind, as the bill writes it: a picture's size. */
  readonly variant: string
  readonly thing: string
  readonly line_item_type: string
  readonly unmapped_reason: string
  readonly usage_type: string
  readonly principal: string
  readonly resource_id: string
  readonly tags: Readonly<Record<string, string>>
  readonly invoice_id: string
  /** Start and end of the stretch, ISO. */
  readonly from: string
  readonly to: string
  /** In the kind's own unit, exact; empty where the unit is not known. */
  readonly quantity: string
  readonly unblended_usd: string
  readonly net_usd: string
  readonly list_usd: string
  readonly rows: number
}

export type BillBooks = {
  readonly importBill: (order: BillOrder) => Promise<BillImport>
  /** Newest first; all periods where none is said. */
  readonly billVersions: (question: {
    readonly period: string | null
  }) => Promise<readonly BillVersion[]>
  /** Null: no bill of that period. */
  readonly billSummary: (question: BillQuestion) => Promise<BillSummary | null>
  readonly billCells: (
    question: BillQuestion & { readonly cursor: string | null; readonly limit: number },
  ) => Promise<{ readonly items: readonly BillCellRow[]; readonly next_cursor: string | null }>
  /** Reads the words of a version again, with the names known now; answers how many words changed their meaning. */
  readonly rereadBillWords: (question: BillQuestion) => Promise<{ readonly changed: number }>
  /** Removes versions that are not in force, but for the newest `keep` of each bill. */
  readonly pruneBill: (question: {
    readonly period: string
    readonly keep: number
  }) => Promise<readonly number[]>
}

export type { BillFormat, ReadBillWord, StagedBillFile }
