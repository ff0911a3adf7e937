// Closing, reopening and adjusting months, with time in the test's hands.

import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { formatUsd, sumMoney } from '../../kernel/money.ts'
import { adjustmentsOf, allocationRows } from '../../reconciliation/adjust.ts'
import type { Asker } from '../rules/pauses.ts'
import type { PeriodService } from './periods.ts'
import type { ControlStore } from '../store/control-store.ts'
import { openMemoryStore } from '../testing/memory-store.ts'
import { createPeriodWorld, share, usd, type PeriodWorld } from '../testing/period-world.ts'

const FIN: Asker = { name: 'fin', role: 'finance', scope: null, makers: [] }
const BOSS: Asker = { name: 'boss', role: 'admin', scope: null, makers: [] }

let world: PeriodWorld
let store: ControlStore
let periods: PeriodService
beforeEach(async () => {
  world = createPeriodWorld('2026-11-08T00:00:00.000Z')
  store = await openMemoryStore(world.clock)
  periods = world.node(store)
})
afterEach(() => store.close())

const stateOf = async (period: string): Promise<string> => {
  const found = await periods.get(period)
  return found.ok ? found.value.state : found.problem.code
}
const posted = async (period: string): Promise<readonly string[]> =>
  (await periods.adjustmentsIn(period)).map(
    (one) => `${one.chargePeriod} ${one.owner['team'] ?? '-'} ${formatUsd(one.usd)} ${one.reason}`,
  )
const actions = async (): Promise<readonly string[]> =>
  (await store.read.audit.entries(0, 1_000)).map(({ actor, action }) => `${actor} ${action}`)
async function reopened(period = '2026-10'): Promise<void> {
  expect(await periods.reopen(FIN, period, 'wrong')).toMatchObject({ ok: true })
  expect(await periods.approveReopen(BOSS, period, null)).toMatchObject({
    ok: true,
    value: { state: 'closing' },
  })
}

