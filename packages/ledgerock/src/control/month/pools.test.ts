import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseUsd } from '../../kernel/money.ts'
import { mustOk } from '../../kernel/result.ts'
import { poolRuleOf, type DeclaredPool } from '../../reconciliation/declared-pool.ts'
import { exactOf } from '../../reconciliation/exact.ts'
import { poolOf } from '../../reconciliation/pool.ts'
import { line, use } from '../../reconciliation/testing/small-books.ts'
import { setPool, withoutPool } from './pool-line.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { fakeBill, meteredRow } from '../testing/fake-month.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
})
afterEach(() => plane.stop())

type Body = Readonly<Record<string, unknown>>

async function send(method: string, path: string, body?: Body): Promise<Body & { status: number }> {
  const response = await plane.send(method, `/api/v1/${path}`, body)
  return { status: response.status, ...((await response.json()) as Body) }
}
const list = async (): Promise<readonly Body[]> =>
  ((await (await plane.get('/api/v1/pools')).json()) as { items: readonly Body[] }).items

const close = (period: string): Promise<void> =>
  plane.store.write(({ periods }) => {
    const [bill, at] = [mustOk(parseUsd('1')), '2026-11-01T00:00:00.000Z']
    const seen = { seenBills: '', seenInputs: '', seenRules: '' }
    const closing = {
      period,
      number: 1,
      sha256: '',
      bill,
      bills: [],
      closedAt: at,
      closedBy: 'fin',
    }
    return periods.close({ ...closing, ...seen }, '')
  })

const TAX = { match: 'tax', split: 'even' }
const NOTHING_SAID = { shares: null, owner: null, from: null, to: null }

