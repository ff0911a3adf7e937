// What is imported and what may be: as it is asked for, and as the configuration has it.

import type { ExchangeRule } from '../month/exchange.ts'

export const IMPORT_KINDS = ['cur', 'outcomes'] as const
export type ImportKind = (typeof IMPORT_KINDS)[number]

export type RecurringImport = {
  readonly name: string
  readonly kind: ImportKind
  readonly from: string
  readonly everyMs: number | null
}

export type ImportRules = {
  readonly roots: readonly string[]
  readonly uploadBytesMax: number
  /** What bills may be in besides dollars. */
  readonly exchange: readonly ExchangeRule[]
  readonly imports: readonly RecurringImport[]
}

export type NewImport = {
  readonly kind: ImportKind
  readonly name: string
  readonly period: string | null
  /** Null: files will be sent. */
  readonly source: string | null
}
