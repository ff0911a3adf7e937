// Pools of shared costs people make, beside those of the file; what was replaced stays, with who did it.

export const POOL_DDL: readonly string[] = []

export type PoolTables = {}