describe('closing a month', () => {
  it('[C181] is refused before the month is over, without a bill, twice, and for what is no month', async () => {
    expect(await periods.close(FIN, '2026-11', null)).toMatchObject({
      problem: { code: 'period_open' },
    })
    expect(await periods.close(FIN, '2026-10', null)).toMatchObject({
      problem: { code: 'bill_unknown' },
    })
    expect(await periods.close(FIN, '2026-13', null)).toMatchObject({
      problem: { code: 'period_invalid' },
    })
    world.deliver('2026-10', [share('search', '10')])
    expect(await stateOf('2026-10')).toBe('closing')
    expect(await periods.close(FIN, '2026-10', 'paid')).toMatchObject({
      ok: true,
      value: { state: 'closed', closed_by: 'fin', bill_version: 1, closings: [{ number: 1 }] },
    })
    expect(await periods.close(BOSS, '2026-10', null)).toMatchObject({
      problem: { code: 'period_closed' },
    })
    expect(await periods.closedPeriods()).toEqual(['2026-10'])
    const [entry] = await store.read.audit.entries(0, 10)
    expect(entry).toMatchObject({
      actor: 'fin',
      action: 'period.close',
      subject: '2026-10',
      reason: 'paid',
      after: { bill_usd: '10', number: 1 },
    })
  })

  it('[C180] freezes everything by which its dollars were given, and nothing that comes later changes it', async () => {
    const shares = [share('search', '10.000000000001'), share('', '-2')]
    const pools = [{ name: 'tax', split: 'apart' as const, usd: usd('3'), apart: usd('3') }]
    world.deliver('2026-10', shares, pools)
    await periods.close(FIN, '2026-10', null)
    const before = await periods.frozen('2026-10')
    expect(before).toMatchObject({
      number: 1,
      bill: usd('11.000000000001'),
      shares,
      pools,
      versions: [{ version: 1 }],
      invoices: [{ invoice_id: 'INV-1' }],
      leftAside: { rows: 3, usd: '4.5' },
      exchange: [{ currency: 'EUR', usd_per_unit: '1.5', rate_date: '2026-10-01' }],
      poolRules: [{ name: 'reserved', split: { shares: [{ weight: 3n }] }, fromMs: 5 }],
      billTokens: 10n,
      meteredTokens: 9n,
      pricesAsOf: 'book-1',
      closedBy: 'fin',
    })
    const text = (await periods.frozenText('2026-10', 1)) ?? ''
    expect(createHash('sha256').update(text).digest('hex')).toBe(before?.sha256)
    world.deliver('2026-10', [share('support', '500')])
    await periods.onImport(['2026-10'])
    await reopened()
    await periods.close(BOSS, '2026-10', null)
    expect(await periods.frozen('2026-10', 1)).toEqual(before)
    expect(await periods.frozenText('2026-10', 1)).toBe(text)
    expect(await periods.frozen('2026-10')).toMatchObject({ number: 2, bill: usd('500') })
  })

  it('[C180] of a content that was changed in the store says so instead of reading it', async () => {
    world.deliver('2026-10', [share('search', '10')])
    await periods.close(FIN, '2026-10', null)
    const { content } = store.read.periods
    const forged = {
      ...store,
      read: {
        ...store.read,
        periods: {
          ...store.read.periods,
          content: async (period: string, number: number) =>
            ((await content(period, number)) ?? '').replace('"usd":"10"', '"usd":"11"'),
        },
      },
    }
    await expect(world.node(forged).frozen('2026-10')).rejects.toMatchObject({
      code: 'period_damaged',
    })
  })

  it('[C181] does not happen by itself while the bill of one of several payers broke off', async () => {
    world.travel('2026-10-20T00:00:00.000Z')
    world.deliver('2026-10', [share('search', '10')], [], 'europe')
    world.travel('2026-11-03T00:00:00.000Z')
    world.deliver('2026-10', [share('search', '20')])
    world.travel('2026-12-20T00:00:00.000Z')
    await periods.tick()
    expect(await stateOf('2026-10')).toBe('closing')
    expect(await periods.close(FIN, '2026-10', null)).toMatchObject({ ok: true })
  })

  it('[C181] happens by itself once grace is over and the bill is final, once', async () => {
    world.travel('2026-11-03T00:00:00.000Z')
    world.deliver('2026-10', [share('search', '10')])
    await periods.tick()
    expect(await stateOf('2026-10')).toBe('closing')
    world.travel('2026-11-06T00:00:00.000Z')
    world.invoice('')
    await periods.tick()
    expect(await stateOf('2026-10')).toBe('closing')
    world.invoice('INV-1')
    await periods.tick()
    await periods.tick()
    expect(await periods.get('2026-10')).toMatchObject({
      value: { state: 'closed', closed_by: 'system', closings: [{ number: 1 }] },
    })
    // Whoever reopens it closes it again.
    await reopened()
    world.travel('2027-01-20T00:00:00.000Z')
    await periods.tick()
    expect(await stateOf('2026-10')).toBe('closing')
  })

  it('[C182] with a bill that changes meanwhile is adjusted at once', async () => {
    world.deliver('2026-10', [share('search', '100')])
    world.hooks.onMonth = async () => {
      world.hooks.onMonth = async () => {}
      world.deliver('2026-10', [share('search', '101')])
    }
    await periods.close(FIN, '2026-10', null)
    expect((await periods.frozen('2026-10'))?.bill).toBe(usd('100'))
    expect(await posted('2026-11')).toEqual(['2026-10 search 1 late_delivery'])
  })

  it('[C182] freezes what is posted in it, and what comes later is posted elsewhere', async () => {
    world.deliver('2026-09', [share('search', '100')])
    world.deliver('2026-10', [share('search', '50')])
    await periods.close(FIN, '2026-09', null)
    world.hooks.onMonth = async (period) => {
      if (period !== '2026-10') return
      world.hooks.onMonth = async () => {}
      world.deliver('2026-09', [share('search', '101')])
      await periods.onImport(['2026-09'])
    }
    await periods.close(FIN, '2026-10', null)
    expect((await periods.frozen('2026-10'))?.adjustments).toEqual(
      await periods.adjustmentsIn('2026-10'),
    )
    world.deliver('2026-09', [share('search', '103')])
    await periods.onImport(['2026-09', '2026-11'])
    expect(await posted('2026-10')).toEqual(['2026-09 search 1 late_delivery'])
    expect(await posted('2026-11')).toEqual(['2026-09 search 2 late_delivery'])
  })
})

