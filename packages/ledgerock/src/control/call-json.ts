// A call as the API and exports show it: the contract's record with its dimensions as top-level fields. Every declared dimension
// is there, `unknown` where nobody said; a field of the record is never overwritten by a dimension of the same name.

import { UNKNOWN, type CallRecord } from '@ledgerock/contract'

export type CallJson = Omit<CallRecord, 'dimensions'> & Readonly<Record<string, unknown>>

export function callJson(call: CallRecord, declared: readonly string[]): CallJson {
  const { dimensions, ...record } = call
  const missing = Object.fromEntries(declared.map((name) => [name, UNKNOWN]))
  return { ...missing, ...dimensions, ...record }
}
