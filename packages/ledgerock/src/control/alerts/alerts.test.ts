// Alerts from budget to receiver, with the real store (SQLite), real HTTP and mail receivers, and a clock that stands still.

import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlertRule, AlertsConfig, AlertSink, Hidden } from '../../governance/alert-rule.ts'
import { instanceKey } from '../../governance/budget/lease.ts'
import type { BudgetState } from '../leases/budget-state.ts'
import { budgetWith } from '../testing/budget.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import type { AlertEvent } from './alert-event.ts'
import {
  startHttpReceiver,
  startMailReceiver,
  type HttpReceiver,
  type MailReceiver,
} from './testing/receivers.ts'

const hidden = (text: string): Hidden => ({ reveal: () => text })
const DOLLAR = 1_000_000_000_000n
const FROM = Date.parse('2026-10-01T00:00:00Z')
const budget = budgetWith({ alertAt: [50, 80, 100], alertForecastAt: null, mode: 'soft' })

/** Of $500. */
function spent(dollars: number, fromMs = FROM): BudgetState {
  const limit = 500n * DOLLAR
  const used = BigInt(dollars) * DOLLAR
  return {
    budget,
    instance: { fromMs, toMs: fromMs + 31 * 86_400_000, sinceMs: fromMs },
    key: instanceKey(budget.name, fromMs, null),
    counter: null,
    limit,
    spent: used,
    reserved: 0n,
    remaining: used > limit ? 0n : limit - used,
    exposure: 0n,
    refusedAtMs: null,
    exhaustedAtMs: null,
    forecast: null,
  }
}

let plane: ControlPlane
let hook: HttpReceiver
let mail: MailReceiver
beforeEach(async () => {
  plane = await startControlPlane()
  hook = await startHttpReceiver()
  mail = await startMailReceiver()
  plane.declared.budgets = [budget]
})
afterEach(async () => {
  await plane.stop()
  await hook.stop()
  await mail.stop()
})

type Webhook = Extract<AlertSink, { type: 'webhook' }>
const webhook = (more: Partial<Webhook> = {}): AlertSink => ({
  name: 'ops',
  type: 'webhook',
  quietHours: null,
  url: hidden(`http://127.0.0.1:${hook.port}/hook`),
  secret: hidden('shh'),
  ...more,
})

function declare(sinks: readonly AlertSink[], rules: readonly AlertRule[] = []): void {
  const config: AlertsConfig = { sinks, rules, allowHosts: ['127.0.0.1'] }
  plane.alertsConfig.current = config
}

const events = (): readonly AlertEvent[] =>
  hook.got.map(({ body }) => JSON.parse(body) as AlertEvent)
const told = (): readonly string[] => events().map(({ status, rule }) => `${status} ${rule}`)
const turnWith = async (...states: readonly BudgetState[]): Promise<void> => {
  plane.leases.all = states
  await plane.alerts.turn()
}