describe('what comes after a closing', () => {
  it('[C182] is posted in the next month that is not closed, for its own month, and says why', async () => {
    world.deliver('2026-10', [share('search', '100'), share('', '5')])
    await periods.close(FIN, '2026-10', null)
    world.deliver('2026-10', [share('search', '103'), share('', '5')])
    await periods.onImport(['2026-10'])
    await periods.onImport(['2026-10'])
    world.correct('2026-10', [share('search', '103'), share('support', '5')])
    await periods.onImport(['2026-10'])
    expect(await posted('2026-11')).toEqual([
      '2026-10 search 3 late_delivery',
      '2026-10 support 5 correction',
      '2026-10 - -5 correction',
    ])
    expect(await actions()).toEqual([
      'fin period.close',
      'system period_adjustment.post',
      'system period_adjustment.post',
    ])
    expect(await periods.adjustments('2026-10', { team: ['support'] })).toMatchObject({
      value: { items: [{ posted_in: '2026-11', usd: '5' }], total_usd: '5', waiting: null },
    })
  })

  it('[C182] is found by the clock where nobody told of a delivery', async () => {
    world.deliver('2026-10', [share('search', '100')])
    await periods.close(FIN, '2026-10', null)
    world.deliver('2026-10', [share('search', '99')])
    await periods.tick()
    await periods.tick()
    expect(await posted('2026-11')).toEqual(['2026-10 search -1 late_delivery'])
    expect(world.errors).toEqual([])
  })

  it('[C183] waits for approval where it moves more than a tenth, and later deliveries replace what waits', async () => {
    world.deliver('2026-10', [share('search', '100')])
    await periods.close(FIN, '2026-10', null)
    world.deliver('2026-10', [share('search', '110')])
    await periods.onImport(['2026-10'])
    // Small steps are not smaller than the way they go.
    world.deliver('2026-10', [share('search', '111')])
    await periods.onImport(['2026-10'])
    world.deliver('2026-10', [share('search', '90'), share('support', '30')])
    await periods.onImport(['2026-10'])
    expect(await posted('2026-11')).toEqual(['2026-10 search 10 late_delivery'])
    expect(await periods.adjustments('2026-10', null)).toMatchObject({
      value: {
        waiting: { moved_usd: '30', usd: '10', bill_usd: '100', rows: [{}, {}] },
      },
    })
    expect(await periods.get('2026-10')).toMatchObject({ value: { waiting: true } })
    world.travel('2026-12-08T00:00:00.000Z')
    world.deliver('2026-11', [share('search', '1')])
    await periods.close(FIN, '2026-11', null)
    expect(await periods.approveAdjustments(FIN, '2026-10', 'checked')).toMatchObject({
      value: { waiting: null, total_usd: '20' },
    })
    expect(await posted('2026-12')).toEqual([
      '2026-10 search -20 late_delivery',
      '2026-10 support 30 late_delivery',
    ])
    expect(await periods.approveAdjustments(FIN, '2026-10', null)).toMatchObject({
      problem: { code: 'nothing_to_approve' },
    })
    // From what was agreed to, a little is little again.
    world.deliver('2026-10', [share('search', '91'), share('support', '30')])
    await periods.onImport(['2026-10'])
    expect(await posted('2026-12')).toContain('2026-10 search 1 late_delivery')
    expect(await actions()).toContain('fin period_adjustment.approve')
  })

  it('[C183] that is taken back by a later delivery waits no more', async () => {
    world.deliver('2026-10', [share('search', '100')])
    await periods.close(FIN, '2026-10', null)
    world.deliver('2026-10', [share('search', '200')])
    await periods.onImport(['2026-10'])
    world.deliver('2026-10', [share('search', '100')])
    await periods.onImport(['2026-10'])
    expect(await periods.get('2026-10')).toMatchObject({ value: { waiting: false } })
    expect(await posted('2026-11')).toEqual([])
  })

  it('[C182] of which the month cannot be worked out changes nothing, is reported, and is tried again', async () => {
    world.deliver('2026-10', [share('search', '100')])
    await periods.close(FIN, '2026-10', null)
    world.deliver('2026-10', [share('search', '101')])
    world.hooks.onMonth = () => Promise.reject(new Error('away'))
    await periods.onImport(['2026-10'])
    expect(world.errors).toHaveLength(1)
    expect(await posted('2026-11')).toEqual([])
    world.hooks.onMonth = async () => {}
    await periods.tick()
    expect(await posted('2026-11')).toHaveLength(1)
  })

  it('[C184] always leaves frozen and posted together the newest allocation, whatever is delivered, closed and reopened', async () => {
    const step = fc.oneof(
      fc.tuple(
        fc.constant('deliver' as const),
        fc.array(fc.integer({ min: -50, max: 100 }), { minLength: 3, maxLength: 3 }),
      ),
      fc.constantFrom(['reopen'] as const, ['close'] as const, ['approve'] as const),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 10 }), async (steps) => {
        const game = createPeriodWorld('2026-11-08T00:00:00.000Z')
        const books = await openMemoryStore(game.clock)
        const node = game.node(books)
        let shares = [share('search', '100'), share('support', '50')]
        game.deliver('2026-10', shares)
        await node.close(FIN, '2026-10', null)
        for (const [kind, amounts] of steps) {
          if (kind === 'deliver') {
            shares = amounts.map((amount, index) => share(['a', 'b', ''][index] ?? '', `${amount}`))
            game.deliver('2026-10', shares)
            await node.onImport(['2026-10'])
          } else if (kind === 'reopen') {
            await node.reopen(FIN, '2026-10', 'wrong')
            await node.approveReopen(BOSS, '2026-10', null)
          } else if (kind === 'close') await node.close(FIN, '2026-10', null)
          else await node.approveAdjustments(FIN, '2026-10', null)
          const found = await node.get('2026-10')
          if (!found.ok || found.value.waiting) continue
          const frozen = await node.frozen('2026-10')
          // While it is open again it is what it is.
          const own = frozen === null ? { shares, pools: [] } : frozen
          const rows = await node.adjustmentsIn('2026-11')
          expect(
            adjustmentsOf(allocationRows({ shares, pools: [] }), allocationRows(own), rows),
          ).toEqual([])
        }
        expect(game.errors).toEqual([])
        await books.close()
      }),
      { numRuns: 20 },
    )
  }, 60_000)
})

