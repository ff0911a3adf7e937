import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { createPerson, firstAdmin, itemsOf, type Person } from '../testing/people.ts'

let plane: ControlPlane
let admin: Person
let viewer: Person
beforeEach(async () => {
  plane = await startControlPlane()
  admin = firstAdmin(plane)
  viewer = await createPerson(plane, 'vi', 'viewer', { team: 'search' })
  const shadow = false
  const scopes = [{}, { team: ['search', 'research'] }, { team: ['research'] }]
  plane.declared.access = scopes.map((scope, index) => ({
    name: `access-${index + 1}`,
    scope,
    allow: ['amazon.nova-*'],
    deny: [],
    scopes: ['geo'],
    tiers: null,
    maxOutputTokens: 4096,
    streaming: true,
    rerouting: true,
    shadow,
  }))
  plane.declared.limits = scopes.map((scope, index) => ({
    name: `limits-${index + 1}`,
    scope,
    per: null,
    requestsPerMinute: 600,
    tokensPerMinute: null,
    concurrentCalls: 5,
    shadow,
  }))
  plane.declared.guardrails = scopes.map((scope, index) => ({
    name: `guardrails-${index + 1}`,
    scope,
    id: 'gr-1',
    version: '3',
    mode: 'require',
    shadow,
  }))
})
afterEach(() => plane.stop())

describe('rules in force', () => {
  it('[C67] are shown as the file declares them, and published to the workers', async () => {
    expect(itemsOf(await admin.get('access'))[1]).toEqual({
      name: 'access-2',
      scope: { team: ['search', 'research'] },
      allow: ['amazon.nova-*'],
      deny: [],
      scopes: ['geo'],
      tiers: null,
      max_output_tokens: 4096,
      streaming: true,
      rerouting: true,
      shadow: false,
      source: 'file',
    })
    expect(itemsOf(await admin.get('guardrails'))).toHaveLength(3)
    await plane.publisher.publish()
    const { access, limits, guardrails } = plane.declared
    expect(plane.broadcasts.at(-1)).toMatchObject({ access, limits, guardrails })
  })

  it('[C134] routes are shown in the order of the file, as far as they concern the reader', async () => {
    const step = { model: 'amazon.nova-lite-v1:0', scope: null, region: null }
    const common = { from: 'amazon.nova-pro-*', to: [{ ...step, tier: null }], fallback: [step] }
    const budget = { name: 'search-monthly', above: 80 }
    plane.routes.push(
      { ...common, when: { team: ['research'] }, budget: null },
      { ...common, when: { team: ['search'] }, budget },
      { ...common, when: {}, budget: null },
    )
    const shown = plane.routes.map((route) => ({ ...route, source: 'file' }))
    expect(itemsOf(await admin.get('routes'))).toEqual(shown)
    expect(itemsOf(await viewer.get('routes'))).toEqual(shown.slice(1))
    expect((await admin.get('routes?team=search')).status).toBe(400)
  })

  it('[C67] a limit is shown with what each worker last asked, and its share', async () => {
    const use = { worker: 'worker-1', asked: 12, running: 4, share: 0.62, slots: 3 }
    plane.limitUse.push({ rule: 'limits-1', ...use }, { rule: 'gone', ...use })
    expect(itemsOf(await admin.get('limits'))).toMatchObject([
      { name: 'limits-1', requests_per_minute: 600, concurrent_calls: 5, workers: [use] },
      { name: 'limits-2', workers: [] },
      { name: 'limits-3', workers: [] },
    ])
  })

  it('[C67] who sees a part sees what concerns it, without the names of others', async () => {
    for (const kind of ['access', 'limits', 'guardrails']) {
      const answer = await viewer.get(kind)
      expect(itemsOf(answer).map(({ name, scope }) => [name, scope])).toEqual([
        [`${kind}-1`, {}],
        [`${kind}-2`, { team: ['search'] }],
      ])
      expect(JSON.stringify(answer.body)).not.toContain('research')
      expect((await admin.get(`${kind}?team=search`)).status).toBe(400)
    }
  })
})
