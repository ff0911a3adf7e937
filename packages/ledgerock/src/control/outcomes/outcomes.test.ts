// Outcomes as people and programs tell them, through the API, with the real store of keys and a ledger in memory.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OutcomesTaken } from './outcomes.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'

const SECRET = 'a-secret-of-the-file-that-is-long-enough'
const FILE_KEY = { name: 'file', secret: SECRET, bind: { team: 'research' }, region: null }
const PATH = '/api/v1/outcomes'

const ticket = (more: object = {}): object => ({
  name: 'tickets_solved',
  at: '2026-10-12T08:00:00Z',
  quantity: '2',
  team: 'search',
  idempotency_key: 'one',
  ...more,
})

let plane: ControlPlane
let key: string
beforeEach(async () => {
  plane = await startControlPlane([FILE_KEY])
  const made = await plane.send('POST', '/api/v1/keys', {
    name: 'search-prod',
    bind: { team: 'search', environment: 'prod' },
  })
  key = ((await made.json()) as { readonly key: string }).key
})
afterEach(() => plane.stop())

async function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const authorization = `Bearer ${plane.token}`
  return plane.api.request(PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization, ...headers },
    body: JSON.stringify(body),
  })
}
const taken = async (body: unknown, headers = {}): Promise<OutcomesTaken> =>
  (await (await post(body, headers)).json()) as OutcomesTaken
const asKey = (secret = key) => ({ authorization: `Bearer ${secret}` })
const kept = async (name = 'tickets_solved') =>
  plane.ledger.outcomes.outcomeSums({
    name,
    by: ['team', 'environment', 'feature'],
    from: '2026-01-01T00:00:00.000Z',
    to: '2027-01-01T00:00:00.000Z',
    granularity: 'total',
    tz: 'UTC',
    where: [],
  })

describe('POST outcomes', () => {
  it('[C260] takes one or a list, once by its key', async () => {
    expect(await taken(ticket())).toEqual({ accepted: 1, duplicate: 0, rejected: [] })
    const list = [ticket(), ticket({ idempotency_key: 'two' }), ticket({ idempotency_key: 'two' })]
    expect(await taken({ outcomes: list })).toEqual({ accepted: 1, duplicate: 2, rejected: [] })
    // Written otherwise, and the same.
    const same = ticket({ at: '2026-10-12T10:00:00+02:00', quantity: '2.000', feature: 'unknown' })
    expect(await taken(same)).toEqual({ accepted: 0, duplicate: 1, rejected: [] })
    expect(await kept()).toMatchObject([{ keys: ['search', 'unknown', 'unknown'], quantity: '4' }])
  })

  it.each([
    { quantity: '3' },
    { at: '2026-10-12T08:00:01Z' },
    { name: 'documents' },
    { team: 'support' },
    { value_usd: '1' },
    { feature: 'x' },
  ])('[C260] refuses a key that stands for something else already: %o', async (other) => {
    const rejected = [
      { index: 1, code: 'idempotency_conflict', message: expect.any(String) as string },
    ]
    expect(await taken({ outcomes: [ticket(), ticket(other)] })).toEqual({
      accepted: 1,
      duplicate: 0,
      rejected,
    })
    const [{ index: _, ...conflict } = { index: 0 }] = rejected
    expect(await taken(ticket(other))).toEqual({
      accepted: 0,
      duplicate: 0,
      rejected: [{ index: 0, ...conflict }],
    })
  })

  it.each<readonly [object, string, RegExp]>([
    [{ name: 'Tickets' }, 'invalid', /^name must/],
    [{ name: undefined }, 'invalid', /^name must/],
    [{ quantity: '-1' }, 'invalid', /from 0 on/],
    [{ quantity: 0.1 }, 'invalid', /^quantity must be a number/],
    [{ quantity: '1e3' }, 'invalid', /^quantity/],
    [{ quantity: '1.0000000000001' }, 'invalid', /12 after the point/],
    [{ quantity: '1'.repeat(16) }, 'invalid', /15 digits/],
    [{ value_usd: 'much' }, 'invalid', /^value_usd/],
    [{ at: '2026-10-15T12:00:01Z' }, 'time', /more than a day in the future/],
    [{ at: '1999-12-31' }, 'time', /2000/],
    [{ at: '-7d' }, 'time', /a date or a timestamp/],
    [{ at: 1_791_000_000 }, 'time', /a date or a timestamp/],
    [{ tam: 'x' }, 'dimension', /"tam" is no declared dimension; declared are team/],
    [{ team: 7 }, 'dimension', /team must be a text/],
    [{ team: '' }, 'dimension', /team must be a text/],
    [{ team: 'a\u0000' }, 'dimension', /team must not contain control/],
    [{ feature: 'x'.repeat(257) }, 'dimension', /feature must be at most 256/],
    [{ Team: 'search' }, 'dimension', /team is given twice/],
    [{ idempotency_key: undefined }, 'invalid', /idempotency_key is missing/],
    [{ idempotency_key: 7 }, 'invalid', /idempotency_key must be a text/],
    [{ idempotency_key: '' }, 'invalid', /idempotency_key must be a text/],
  ])('[C260] refuses %o by its place, and takes the rest', async (bad, code, message) => {
    const list = [ticket({ idempotency_key: 'good' }), ticket(bad)]
    const { accepted, rejected } = await taken({ outcomes: list })
    expect(accepted).toBe(1)
    expect(rejected).toEqual([
      { index: 1, code, message: expect.stringMatching(message) as string },
    ])
  })

  it('[C260] names every fault of one', async () => {
    const { rejected } = await taken({ at: 'soon', quantity: 'x' })
    expect(rejected[0]?.message.split('; ')).toHaveLength(4)
    expect((await taken(['x'])).rejected).toMatchObject([{ message: 'must be an object' }])
  })

  it.each<readonly [unknown, string]>([
    [{ outcomes: 'x' }, 'outcomes'],
    [{ outcomes: Array.from({ length: 1_001 }, () => ticket()) }, 'outcomes'],
    [{ outcomes: [], name: 'x' }, 'name'],
  ])('[C260] takes no other body: %j', async (body, path) => {
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect(((await answer.json()) as { errors: { path: string }[] }).errors[0]?.path).toBe(path)
  })

  it('[C261] what a key binds outranks what is sent with it', async () => {
    const sent = ticket({ team: 'support', environment: 'test', feature: 'answers' })
    expect(await taken(sent, asKey())).toEqual({ accepted: 1, duplicate: 0, rejected: [] })
    expect(await kept()).toMatchObject([{ keys: ['search', 'prod', 'answers'], quantity: '2' }])
    expect(await taken(ticket({ quantity: '1' }), asKey(SECRET))).toMatchObject({ accepted: 1 })
    expect(new Set((await kept()).map(({ keys }) => keys[0]))).toEqual(
      new Set(['research', 'search']),
    )
    expect((await post(ticket(), { authorization: '', 'x-api-key': key })).status).toBe(401)
  })

  it('[C261] takes a key as x-api-key, too', async () => {
    const answer = await plane.api.request(PATH, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': key },
      body: JSON.stringify(ticket()),
    })
    expect(await answer.json()).toMatchObject({ accepted: 1 })
  })

  it('[C261] keys of one owner are nothing to another', async () => {
    await taken(ticket(), asKey())
    expect(await taken(ticket({ quantity: '9' }), asKey(SECRET))).toMatchObject({ accepted: 1 })
    expect(await taken(ticket({ quantity: '7' }))).toMatchObject({ accepted: 1, rejected: [] })
    expect(await taken(ticket({ quantity: '9' }), asKey())).toMatchObject({
      rejected: [{ code: 'idempotency_conflict' }],
    })
  })

  it('[C261] a rotated key says the same as before', async () => {
    await taken(ticket(), asKey())
    const rotated = await plane.send('POST', '/api/v1/keys/search-prod/rotate', {})
    const { key: next } = (await rotated.json()) as { readonly key: string }
    expect(await taken(ticket(), asKey(next))).toMatchObject({ accepted: 0, duplicate: 1 })
  })

  it('[C261] a key that is revoked, wrong or no key is nobody, and opens nothing else', async () => {
    for (const path of ['/api/v1/spend', '/api/v1/outcomes', '/api/v1/keys']) {
      expect((await plane.api.request(path, { headers: asKey() })).status).toBe(401)
    }
    const wrong = `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`
    for (const secret of [wrong, 'x', `lra_${'0'.repeat(60)}`, 'y'.repeat(40)]) {
      expect((await post(ticket(), asKey(secret))).status).toBe(401)
    }
    expect((await post(ticket(), { authorization: 'Basic YTpi' })).status).toBe(401)
    const two = await post(ticket(), { 'x-api-key': key })
    expect(two.status).toBe(401)
    expect((await post(ticket(), asKey())).status).toBe(200)
    await plane.send('POST', '/api/v1/keys/search-prod/revoke', {})
    expect((await post(ticket(), asKey())).status).toBe(401)
    expect(await kept()).toHaveLength(1)
  })
})

