import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake } from '../testing/fake-terminal.ts'

const raise = {
  request_id: 'r1',
  counter: null,
  amount_usd: '250',
  amount_tokens: null,
  to: 'later',
}
const row = {
  name: 'search-monthly',
  scope: { team: ['search'] },
  per: null,
  counter: null,
  mode: 'hard',
  unit: 'usd',
  limit_usd: '750',
  limit_tokens: null,
  spent_usd: '412.25',
  spent_tokens: null,
  remaining_usd: '337.75',
  remaining_tokens: null,
  forecast_usd: null,
  forecast_tokens: null,
  resets_at: '2026-11-01T00:00:00.000Z',
  exhausted_at: null,
  raises: [raise],
}
const tokens = { ...row, name: 'tokens', unit: 'tokens', limit_usd: null, limit_tokens: 1000 }
const request = {
  request_id: '4fT0cU2kQx7Z',
  budget: 'search-monthly',
  counter: null,
  amount_usd: '250',
  amount_tokens: null,
  until: '2026-11-01T00:00:00.000Z',
  reason: 'the launch',
  state: 'pending',
  asked_by: 'mia',
}
const lease = {
  instance: 'search-monthly@mg6h8ow0',
  holder: 'journal-1',
  node_id: 'node-1',
  state: 'lost',
  cut_off: true,
  granted_usd: '20',
  granted_tokens: null,
  settled_usd: '12',
  settled_tokens: null,
  held_usd: '8',
  held_tokens: null,
}
const page =
  (items: readonly unknown[], next: string | null = null, beside: object = {}) =>
  () =>
    Response.json({ ...beside, items, next_cursor: next })
const one = (body: object) => () => Response.json({ ...body, acked: [], missing: ['worker-2'] })
const told = ['--until', '30d', '--reason', 'the launch']

