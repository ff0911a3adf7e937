// Limits shared between workers and nodes, as the control process runs it: on its channel, its store and the real clock.

import type { ControlStore } from '../../control/store/control-store.ts'
import {
  createShareDivider,
  type DividedRule,
  type WorkerUse,
} from '../../governance/limit/share-divider.ts'
import type { LimitRule } from '../../governance/limit/rate-limits.ts'
import { systemClock } from '../../platform/clock.ts'
import { createLimitShareControl } from './limit-shares-control.ts'
import { createLimitNodes } from './limit-shares-nodes.ts'
import { SHARE_EVERY_MS } from '../worker/limit-shares-worker.ts'
import type { FromChild, ToChild } from '../messages.ts'

export type LimitSharing = {
  readonly onMessage: (message: ToChild) => void
  /** By worker of this node, as of the last second. */
  readonly uses: () => readonly WorkerUse[]
  readonly stop: () => void
}

export type LimitSharingDeps = {
  readonly store: Pick<ControlStore, 'kind' | 'write'>
  readonly nodeId: string
  readonly workers: number
  readonly limits: () => readonly LimitRule[]
  readonly send: (message: FromChild) => void
  /** The other nodes could not be asked. */
  readonly onError: (error: unknown) => void
}

export function openLimitSharing(deps: LimitSharingDeps): LimitSharing {
  const { store, nodeId, send, onError } = deps
  const divider = createShareDivider(deps.workers)
  const control = createLimitShareControl({
    divider,
    rules: () => deps.limits().map(dividedRule),
    // A database in the data directory has one node.
    nodes: store.kind === 'postgres' ? createLimitNodes(store, systemClock, nodeId) : null,
    send: (round, shares) => send({ kind: 'limit-shares', round, shares }),
    firstRound: systemClock.now(),
  })
  const timer = setInterval(() => void control.tick().catch(onError), SHARE_EVERY_MS)
  return {
    onMessage(message) {
      if (message.kind === 'limit-demand') control.reported(message.worker, message.report)
      if (message.kind === 'worker-died') control.workerDied(message.name)
    },
    uses: divider.uses,
    stop: () => clearInterval(timer),
  }
}

function dividedRule({ name, concurrentCalls }: LimitRule): DividedRule {
  return { name, limit: concurrentCalls }
}
