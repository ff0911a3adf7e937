// Imports: each run with what was asked, how far it is and what it reported.

export const IMPORT_DDL: readonly string[] = []

export type ImportTables = {}