describe('budgets', () => {
  it('lists counters with the amounts in their own unit', async () => {
    const answer = page([row, tokens], 'search-monthly/')
    const ran = await runFake(['budgets', 'list', '--limit', '2'], { answer, terminal: true })
    expect(ran.asked[0]?.path).toBe('/api/v1/budgets?limit=2')
    expect(ran.out).toMatch(/search-monthly +- +hard +750 +412.25 +- +337.75 +usd /)
    expect(ran.out).toMatch(/tokens +- +hard +1,000 .* tokens /)
    expect(ran.notes).toContain('--cursor search-monthly/')
    const json = await runFake(['budgets', 'list'], { answer: page([row]) })
    expect(JSON.parse(json.out)).toEqual({ items: [row], next_cursor: null })
    expect(json.notes).toBe('')
  })

  it('shows one with its terms and its raises, each once', async () => {
    const source = 'api'
    const terms = { time_zone: 'UTC', alert_at: [80, 100], missing_max_tokens: 'clamp', source }
    const each = { ...row, per: 'user_id', counter: 'ann' }
    const answer = page([each, { ...each, counter: 'bob' }], null, terms)
    const ran = await runFake(['budgets', 'show', 'a/b'], { answer, terminal: true })
    expect(ran.asked[0]?.path).toBe('/api/v1/budgets/a%2Fb')
    expect(ran.out).toMatch(
      /for team=search, each user_id\n.*UTC, alerts at 80, 100 %\n.*clamp\nmade by people/,
    )
    expect(ran.out).toMatch(/ann .*\n.*bob /)
    expect(ran.out.match(/r1 +- +250 +later/g)).toHaveLength(1)
  })

  it('[U22] makes one in the words of the file, and says what is in force', async () => {
    const answer = one({ limit_usd: '500', limit_tokens: null })
    const words = ['budgets', 'set', 'a/b', '--scope', 'team=search', '--scope', 'model=x,y']
    const least = [...words, '--period', 'month', '--limit-usd', '500']
    const ran = await runFake(least, { answer, terminal: true })
    const scope = { team: ['search'], model: ['x', 'y'] }
    const path = '/api/v1/budgets/a%2Fb'
    expect(ran.asked).toEqual([
      { method: 'PUT', path, body: { scope, period: 'month', limit_usd: '500' } },
    ])
    expect(ran.out).toBe('a/b is in force: 500 USD for team=search model=x,y.\n')
    expect(ran.notes).toContain('worker-2')
    const all = `--per user_id --starts-on 04-01 --time-zone Europe/Berlin --mode hard --alert-at
      50,80 --alert-forecast-at 110 --carry-over --missing-max-tokens clamp
      --unpriced-reserve-usd 0.5 --shadow --reason trial`
    const more = [...words.slice(0, 3), '--scope', 'everybody', '--limit-tokens', '2000000']
    const whole = await runFake([...more, '--period', 'year', ...all.split(/\s+/)], { answer })
    expect(whole.asked[0]?.body).toEqual({
      scope: {},
      period: 'year',
      limit_tokens: 2_000_000,
      per: 'user_id',
      starts_on: '04-01',
      time_zone: 'Europe/Berlin',
      mode: 'hard',
      alert_at: [50, 80],
      alert_forecast_at: 110,
      carry_over: true,
      missing_max_tokens: 'clamp',
      unpriced_reserve_usd: '0.5',
      shadow: true,
      reason: 'trial',
    })
    const rolling = [...more, '--period', '30d', '--starts-on', '3', '--alert-at', 'none']
    expect((await runFake(rolling, { answer })).asked[0]?.body).toMatchObject({
      period: { rolling_days: 30 },
      starts_on: 3,
      alert_at: [],
    })
  })

  it.each([
    '--period day --limit-usd 5',
    '--scope team=search --limit-usd 5',
    '--scope team=search --period day',
    '--scope team=search --period day --limit-usd 5 --limit-tokens 5',
    '--scope team=search --period day --limit-tokens 1.5',
    '--scope team=search --period day --limit-usd 5 --mode firm',
    '--scope team=search --period day --limit-usd 5 --alert-at 0,50',
    '--scope everybody --scope team=search --period day --limit-usd 5',
  ])('[U22] makes none of %s', async (words) => {
    const ran = await runFake(['budgets', 'set', 'a', ...words.split(' ')])
    expect(ran).toMatchObject({ exitCode: EXIT.usage, asked: [] })
  })

  it('asks for more and deletes without a reason', async () => {
    const options = { answer: () => Response.json({ request_id: 'x', items: [], missing: [] }) }
    const asked = await runFake(
      ['budgets', 'raise', 'a', '--amount', '5', '--until', '2d'],
      options,
    )
    expect(asked.asked.at(-1)?.body).toEqual({ amount_usd: '5', until: '2d' })
    const gone = await runFake(['budgets', 'delete', 'a'], options)
    expect(gone.asked).toEqual([{ method: 'DELETE', path: '/api/v1/budgets/a', body: {} }])
  })

  it('deletes one, with a reason', async () => {
    const options = { answer: one({ name: 'a/b' }), terminal: true }
    const ran = await runFake(['budgets', 'delete', 'a/b', '--reason', 'over'], options)
    const path = '/api/v1/budgets/a%2Fb'
    expect(ran.asked).toEqual([{ method: 'DELETE', path, body: { reason: 'over' } }])
    expect(ran).toMatchObject({ out: 'a/b is deleted.\n' })
    expect(ran.notes).toContain('worker-2')
  })

  it('[U19] asks for more in the unit the budget has', async () => {
    const answer = (unit: string) => (asked: { method: string }) =>
      asked.method === 'GET' ? page([{ ...row, unit }])() : Response.json(request)
    const words = ['budgets', 'request', 'search-monthly', '--amount']
    const ran = await runFake([...words, '250.50', ...told], { answer: answer('usd') })
    const path = '/api/v1/budgets/search-monthly/raises/requests'
    const rest = { until: '30d', reason: 'the launch' }
    expect(ran.asked[1]).toEqual({ method: 'POST', path, body: { amount_usd: '250.50', ...rest } })
    const more = ['--counter', 'ann', '--carry-over']
    const raised = ['budgets', 'raise', 'search-monthly', '--amount', '5000', ...told, ...more]
    const second = await runFake(raised, { answer: answer('tokens'), terminal: true })
    expect(second.asked[1]?.body).toEqual({
      amount_tokens: 5000,
      ...rest,
      counter: 'ann',
      carry_over: true,
    })
    expect(second.out).toContain('ledgerock budgets approve 4fT0cU2kQx7Z')
    const half = await runFake([...words, '1.5', ...told], { answer: answer('tokens') })
    expect(half).toMatchObject({ exitCode: EXIT.usage })
    expect(half.asked).toHaveLength(1)
    for (const lacking of [
      [...words, '5'],
      ['budgets', 'request', 'x', ...told],
    ]) {
      expect(await runFake(lacking)).toMatchObject({ exitCode: EXIT.usage, asked: [] })
    }
  })

  it('[U17] approves, denies and withdraws by id', async () => {
    const path = '/api/v1/budgets/raises/requests/a%2Fb'
    const answer = one(request)
    for (const how of ['approve', 'deny']) {
      const ran = await runFake(['budgets', how, 'a/b', '--reason', 'ok'], { answer })
      expect(ran.asked).toEqual([
        { method: 'POST', path: `${path}/${how}`, body: { reason: 'ok' } },
      ])
      expect(ran.notes.includes('worker-2')).toBe(how === 'approve')
      expect(await runFake(['budgets', how, 'a/b'])).toMatchObject({ exitCode: EXIT.usage })
    }
    const approve = ['budgets', 'approve', 'a/b', '--reason', 'ok']
    const shown = await runFake(approve, { answer, terminal: true })
    expect(shown.out).toBe(
      'a/b is approved: search-monthly has 250 USD more, until 2026-11-01T00:00:00.000Z at most.\n',
    )
    const ended = await runFake(['budgets', 'withdraw', 'a/b'], { answer, terminal: true })
    expect(ended.asked).toEqual([{ method: 'DELETE', path, body: {} }])
    expect(ended).toMatchObject({ out: 'a/b is withdrawn.\n' })
    expect(ended.notes).toContain('worker-2')
  })

  it('lists requests, and says where the list goes on', async () => {
    const words = ['budgets', 'requests', '--state', 'pending', '--limit', '1']
    const ran = await runFake(words, { answer: page([request], '4fT0'), terminal: true })
    expect(ran.asked[0]?.path).toBe('/api/v1/budgets/raises/requests?state=pending&limit=1')
    expect(ran.out).toMatch(/4fT0cU2kQx7Z +pending +search-monthly +- +250 USD .*mia +the launch/)
    expect(ran.notes).toContain('--cursor 4fT0')
  })

  it('shows who holds what, and frees what is lost', async () => {
    const shown = await runFake(['budgets', 'leases'], { answer: page([lease]), terminal: true })
    expect(shown.out).toMatch(/journal-1 +node-1 +lost, cut off +20 USD +12 USD +8 USD/)
    const names = ['--instance', lease.instance, '--holder', 'journal-1']
    const words = ['budgets', 'reclaim', ...names]
    const freed = { instance: lease.instance, holder: 'journal-1', freed_usd: '8' }
    const options = { answer: () => Response.json(freed), terminal: true }
    const ran = await runFake([...words, '--reason', 'looked'], options)
    const { instance, holder } = lease
    const path = '/api/v1/budgets/leases/reclaim'
    expect(ran.asked).toEqual([
      { method: 'POST', path, body: { instance, holder, reason: 'looked' } },
    ])
    expect(ran.out).toBe('8 USD of search-monthly@mg6h8ow0 is free again.\n')
    expect(await runFake(words)).toMatchObject({ exitCode: EXIT.usage, asked: [] })
  })

  it('gives up a node, with a reason', async () => {
    const options = { answer: () => Response.json({ leases: [lease] }), terminal: true }
    const ran = await runFake(['budgets', 'evict', 'n/1', '--reason', 'burnt'], options)
    const path = '/api/v1/budgets/nodes/n%2F1/evict'
    expect(ran.asked).toEqual([{ method: 'POST', path, body: { reason: 'burnt' } }])
    expect(ran.out).toBe('n/1 is given up; leases lost with it: 1.\n')
    expect(await runFake(['budgets', 'evict', 'n'])).toMatchObject({ exitCode: EXIT.usage })
  })
})

