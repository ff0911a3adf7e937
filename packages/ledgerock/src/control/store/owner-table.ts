// Owners people assign, beside those of the file; what was removed stays, with who did it.

export const OWNER_DDL: readonly string[] = []

export type OwnerTables = {}
