import { describe, expect, it } from 'vitest'
import type { LimitShares } from '../../governance/limit/limit-shares.ts'
import { createShareDivider, type DividedRule } from '../../governance/limit/share-divider.ts'
import { createLimitShareControl } from './limit-shares-control.ts'
import type { LimitNodes, NodeParts } from './limit-shares-nodes.ts'

const RULES: readonly DividedRule[] = [{ name: 'limit-1', limit: 10 }]

type Sent = { readonly round: number; readonly shares: Readonly<Record<string, LimitShares>> }

function controlWith(nodes: LimitNodes | null) {
  const sent: Sent[] = []
  const control = createLimitShareControl({
    divider: createShareDivider(2),
    rules: () => RULES,
    nodes,
    send: (round, shares) => sent.push({ round, shares }),
    firstRound: 100,
  })
  const demand = [{ rule: 'limit-1', asked: 5, running: 0, slots: 5 }]
  for (const worker of ['worker-1', 'worker-2']) control.reported(worker, { round: null, demand })
  const last = () => sent.at(-1)?.shares
  return { control, sent, last }
}

const both = (share: number, slots: number) => ({
  'worker-1': { 'limit-1': { share, slots } },
  'worker-2': { 'limit-1': { share, slots } },
})

describe('control’s second', () => {
  it('[Z12] gives a node that is alone the whole limit, each round another number', async () => {
    const { control, sent, last } = controlWith(null)
    await control.tick()
    expect(last()).toEqual(both(0.5, 5))
    await control.tick()
    expect(sent.map(({ round }) => round)).toEqual([101, 102])
  })

  it('[Z14] a worker that died is in nobody’s way any more', async () => {
    const { control, last } = controlWith(null)
    control.workerDied('worker-2')
    await control.tick()
    expect(last()).toEqual({ 'worker-1': { 'limit-1': { share: 1, slots: 10 } } })
  })

  it('[Z15] divides what the node may use; a store that fails, or hangs, leaves it with that', async () => {
    const part: NodeParts = new Map([['limit-1', { part: 0.5, slots: 4 }]])
    const hang = Promise.withResolvers<NodeParts>()
    const answers: (() => Promise<NodeParts>)[] = [
      () => Promise.resolve(part),
      () => Promise.reject(new Error('no store')),
      () => hang.promise,
    ]
    const { control, sent, last } = controlWith({
      claim: () => (answers.shift() as () => Promise<NodeParts>)(),
    })
    await control.tick()
    expect(last()).toEqual(both(0.25, 2))
    await expect(control.tick()).rejects.toThrow('no store')
    expect(last()).toEqual(both(0.25, 2))
    const third = control.tick()
    await control.tick()
    expect(sent).toHaveLength(3)
    expect(last()).toEqual(both(0.25, 2))
    hang.resolve(part)
    await third
    expect(sent).toHaveLength(4)
  })
})
