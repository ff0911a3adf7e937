// Carries the policy from control to the workers and their word back. It keeps the newest one, so that a worker can start
// and serve while control is down, and after a restart begins with the file control left behind.

import { readFileSync } from 'node:fs'
import { openPolicy } from '../../governance/policy-envelope.ts'
import { supersedes, type PolicyPosition } from '../../governance/policy.ts'
import { mustOk } from '../../kernel/result.ts'
import type { Logger } from '../../platform/logging.ts'
import { createAckRounds } from './ack-rounds.ts'
import type { Peer } from './child.ts'
import { policyFile } from '../data-layout.ts'

export type PolicyRelay = {
  /** The newest envelope, or null before the first. */
  readonly latest: () => string | null
  readonly publish: (control: Peer, id: number, envelope: string) => void
  readonly acknowledged: (worker: Peer, position: PolicyPosition) => void
  readonly workerDied: (worker: Peer) => void
}

export function createPolicyRelay(
  logger: Logger,
  dataDirectory: string,
  workers: () => readonly Peer[],
): PolicyRelay {
  let latest = readPolicyFile(logger, policyFile(dataDirectory))
  const rounds = createAckRounds<PolicyPosition>()
  return {
    latest: () => latest,
    publish(control, id, envelope) {
      const position = mustOk(openPolicy(envelope))
      latest = envelope
      for (const worker of workers()) worker.send({ kind: 'policy', envelope })
      rounds.begin(workers(), position, (acks) => control.send({ kind: 'policy-acks', id, acks }))
    },
    acknowledged(worker, position) {
      rounds.said(worker, (wanted) => !supersedes(position, wanted))
    },
    // It will start again with the latest policy: nobody has to wait for it.
    workerDied: rounds.gone,
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