describe('reopening a month', () => {
  it('[C185] takes back where it was posted what the month will have itself, and closes as the next number', async () => {
    world.deliver('2026-10', [share('search', '100')])
    await periods.close(FIN, '2026-10', null)
    world.deliver('2026-10', [share('search', '104')])
    await periods.onImport(['2026-10'])
    await reopened()
    expect(await posted('2026-11')).toEqual([
      '2026-10 search 4 late_delivery',
      '2026-10 search -4 reopened',
    ])
    expect(await periods.frozen('2026-10')).toBe(null)
    world.deliver('2026-10', [share('search', '106')])
    await periods.onImport(['2026-10'])
    await periods.close(BOSS, '2026-10', null)
    expect((await periods.frozen('2026-10'))?.bill).toBe(usd('106'))
    expect(sumMoney((await periods.adjustmentsIn('2026-11')).map((one) => one.usd))).toBe(0n)
    expect(await periods.get('2026-10')).toMatchObject({
      value: {
        closings: [
          { number: 1, reopened_by: 'boss' },
          { number: 2, reopened_at: null },
        ],
      },
    })
    expect(await actions()).toEqual([
      'fin period.close',
      'system period_adjustment.post',
      'fin period_reopening.ask',
      'boss period_reopening.approve',
      'boss period_adjustment.post',
      'boss period.close',
    ])
  })

  it('[C185] is asked of a closed month, once at a time, and lapses', async () => {
    world.deliver('2026-10', [share('search', '100')])
    const no = { problem: { code: 'nothing_to_reopen' } }
    expect(await periods.reopen(FIN, '2026-10', 'wrong')).toMatchObject(no)
    await periods.close(FIN, '2026-10', null)
    expect(await periods.approveReopen(BOSS, '2026-10', null)).toMatchObject(no)
    expect(await periods.denyReopen(BOSS, '2026-10', null)).toMatchObject(no)
    await periods.reopen(FIN, '2026-10', 'wrong')
    expect(await periods.reopen(BOSS, '2026-10', 'wrong')).toMatchObject({
      problem: { code: 'reopening_waits' },
    })
    world.travel('2026-11-23T00:00:00.000Z')
    expect(await periods.approveReopen(BOSS, '2026-10', null)).toMatchObject(no)
    expect(await periods.get('2026-10')).toMatchObject({
      value: { state: 'closed', reopening: { state: 'expired' } },
    })
    await periods.reopen(FIN, '2026-10', 'still wrong')
    expect(await periods.denyReopen(BOSS, '2026-10', 'no')).toMatchObject({
      value: { state: 'denied', decision_reason: 'no' },
    })
    await periods.reopen(FIN, '2026-10', 'once more')
    expect(await periods.denyReopen(FIN, '2026-10', null)).toMatchObject({
      value: { state: 'withdrawn' },
    })
    expect(await stateOf('2026-10')).toBe('closed')
  })
})
