// Alerts on a whole system with two workers: a call of a real SDK client carries a budget over its thresholds, and real receivers on this
// machine hear of it, once; what is told survives a killed control process; a sink is tried out by API and command line.

import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  startHttpReceiver,
  startMailReceiver,
  type HttpReceiver,
  type MailReceiver,
} from '../src/control/alerts/testing/receivers.ts'
import { ledgerockJson } from './support/command-line.ts'
import { createPerson, firstAdmin, type Person } from './support/people.ts'
import { ANTHROPIC_MODEL, converse } from './support/refused-clients.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'

const SECRET = 'the secret of the hook'

type Event = {
  readonly id: string
  readonly alert_id: string
  readonly rule: string
  readonly status: string
  readonly severity: string
  readonly budget: string | null
  readonly value: string
  readonly threshold: string
}
type Alerts = { readonly items: readonly { readonly alert_id: string; readonly rule: string }[] }

let hook: HttpReceiver
let late: HttpReceiver
let mail: MailReceiver
let system: RunningSystem
let admin: Person
let key: string

const config = (): string => `
budgets:
  - name: small
    scope: { team: search }
    period: month
    limit_usd: "0.004"
    mode: soft
    alert_at: [50, 100]
alerts:
  sinks:
    - { name: hook, type: webhook, url: 'http://127.0.0.1:${hook.port}/hook', secret_env: HOOK_SECRET }
    - { name: late, type: slack, url: 'http://127.0.0.1:${late.port}/slack' }
    - name: mail
      type: email
      to: [ops@example.com]
      smtp: { host: 127.0.0.1, port: ${mail.port}, tls: none, from: ledgerock@example.com }
    - { name: inside, type: webhook, url: 'https://localhost:8443/', secret_env: HOOK_SECRET }
  rules:
    - { name: fast, when: spend_rate, scope: { team: search }, above: "0.001", to: [hook] }
  allow_hosts: ['127.0.0.1:${hook.port}', '127.0.0.1:${late.port}']
`

beforeAll(async () => {
  hook = await startHttpReceiver()
  late = await startHttpReceiver()
  late.status = 503
  mail = await startMailReceiver()
  system = await startSystem({
    workers: 2,
    config: config(),
    env: { HOOK_SECRET: SECRET },
  })
  admin = firstAdmin(system)
  key = await system.createKey('search', { team: 'search' })
})
afterAll(async () => {
  await system.dispose()
  await hook.stop()
  await late.stop()
  await mail.stop()
})

const events = (): readonly Event[] => hook.got.map(({ body }) => JSON.parse(body) as Event)
const heard = (rule: string) =>
  eventually(async () => events().find((event) => event.rule === rule) ?? null, `alert ${rule}`)

async function call(times: number): Promise<void> {
  const { gatewayUrl } = system
  for (let calls = 0; calls < times; calls += 1) {
    expect(
      await converse({ gatewayUrl, key }, { model: ANTHROPIC_MODEL, maxTokens: 50 }),
    ).toBeNull()
  }
}

async function small(): Promise<{ readonly spent_usd: string | null }> {
  type Rows = { readonly items: readonly { readonly name: string; readonly spent_usd: string }[] }
  const { body } = await admin.send<Rows>('GET', 'budgets')
  return body.items.find(({ name }) => name === 'small') ?? { spent_usd: null }
}

