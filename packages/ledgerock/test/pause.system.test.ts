// The kill switch on a whole system with two workers: when the answer to a pause is there, no worker lets such a call through any
// more, whichever client makes it; when the answer to a resume is there, all of them do again.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ledgerockJson } from './support/command-line.ts'
import { callGateway } from './support/gateway-call.ts'
import { allCalls, ask, recordOf } from './support/ledger-api.ts'
import { createPerson, firstAdmin, type Person } from './support/people.ts'
import { CLIENTS, converse } from './support/refused-clients.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'

const WORKERS = ['worker-1', 'worker-2']
/** Each on a connection of its own: enough that both workers have some. */
const CALLS = 12

type Paused = {
  readonly pause_id: string
  readonly paused_by: string
  readonly acked: readonly string[]
  readonly missing: readonly string[]
}
type Problem = { readonly code: string }

let system: RunningSystem
let searchKey: string
let supportKey: string
let admin: Person
let lead: Person

beforeAll(async () => {
  system = await startSystem({ workers: 2 })
  searchKey = await system.createKey('search', { team: 'search', application: 'api' })
  supportKey = await system.createKey('support', { team: 'support' })
  admin = firstAdmin(system)
  lead = await createPerson(system, { name: 'mia', role: 'lead', scope: { team: 'search' } })
})
afterAll(() => system.dispose())

const place = (key: string) => ({ gatewayUrl: system.gatewayUrl, key })

async function answersOf(key: string): Promise<readonly (string | null)[]> {
  const headers = { authorization: `Bearer ${key}` }
  const calls = Array.from({ length: CALLS }, () => callGateway(system.gatewayUrl, { headers }))
  const answers = await Promise.all(calls)
  expect(answers.every(({ status, refusal }) => (status === 200) === (refusal === null))).toBe(true)
  return answers.map(({ refusal }) => refusal)
}
const ALL_SERVED = Array(CALLS).fill(null)
const ALL_PAUSED = Array(CALLS).fill('paused')

async function pause(who: Person, scope: object, reason: string): Promise<Paused> {
  const { status, body } = await who.send<Paused>('POST', 'pauses', { scope, reason })
  expect({ status, body }).toMatchObject({ status: 201 })
  return body
}

async function resume(who: Person, { pause_id: id }: Paused): Promise<void> {
  const { status, body } = await who.send('DELETE', `pauses/${id}`)
  expect({ status, body }).toMatchObject({ status: 200 })
}

