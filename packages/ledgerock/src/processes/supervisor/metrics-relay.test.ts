import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { MetricsReport } from '../messages.ts'
import { createMetricsRelay } from './metrics-relay.ts'
import { fakePeer, type FakePeer } from '../testing/fake-peer.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function node() {
  const control = fakePeer('control')
  const sources = [fakePeer('ledger'), fakePeer('worker-1'), fakePeer('worker-2')] as const
  return { control, sources, relay: createMetricsRelay(() => sources) }
}

const reportOf = (name: string): MetricsReport =>
  [{ name, help: '', values: [] }] as unknown as MetricsReport
const messagesTo = (peer: FakePeer): unknown[] => peer.sent.map(({ message }) => message)

describe('metrics relay', () => {
  it('[Z8] asks every process and answers with all reports', () => {
    const { control, sources, relay } = node()
    relay.collect(control, 7)
    for (const source of sources) expect(messagesTo(source)).toEqual([{ kind: 'metrics', id: 7 }])
    relay.collected(7, reportOf('a'))
    relay.collected(7, reportOf('b'))
    expect(messagesTo(control)).toEqual([])
    relay.collected(7, reportOf('c'))
    const reports = [reportOf('a'), reportOf('b'), reportOf('c')]
    expect(messagesTo(control)).toEqual([{ kind: 'all-metrics', id: 7, reports }])
  })

  it('[Z8] answers without those that are not running or do not answer', () => {
    const { control, sources, relay } = node()
    sources[0].become('dead')
    relay.collect(control, 7)
    expect(messagesTo(sources[0])).toEqual([])
    relay.collected(7, reportOf('a'))
    vi.advanceTimersByTime(1_000)
    expect(messagesTo(control)).toEqual([{ kind: 'all-metrics', id: 7, reports: [reportOf('a')] }])
    relay.collected(7, reportOf('late'))
    vi.advanceTimersByTime(5_000)
    expect(control.sent).toHaveLength(1)
  })

  it('[Z8] answers at once where nobody is there to be asked', () => {
    const { control, sources, relay } = node()
    for (const source of sources) source.become('starting')
    relay.collect(control, 7)
    expect(messagesTo(control)).toEqual([{ kind: 'all-metrics', id: 7, reports: [] }])
  })

  it('[Z8] keeps two rounds apart', () => {
    const { control, sources, relay } = node()
    sources[1].become('dead')
    sources[2].become('dead')
    relay.collect(control, 7)
    relay.collect(control, 8)
    relay.collected(8, reportOf('b'))
    relay.collected(7, reportOf('a'))
    expect(messagesTo(control)).toEqual([
      { kind: 'all-metrics', id: 8, reports: [reportOf('b')] },
      { kind: 'all-metrics', id: 7, reports: [reportOf('a')] },
    ])
  })
})
