// Owners and pools that are corrected after a month was closed: what they move comes by itself, once.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatUsd, sumMoney } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { line, ROLE } from '../../reconciliation/testing/small-books.ts'
import type { Asker } from '../rules/pauses.ts'
import type { PeriodService } from './periods.ts'
import type { ControlStore } from '../store/control-store.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { fakeBill } from '../testing/fake-month.ts'
import { openMemoryStore } from '../testing/memory-store.ts'
import { createPeriodWorld, share, usd, type PeriodWorld } from '../testing/period-world.ts'

const FIN: Asker = { name: 'fin', role: 'finance', scope: null, makers: [] }
const OTHER = 'arn:aws:sts::222233334444:assumed-role/other/one'

async function assign(
  plane: ControlPlane,
  team: string,
  match: string,
  from: string,
  to?: string,
): Promise<void> {
  const said = { match, set: { team }, from, to, reason: 'it was booked wrong' }
  expect((await plane.send('POST', '/api/v1/owners', said)).status).toBe(201)
}

describe('a closed month', () => {
  let plane: ControlPlane
  beforeEach(async () => {
    plane = await startControlPlane()
  })
  afterEach(() => plane.stop())

  it('[C188] is adjusted in the next open one when its owners are corrected, and only then', async () => {
    const direct = { principal: ROLE, usd: '4' }
    const rest = { principal: OTHER, usd: '96' }
    plane.bill.month.bills = [fakeBill([line(1, 4_000_000, direct), line(2, 96_000_000, rest)])]
    plane.advance(Date.parse('2026-11-08T00:00:00Z') - plane.now())
    const { periods } = plane.apiDeps
    await assign(plane, 'search', OTHER, '2026-10-01')
    mustOk(await periods.close(FIN, '2026-10', null))
    const { reads } = plane.bill.month
    await assign(plane, 'lab', ROLE, '2026-11-01')
    await periods.tick()
    expect(await periods.adjustmentsIn('2026-11')).toEqual([])
    // What concerns other months is not even looked at.
    expect(plane.bill.month.reads).toBe(reads)
    await assign(plane, 'search', ROLE, '2026-10-01', '2026-11-01')
    await periods.tick()
    const answer = await plane.get('/api/v1/periods/2026-10/adjustments')
    expect(await answer.json()).toMatchObject({
      total_usd: '0',
      waiting: null,
      items: [
        { owner: { team: 'search' }, basis: 'principal', usd: '4', reason: 'correction' },
        { owner: {}, basis: 'unattributed', usd: '-4', posted_in: '2026-11' },
      ],
    })
    expect(plane.errors).toEqual([])
  })
})

describe('owners and pools that are corrected', () => {
  let world: PeriodWorld
  let store: ControlStore
  let periods: PeriodService
  beforeEach(async () => {
    world = createPeriodWorld('2026-11-08T00:00:00.000Z')
    store = await openMemoryStore(world.clock)
    periods = world.node(store)
  })
  afterEach(() => store.close())

  const posted = async (): Promise<readonly string[]> =>
    (await periods.adjustmentsIn('2026-11')).map(
      (one) => `${one.chargePeriod} ${one.owner['team']} ${formatUsd(one.usd)} ${one.reason}`,
    )
  const closed = async (): Promise<void> => {
    world.deliver('2026-10', [share('search', '100'), share('support', '100')])
    await periods.close(FIN, '2026-10', null)
  }
  const corrected = [share('search', '105'), share('support', '95')]
  const MOVED = ['2026-10 search 5 correction', '2026-10 support -5 correction']

  it('[C188] come to the next open month by themselves, once', async () => {
    await closed()
    world.rule('2026-10', 'other owners', corrected)
    await periods.tick()
    expect(await posted()).toEqual(MOVED)
    await periods.tick()
    await world.node(store).tick()
    expect(await posted()).toEqual(MOVED)
    const last = (await store.read.audit.entries(0, 1_000)).at(-1)
    expect(last).toMatchObject({ actor: 'system', action: 'period_adjustment.post' })
    world.rule('2026-10', 'first rules', [share('search', '100'), share('support', '100')])
    await periods.tick()
    const sums = await periods.adjustmentsIn('2026-11')
    expect(sums).toHaveLength(4)
    expect(sumMoney(sums.map((one) => one.usd))).toBe(usd('0'))
  })

  it('[C188] while a month is being closed are not lost', async () => {
    world.deliver('2026-10', [share('search', '100'), share('support', '100')])
    world.hooks.onMonth = async () => {
      world.hooks.onMonth = async () => {}
      world.rule('2026-10', 'other owners', corrected)
    }
    await periods.close(FIN, '2026-10', null)
    expect(await periods.frozen('2026-10')).toMatchObject({
      shares: [{ usd: usd('100') }, { usd: usd('100') }],
    })
    expect(await posted()).toEqual(MOVED)
  })

  it('[C188] and are not the same on two nodes are no quarrel without an end', async () => {
    await closed()
    const [one, other] = [world.node(store, 'new file'), world.node(store, 'old file')]
    const looked: string[] = []
    world.hooks.onMonth = async (period) => {
      looked.push(period)
    }
    for (let minute = 0; minute < 10; minute += 1) {
      await one.tick()
      await other.tick()
    }
    expect(looked).toHaveLength(2)
  })
})
