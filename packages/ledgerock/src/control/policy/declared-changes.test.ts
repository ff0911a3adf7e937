// Changes through the configuration file are as visible as changes through the API.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AuditEntry } from '../store/audit-chain.ts'
import { budgetWith } from '../testing/budget.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
})
afterEach(() => plane.stop())

const changes = async (): Promise<readonly AuditEntry[]> =>
  (await plane.store.read.audit.entries(0, 100)).filter(({ action }) => action === 'policy.declare')
const search = budgetWith({ name: 'search', scope: { team: ['search'] } })
const KEY = { name: 'prod', secret: 'a-secret-of-the-first-days-000000', bind: {}, region: null }

describe('what the file changes', () => {
  it('[C130] each section that changed is an entry, with before and after', async () => {
    await plane.publisher.publish()
    expect(await changes()).toEqual([])
    plane.declared.budgets = [search]
    await plane.publisher.publish()
    const raised = { ...search, limit: '999000000000000' }
    plane.declared.budgets = [raised]
    await plane.publisher.publish()
    expect(await changes()).toMatchObject([
      { actor: 'file', subject: 'budgets', before: [], after: [search] },
      { actor: 'file', subject: 'budgets', before: [search], after: [raised] },
    ])
  })

  it('[C130] what was changed while the node was down shows at its start, and once', async () => {
    await plane.publisher.publish()
    plane.declared.limits = [
      {
        name: 'limits-1',
        scope: {},
        per: null,
        requestsPerMinute: 1,
        tokensPerMinute: null,
        concurrentCalls: null,
        shadow: false,
      },
    ]
    await plane.newPublisher().publish()
    await plane.newPublisher().publish()
    await plane.publisher.publish()
    expect((await changes()).map(({ subject }) => subject)).toEqual(['limits'])
  })

  it('[C130] a replaced secret is told, and neither it nor a digest of it is', async () => {
    plane.declared.keys.push(KEY)
    await plane.publisher.publish()
    plane.declared.keys[0] = { ...KEY, secret: 'another-secret-of-later-days-0000' }
    await plane.publisher.publish()
    const entries = await changes()
    expect(entries.map(({ after }) => after)).toEqual([
      [{ name: 'prod', bind: {}, region: null }],
      [{ name: 'prod', bind: {}, region: null, secret_replaced: true }],
    ])
    expect(JSON.stringify(entries)).not.toMatch(/digest|a-secret|another-secret/)
  })
})
