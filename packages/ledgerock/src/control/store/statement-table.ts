// Statements that were issued, and to whom they were sent.

export const STATEMENT_DDL: readonly string[] = []

export type StatementTables = {}
