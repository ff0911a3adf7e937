// Makes the answers of operations that are no model's: whole, JSON, and either free or with what they used.

import { NO_OTHER_USAGE, type OtherUsage, type Usage } from './usage.ts'

export type Served = {
  readonly kind: 'served'
  readonly status: number
  /** JSON. */
  readonly body: string
  readonly usage: Usage | null
}

export const NO_USAGE: Usage = {
  input: 0,
  output: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  other: NO_OTHER_USAGE,
}

export function served(value: object, usage: Usage = NO_USAGE): Served {
  return servedText(JSON.stringify(value), usage)
}

export function servedText(body: string, usage: Usage = NO_USAGE): Served {
  return { kind: 'served', status: 200, body, usage }
}

export function unitsUsed(other: OtherUsage): Usage {
  return { ...NO_USAGE, other }
}
