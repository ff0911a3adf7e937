// The benches' side of the load generator: start it, have it run a load, get what it counted.

import { join } from 'node:path'
import { endChild, forkScript, nextMessage } from '../child.ts'
import type { RequestShape } from './request.ts'
import type { LoadResult } from './tally.ts'

export type LoadSpec = {
  readonly url: string
  readonly protocol: 'h1' | 'h2'
  readonly request: RequestShape
  readonly connections: number
  /** Calls in flight per connection; HTTP/1.1 has one. */
  readonly streams: number
  /** Calls that began before this are not timed. */
  readonly warmupMs: number
  readonly measureMs: number
  /** Ends the run early. */
  readonly callsMax: number
}

export type Load = {
  /** Rejects where calls failed: a number with errors in it is no number. */
  readonly run: (spec: LoadSpec) => Promise<LoadResult>
  readonly stop: () => Promise<void>
}

/** On top of the time a run is to take. */
const GRACE_MS = 15_000

export async function startLoad(): Promise<Load> {
  const child = forkScript(join(import.meta.dirname, 'generator.ts'), null)
  await nextMessage(child, 'the load generator', GRACE_MS)
  return {
    async run(spec) {
      child.send(spec)
      const patienceMs = spec.warmupMs + spec.measureMs + GRACE_MS
      const said = await nextMessage(child, `load on ${spec.url}`, patienceMs)
      const { result, error } = said as { result?: LoadResult; error?: string }
      if (result === undefined) throw new Error(`load on ${spec.url}: ${error}`)
      const failures = Object.entries(result.failures)
      if (failures.length > 0 || result.calls === 0) {
        const list = failures.map(([status, count]) => `${count} × ${status}`).join(', ')
        throw new Error(`load on ${spec.url}: ${result.calls} calls timed, failures: ${list}`)
      }
      return result
    },
    stop: () => endChild(child),
  }
}
