import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MS_PER_DAY } from '../../kernel/time.ts'
import type { Budget } from '../../governance/budget/budget.ts'
import { budgetWith, DOLLAR, stateWith } from '../testing/budget.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { createPerson, firstAdmin, itemsOf, type Person } from '../testing/people.ts'

const SEARCH = budgetWith()
const ALL = budgetWith({ name: 'all', scope: {}, limit: String(9_000n * DOLLAR), mode: 'soft' })
const OTHERS = budgetWith({ name: 'others', scope: { team: ['research'] } })
const EACH = budgetWith({ name: 'each-team', scope: {}, per: 'team', limit: String(50n * DOLLAR) })
const TOKENS = budgetWith({
  name: 'tokens',
  unit: 'tokens',
  limit: '1000',
  period: { kind: 'rolling', days: 7 },
})

let plane: ControlPlane
let admin: Person
let lead: Person
beforeEach(async () => {
  plane = await startControlPlane()
  admin = firstAdmin(plane)
  lead = await createPerson(plane, 'mia', 'lead', { team: ['search', 'support'] })
})
afterEach(() => plane.stop())

const declare = (...budgets: readonly Budget[]): void => {
  plane.declared.budgets = budgets
}
const state = (budget: Budget, counter: string | null = null, parts: object = {}) =>
  stateWith(budget, plane.now(), counter, parts)
const named = async (who: Person, query = '') =>
  itemsOf(await who.get(`budgets${query}`)).map(({ name, counter }) => [name, counter])

