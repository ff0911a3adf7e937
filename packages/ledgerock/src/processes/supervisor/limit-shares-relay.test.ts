import { describe, expect, it } from 'vitest'
import type { WorkerReport } from '../../governance/limit/share-divider.ts'
import { createLimitShareRelay } from './limit-shares-relay.ts'
import { fakePeer } from '../testing/fake-peer.ts'

const report: WorkerReport = {
  round: 3,
  demand: [{ rule: 'limit-1', asked: 7, running: 2, slots: 4 }],
}

describe('limit share relay', () => {
  it('[Z12] carries demand to control and each worker’s shares to that worker alone', () => {
    const control = fakePeer('control')
    const workers = [fakePeer('worker-1'), fakePeer('worker-2')] as const
    const relay = createLimitShareRelay(
      () => control,
      () => workers,
    )
    relay.demanded(workers[1], report)
    relay.workerDied(workers[0])
    expect(control.sent.map(({ message }) => message)).toEqual([
      { kind: 'limit-demand', worker: 'worker-2', report },
      { kind: 'worker-died', name: 'worker-1' },
    ])
    const shares = { 'limit-1': { share: 0.5, slots: 4 } }
    // Control may not have heard of a worker yet, or still know one that is gone.
    relay.divided(4, { 'worker-2': shares, 'worker-9': shares })
    expect(workers[0].sent).toEqual([])
    expect(workers[1].sent.map(({ message }) => message)).toEqual([
      { kind: 'limit-shares', round: 4, shares },
    ])
  })

  it('[Z14] a control that is not there keeps nobody', () => {
    const worker = fakePeer('worker-1')
    const relay = createLimitShareRelay(
      () => undefined,
      () => [worker],
    )
    expect(() => relay.demanded(worker, report)).not.toThrow()
    expect(() => relay.workerDied(worker)).not.toThrow()
  })
})
