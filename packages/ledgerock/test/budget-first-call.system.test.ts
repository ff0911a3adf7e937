// The first call under a hard budget is served like any other: right after a start, after control or the worker was started again, and
// for a counter nobody has used before. Each call is one attempt of AWS's own client, which never asks twice.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { verify } from './support/ledger-api.ts'
import { converse } from './support/refused-clients.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'
import { childrenOf, signal, type ChildRole } from './support/system-processes.ts'

const CONFIG = `
budgets:
  - { name: search, scope: { team: search }, period: month, time_zone: UTC, limit_usd: "2", mode: hard }
  - { name: each, scope: {}, per: team, period: month, time_zone: UTC, limit_usd: "2", mode: hard }
  - { name: recent, scope: {}, per: team, period: { rolling_days: 7 }, limit_usd: "2", mode: hard }
`
const TEAMS = ['search', 'ads', 'maps', 'mail', 'news'] as const
type Team = (typeof TEAMS)[number]

let system: RunningSystem
const keys = new Map<Team, string>()

beforeAll(async () => {
  system = await startSystem({ workers: 1, config: CONFIG })
  for (const team of TEAMS) keys.set(team, await system.createKey(team, { team }))
})
afterAll(() => system.dispose())

const call = (team: Team) =>
  converse({ gatewayUrl: system.gatewayUrl, key: keys.get(team) ?? '' }, { maxTokens: 50 })

function kill(role: ChildRole): void {
  for (const child of childrenOf(system)) if (child.role === role) signal(child.pid, 'SIGKILL')
}

/** Control answers again, another process than before. */
async function restartControl(): Promise<void> {
  const before = pidOf('control')
  kill('control')
  await eventually(async () => {
    const now = pidOf('control')
    if (now === before || now === null) return null
    const answer = await system.api('/ready').catch(() => null)
    return answer?.ok === true ? true : null
  }, 'control')
}

const pidOf = (role: ChildRole): number | null =>
  childrenOf(system).find((child) => child.role === role)?.pid ?? null

it('[Z23] is served after a start', async () => {
  expect(await call('search')).toBeNull()
})

it('[Z23] is served for a counter nobody has used before', async () => {
  expect(await call('ads')).toBeNull()
})

it('[Z23] is served after control was started again, also for a new counter', async () => {
  await restartControl()
  expect(await call('maps')).toBeNull()
  expect(await call('search')).toBeNull()
})

it('[Z23] is served after the worker was started again', async () => {
  const before = pidOf('worker')
  kill('worker')
  await eventually(async () => {
    const now = pidOf('worker')
    return now !== null && now !== before ? true : null
  }, 'another worker')
  // Its connection waits until the worker serves.
  expect(await call('search')).toBeNull()
  expect(await call('mail')).toBeNull()
})

it('[Z23] is served after everything was started again, with the policy of before', async () => {
  await system.end('SIGTERM')
  system = await system.again()
  expect(readFileSync(join(system.dataDir, 'ledgerock.yaml'), 'utf8')).toContain('hard')
  expect(await call('news')).toBeNull()
  expect(await call('search')).toBeNull()
})

it('[C86] leaves every counter as the ledger has it', async () => {
  await eventually(async () => ((await verify(system)).sound ? true : null), 'sound counters')
})