describe('a pause', () => {
  it('[C60] stops all workers before its answer, each client in its own words, and a resume starts all', async () => {
    expect(await answersOf(searchKey)).toEqual(ALL_SERVED)
    const upstream = system.simulator.calls().length
    const paused = await pause(admin, { team: 'search' }, 'a loop in the crawler')
    expect(paused.acked.toSorted()).toEqual(WORKERS)
    expect(paused.missing).toEqual([])
    expect(await answersOf(searchKey)).toEqual(ALL_PAUSED)
    for (const { call, forbidden } of CLIENTS) {
      const told = await call(place(searchKey))
      expect(told).toMatchObject({ type: forbidden, status: 403, refusal: 'paused' })
      expect(told?.message).toContain('a loop in the crawler')
      expect(told?.message).toContain('team=search')
      expect(told?.retryAfter).toBeNull()
    }
    expect(system.simulator.calls()).toHaveLength(upstream)
    await eventually(async () => {
      const refused = (await allCalls(system)).filter((one) => one.refusal === 'paused')
      const journals = new Set(refused.map((one) => one.journal_id))
      return journals.size === WORKERS.length || null
    }, 'a refusal by each worker')
    await resume(admin, paused)
    expect(await answersOf(searchKey)).toEqual(ALL_SERVED)
  })

  it('[G13] stops its scope and nobody else', async () => {
    const paused = await pause(admin, { team: ['search'], application: 'api' }, 'only this one')
    expect(await answersOf(searchKey)).toEqual(ALL_PAUSED)
    expect(await answersOf(supportKey)).toEqual(ALL_SERVED)
    const other = await system.createKey('search-batch', { team: 'search', application: 'batch' })
    expect(await converse(place(other))).toBeNull()
    await resume(admin, paused)
  })

  it('[G20] of a model stops its calls by the id of the model and of its profiles', async () => {
    const paused = await pause(admin, { model: 'anthropic.claude-*' }, 'too dear')
    for (const model of ['us.anthropic.claude-sonnet-4-6', 'global.anthropic.claude-sonnet-4-6']) {
      expect((await converse(place(supportKey), { model }))?.refusal).toBe('paused')
    }
    expect(await converse(place(supportKey))).toBeNull()
    await resume(admin, paused)
  })

  it('[G20] leaves a record of who was refused, and no cost', async () => {
    const paused = await pause(admin, { team: 'search' }, 'for the record')
    const told = await converse(place(searchKey))
    await resume(admin, paused)
    const record = await recordOf(system, told?.callId ?? '')
    expect(record).toMatchObject({
      status: 'refused',
      refusal: 'paused',
      http_status: 403,
      key_name: 'search',
      team: 'search',
      input_tokens: 0,
      output_tokens: 0,
      aws_request_id: null,
    })
    expect(Number(record.cost_usd)).toBe(0)
  })

  it('[C61] of a lead reaches as far as the lead; what an admin paused, only an admin resumes', async () => {
    const beyond = await lead.send<Problem>('POST', 'pauses', {
      scope: { team: 'support' },
      reason: 'not mine',
    })
    expect(beyond).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    const everybody = await lead.send<Problem>('POST', 'pauses', { scope: {}, reason: 'all' })
    expect(everybody.status).toBeGreaterThanOrEqual(400)
    expect(await answersOf(supportKey)).toEqual(ALL_SERVED)
    const own = await pause(lead, { team: 'search' }, 'mine')
    expect(own.paused_by).toBe('mia')
    expect((await converse(place(searchKey)))?.refusal).toBe('paused')
    const taken = await pause(admin, { team: 'search' }, 'and stays')
    const refused = await lead.send<Problem>('DELETE', `pauses/${taken.pause_id}`)
    expect(refused.status).toBe(403)
    expect((await converse(place(searchKey)))?.refusal).toBe('paused')
    await resume(admin, taken)
    expect(await answersOf(searchKey)).toEqual(ALL_SERVED)
  })

  it('[C66] by the command line, and in the audit trail with who and why', async () => {
    const paused = await ledgerockJson<Paused>(
      system,
      'pause',
      'team=search',
      '--reason',
      'by hand',
    )
    expect(paused.acked.toSorted()).toEqual(WORKERS)
    expect(await answersOf(searchKey)).toEqual(ALL_PAUSED)
    await ledgerockJson(system, 'resume', 'team=search')
    expect(await answersOf(searchKey)).toEqual(ALL_SERVED)
    const trail = await ask<{ items: readonly { action: string; reason: string | null }[] }>(
      system,
      '/api/v1/audit-trail?limit=100',
    )
    expect(trail.items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'pause.set', reason: 'by hand' }),
        expect.objectContaining({ action: 'pause.end' }),
      ]),
    )
  })

  it('[C60] outlives a restart of everything', async () => {
    const paused = await pause(admin, { team: 'search' }, 'over night')
    await system.end('SIGTERM')
    system = await system.again()
    admin = firstAdmin(system)
    expect(await answersOf(searchKey)).toEqual(ALL_PAUSED)
    expect(await answersOf(supportKey)).toEqual(ALL_SERVED)
    await resume(admin, paused)
    expect(await answersOf(searchKey)).toEqual(ALL_SERVED)
  })

  it('[C62] of nobody there is, or of a dimension nobody declared, is refused with what is known', async () => {
    for (const scope of [{ planet: 'mars' }, { team: [] }]) {
      const answer = await admin.send<Problem>('POST', 'pauses', { scope, reason: 'x' })
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    }
    expect(await answersOf(searchKey)).toEqual(ALL_SERVED)
  })
})
