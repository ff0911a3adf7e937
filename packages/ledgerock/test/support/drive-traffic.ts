// Plays planned calls against a gateway as AWS SDKs do: several at a time, each tried again under the same invocation id while
// its failure is one that SDKs retry, each attempt numbered.

import type { PlannedCall } from './traffic.ts'
import type { Received, WireClient } from './wire-client.ts'

/** One request that was sent, and what came of it. */
export type Attempt = {
  readonly planned: PlannedCall
  readonly attempt: number
  readonly received: Received
}

export type Drive = {
  readonly client: () => WireClient
  /** Key name → secret. */
  readonly secrets: ReadonlyMap<string, string>
  readonly attemptsMax: number
  readonly pauseMs: number
}

const RETRIED = new Set([408, 424, 429, 500, 502, 503])

/** `attempts` grows while calls are under way. */
export async function driveCall(
  drive: Drive,
  planned: PlannedCall,
  attempts: Attempt[],
): Promise<void> {
  for (let attempt = 1; attempt <= drive.attemptsMax; attempt += 1) {
    const received = await drive.client().send({
      protocol: planned.protocol,
      path: planned.path,
      body: planned.body,
      leaving: planned.leaving,
      headers: {
        ...planned.headers,
        'content-type': 'application/json',
        authorization: `Bearer ${drive.secrets.get(planned.keyName) ?? ''}`,
        'amz-sdk-invocation-id': planned.logicalId,
        'amz-sdk-request': `attempt=${attempt}; max=${drive.attemptsMax}`,
        'x-simulator-fault': planned.faults[attempt - 1] ?? 'none',
      },
    })
    attempts.push({ planned, attempt, received })
    const failed = !received.complete || RETRIED.has(received.status ?? 0)
    if (!failed || planned.leaving !== 'never') return
    await new Promise((resolve) => setTimeout(resolve, drive.pauseMs))
  }
}

/** All of them, `concurrency` at a time, in order of the plan. */
export async function driveAll(
  drive: Drive,
  plan: readonly PlannedCall[],
  concurrency: number,
): Promise<readonly Attempt[]> {
  const attempts: Attempt[] = []
  const queue = [...plan]
  const lane = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      await driveCall(drive, next, attempts)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
  return attempts
}