describe('budgets', () => {
  it('[C71] a counter stands with everything it is asked for, in its own unit', async () => {
    declare(SEARCH, TOKENS)
    plane.leases.all = [
      state(SEARCH, null, {
        limit: 750n * DOLLAR,
        spent: 412n * DOLLAR + 250_000_000_001n,
        reserved: DOLLAR,
        remaining: 300n * DOLLAR,
        forecast: 910n * DOLLAR,
        exposure: 5n,
        refusedAtMs: null,
        exhaustedAtMs: plane.now() + MS_PER_DAY,
      }),
      state(TOKENS, null, { spent: 700n, remaining: 300n }),
    ]
    const [dollars, tokens] = itemsOf(await admin.get('budgets'))
    expect(dollars).toEqual({
      name: 'search-monthly',
      scope: { team: ['search'] },
      per: null,
      counter: null,
      mode: 'hard',
      shadow: false,
      unit: 'usd',
      period: {
        kind: 'month',
        days: null,
        from: '2026-10-01T00:00:00.000Z',
        to: '2026-11-01T00:00:00.000Z',
      },
      limit_usd: '750',
      limit_tokens: null,
      spent_usd: '412.250000000001',
      spent_tokens: null,
      reserved_usd: '1',
      reserved_tokens: null,
      remaining_usd: '300',
      remaining_tokens: null,
      forecast_usd: '910',
      forecast_tokens: null,
      exposure_usd: '0.000000000005',
      exposure_tokens: null,
      resets_at: '2026-11-01T00:00:00.000Z',
      exhausted_at: '2026-10-15T12:00:00.000Z',
      raises: [],
    })
    expect(tokens).toMatchObject({
      period: { kind: 'rolling', days: 7, to: '2026-10-14T13:00:00.000Z' },
      limit_tokens: 1000,
      limit_usd: null,
      spent_tokens: 700,
      forecast_tokens: null,
      resets_at: null,
    })
  })

  it('[C71] what nobody has counted yet is not zero', async () => {
    declare(SEARCH, EACH)
    const rows = itemsOf(await admin.get('budgets'))
    expect(rows).toMatchObject([
      { name: 'each-team', per: 'team', counter: null, limit_usd: '50', spent_usd: null },
      { name: 'search-monthly', limit_usd: '500', spent_usd: null, remaining_usd: null },
    ])
  })

  it('[C70] who sees a part sees no counter of others and no sum with others in it', async () => {
    declare(SEARCH, ALL, OTHERS, EACH)
    const used = { spent: 7n * DOLLAR }
    plane.leases.all = [
      state(ALL, null, { ...used, limit: 9_100n * DOLLAR }),
      state(OTHERS, null, used),
      state(EACH, 'research', used),
      state(EACH, 'search', used),
      state(EACH, 'support', used),
      state(SEARCH, null, used),
    ]
    expect(itemsOf(await lead.get('budgets'))).toMatchObject([
      { name: 'all', limit_usd: '9100', spent_usd: null, reserved_usd: null, remaining_usd: null },
      { name: 'each-team', counter: 'search', spent_usd: '7' },
      { name: 'each-team', counter: 'support', spent_usd: '7' },
      { name: 'search-monthly', spent_usd: '7' },
    ])
    expect(await named(admin)).toEqual([
      ['all', null],
      ['each-team', 'research'],
      ['each-team', 'search'],
      ['each-team', 'support'],
      ['others', null],
      ['search-monthly', null],
    ])
    expect((await lead.get('budgets/others')).status).toBe(404)
    expect((await lead.get('budgets/nothing')).status).toBe(404)
    const text = JSON.stringify((await lead.get('budgets/each-team')).body)
    expect(text).not.toContain('research')
  })

  it('[C70] a counter of a dimension the scope does not name is others’ too', async () => {
    const users = budgetWith({ name: 'each-user', scope: {}, per: 'user_id' })
    const mine = budgetWith({ name: 'search-user', scope: { team: ['search'] }, per: 'user_id' })
    declare(users, mine)
    plane.leases.all = [state(users, 'ann'), state(mine, 'ann')]
    expect(await named(lead)).toEqual([
      ['each-user', null],
      ['search-user', 'ann'],
    ])
  })

  it('one budget comes with its terms', async () => {
    declare(SEARCH)
    plane.leases.all = [state(SEARCH)]
    expect((await lead.get('budgets/search-monthly')).body).toMatchObject({
      name: 'search-monthly',
      time_zone: 'UTC',
      missing_max_tokens: 'model_max',
      unpriced_reserve_usd: '1',
      alert_at: [80, 100],
      alert_forecast_at: null,
      carry_over: false,
      source: 'file',
      items: [{ name: 'search-monthly', spent_usd: '0' }],
      next_cursor: null,
    })
  })

  it('comes page by page, and goes on where a counter is gone since', async () => {
    declare(SEARCH, EACH)
    const counters = ['a', 'b', 'c/d', 'e'].map((counter) => state(EACH, counter))
    plane.leases.all = [...counters, state(SEARCH)]
    const seen: unknown[] = []
    let cursor = ''
    for (let page = 0; page < 3; page += 1) {
      const answer = await admin.get(`budgets?limit=2${cursor}`)
      seen.push(...itemsOf(answer).map((row) => row['counter'] ?? row['name']))
      cursor = `&cursor=${encodeURIComponent(String(answer.body['next_cursor']))}`
      plane.leases.all = plane.leases.all.filter(({ counter }) => counter !== 'b')
    }
    expect(seen).toEqual(['a', 'b', 'c/d', 'e', 'search-monthly'])
    expect(cursor).toBe('&cursor=null')
    for (const query of ['limit=0', 'cursor=a&cursor=b', 'cursor=zzz', 'sort=x']) {
      expect((await admin.get(`budgets?${query}`)).status).toBe(400)
      expect((await admin.get(`budgets/each-team?${query}`)).status).toBe(400)
    }
  })

  it('[C70] a raise is shown with the counters it is for, while it lasts', async () => {
    const now = plane.now()
    const raise = { amount: String(10n * DOLLAR), fromMs: now, carryOver: true }
    const raises = [
      { ...raise, requestId: 'r1', counter: null, toMs: now + 1 },
      { ...raise, requestId: 'r2', counter: 'search', toMs: now + 2 },
      { ...raise, requestId: 'r3', counter: 'research', toMs: now + 2 },
      { ...raise, requestId: 'r4', counter: null, toMs: now },
    ]
    declare({ ...EACH, raises })
    const shown = async (who: Person) =>
      itemsOf(await who.get('budgets')).map(({ counter, raises: of }) => [
        counter,
        (of as { request_id: string }[]).map((one) => one.request_id),
      ])
    expect(await shown(lead)).toEqual([[null, ['r1', 'r2']]])
    plane.leases.all = [state(EACH, 'search'), state(EACH, 'research'), state(EACH, 'support')]
    expect(await shown(lead)).toEqual([
      ['search', ['r1', 'r2']],
      ['support', ['r1']],
    ])
    expect((await shown(admin))[0]).toEqual(['research', ['r1', 'r3']])
    plane.advance(1)
    expect(await shown(lead)).toEqual([
      ['search', ['r2']],
      ['support', []],
    ])
  })

  it('[C70] a raise of an earlier period is shown only where it is carried over', async () => {
    const raise = { amount: '1', counter: null, fromMs: plane.now(), toMs: plane.now() * 2 }
    const raises = [
      { ...raise, requestId: 'gone', carryOver: false },
      { ...raise, requestId: 'kept', carryOver: true },
    ]
    declare({ ...SEARCH, raises }, { ...TOKENS, raises })
    plane.advance(31 * MS_PER_DAY)
    plane.leases.all = [state(SEARCH)]
    const rows = itemsOf(await admin.get('budgets'))
    const ids = rows.map((row) =>
      (row['raises'] as { request_id: string }[]).map((one) => one.request_id),
    )
    expect(ids).toEqual([['kept'], ['gone', 'kept']])
  })
})
