import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LeaseView } from './leases.ts'
import { budgetWith, DOLLAR } from '../testing/budget.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { firstAdmin, itemsOf, type Person } from '../testing/people.ts'

const LEASE: LeaseView = {
  instance: 'search-monthly@mg6h8ow0',
  budget: 'search-monthly',
  counter: null,
  fromMs: Date.parse('2026-10-01T00:00:00Z'),
  holder: 'journal-1',
  nodeId: 'node-1',
  state: 'lost',
  granted: 20n * DOLLAR,
  returned: 0n,
  settled: 12n * DOLLAR,
  held: 8n * DOLLAR,
  cutOff: false,
}

let plane: ControlPlane
let admin: Person
beforeEach(async () => {
  plane = await startControlPlane()
  plane.declared.budgets = [budgetWith()]
  plane.leases.held = [LEASE, { ...LEASE, holder: 'journal-2', state: 'open', nodeId: 'node-2' }]
  plane.leases.aliveNodes.add('node-2')
  admin = firstAdmin(plane)
})
afterEach(() => plane.stop())

const reclaim = (parts: object = {}) =>
  admin.send('POST', 'budgets/leases/reclaim', {
    instance: LEASE.instance,
    holder: LEASE.holder,
    reason: 'looked at the disk',
    ...parts,
  })
const evict = (node: string, body: object = { reason: 'burnt down' }) =>
  admin.send('POST', `budgets/nodes/${node}/evict`, body)

describe('leases', () => {
  it('[C75] are shown with what they hold, in the unit of their budget', async () => {
    const [lost] = itemsOf(await admin.get('budgets/leases'))
    expect(lost).toEqual({
      instance: LEASE.instance,
      budget: 'search-monthly',
      counter: null,
      period_from: '2026-10-01T00:00:00.000Z',
      holder: 'journal-1',
      node_id: 'node-1',
      state: 'lost',
      cut_off: false,
      granted_usd: '20',
      granted_tokens: null,
      returned_usd: '0',
      returned_tokens: null,
      settled_usd: '12',
      settled_tokens: null,
      held_usd: '8',
      held_tokens: null,
    })
    plane.leases.held = [{ ...LEASE, fromMs: 0 }]
    plane.declared.budgets = [budgetWith({ unit: 'tokens' })]
    expect(itemsOf(await admin.get('budgets/leases'))[0]).toMatchObject({
      period_from: null,
      held_usd: null,
      held_tokens: Number(LEASE.held),
    })
    plane.declared.budgets = []
    expect(itemsOf(await admin.get('budgets/leases'))[0]).toMatchObject({
      held_usd: null,
      held_tokens: null,
    })
  })

  it('[C75] what is lost is freed with a reason, by whoever asks for it', async () => {
    expect(await reclaim()).toMatchObject({
      status: 200,
      body: { holder: 'journal-1', freed_usd: '8', freed_tokens: null },
    })
    const what = `reclaim ${LEASE.instance} journal-1`
    expect(plane.leases.decided).toEqual([{ what, actor: 'admin', reason: 'looked at the disk' }])
    expect((await reclaim({ reason: ' ' })).status).toBe(400)
    expect(await reclaim({ holder: 'journal-2' })).toMatchObject({
      status: 409,
      body: { code: 'lease_not_lost' },
    })
    expect(await reclaim({ holder: 'x' })).toMatchObject({
      status: 404,
      body: { code: 'lease_unknown' },
    })
  })

  it('[C75] a node is given up with a reason, and not while it lives', async () => {
    expect(await evict('node-1')).toMatchObject({
      status: 200,
      body: { node_id: 'node-1', leases: [{ holder: 'journal-1', state: 'lost' }] },
    })
    expect(plane.leases.decided).toMatchObject([{ actor: 'admin', reason: 'burnt down' }])
    expect((await evict('node-1', {})).status).toBe(400)
    expect(await evict('node-2')).toMatchObject({ status: 409, body: { code: 'node_alive' } })
    expect(await evict('node-3')).toMatchObject({ status: 404, body: { code: 'node_unknown' } })
  })

  it('[C75] `verify` tells which counters are not what the ledger says', async () => {
    plane.leases.found = { checked: 2, moving: 1, findings: [], lost: [] }
    expect((await admin.get('verify')).body).toMatchObject({
      sound: true,
      budgets: { sound: true, checked: 2, moving: 1, findings: [], lost: [] },
    })
    const { instance, budget, counter } = LEASE
    const lost = [{ instance, budget, counter, amount: 2n * DOLLAR }]
    const finding = { instance, budget, counter, counted: 3n * DOLLAR, ledger: 5n * DOLLAR }
    plane.leases.found = { checked: 2, moving: 1, findings: [finding], lost }
    for (const answer of [await admin.get('verify'), await admin.send('POST', 'verify', {})]) {
      expect(answer.body).toMatchObject({
        sound: false,
        budgets: {
          sound: false,
          findings: [
            {
              instance,
              counted_usd: '3',
              ledger_usd: '5',
              difference_usd: '-2',
              difference_tokens: null,
            },
          ],
          lost: [{ instance, lost_usd: '2', lost_tokens: null }],
        },
      })
    }
  })
})
