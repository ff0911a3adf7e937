import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPriceRelay } from './price-relay.ts'
import { fakePeer, type FakePeer } from '../testing/fake-peer.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const messagesTo = (peer: FakePeer): unknown[] => peer.sent.map(({ message }) => message)
const acks = (id: number, acked: readonly string[], missing: readonly string[]) => ({
  kind: 'prices-acks',
  id,
  acks: { acked, missing },
})

function node() {
  const control = fakePeer('control')
  const peers = [fakePeer('worker-1'), fakePeer('ledger')] as const
  return { control, peers, relay: createPriceRelay(() => peers) }
}

describe('price relay', () => {
  it('[Z10] tells workers and ledger, and control once all have read the file', () => {
    const { control, peers, relay } = node()
    relay.publish(control, 3, 'v2')
    for (const peer of peers) expect(messagesTo(peer)).toEqual([{ kind: 'prices', version: 'v2' }])
    relay.acknowledged(peers[0], 'v2')
    expect(messagesTo(control)).toEqual([])
    relay.acknowledged(peers[1], 'v2')
    expect(messagesTo(control)).toEqual([acks(3, ['worker-1', 'ledger'], [])])
  })

  it('[Z10] who works by other prices, or does not answer, is missing', () => {
    const { control, peers, relay } = node()
    relay.publish(control, 3, 'v2')
    relay.acknowledged(peers[0], 'v1')
    vi.advanceTimersByTime(1_000)
    expect(messagesTo(control)).toEqual([acks(3, [], ['worker-1', 'ledger'])])
  })

  it('[Z10] who starts or dies is not waited for, and is told when it is ready', () => {
    const { control, peers, relay } = node()
    peers[0].become('starting')
    relay.publish(control, 3, 'v2')
    relay.died(peers[1])
    expect(messagesTo(control)).toEqual([acks(3, [], [])])
    relay.ready(peers[0])
    expect(messagesTo(peers[0])).toEqual([
      { kind: 'prices', version: 'v2' },
      { kind: 'prices', version: 'v2' },
    ])
    relay.ready(control)
    expect(messagesTo(control)).toHaveLength(1)
  })

  it('[Z10] has nothing to say before the first publication', () => {
    const { peers, relay } = node()
    relay.ready(peers[0])
    expect(messagesTo(peers[0])).toEqual([])
  })
})
