// Jobs started by StartAsyncInvoke: nothing is made, a job is under way until the clock says that it is done.

import type { JsonObject } from './json-value.ts'

export type AsyncInvoke = {
  readonly arn: string
  readonly accountId: string
  readonly region: string
  readonly modelArn: string
  readonly clientRequestToken: string | null
  /** Tells a repetition of the same request from another request with the same token. */
  readonly bodySha256: string
  readonly outputDataConfig: JsonObject
  readonly submittedAtMs: number
  readonly doneAtMs: number
}

export type AsyncInvokes = {
  readonly add: (job: AsyncInvoke) => void
  readonly find: (arn: string) => AsyncInvoke | undefined
  /** Of one account and region, oldest first. */
  readonly list: (accountId: string, region: string) => readonly AsyncInvoke[]
  readonly clear: () => void
}

const JOBS_MAX = 10_000

export function createAsyncInvokes(): AsyncInvokes {
  const jobs = new Map<string, AsyncInvoke>()
  return {
    add: (job) => {
      jobs.set(job.arn, job)
      for (const oldest of jobs.keys()) {
        if (jobs.size <= JOBS_MAX) break
        jobs.delete(oldest)
      }
    },
    find: (arn) => jobs.get(arn),
    list: (accountId, region) =>
      [...jobs.values()].filter((job) => job.accountId === accountId && job.region === region),
    clear: () => jobs.clear(),
  }
}

export function statusAt(job: AsyncInvoke, nowMs: number): 'InProgress' | 'Completed' {
  return nowMs < job.doneAtMs ? 'InProgress' : 'Completed'
}
