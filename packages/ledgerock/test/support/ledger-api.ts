// Reads the ledger through the control API, as a dashboard would: all pages of calls, spend by anything, and whether the books
// are sound.

import type { CallRecord, SpendAnswer } from '@ledgerock/contract'
import { eventually, type RunningSystem } from './running-system.ts'

/** A record as the API shows it: dimensions as top-level fields. */
export type ApiCall = Omit<CallRecord, 'dimensions'> & Readonly<Record<string, unknown>>

const PAGE = 500

export async function allCalls(system: RunningSystem): Promise<readonly ApiCall[]> {
  const calls: ApiCall[] = []
  let cursor: string | null = null
  do {
    const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page: { items: ApiCall[]; next_cursor: string | null } = await ask(
      system,
      `/api/v1/calls?from=-2d&limit=${PAGE}${query}`,
    )
    calls.push(...page.items)
    cursor = page.next_cursor
  } while (cursor !== null)
  return calls
}

export function spend(system: RunningSystem, query: string): Promise<SpendAnswer> {
  return ask(system, `/api/v1/spend?from=-2d&${query}`)
}

export type Verified = {
  readonly sound: boolean
  readonly findings: readonly { readonly code: string; readonly detail: string }[]
}

export function verify(system: RunningSystem): Promise<Verified> {
  return ask(system, '/api/v1/verify')
}

export async function ask<Answer>(system: RunningSystem, path: string): Promise<Answer> {
  const response = await system.api(path)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as Answer
}

/** A lasting value, or null while the control process is away. */
export async function orNull<Value>(question: Promise<Value>): Promise<Value | null> {
  return question.catch(() => null)
}

/** The record of a call, once it has come to the ledger. */
export function recordOf(system: RunningSystem, callId: string): Promise<ApiCall> {
  return eventually(async () => {
    const response = await system.api(`/api/v1/calls/${callId}`)
    if (response.status === 404) return null
    if (!response.ok) throw new Error(`${callId}: ${response.status} ${await response.text()}`)
    return ((await response.json()) as { call: ApiCall }).call
  }, `a record of ${callId}`)
}