describe('a threshold of a budget', () => {
  it('[C100] is told once, signed, with what was spent of what', async () => {
    declare([webhook()])
    await turnWith(spent(100))
    expect(told()).toEqual([])
    await turnWith(spent(416))
    await turnWith(spent(420))
    expect(told()).toEqual(['firing search-monthly at 80 %'])
    const [event] = events()
    expect(event).toMatchObject({
      kind: 'budget',
      severity: 'warning',
      budget: 'search-monthly',
      scope: budget.scope,
      value: '83.2',
      threshold: '80',
      period: { from: '2026-10-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' },
      message: 'Budget search-monthly has used 83.2 % of its limit: $416 of $500 (threshold: 80 %)',
    })
    const { headers = {}, body = '' } = hook.got[0] ?? {}
    const signature = String(headers['x-ledgerock-signature'])
    const [, time = ''] = /^t=(\d+),/.exec(signature) ?? []
    const digest = createHmac('sha256', 'shh').update(`${time}.${body}`).digest('hex')
    expect(signature).toBe(`t=${plane.now() / 1000},v1=${digest}`)
  })

  it('[C100] of several passed at once only the highest is told, and the end of that one', async () => {
    declare([webhook()])
    await turnWith(spent(500))
    const firing = await (await plane.get('/api/v1/alerts?status=firing')).json()
    expect(firing).toMatchObject({
      items: expect.arrayContaining([expect.objectContaining({ threshold: '50', sinks: [] })]),
    })
    await turnWith(spent(0, FROM + 31 * 86_400_000))
    expect(told()).toEqual(['firing search-monthly at 100 %', 'resolved search-monthly at 100 %'])
  })

  it('[C102] is over with its period, and fires again in the next', async () => {
    declare([webhook()])
    await turnWith(spent(300))
    await turnWith(spent(0, FROM + 31 * 86_400_000))
    await turnWith(spent(300, FROM + 31 * 86_400_000))
    expect(told()).toEqual([
      'firing search-monthly at 50 %',
      'resolved search-monthly at 50 %',
      'firing search-monthly at 50 %',
    ])
    const [first, second, third] = events()
    expect(second?.alert_id).toBe(first?.alert_id)
    expect(new Set([first?.id, second?.id, third?.id]).size).toBe(3)
    expect(third?.alert_id).not.toBe(first?.alert_id)
  })

  it('[C100] is kept, and shown, where nobody can be told', async () => {
    declare([])
    await turnWith(spent(300))
    const page = await (await plane.get('/api/v1/alerts?status=firing')).json()
    expect(page).toMatchObject({ items: [{ rule: 'search-monthly at 50 %', sinks: [] }] })
  })

  it('[C103] a rule of the file that names the budget takes the place of its own', async () => {
    const rule: AlertRule = {
      name: 'nearly',
      when: 'budget',
      budget: 'search-monthly',
      scope: {},
      above: '90',
      forMs: 0,
      overMs: 0,
      severity: 'critical',
      to: ['ops'],
    }
    declare([webhook()], [rule])
    await turnWith(spent(449))
    await turnWith(spent(450))
    expect(told()).toEqual(['firing nearly'])
  })
})

