// Statements by mail: the real store, a real mail receiver, and a clock that stands still.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlertSink } from '../../governance/alert-rule.ts'
import { reconciledOf } from '../../reconciliation/testing/stated-month.ts'
import { startMailReceiver, type MailReceiver } from '../alerts/testing/receivers.ts'
import { sendStatementMail } from './send-statement-mail.ts'
import {
  createStatementMails,
  type StatementMailOutcome,
  type StatementOrder,
} from './statement-mails.ts'
import { createStatementService } from './statements.ts'
import type { StoredClosing } from '../store/period-reads.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { frozenOf, statementWorld, type StatementWorld } from '../testing/statement-world.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const OCTOBER = reconciledOf(1)

let plane: ControlPlane
let mail: MailReceiver
let world: StatementWorld
let closings: StoredClosing[]
let orders: StatementOrder[]
let sinks: AlertSink[]
let outcomes: StatementMailOutcome[]
beforeEach(async () => {
  plane = await startControlPlane()
  mail = await startMailReceiver()
  world = statementWorld([OCTOBER])
  world.frozen.set('2026-10', frozenOf(OCTOBER))
  closings = [closingAt(plane.now() - MINUTE)]
  orders = [{ owner: { team: 'search' }, to: ['finance'], format: 'pdf' }]
  sinks = [sinkTo(mail.port)]
  outcomes = []
})
afterEach(async () => {
  await plane.stop()
  await mail.stop()
})

function closingAt(ms: number, more: Partial<StoredClosing> = {}): StoredClosing {
  return {
    period: '2026-10',
    number: 1,
    sha256: 'f'.repeat(64),
    bill: OCTOBER.bill,
    bills: [],
    closedAt: new Date(ms).toISOString(),
    closedBy: 'finance',
    seenBills: '',
    seenInputs: '',
    seenRules: '',
    reopenedAt: null,
    reopenedBy: null,
    ...more,
  }
}

function sinkTo(port: number): AlertSink {
  const from = 'ledgerock@example.com'
  const smtp = { host: '127.0.0.1', port, tls: 'none', user: null, password: null, from } as const
  return { name: 'finance', quietHours: null, type: 'email', to: ['cfo@example.com'], smtp }
}

/** With closings as the test has them. */
const mails = () => {
  const { read } = plane.store
  const periods = { ...read.periods, closings: () => Promise.resolve(closings) }
  const store = { write: plane.store.write, read: { ...read, periods } }
  return createStatementMails({
    store,
    statements: createStatementService({ store, source: world.source }),
    orders: () => orders,
    sinks: () => sinks,
    send: sendStatementMail,
    clock: { now: plane.now, monotonic: plane.now },
    dice: () => 1,
    onOutcome: (outcome) => outcomes.push(outcome),
  })
}

const inOrder = (left: string, right: string): number => (left < right ? -1 : 1)

const listed = async () =>
  (
    (await (await plane.get('/api/v1/statement-mails')).json()) as {
      readonly items: readonly Record<string, unknown>[]
    }
  ).items

describe('statements by mail', () => {
  it('[C205] go to each receiver once, with the file attached, whoever looks how often', async () => {
    orders = [{ owner: { team: 'search' }, to: ['finance', 'lead@example.com'], format: 'pdf' }]
    await Promise.all([mails().tick(), mails().tick()])
    await mails().tick()
    expect(mail.mails.flatMap(({ to }) => to).toSorted(inOrder)).toEqual([
      'cfo@example.com',
      'lead@example.com',
    ])
    for (const { text, from } of mail.mails) {
      expect(from).toBe('ledgerock@example.com')
      expect(text).toContain('Subject: Statement for October 2026: team search')
      expect(text).toMatch(/filename="?statement-2026-10-team-search\.pdf/)
      const [, body = ''] = /application\/pdf[\s\S]*?\r\n\r\n([A-Za-z0-9+/=\r\n]+)/.exec(text) ?? []
      expect(Buffer.from(body, 'base64').subarray(0, 5).toString()).toBe('%PDF-')
    }
    const items = await listed()
    expect(
      items.map(({ state, to }) => `${String(state)} ${String(to)}`).toSorted(inOrder),
    ).toEqual(['delivered finance', 'delivered lead@example.com'])
    expect(items[0]?.['statement_sha256']).toMatch(/^[0-9a-f]{64}$/)
  })

  it('[C205] are tried again until they are taken, over a restart too', async () => {
    await mail.stop()
    await mails().tick()
    expect(outcomes).toMatchObject([{ outcome: 'failed' }])
    expect(await listed()).toMatchObject([{ state: 'pending', attempts: 1 }])
    mail = await startMailReceiver()
    sinks = [sinkTo(mail.port)]
    await mails().tick()
    expect(mail.mails).toHaveLength(0)
    plane.advance(MINUTE)
    await mails().tick()
    await mails().tick()
    expect(mail.mails).toHaveLength(1)
    expect(await listed()).toMatchObject([{ state: 'delivered', attempts: 1 }])
  })

  it('[C205] are given up after three days, with the last reason', async () => {
    sinks = []
    await mails().tick()
    plane.advance(3 * DAY)
    await mails().tick()
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['failed', 'given_up'])
    const reason = 'there is no sink of type email to send it with'
    expect(await listed()).toMatchObject([{ state: 'dropped', last_error: reason }])
  })

  it('[C205] are not sent of what was closed a week ago, nor of what is open again', async () => {
    closings = [closingAt(plane.now() - 8 * DAY)]
    await mails().tick()
    closings = [closingAt(plane.now(), { reopenedAt: new Date(plane.now()).toISOString() })]
    await mails().tick()
    expect(await listed()).toEqual([])
  })

  it('[C205] are dropped when the period is opened again before they could go', async () => {
    sinks = []
    await mails().tick()
    sinks = [sinkTo(mail.port)]
    closings = [closingAt(plane.now(), { reopenedAt: new Date(plane.now()).toISOString() })]
    plane.advance(MINUTE)
    await mails().tick()
    expect(mail.mails).toEqual([])
    expect(await listed()).toMatchObject([{ state: 'dropped' }])
    closings = [closingAt(plane.now(), { number: 2 })]
    await mails().tick()
    expect(mail.mails).toHaveLength(1)
  })

  it('[C205] of an owner who has nothing are dropped at once, and of the whole need no owner', async () => {
    orders = [
      { owner: { team: 'nobody-at-all' }, to: ['finance'], format: 'csv' },
      { owner: {}, to: ['finance'], format: 'html' },
    ]
    await mails().tick()
    expect(mail.mails).toHaveLength(1)
    expect(mail.mails[0]?.text).toContain('The whole bill')
    expect((await listed()).map(({ state }) => String(state)).toSorted(inOrder)).toEqual([
      'delivered',
      'dropped',
    ])
  })
})