describe('alerts', () => {
  it('[C100] thresholds and a rate reach a webhook, signed, and a mailbox, each once', async () => {
    expect(hook.got).toEqual([])
    await call(1)
    const cost = await eventually(async () => {
      const spent = Number((await small()).spent_usd)
      return spent > 0 ? spent : null
    }, 'the first call to be counted')
    // Of thresholds that are passed at once only the highest is told.
    await call(Math.ceil(0.0024 / cost) - 1)
    const half = await heard('small at 50 %')
    await call(Math.ceil(0.002 / cost))
    const full = await heard('small at 100 %')
    expect([half, full]).toMatchObject([
      { status: 'firing', budget: 'small', severity: 'info', threshold: '50' },
      { status: 'firing', budget: 'small', severity: 'critical', threshold: '100' },
    ])
    expect(Number(full.value)).toBeGreaterThanOrEqual(100)
    expect((await heard('fast')).status).toBe('firing')
    for (const { headers, body } of hook.got) {
      const [, time = '', digest = ''] =
        /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-ledgerock-signature'])) ?? []
      expect(digest).toBe(createHmac('sha256', SECRET).update(`${time}.${body}`).digest('hex'))
    }
    const mails = await eventually(
      async () => (mail.mails.length >= 2 ? mail.mails : null),
      'two mails',
    )
    expect(mails.map(({ to }) => to)).toEqual([['ops@example.com'], ['ops@example.com']])
    const rules = events().map(({ rule, status }) => `${status} ${rule}`)
    expect(rules.toSorted()).toEqual([
      'firing fast',
      'firing small at 100 %',
      'firing small at 50 %',
    ])
  })

  it('[C106] what a sink did not take is told after a crash, and nothing is told twice', async () => {
    await eventually(async () => (late.got.length > 0 ? true : null), 'a first try')
    await system.end('SIGKILL')
    late.status = 200
    system = await system.again()
    admin = firstAdmin(system)
    await eventually(async () => {
      const { body } = await admin.send<{ items: { name: string; pending: number }[] }>(
        'GET',
        'alert-sinks',
      )
      return body.items.find(({ name }) => name === 'late')?.pending === 0 ? true : null
    }, 'the late sink to be told')
    const taken = new Set(late.got.map(({ body }) => body))
    expect(taken.size).toBe(2)
    expect(events()).toHaveLength(3)
  })

  it('[C107] an address inside is not posted to, and the sink says why', async () => {
    const { body } = await admin.send<{ items: { name: string; last_error: string | null }[] }>(
      'GET',
      'alert-sinks',
    )
    const inside = body.items.find(({ name }) => name === 'inside')
    expect(inside?.last_error).toMatch(/^private_address: /)
  })

  it('[C108] a sink is tried out by command line and by API, by admins only', async () => {
    const before = hook.got.length
    const tried = await ledgerockJson(system, 'alerts', 'test', 'hook')
    expect(tried).toEqual({ sink: 'hook', delivered: true, detail: null })
    expect(events().slice(before)).toMatchObject([{ rule: 'test' }])
    const lead = await createPerson(system, {
      name: 'mia',
      role: 'lead',
      scope: { team: 'search' },
    })
    expect((await lead.send('POST', 'alert-sinks/hook/test')).status).toBe(403)
  })

  it('[C109] a lead sees the alerts of her part, and says that she sees to one', async () => {
    const lead = await createPerson(system, {
      name: 'ann',
      role: 'lead',
      scope: { team: 'search' },
    })
    const other = await createPerson(system, { name: 'tom', role: 'lead', scope: { team: 'else' } })
    const { body } = await lead.send<Alerts>('GET', 'alerts?status=firing')
    expect(body.items.map(({ rule }) => rule).toSorted()).toEqual([
      'fast',
      'small at 100 %',
      'small at 50 %',
    ])
    expect((await other.send<Alerts>('GET', 'alerts')).body.items).toEqual([])
    const id = body.items[0]?.alert_id ?? ''
    expect((await other.send('POST', `alerts/${id}/acknowledge`)).status).toBe(404)
    const acked = await lead.send('POST', `alerts/${id}/acknowledge`)
    expect(acked).toMatchObject({ status: 200, body: { acknowledged_by: 'ann' } })
    const listed = await ledgerockJson<Alerts>(system, 'alerts', 'list', '--status', 'firing')
    expect(listed.items.map(({ alert_id: one }) => one)).toContain(id)
  })
})
