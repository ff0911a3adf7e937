import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../config.ts'
import { costOfUsage } from '../../pricing/cost-of-usage.ts'
import { resolveModel } from '../../pricing/model-catalog.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { demoConfig, RUNAWAY } from './demo-config.ts'
import { lastMonth, markDemo, openDemoFolder } from './demo-folder.ts'
import { pastCall } from './demo-lines.ts'
import { demoMonth } from './demo-month.ts'
import { RUNAWAY_WORKLOAD, WORKLOADS } from './demo-traffic.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const SEEDS = [0, 1, 7, 4_242]

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'demo-'))
})
afterEach(() => rmSync(root, { recursive: true }))

describe('the demo’s folder', () => {
  const open = (seed: number | null, name = 'demo') =>
    openDemoFolder(join(root, name), seed, '2026-10')

  it('[U71] is marked before anything is in it, and half a demo is refused', () => {
    expect(open(3)).toEqual({ seed: 3, period: '2026-10', state: 'making' })
    expect(() => open(3)).toThrow(/not finished/)
    expect(readdirSync(join(root, 'demo'))).toEqual(['demo.json'])
  })

  it('[U71] of a demo that is made is kept with its own seed and month', () => {
    const mark = open(null)
    markDemo(join(root, 'demo'), { ...mark, state: 'made' })
    expect(openDemoFolder(join(root, 'demo'), null, '2026-12')).toEqual({ ...mark, state: 'made' })
    expect(open(mark.seed).state).toBe('made')
    expect(() => open(mark.seed + 1)).toThrow(/seed/)
  })

  it.each(['[]', 'null', '{"seed":1}', '{"seed":1,"period":"2026-10","state":"new"}', '{'])(
    '[U71] with %s as its mark, or with another’s files, is refused untouched',
    (text) => {
      const folder = join(root, 'other')
      mkdirSync(folder)
      writeFileSync(join(folder, 'demo.json'), text)
      expect(() => open(null, 'other')).toThrow(/no demo/)
      expect(readFileSync(join(folder, 'demo.json'), 'utf8')).toBe(text)
    },
  )

  it.each([
    ['2026-11-21T12:00:00Z', '2026-10'],
    ['2027-01-01T00:00:00Z', '2026-12'],
    ['2026-03-31T23:59:59Z', '2026-02'],
  ])('[Z28] at %s the month is %s', (now, month) => {
    expect(lastMonth(Date.parse(now))).toBe(month)
  })
})

describe('the demo’s configuration', () => {
  it.each(SEEDS)('[U70] is without a fault for seed %i, and says what the world knows', (seed) => {
    const { world } = demoMonth(seed, '2026-10', 50)
    const path = join(root, 'ledgerock.yaml')
    writeFileSync(path, demoConfig(world))
    const loaded = loadConfig({ env: {}, cwd: root, flags: { config: path } })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problem))
    const { dataDir, owners, billing, bedrock, budgets, imports } = loaded.value
    expect(dataDir).toBe(root)
    expect(owners).toHaveLength(world.ownerRules.length)
    expect(billing.gatewayPrincipals).toEqual([...world.gatewayPrincipals])
    expect(billing.graceMs).toBe(0)
    expect(imports.map(({ from }) => from)).toEqual([join(root, 'bill')])
    for (const { identity } of bedrock.targets) expect(identity.mode).toBe('session')
    expect(budgets.filter(({ mode }) => mode === 'hard').map(({ name }) => name)).toEqual([
      RUNAWAY.budget,
    ])
  })
})

describe('a call of the demo’s past', () => {
  it.each(SEEDS)('[Z28] of seed %i is priced like any, under its true owner', (seed) => {
    const { calls } = demoMonth(seed, '2026-10', 2_000)
    let [seen, interrupted] = [0, 0]
    for (const call of calls) {
      const past = pastCall(BOOK, call)
      expect(past === null).toBe(call.meteredUsage === null)
      if (past === null) continue
      seen += 1
      const { opened } = past
      const settled = past.settle(41)
      expect(opened).toMatchObject({
        startedAt: call.atMs,
        region: call.region,
        tier: call.tier,
        billedPrincipalArn: call.principal,
        dimensions: { ...call.owner },
      })
      if (call.operation === 'inference') {
        expect([opened.modelId, opened.scope]).toEqual([call.modelId, call.scope])
      }
      expect(Object.keys(opened.provenance)).toEqual(Object.keys(opened.dimensions))
      expect(settled.opened).toBe(41)
      expect(settled.usage.output ?? 0).toBe(call.meteredUsage?.output)
      expect([opened.modelId, settled.unpricedReason]).toEqual([opened.modelId, null])
      expect(settled.cost).not.toBeNull()
      if (settled.status === 'interrupted') interrupted += 1
      expect(settled.usageSource).toBe(settled.status === 'ok' ? 'response' : 'estimated')
    }
    expect(seen).toBeGreaterThan(1_000)
    expect(interrupted).toBeLessThan(20)
  })

  it('[Z28] has the same lines each time', () => {
    const lines = () =>
      demoMonth(7, '2026-10', 300).calls.map((call) => {
        const past = pastCall(BOOK, call)
        return past === null ? null : [past.opened, past.settle(1)]
      })
    expect(lines()).toEqual(lines())
  })
})

describe('the demo’s traffic', () => {
  it('[Z30] is of models that have a price, by applications with a pause', () => {
    for (const { pauseMs, model } of [...WORKLOADS, RUNAWAY_WORKLOAD]) {
      expect(pauseMs).toBeGreaterThanOrEqual(500)
      const identity = resolveModel(BOOK, model)
      if (identity.kind !== 'resolved') throw new Error(`${model} is not in the book`)
      const { modelId, scope } = identity
      const place = {
        modelId,
        scope,
        region: 'us-east-1',
        tier: 'standard',
        variant: null,
      } as const
      const usage = { input: 1_000, output: 100 }
      expect(costOfUsage(BOOK, { ...place, atMs: Date.now(), usage }).kind).toBe('priced')
    }
    expect(RUNAWAY_WORKLOAD.headers['workflow_id']).toBe(RUNAWAY.workflow)
    const applications = [...WORKLOADS, RUNAWAY_WORKLOAD].map(({ application }) => application)
    expect(new Set(applications).size).toBe(applications.length)
  })
})