describe('verify', () => {
  const sound = { sound: true, checked: { calls: 2 }, findings: [], repaired: [] }
  it('[U3] finds a counter that is not what the ledger says', async () => {
    const finding = { instance: 'b@1', counted_usd: '3', ledger_usd: '5' }
    const budgets = { sound: false, checked: 2, moving: 1, findings: [finding], lost: [] }
    const answer = () => Response.json({ ...sound, sound: false, budgets })
    const ran = await runFake(['verify'], { answer, terminal: true })
    expect(ran.exitCode).toBe(EXIT.found)
    expect(ran.out).toMatch(/budget_differs +b@1 +1 +counts 3 USD, the ledger has 5 USD/)
    expect(ran.notes).toContain('2 budget counters, 1 moving budget counters: 1 findings')
  })

  it('[U3] is done where everything agrees, and says what lost leases hold', async () => {
    const lost = { instance: 'b@1', budget: 'b', counter: null, lost_usd: '4', lost_tokens: null }
    const budgets = { sound: true, checked: 2, moving: 0, findings: [], lost: [lost] }
    const ran = await runFake(['verify'], { answer: () => Response.json({ ...sound, budgets }) })
    expect(ran).toMatchObject({ exitCode: EXIT.done })
    expect(ran.notes).toContain('2 calls, 2 budget counters: 0 findings')
    expect(ran.notes).toContain('Lost leases of b@1 hold 4 USD: counted as spent until')
  })
})
