import { describe, expect, it } from 'vitest'
import type { FromWallet, ToWallet } from '../../governance/budget/lease.ts'
import { createBudgetRelay } from './budget-relay.ts'
import type { Peer } from './child.ts'
import type { ToChild } from '../messages.ts'

const report: FromWallet = { kind: 'budget-report', holder: 'j1', id: 4, leases: [] }
const heard: ToWallet = { kind: 'budget-heard', id: 4 }

function peerNamed(name: string) {
  const sent: ToChild[] = []
  const peer: Peer = {
    name,
    ready: () => true,
    alive: () => true,
    send: (message) => sent.push(message),
  }
  return { peer, sent }
}

describe('budgets’ messages in the supervisor', () => {
  it('[Z18] reach control with the worker’s name, and one wallet or all of them', () => {
    const control = peerNamed('control')
    const [first, second] = [peerNamed('worker-1'), peerNamed('worker-2')]
    const relay = createBudgetRelay(
      () => control.peer,
      () => [first.peer, second.peer],
    )
    relay.said(second.peer, report)
    expect(control.sent).toEqual([{ kind: 'budget-said', worker: 'worker-2', message: report }])
    relay.told('j1', heard)
    expect([first.sent, second.sent]).toEqual([[], [heard]])
    relay.told(null, heard)
    expect([first.sent, second.sent]).toEqual([[heard], [heard, heard]])
  })

  it('[Z18] never reach a worker that was started again since: it has another journal', () => {
    const worker = peerNamed('worker-1')
    const relay = createBudgetRelay(
      () => undefined,
      () => [worker.peer],
    )
    relay.said(worker.peer, report)
    relay.workerDied(worker.peer)
    relay.told('j1', heard)
    relay.said(worker.peer, { ...report, holder: 'j2' })
    relay.told('j1', heard)
    expect(worker.sent).toEqual([])
    relay.told('j2', heard)
    expect(worker.sent).toEqual([heard])
  })

  it('[Z18] are dropped while control is down', () => {
    const worker = peerNamed('worker-1')
    const relay = createBudgetRelay(
      () => undefined,
      () => [worker.peer],
    )
    relay.said(worker.peer, report)
    expect(worker.sent).toEqual([])
  })
})
