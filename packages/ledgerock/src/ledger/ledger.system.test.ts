import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CallRecord } from '@ledgerock/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseUsd, picodollars } from '../kernel/money.ts'
import { mustOk } from '../kernel/result.ts'
import { nodeFiles } from '../platform/node-files.ts'
import { openDatabase } from './clickhouse/database.ts'
import { openLedger, type Ledger } from './ledger.ts'
import { sampleJournal, type SampleJournal } from './testing/sample-journal.ts'
import { TEST_DIMENSIONS } from './testing/store-rooms.ts'

const NOW = Date.parse('2026-11-20T12:30:00Z')
const HOUR = 3_600_000

describe('openLedger', () => {
  let room: string
  let journal: SampleJournal
  let ledger: Ledger

  const open = () =>
    openLedger(
      {
        clock: { now: () => NOW, monotonic: () => 0 },
        files: nodeFiles,
        log: () => undefined,
      },
      {
        store: { kind: 'embedded', path: join(room, 'deep', 'store') },
        journalDirectory: join(room, 'journal'),
        stateDirectory: join(room, 'deep', 'state'),
        dimensions: TEST_DIMENSIONS,
        retention: { callsDays: 400, rawUsageDays: 30 },
        nodeId: 'node-1',
      },
    )

  beforeEach(async () => {
    room = mkdtempSync(join(tmpdir(), 'ledger-'))
    journal = await sampleJournal(nodeFiles, join(room, 'journal'))
    ledger = await open()
  })
  afterEach(async () => {
    await ledger.close()
    await journal.close()
    rmSync(room, { recursive: true })
  })

  const today = { from: '2026-11-20T00:00:00Z', to: '2026-11-21T00:00:00Z' }

  async function everything(): Promise<readonly CallRecord[]> {
    const page = await ledger.calls({ ...today, where: [], cursor: null, limit: 1_000 })
    return mustOk(page).items
  }

  it('[L24] questions and answers are plain data: over a wire they are the same', async () => {
    await journal.call(NOW - HOUR)
    await ledger.shipNow()
    const answers = [
      await ledger.spend({ ...today, by: ['team'], granularity: 'hour', tz: 'UTC', where: [] }),
      await ledger.spend({ ...today, by: ['nothing'], granularity: 'hour', tz: 'UTC', where: [] }),
      await ledger.calls({ ...today, where: [], cursor: null, limit: 1 }),
      await ledger.callsSince({ cursor: null, where: [], limit: 1 }),
      await ledger.call((await everything())[0]?.call_id ?? ''),
      await ledger.verify({ repair: true }),
      await ledger.status(),
    ]
    for (const answer of answers) expect(JSON.parse(JSON.stringify(answer))).toEqual(answer)
  })

  it('[L28][L29] a journal that has ended says what its calls were charged, and so do the books', async () => {
    const use = { budget: 'search', fromMs: NOW - 2 * HOUR, per: null, unit: 'usd' } as const
    const opened = { budgets: [use], boundUsd: picodollars(5n * 10n ** 12n) }
    const counted = await journal.call(NOW - HOUR, { opened })
    await journal.call(NOW - HOUR + 9, {
      opened,
      settled: { usageSource: 'estimated', status: 'interrupted' },
    })
    const before = await journal.call(NOW - HOUR + 20, { opened: { budgets: [] } })
    await ledger.shipNow()
    const id = journal.journalId
    const live = [{ journalId: id, state: 'running', charges: [] }]
    expect(await ledger.journalEnds([id])).toEqual(live)
    const costOf = ({ cost_usd: usd }: CallRecord): bigint => mustOk(parseUsd(usd ?? ''))
    const charged = String(costOf(counted) + 5n * 10n ** 12n)
    const scope = { team: ['search'], model: ['*claude*'] }
    const periods = [{ fromMs: use.fromMs, toMs: null }]
    const window = { ...use, scope, fromMs: use.fromMs, toMs: null, periods }
    const budgets = [{ ...window, id: 'b' }]
    const ask = (liveJournals: readonly string[]) => ledger.budgetSpend({ budgets, liveJournals })
    const other = String(costOf(before))
    expect(await ask([id])).toEqual([{ id: 'b', counter: null, other, chargedElse: '0' }])
    expect(await ask([])).toEqual([{ id: 'b', counter: null, other, chargedElse: charged }])

    await journal.close()
    await ledger.shipNow()
    const { budget, fromMs, per: counter, unit } = use
    const ended = [
      {
        journalId: id,
        state: 'ended',
        charges: [{ budget, fromMs, counter, unit, amount: charged }],
      },
      { journalId: '0192f3a00000aaaaaaaaaaaa', state: 'unknown', charges: [] },
    ]
    const ids = ended.map(({ journalId }) => journalId)
    expect(await ledger.journalEnds(ids)).toEqual(ended)
    await ledger.close()
    ledger = await open()
    expect(await ledger.journalEnds(ids)).toEqual(ended)
  })

  it('[L24] a shipped call is in the next answer, with what it cost', async () => {
    const record = await journal.call(NOW - HOUR)
    await ledger.shipNow()
    const { rows, total } = mustOk(
      await ledger.spend({ ...today, by: ['team'], granularity: 'total', tz: 'UTC', where: [] }),
    )
    expect(rows).toMatchObject([
      { team: 'search', calls: 1, logical_calls: 1, cost_usd: record.cost_usd, throttled: 0 },
    ])
    expect(total).toMatchObject({ calls: 1, cost_usd: record.cost_usd })
  })

  it('[L7] a call is explained with its attempts, oldest first, and nobody knows an unknown one', async () => {
    const logicalId = 'a logical id; of a caller'
    const first = await journal.call(NOW - HOUR, { opened: { logicalId } })
    const second = await journal.call(NOW - HOUR + 5, { opened: { logicalId, attempt: 2 } })
    await journal.call(NOW - HOUR + 9)
    await ledger.shipNow()
    const explained = await ledger.call(second.call_id)
    expect(explained?.call.call_id).toBe(second.call_id)
    expect(explained?.attempts.map((call) => call.call_id)).toEqual([first.call_id, second.call_id])
    expect(explained?.versions).toEqual([])
    expect(await ledger.call('0192f3a0-0000-7000-8000-000000000000')).toBeNull()
    expect(await ledger.call("'; DROP TABLE calls")).toBeNull()
  })

  it('[L7] who watches sees every call once, in the order of arrival, from now on', async () => {
    await journal.call(NOW - HOUR)
    await ledger.shipNow()
    let { cursor, items } = mustOk(await ledger.callsSince({ cursor: null, where: [], limit: 10 }))
    expect(items).toEqual([])
    const written: string[] = []
    const seen: string[] = []
    for (let round = 0; round < 4; round += 1) {
      for (let index = 0; index < 3; index += 1) {
        written.push((await journal.call(NOW - index * HOUR)).call_id)
      }
      await ledger.shipNow()
      do {
        const news = mustOk(await ledger.callsSince({ cursor, where: [], limit: 2 }))
        ;({ cursor, items } = news)
        seen.push(...items.map((call) => call.call_id))
      } while (items.length > 0)
    }
    expect(seen.toSorted()).toEqual(written.toSorted())
    const bad = await ledger.callsSince({ cursor: 'bmV2ZXI', where: [], limit: 2 })
    expect(bad).toMatchObject({ ok: false, problem: { errors: [{ path: 'cursor' }] } })
  })

  it('[L18] a bad question about calls is answered with what would be right', async () => {
    const where = [{ field: 'nonsense', values: ['x'] }]
    const answer = await ledger.calls({ ...today, where, cursor: null, limit: 5_000 })
    expect(answer).toMatchObject({
      ok: false,
      problem: { errors: [{ path: 'where[0].field' }, { path: 'limit' }] },
    })
  })

  it('[L21] a settled line that is shipped and missing is found', async () => {
    for (let index = 0; index < 6; index += 1) await journal.call(NOW - index * 1_000)
    await ledger.shipNow()
    expect(await ledger.verify({ repair: false })).toMatchObject({
      sound: true,
      checked: { calls: 6, journals: 1, lines: 6, rollups: 5 },
      findings: [],
    })
    await ledger.close()
    const database = openDatabase({ kind: 'embedded', path: join(room, 'deep', 'store') })
    await database.use('ship', (session) =>
      session.command('ALTER TABLE ledgerock.calls DELETE WHERE seq = 4', { mutations_sync: 2 }),
    )
    await database.close()
    ledger = await open()
    const report = await ledger.verify({ repair: true })
    expect(report.sound).toBe(false)
    expect(report.findings).toMatchObject([
      { code: 'line_missing', subject: `${journal.journalId} 4`, count: 1 },
    ])
    // The rollups are what the calls are, again.
    expect(new Set(report.repaired.map((finding) => finding.code))).toEqual(
      new Set(['rollup_differs']),
    )
  })
})
