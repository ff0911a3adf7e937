// A budget made by people on a whole system with two workers, through the command line: with the answer no worker serves a call beyond it,
// what was spent before it was made counts, it outlives restarts and a file that wants its name, and with its end calls go on.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ledgerockJson } from './support/command-line.ts'
import { ask, recordOf } from './support/ledger-api.ts'
import { createPerson, type Person } from './support/people.ts'
import { ANTHROPIC_MODEL, converse, type Told } from './support/refused-clients.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'

const WORKERS = ['worker-1', 'worker-2']
/** So many calls in a row that both workers have some. */
const CALLS = 12
const LIMIT = ['--limit-usd', '0.000001']
const SET = ['budgets', 'set', 'trial', '--scope', 'team=search', '--period', 'total', ...LIMIT]

type Set = { readonly name: string; readonly set_by: string; readonly acked: readonly string[] }
type Rows = { readonly items: readonly { readonly name: string; readonly spent_usd: string }[] }

let system: RunningSystem
let lead: Person
let key: string
/** When the budget was first shown. */
let spentUsd = 0

beforeAll(async () => {
  // A hard budget without an end needs calls that are kept for ever.
  system = await startSystem({ workers: 2, config: 'retention: { calls: forever }\n' })
  key = await system.createKey('search', { team: 'search' })
  lead = await createPerson(system, { name: 'mia', role: 'lead', scope: { team: 'search' } })
})
afterAll(() => system.dispose())

const call = (): Promise<Told | null> => {
  const { gatewayUrl } = system
  return converse({ gatewayUrl, key }, { model: ANTHROPIC_MODEL, maxTokens: 50 })
}
async function calls(): Promise<readonly (Told | null)[]> {
  const all: (Told | null)[] = []
  for (let index = 0; index < CALLS; index += 1) all.push(await call())
  return all
}
const SERVED = Array.from({ length: CALLS }, () => null)
const journalOf = async (told: Told | null): Promise<unknown> =>
  (await recordOf(system, told?.callId ?? ''))['journal_id']

describe('a hard budget set on a running system', () => {
  it('[C76] is held by every worker from the answer on, with what was spent before', async () => {
    expect(await calls()).toEqual(SERVED)
    const set = await ledgerockJson<Set>(system, ...SET, '--mode', 'hard', '--reason', 'a trial')
    expect(set).toMatchObject({ name: 'trial', limit_usd: '0.000001', mode: 'hard', missing: [] })
    expect(set.acked.toSorted()).toEqual(WORKERS)
    // Until the ledger was asked what was spent before nobody can say how much is left; but nothing is served.
    const first = await calls()
    expect(first.filter((told) => told?.refusal?.startsWith('budget') !== true)).toEqual([])
    await eventually(
      async () => ((await call())?.refusal === 'budget' ? true : null),
      'what was spent before',
    )
    const refused = await calls()
    expect(refused.map((told) => [told?.status, told?.refusal])).toEqual(
      SERVED.map(() => [400, 'budget']),
    )
    const journals = await Promise.all(refused.map(journalOf))
    expect(new Set(journals).size).toBe(2)
    expect(refused[0]?.message).toContain('trial')
  })

  it('[C70] is listed with what was spent, and known as made by people', async () => {
    const { items } = await ledgerockJson<Rows>(system, 'budgets', 'list')
    expect(items.map(({ name }) => name)).toEqual(['trial'])
    spentUsd = Number(items[0]?.spent_usd)
    expect(spentUsd).toBeGreaterThan(0.000001)
    expect(await ledgerockJson<object>(system, 'budgets', 'show', 'trial')).toMatchObject({
      source: 'api',
    })
  })

  it('[C78] is an admin’s: the lead neither loosens nor ends it', async () => {
    const terms = { scope: { team: 'search' }, period: 'total', limit_usd: '5' }
    for (const answer of [
      await lead.send('PUT', 'budgets/trial', terms),
      await lead.send('DELETE', 'budgets/trial', { reason: 'mine' }),
    ]) {
      expect(answer).toMatchObject({ status: 403, body: { code: 'budget_set_by_admin' } })
    }
  })

  it('[C79] keeps its name from a file, and outlives a restart', async () => {
    const file = join(system.dataDir, 'ledgerock.yaml')
    const before = readFileSync(file, 'utf8')
    const wanted = `budgets: [ { name: trial, period: day, limit_usd: "1" } ]\n`
    writeFileSync(file, `${before}\n${wanted}`)
    await eventually(
      async () =>
        /budgets\[0\]\.name: trial is the name of a budget/.test(system.log()) ? 1 : null,
      'the refusal of the file',
    )
    writeFileSync(file, before)
    await system.end('SIGTERM')
    system = await system.again()
    await eventually(
      async () => ((await call())?.refusal === 'budget' ? true : null),
      'a refusal after the restart',
    )
  })

  it('[C76] with its end calls go on at once, on every worker', async () => {
    const words = ['budgets', 'delete', 'trial', '--reason', 'the trial is over']
    const deleted = await ledgerockJson<Set>(system, ...words)
    expect(deleted.acked.toSorted()).toEqual(WORKERS)
    expect(await calls()).toEqual(SERVED)
    expect((await ledgerockJson<Rows>(system, 'budgets', 'list')).items).toEqual([])
    const { items } = await ask<{ items: readonly object[] }>(
      system,
      '/api/v1/audit-trail?subject=trial',
    )
    expect(items).toMatchObject([
      { action: 'budget.delete', reason: 'the trial is over' },
      { action: 'budget.set', reason: 'a trial' },
    ])
  })

  it('[C77] is made again under its name, in the same unit, and knows what was spent meanwhile', async () => {
    const tokens = [...SET.slice(0, -2), '--limit-tokens', '5']
    await expect(ledgerockJson(system, ...tokens)).rejects.toThrow('counted in dollars before')
    // As many calls were served since as before: of what it knew when it last counted, half is left.
    const enough = [...SET.slice(0, -1), (spentUsd * 1.5).toFixed(9)]
    await ledgerockJson(system, ...enough, '--mode', 'hard')
    const first = await calls()
    expect(first.filter((told) => told?.refusal?.startsWith('budget') !== true)).toEqual([])
    await eventually(
      async () => ((await call())?.refusal === 'budget' ? true : null),
      'the budget again',
    )
    type Verified = { readonly sound: boolean; readonly budgets: { readonly checked: number } }
    const verified = await eventually(async () => {
      const answer = await ask<Verified>(system, '/api/v1/verify')
      return answer.sound && answer.budgets.checked > 0 ? answer : null
    }, 'counters at rest')
    expect(verified.budgets).toMatchObject({ sound: true, findings: [] })
  })
})