describe('pools people make', () => {
  it('[C170] stand behind those of the file, which they cannot change', async () => {
    const file: DeclaredPool = {
      name: 'support',
      match: 'support',
      split: { kind: 'apart' },
      fromMs: null,
      toMs: Date.UTC(2026, 10, 1),
    }
    plane.bill.billing.pools = [file]
    expect(await send('PUT', 'pools/tax', TAX)).toMatchObject({ status: 200 })
    expect(await list()).toMatchObject([
      { name: 'support', source: 'file', set_by: null, to: '2026-11-01T00:00:00.000Z' },
      { name: 'tax', source: 'api', set_by: 'admin', ...TAX, ...NOTHING_SAID },
    ])
    for (const [name, terms] of [
      ['support', { match: 'fee', split: 'even' }],
      ['mine', { match: 'support', split: 'even', from: '2026-10-31' }],
    ] as const) {
      const refused = await send('PUT', `pools/${name}`, terms)
      expect(refused).toMatchObject({ status: 409, code: 'declared_in_file' })
    }
    const after = { match: 'support', split: 'even', from: '2026-11-01' }
    expect(await send('PUT', 'pools/mine', after)).toMatchObject({ status: 200 })
    expect(await send('DELETE', 'pools/support')).toMatchObject({ code: 'declared_in_file' })
    expect(await send('DELETE', 'pools/gone')).toMatchObject({ status: 404, code: 'pool_unknown' })
  })

  it('[C171] change from a day on, and keep what was before', async () => {
    await send('PUT', 'pools/tax', TAX)
    const terms = { match: 'tax', split: 'apart', from: '2026-11-01', reason: 'agreed' }
    const changed = await send('PUT', 'pools/tax', terms)
    expect(changed['items']).toMatchObject([
      { split: 'even', from: null, to: '2026-11-01T00:00:00.000Z' },
      { split: 'apart', from: '2026-11-01T00:00:00.000Z', to: null },
    ])
    const ended = await send('DELETE', 'pools/tax', { from: '2026-12-01', reason: 'over' })
    expect(ended['items']).toMatchObject([{ split: 'even' }, { to: '2026-12-01T00:00:00.000Z' }])
    const entries = await plane.store.read.audit.entries(0, 100)
    const trail = entries.filter(({ action }) => action.startsWith('pool.'))
    expect(trail.map(({ action, subject, reason }) => [action, subject, reason])).toEqual([
      ['pool.set', 'tax', null],
      ['pool.set', 'tax', 'agreed'],
      ['pool.remove', 'tax', 'over'],
    ])
    // The same again is no change.
    await send('DELETE', 'pools/tax', { from: '2026-12-01' })
    expect(await plane.store.read.audit.entries(0, 100)).toHaveLength(entries.length)
    expect((await send('DELETE', 'pools/tax'))['items']).toEqual([])
  })

  it('[C172] are refused with every fault at its place', async () => {
    const refusals: readonly (readonly [Body, string])[] = [
      [{ match: 'usage', split: 'even' }, 'match'],
      [{ match: 'tax', split: 'half' }, 'split'],
      [{ match: 'tax', split: 'fixed' }, 'shares'],
      [
        { match: 'tax', split: 'fixed', shares: [{ owner: { team: 'a' }, share: '60%' }] },
        'shares',
      ],
      [{ ...TAX, owner: { team: 'a' } }, 'owner'],
      [{ match: 'tax', split: 'owner', owner: { colour: 'red' } }, 'owner.colour'],
      [{ ...TAX, from: '2026-11-01', to: '2026-10-01' }, 'to'],
      [{ ...TAX, from: 'soon' }, 'from'],
    ]
    for (const [terms, path] of refusals) {
      const { status, errors } = await send('PUT', 'pools/tax', terms)
      expect(status).toBe(400)
      expect(errors).toContainEqual(expect.objectContaining({ path }))
    }
    expect(await send('PUT', 'pools/a%20b', TAX)).toMatchObject({ status: 400 })
    await send('PUT', 'pools/tax', TAX)
    const twin = await send('PUT', 'pools/taxes', TAX)
    expect(twin).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(twin['detail']).toContain('the pool tax is for the same charges')
    expect(await list()).toHaveLength(1)
  })

  it('[C173] do not change a closed month', async () => {
    await close('2026-09')
    expect(await send('PUT', 'pools/tax', TAX)).toMatchObject({
      status: 409,
      code: 'period_closed',
      detail: expect.stringContaining('2026-10-01') as string,
    })
    expect(await send('PUT', 'pools/tax', { ...TAX, from: '2026-10-01' })).toMatchObject({
      status: 200,
    })
    await close('2026-10')
    expect(await send('DELETE', 'pools/tax')).toMatchObject({ code: 'period_closed' })
    expect(await send('PUT', 'pools/credit', { match: 'credit', split: 'even' })).toMatchObject({
      detail: expect.stringContaining('2026-10 is closed') as string,
    })
    expect(await send('DELETE', 'pools/tax', { from: '2026-11-01' })).toMatchObject({ status: 200 })
    expect(await list()).toMatchObject([{ to: '2026-11-01T00:00:00.000Z' }])
  })

  it('[C174] are shown in dollars of each team before they are saved', async () => {
    const tax = { thing: 'tax', quantity: null, usd: '10', modelId: '', principal: '' } as const
    plane.bill.month.bills = [fakeBill([line(0, 3_000_000), line(1, 1_000_000), line(0, 0, tax)])]
    plane.bill.month.metered = [
      meteredRow(use(0, 'search', 3_000_000)),
      meteredRow(use(1, 'lab', 1_000_000)),
    ]
    const even = await send('POST', 'pools/preview', {
      period: '2026-10',
      set: [{ name: 'tax', ...TAX }],
    })
    expect(even).toMatchObject({ status: 200, cost: 'net', bill_usd: '14' })
    expect(even['moved']).toEqual([
      { team: null, before_usd: '0', after_usd: '0', difference_usd: '0' },
      { team: 'lab', before_usd: '3.5', after_usd: '6', difference_usd: '2.5' },
      { team: 'search', before_usd: '10.5', after_usd: '8', difference_usd: '-2.5' },
    ])
    expect(await list()).toEqual([])
    await send('PUT', 'pools/tax', TAX)
    const back = await send('POST', 'pools/preview', { period: '2026-10', remove: ['tax'] })
    expect(back['moved']).toMatchObject([{}, { before_usd: '6', after_usd: '3.5' }, {}])
    const report = await send('POST', 'periods/2026-10/reconcile')
    expect(report['pools']).toEqual([
      { name: 'tax', split: 'even', amount_usd: '10', apart_usd: '0' },
    ])
    expect(await send('POST', 'pools/preview', { period: '2026-09' })).toMatchObject({
      code: 'bill_unknown',
    })
    expect(
      await send('POST', 'pools/preview', { period: '2026-10', remove: ['gone'] }),
    ).toMatchObject({ code: 'pool_unknown' })
  })
})

describe('a time line of pools', () => {
  const day = fc.integer({ min: 0, max: 12 })
  const stretch = fc
    .tuple(fc.option(day), fc.option(day))
    .filter(([from, to]) => from === null || to === null || from < to)
  const splits = ['even', 'apart', 'proportional'] as const
  const change = fc.record({
    stretch,
    split: fc.constantFrom(...splits),
    isRemoval: fc.boolean(),
  })

  it('[C171] says at every instant what was said of it last', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
        let pools: readonly DeclaredPool[] = []
        const days: (string | null)[] = Array.from({ length: 14 }, () => null)
        for (const {
          stretch: [fromMs, toMs],
          split,
          isRemoval,
        } of changes) {
          const pool: DeclaredPool = {
            name: 'tax',
            match: 'tax',
            split: { kind: split },
            fromMs,
            toMs,
          }
          pools = isRemoval ? withoutPool(pools, 'tax', pool) : setPool(pools, pool)
          for (let at = 0; at < days.length; at += 1) {
            const isWithin = at >= (fromMs ?? -1) && at < (toMs ?? Infinity)
            if (isWithin) days[at] = isRemoval ? null : split
          }
        }
        const find = poolOf(pools.map(poolRuleOf), { kind: 'owner', owner: null })
        const charge = line(0, 0, { thing: 'tax', quantity: null, net: exactOf('1') })
        const found = days.map((_, at) => {
          const kind = find({ ...charge, fromMs: at })?.split.kind ?? null
          return kind === 'owner' ? null : kind
        })
        expect(found).toEqual(days)
      }),
    )
  })
})
