import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sealPolicy } from '../../governance/policy-envelope.ts'
import { samplePolicy } from '../../governance/testing/sample-policy.ts'
import { createLogger } from '../../platform/logging.ts'
import { policyFile } from '../data-layout.ts'
import { createPolicyRelay } from './policy-relay.ts'
import { fakePeer, type FakePeer } from '../testing/fake-peer.ts'

let data: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'ledgerock-relay-'))
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(data, { recursive: true, force: true })
})

const at = (version: number) => ({ epoch: 1, version })

function envelope(version: number): string {
  return sealPolicy(samplePolicy({ ...at(version), dimensions: [] }))
}

function node() {
  const control = fakePeer('control')
  const workers = [fakePeer('worker-1'), fakePeer('worker-2')] as const
  const relay = createPolicyRelay(createLogger('test', 'silent'), data, () => workers)
  return { control, workers, relay }
}

const messagesTo = (peer: FakePeer): unknown[] => peer.sent.map(({ message }) => message)
const acks = (id: number, acked: readonly string[], missing: readonly string[]) => ({
  kind: 'policy-acks',
  id,
  acks: { acked, missing },
})

describe('policy relay', () => {
  it('[Z7] tells control who has the policy once every ready worker said so', () => {
    const { control, workers, relay } = node()
    relay.publish(control, 7, envelope(2))
    expect(relay.latest()).toBe(envelope(2))
    for (const worker of workers) {
      expect(messagesTo(worker)).toEqual([{ kind: 'policy', envelope: envelope(2) }])
    }
    relay.acknowledged(workers[1], at(2))
    expect(messagesTo(control)).toEqual([])
    relay.acknowledged(workers[0], at(2))
    expect(messagesTo(control)).toEqual([acks(7, ['worker-2', 'worker-1'], [])])
    vi.advanceTimersByTime(5_000)
    expect(control.sent).toHaveLength(1)
  })

  it('[Z7] names the workers that did not answer in time', () => {
    const { control, workers, relay } = node()
    relay.publish(control, 7, envelope(2))
    relay.acknowledged(workers[0], at(2))
    vi.advanceTimersByTime(1_000)
    expect(messagesTo(control)).toEqual([acks(7, ['worker-1'], ['worker-2'])])
  })

  it('[Z7] an older policy acknowledged is not this one, a newer one is', () => {
    const { control, workers, relay } = node()
    relay.publish(control, 7, envelope(2))
    relay.acknowledged(workers[0], at(1))
    relay.acknowledged(workers[1], at(3))
    vi.advanceTimersByTime(1_000)
    expect(messagesTo(control)).toEqual([acks(7, ['worker-2'], ['worker-1'])])
  })

  it('[Z7] waits for nobody who is dead or only starting, but sends to who is starting', () => {
    const { control, workers, relay } = node()
    workers[1].become('starting')
    relay.publish(control, 7, envelope(2))
    expect(messagesTo(workers[1])).toEqual([{ kind: 'policy', envelope: envelope(2) }])
    workers[0].become('dead')
    relay.workerDied(workers[0])
    expect(messagesTo(control)).toEqual([acks(7, [], [])])
  })

  it('[Z7] answers at once where no worker is ready', () => {
    const { control, workers, relay } = node()
    for (const worker of workers) worker.become('dead')
    relay.publish(control, 7, envelope(2))
    expect(messagesTo(control)).toEqual([acks(7, [], [])])
  })

  it('[Z7] keeps two publications apart', () => {
    const { control, workers, relay } = node()
    relay.publish(control, 7, envelope(2))
    relay.publish(control, 8, envelope(3))
    for (const worker of workers) relay.acknowledged(worker, at(2))
    expect(messagesTo(control)).toEqual([acks(7, ['worker-1', 'worker-2'], [])])
    for (const worker of workers) relay.acknowledged(worker, at(3))
    expect(messagesTo(control).at(-1)).toEqual(acks(8, ['worker-1', 'worker-2'], []))
  })

  it('[Z3] begins with the policy control left behind, unless it is damaged', () => {
    expect(node().relay.latest()).toBeNull()
    writeFileSync(policyFile(data), envelope(5))
    expect(node().relay.latest()).toBe(envelope(5))
    writeFileSync(policyFile(data), envelope(5).slice(0, -10))
    expect(node().relay.latest()).toBeNull()
  })
})