describe('delivery', () => {
  it('[C106] is tried again until it is taken, with the same event, in order', async () => {
    declare([webhook()])
    hook.status = 500
    await turnWith(spent(300))
    await turnWith(spent(0, FROM + 31 * 86_400_000))
    expect(told()).toEqual(['firing search-monthly at 50 %'])
    expect(await plane.alerts.service.sinks()).toMatchObject([
      {
        name: 'ops',
        target: `127.0.0.1:${hook.port}`,
        pending: 2,
        last_error: 'it answered with status 500',
      },
    ])
    for (let again = 0; again < 7; again += 1) {
      plane.advance(10_000)
      await plane.alerts.turn()
    }
    const { raised, deliveries } = plane.alerts.figures()
    expect(raised).toBe(1)
    expect(deliveries).toMatchObject([{ type: 'webhook', outcome: 'failed' }])
    expect(deliveries[0]?.count).toBeGreaterThan(2)
    hook.status = 204
    for (let again = 0; again < 7; again += 1) {
      plane.advance(10_000)
      await plane.alerts.turn()
    }
    const firing = events().filter(({ status }) => status === 'firing')
    expect(firing.length).toBeGreaterThan(2)
    expect(new Set(firing.map((event) => JSON.stringify(event))).size).toBe(1)
    expect(told().at(-1)).toBe('resolved search-monthly at 50 %')
    expect(told().filter((line) => line.startsWith('resolved'))).toHaveLength(1)
    const [sink] = await plane.alerts.service.sinks()
    expect([sink?.pending, sink?.last_error]).toEqual([0, null])
  })

  it('[C106] a critical alert does not wait behind what waits for the morning, nor behind what is refused', async () => {
    const quietHours = { fromMinute: 11 * 60, toMinute: 13 * 60, timeZone: 'UTC' }
    declare([webhook({ quietHours })])
    const others = Array.from({ length: 60 }, (_, index) => ({
      ...spent(300),
      key: `other/${index}`,
      counter: `c${index}`,
    }))
    await turnWith(...others)
    await plane.alerts.turn()
    await turnWith(...others, spent(500))
    expect(told()).toEqual(['firing search-monthly at 100 %'])
    expect(plane.logged).toContain('info alert_delivered')
    // In the morning the receiver takes none of them, but all else.
    hook.refuses = (body) => body.includes('at 50 %')
    plane.advance(3_600_000)
    for (let rounds = 0; rounds < 30; rounds += 1) {
      await plane.alerts.turn()
      plane.advance(10_000)
    }
    expect(plane.logged).toContain('warn alert_failed')
    await turnWith(...others, spent(0, FROM + 31 * 86_400_000))
    for (let rounds = 0; rounds < 10; rounds += 1) {
      plane.advance(10_000)
      await plane.alerts.turn()
    }
    expect(told()).toContain('resolved search-monthly at 100 %')
  })

  it('[C106] one sink that fails delays no other', async () => {
    const dead = webhook({ name: 'dead', url: hidden('http://127.0.0.1:1/') })
    declare([dead, webhook()])
    await turnWith(spent(300))
    expect(told()).toEqual(['firing search-monthly at 50 %'])
  })

  it('[C106] is given up after three days, or when the sink is gone', async () => {
    declare([webhook()])
    hook.status = 500
    await turnWith(spent(300))
    plane.advance(3 * 86_400_000)
    await plane.alerts.turn()
    const [sink] = await plane.alerts.service.sinks()
    expect(sink?.pending).toBe(0)
  })

  it('[C105] waits for the end of quiet hours unless it is critical', async () => {
    const quietHours = { fromMinute: 11 * 60, toMinute: 13 * 60, timeZone: 'UTC' }
    declare([webhook({ quietHours })])
    await turnWith(spent(300))
    await turnWith(spent(450))
    await turnWith(spent(500))
    expect(told()).toEqual(['firing search-monthly at 100 %'])
    plane.advance(30 * 60_000)
    await plane.alerts.turn()
    expect(told()).toHaveLength(1)
    plane.advance(30 * 60_000)
    await plane.alerts.turn()
    expect(told().slice(1)).toEqual([
      'firing search-monthly at 50 %',
      'firing search-monthly at 80 %',
    ])
  })

  it('[C107] goes nowhere the guard of outgoing requests does not allow', async () => {
    declare([webhook()])
    plane.alertsConfig.current = { ...plane.alertsConfig.current, allowHosts: [] }
    await turnWith(spent(300))
    expect(hook.got).toEqual([])
    const [sink] = await plane.alerts.service.sinks()
    expect(sink?.last_error).toMatch(/^not_https: /)
  })

  it('[C104] by mail: to everybody at once, one thread per alert', async () => {
    const smtp = {
      host: '127.0.0.1',
      port: mail.port,
      tls: 'none',
      user: 'me',
      password: hidden('right'),
      from: 'ledgerock@example.com',
    } as const
    const to = ['a@example.com', 'b@example.com']
    declare([{ name: 'mail', type: 'email', quietHours: null, to, smtp }])
    await turnWith(spent(300))
    await turnWith(spent(0, FROM + 31 * 86_400_000))
    expect(mail.logins).toEqual(['me', 'me'])
    expect(mail.mails.map(({ from, to: whom }) => [from, whom])).toEqual([
      ['ledgerock@example.com', to],
      ['ledgerock@example.com', to],
    ])
    const [first = '', second = ''] = mail.mails.map(({ text }) => text)
    expect(first).toContain('Subject: [Ledgerock] info: Budget search-monthly')
    const [, id = ''] = /^Message-ID: (\S+)/im.exec(first) ?? []
    expect(second).toContain(`In-Reply-To: ${id}`)
  })

  it('[C104] by mail: nothing is said to a server that offers no encryption it must have', async () => {
    const smtp = {
      host: '127.0.0.1',
      port: mail.port,
      tls: 'starttls',
      user: 'me',
      password: hidden('right'),
      from: 'ledgerock@example.com',
    } as const
    declare([{ name: 'mail', type: 'email', quietHours: null, to: ['a@example.com'], smtp }])
    await turnWith(spent(300))
    expect([mail.mails, mail.logins]).toEqual([[], []])
    const [sink] = await plane.alerts.service.sinks()
    expect(sink?.pending).toBe(1)
  })
})

