// Carries the policy from control to the workers and their word back. It keeps the newest one, so that a worker can start
// and serve while control is down, and after a restart begins with the file control left behind.

import { readFileSync } from 'node:fs'
import { openPolicy } from '../governance/policy-envelope.ts'
import { supersedes, type PolicyPosition } from '../governance/policy.ts'
import { mustOk } from '../kernel/result.ts'
import type { Logger } from '../platform/logging.ts'
import type { Peer } from './child.ts'
import { policyFile } from './data-layout.ts'

export type PolicyRelay = {
  /** The newest envelope, or null before the first. */
  readonly latest: () => string | null
  readonly publish: (control: Peer, id: number, envelope: string) => void
  readonly acknowledged: (worker: Peer, position: PolicyPosition) => void
  readonly workerDied: (worker: Peer) => void
}

/** A worker that has not answered by now is reported as missing; it keeps the policy it has. */
const ACK_PATIENCE_MS = 1_000

type Pending = {
  readonly position: PolicyPosition
  readonly waiting: Set<Peer>
  readonly acked: string[]
  readonly finish: () => void
}

export function createPolicyRelay(
  logger: Logger,
  dataDirectory: string,
  workers: () => readonly Peer[],
): PolicyRelay {
  let latest = readPolicyFile(logger, policyFile(dataDirectory))
  const pending = new Set<Pending>()

  function settle(worker: Peer, note: (entry: Pending) => void): void {
    for (const entry of pending) {
      if (!entry.waiting.has(worker)) continue
      note(entry)
      if (entry.waiting.size === 0) entry.finish()
    }
  }

  return {
    latest: () => latest,
    publish(control, id, envelope) {
      const position = mustOk(openPolicy(envelope))
      latest = envelope
      const waiting = new Set(workers().filter((worker) => worker.ready() && worker.alive()))
      const acked: string[] = []
      const finish = (): void => {
        clearTimeout(timer)
        pending.delete(entry)
        const missing = [...waiting].map((worker) => worker.name)
        control.send({ kind: 'policy-acks', id, acks: { acked, missing } })
      }
      const timer = setTimeout(finish, ACK_PATIENCE_MS)
      const entry: Pending = { position, waiting, acked, finish }
      pending.add(entry)
      for (const worker of workers()) worker.send({ kind: 'policy', envelope })
      if (waiting.size === 0) finish()
    },
    acknowledged(worker, position) {
      settle(worker, (entry) => {
        if (supersedes(position, entry.position)) return
        entry.waiting.delete(worker)
        entry.acked.push(worker.name)
      })
    },
    workerDied(worker) {
      // It will start again with the latest policy: nobody has to wait for it.
      settle(worker, (entry) => entry.waiting.delete(worker))
    },
  }
}

function readPolicyFile(logger: Logger, path: string): string | null {
  let envelope: string
  try {
    envelope = readFileSync(path, 'utf8')
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!missing) logger.warn({ path, reason: String(error) }, 'policy_file_unreadable')
    return null
  }
  const opened = openPolicy(envelope)
  if (opened.ok) return envelope
  logger.warn({ path, reason: opened.problem }, 'policy_file_unreadable')
  return null
}
