// Periods by the API: who may close, who may ask, and that two people reopen.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApi } from '../api.ts'
import { createPeriodWorld, share, type PeriodWorld } from '../testing/period-world.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { createPerson, firstAdmin, itemsOf, type Person } from '../testing/people.ts'

let plane: ControlPlane
let world: PeriodWorld
let first: Person
let finance: Person
let lead: Person
beforeEach(async () => {
  const started = await startControlPlane()
  world = createPeriodWorld(new Date(started.now()).toISOString())
  const periods = world.node(started.store)
  plane = { ...started, api: createApi({ ...started.apiDeps, periods }) }
  first = firstAdmin(plane)
  finance = await createPerson(plane, 'fin', 'finance')
  lead = await createPerson(plane, 'lea', 'lead', { team: 'search' })
  world.deliver('2026-09', [share('search', '100'), share('support', '100')])
})
afterEach(() => plane.stop())

const close = (who: Person, period = '2026-09') => who.send('POST', `periods/${period}/close`)
const code = (status: number, name: string) => ({ status, body: { code: name } })

describe('periods', () => {
  it('[C181] are closed by finance and admins, and shown to everybody', async () => {
    expect(await close(lead)).toMatchObject(code(403, 'forbidden'))
    expect(await close(finance, '2026-10')).toMatchObject(code(409, 'period_open'))
    expect(await close(finance, '2026-08')).toMatchObject(code(404, 'bill_unknown'))
    expect(await close(finance, 'october')).toMatchObject(code(400, 'period_invalid'))
    const closed = await finance.send('POST', 'periods/2026-09/close', { reason: 'paid' })
    expect(closed).toMatchObject({ status: 200, body: { state: 'closed', closed_by: 'fin' } })
    expect(await close(first)).toMatchObject(code(409, 'period_closed'))
    expect(await lead.get('periods/2026-09')).toMatchObject({
      status: 200,
      body: { state: 'closed', bill_version: 1 },
    })
    expect(itemsOf(await lead.get('periods')).map(({ period }) => period)).toEqual([
      '2026-10',
      '2026-09',
    ])
    expect(await finance.get('periods/2026-07')).toMatchObject(code(404, 'bill_unknown'))
    expect(await finance.get('periods/2026-7')).toMatchObject(code(400, 'period_invalid'))
  })

  it('[C180] show the frozen text to those who see the whole', async () => {
    await close(finance)
    const shown = await plane.get('/api/v1/periods/2026-09/closings/1')
    expect(shown.headers.get('content-type')).toBe('application/x-ndjson')
    const [head = '', ...rest] = (await shown.text()).trimEnd().split('\n')
    expect(JSON.parse(head)).toMatchObject({ kind: 'period', bill_usd: '200', number: 1 })
    expect(rest).toHaveLength(2)
    for (const number of ['2', '0', 'x']) {
      const missing = await first.get(`periods/2026-09/closings/${number}`)
      expect(missing).toMatchObject(code(404, 'closing_unknown'))
    }
    expect(await lead.get('periods/2026-09/closings/1')).toMatchObject(code(403, 'forbidden'))
  })

  it('[C185] are reopened by two people: whoever asked does not decide, nor does an account of theirs', async () => {
    await close(finance)
    const boss = await createPerson(plane, 'boss', 'admin')
    const ask = (who: Person) =>
      who.send('POST', 'periods/2026-09/reopen', { reason: 'a payer was missing' })
    const decide = (who: Person, how = 'approve') =>
      who.send('POST', `periods/2026-09/reopen/${how}`, { reason: 'seen' })
    expect(await finance.send('POST', 'periods/2026-09/reopen', {})).toMatchObject({ status: 400 })
    expect(await ask(lead)).toMatchObject(code(403, 'forbidden'))
    expect(await ask(boss)).toMatchObject({ status: 200, body: { state: 'pending' } })
    expect(await decide(boss)).toMatchObject(code(409, 'same_person'))
    // A finance user decides nothing, but for an own request.
    expect(await decide(finance)).toMatchObject(code(403, 'forbidden'))
    expect(await decide(finance, 'deny')).toMatchObject(code(403, 'forbidden'))
    await boss.send('POST', 'users', { name: 'puppet', role: 'admin' })
    const made = await boss.send('POST', 'tokens', { user: 'puppet' })
    const token = String(made.body['token'])
    const pretended = await plane.api.request('/api/v1/periods/2026-09/reopen/approve', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{}',
    })
    expect(pretended.status).toBe(409)
    expect(await pretended.json()).toMatchObject({ code: 'same_person' })
    expect(await decide(first)).toMatchObject({ status: 200, body: { state: 'closing' } })
    expect(await close(finance)).toMatchObject({
      status: 200,
      body: { state: 'closed', closings: [{ number: 1, reopened_by: 'admin' }, { number: 2 }] },
    })
    expect(await ask(finance)).toMatchObject({ status: 200 })
    expect(await decide(finance, 'deny')).toMatchObject({ body: { state: 'withdrawn' } })
  })

  it('[C133] are reopened by an admin alone only where there is no other, and the trail says so', async () => {
    await close(first)
    await first.send('POST', 'periods/2026-09/reopen', { reason: 'wrong' })
    expect(await first.send('POST', 'periods/2026-09/reopen/approve')).toMatchObject({
      status: 200,
    })
    const entries = await plane.store.read.audit.entries(0, 100)
    expect(
      entries.find(({ action }) => action === 'period_reopening.approve')?.after,
    ).toMatchObject({ state: 'approved', only_admin: true })
  })

  it('[C183] list adjustments as far as they are the reader’s, and finance approves what waits', async () => {
    await close(finance)
    world.deliver('2026-09', [share('search', '101'), share('support', '102')])
    const periods = world.node(plane.store)
    await periods.onImport(['2026-09'])
    expect(itemsOf(await finance.get('periods/2026-10/adjustments'))).toHaveLength(2)
    expect(itemsOf(await lead.get('periods/2026-10/adjustments'))).toMatchObject([
      { owner: { team: 'search' }, usd: '1', charge_period: '2026-09', posted_in: '2026-10' },
    ])
    world.deliver('2026-09', [share('search', '301'), share('support', '102')])
    await periods.onImport(['2026-09'])
    const waiting = { moved_usd: '203', usd: '200' }
    expect(await finance.get('periods/2026-09/adjustments')).toMatchObject({ body: { waiting } })
    expect(await lead.get('periods/2026-09/adjustments')).toMatchObject({ body: { waiting: null } })
    const approve = (who: Person) =>
      who.send('POST', 'periods/2026-09/adjustments/approve', { reason: 'checked' })
    expect(await approve(lead)).toMatchObject(code(403, 'forbidden'))
    expect(await approve(finance)).toMatchObject({
      status: 200,
      body: { total_usd: '203', waiting: null },
    })
    expect(await approve(finance)).toMatchObject(code(409, 'nothing_to_approve'))
  })

  it('[C182] are adjusted when finance asks, after owners were corrected', async () => {
    const adjust = (who: Person) => who.send('POST', 'periods/2026-09/adjustments')
    expect(await adjust(finance)).toMatchObject(code(409, 'period_open'))
    await close(finance)
    world.correct('2026-09', [share('search', '101'), share('support', '99')])
    expect(await adjust(lead)).toMatchObject(code(403, 'forbidden'))
    expect(await adjust(finance)).toMatchObject({
      status: 200,
      body: { total_usd: '0', items: [{ reason: 'correction' }, { reason: 'correction' }] },
    })
    const entries = await plane.store.read.audit.entries(0, 100)
    expect(entries.at(-1)).toMatchObject({ actor: 'fin', action: 'period_adjustment.post' })
  })

  it('[C187] that are closed are not priced anew: the ledger is told of them', async () => {
    await close(finance)
    const asked = await first.send('POST', 'prices/rerate', {
      from: '2026-09-01',
      to: '2026-10-01',
      dry_run: true,
    })
    expect(asked.status).toBe(200)
    const [question] = plane.ledger.asked.filter(({ method }) => method === 'rerate')
    expect(question?.question).toMatchObject({ closedPeriods: ['2026-09'] })
  })
})