describe('people', () => {
  it('[C108] a sink is tried out at once, and the answer says how it went', async () => {
    declare([webhook({ quietHours: { fromMinute: 0, toMinute: 1439, timeZone: 'UTC' } })])
    const test = async () => (await plane.send('POST', '/api/v1/alert-sinks/ops/test')).json()
    expect(await test()).toEqual({ sink: 'ops', delivered: true, detail: null })
    expect(events()).toMatchObject([{ kind: 'test', rule: 'test' }])
    hook.status = 403
    expect(await test()).toEqual({
      sink: 'ops',
      delivered: false,
      detail: 'it answered with status 403',
    })
    expect((await plane.send('POST', '/api/v1/alert-sinks/nobody/test')).status).toBe(404)
  })

  it('[C108] what fires while it is muted is told when the mute ends, unless it is over', async () => {
    declare([webhook()])
    await turnWith(spent(300))
    const [{ alert_id: id } = { alert_id: '' }] = events()
    const muted = await plane.send('POST', `/api/v1/alerts/${id}/mute`, { until: '4h' })
    expect(muted.status).toBe(200)
    await turnWith(spent(10))
    await turnWith(spent(300))
    // Over before the mute is: nobody hears of either.
    await turnWith(spent(10))
    await turnWith(spent(300))
    expect(told()).toEqual(['firing search-monthly at 50 %', 'resolved search-monthly at 50 %'])
    plane.advance(4 * 3_600_000 - 1_000)
    await turnWith(spent(300))
    expect(told()).toHaveLength(2)
    plane.advance(1_000)
    await turnWith(spent(300))
    expect(told().slice(2)).toEqual(['firing search-monthly at 50 %'])
    await turnWith(spent(10))
    expect(told().slice(3)).toEqual(['resolved search-monthly at 50 %'])
    const past = await plane.send('POST', `/api/v1/alerts/${id}/mute`, { until: '2020-01-01' })
    expect(past.status).toBe(400)
  })

  it('[C108] who sees to it stands on the alert and in the audit trail', async () => {
    declare([])
    await turnWith(spent(300))
    const list = async () =>
      (await (await plane.get('/api/v1/alerts')).json()) as {
        readonly items: readonly { readonly alert_id: string; readonly acknowledged_by: string }[]
      }
    const id = (await list()).items[0]?.alert_id ?? ''
    expect((await plane.send('POST', `/api/v1/alerts/${id}/acknowledge`)).status).toBe(200)
    expect((await list()).items[0]?.acknowledged_by).toBe('admin')
    const trail = await (await plane.get('/api/v1/audit-trail?action=alert.acknowledge')).text()
    expect(trail).toContain(id)
    expect((await plane.send('POST', '/api/v1/alerts/nothing/acknowledge')).status).toBe(404)
  })

  it('[C109] who sees a part sees the alerts of that part, page by page', async () => {
    declare([])
    await turnWith(spent(500))
    const within = async (team: string) =>
      plane.alerts.service.list({ team: [team] }, { cursor: null, limit: 10, status: null })
    const search = await within('search')
    expect(search.ok && search.value.items).toHaveLength(3)
    const other = await within('support')
    expect(other.ok && other.value.items).toEqual([])
    const seen: string[] = []
    let cursor = ''
    do {
      const page = (await (await plane.get(`/api/v1/alerts?limit=2${cursor}`)).json()) as {
        readonly items: readonly { readonly alert_id: string }[]
        readonly next_cursor: string | null
      }
      seen.push(...page.items.map(({ alert_id: id }) => id))
      cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`
    } while (cursor !== '')
    expect(new Set(seen).size).toBe(3)
    expect((await plane.get('/api/v1/alerts?cursor=x&status=maybe')).status).toBe(400)
  })
})