describe('GET outcomes', () => {
  beforeEach(async () => {
    const documents = { name: 'documents', quantity: 3, value_usd: '1.50' }
    await taken({
      outcomes: [
        ticket(),
        ticket({ idempotency_key: 'two', at: '2026-10-13', quantity: '0.5' }),
        ticket({ idempotency_key: 'three', team: 'support', ...documents }),
      ],
    })
  })

  it('[C262] has every name, with what it comes to and when', async () => {
    const all = (await (await plane.get(PATH)).json()) as object
    const documents = { name: 'documents', entries: 1, quantity: '3', value_usd: '1.5' }
    expect(all).toEqual({
      items: [
        {
          ...documents,
          first_at: '2026-10-12T08:00:00.000Z',
          last_at: '2026-10-12T08:00:00.000Z',
        },
        {
          name: 'tickets_solved',
          entries: 2,
          quantity: '2.5',
          value_usd: null,
          first_at: '2026-10-12T08:00:00.000Z',
          last_at: '2026-10-13T00:00:00.000Z',
        },
      ],
      next_cursor: null,
    })
    expect((await plane.get(`${PATH}?from=-7d`)).status).toBe(400)
  })

  it('[C262] shows a lead what lies within the scope', async () => {
    await plane.send('POST', '/api/v1/users', {
      name: 'lead',
      role: 'lead',
      scope: { team: 'support' },
    })
    const made = await plane.send('POST', '/api/v1/tokens', { user: 'lead' })
    const { token } = (await made.json()) as { readonly token: string }
    const answer = await plane.api.request(PATH, { headers: asKey(token) })
    expect(await answer.json()).toMatchObject({ items: [{ name: 'documents' }] })
    const spend = await plane.api.request('/api/v1/spend?per=outcome:tickets_solved', {
      headers: asKey(token),
    })
    expect(spend.status).toBe(400)
    expect(await spend.text()).toMatch(/known are: documents/)
    expect((await post(ticket(), asKey(token))).status).toBe(403)
  })
})
