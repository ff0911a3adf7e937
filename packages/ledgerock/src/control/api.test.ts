import type { Problem } from '@ledgerock/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Fault } from '../kernel/fault.ts'
import { createApi, inProcess } from './api.ts'
import { EXAMPLE_CALL } from './api/call-schema.ts'
import { NOW, ORIGIN, startControlPlane, type ControlPlane } from './testing/control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
})
afterEach(() => plane.stop())

const asProblem = async (response: Response): Promise<Problem> => {
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const problem = (await response.json()) as Problem
  expect(Object.keys(problem).toSorted()).toEqual([
    'code',
    'detail',
    'errors',
    'status',
    'title',
    'type',
  ])
  expect(problem.status).toBe(response.status)
  return problem
}
const paths = (problem: Problem): readonly string[] => problem.errors.map(({ path }) => path)

describe('spend', () => {
  it('[C10] asks the ledger what the URL says', async () => {
    const query =
      'by=team,feature&by=kind&from=2026-10-01&to=2026-10-08T00:00:00%2B02:00&granularity=day' +
      '&where=team=search,support&where=user_id=a%5C,b&tz=Europe/Berlin'
    plane.ledger.answer = { rows: [{ team: 'search' }], total: { calls: 1 } }
    const answer = await plane.get(`/api/v1/spend?${query}`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual(plane.ledger.answer)
    expect(plane.ledger.asked).toEqual([
      {
        method: 'spend',
        question: {
          by: ['team', 'feature', 'kind'],
          // Midnight in Berlin, which keeps summer time on that day.
          from: '2026-09-30T22:00:00.000Z',
          to: '2026-10-07T22:00:00.000Z',
          tz: 'Europe/Berlin',
          granularity: 'day',
          where: [
            { field: 'team', values: ['search', 'support'] },
            { field: 'user_id', values: ['a,b'] },
          ],
        },
      },
    ])
  })

  it('[C10] is the month to date without arguments', async () => {
    await plane.get('/api/v1/spend')
    expect(plane.ledger.asked[0]?.question).toEqual({
      by: [],
      from: '2026-10-01T00:00:00.000Z',
      to: NOW,
      tz: 'UTC',
      granularity: 'total',
      where: [],
    })
  })

  it('[C11] names every fault of a question at once and asks nothing', async () => {
    const query =
      'by=team,tean,team&from=yesterday&to=2026-02-30&granularity=year&where=team&where=x=1' +
      '&tz=Mars/Olympus&form=2026-01-01&tz=UTC'
    const problem = await asProblem(await plane.get(`/api/v1/spend?${query}`))
    expect(problem).toMatchObject({ status: 400, code: 'invalid_request' })
    expect(paths(problem).toSorted()).toEqual([
      'by[1]',
      'by[2]',
      'form',
      'from',
      'granularity',
      'to',
      'tz',
      'tz',
      'where[0]',
      'where[1]',
    ])
    expect(plane.ledger.asked).toEqual([])
  })

  it('[C11] a range that ends before it begins is a fault', async () => {
    const answer = await plane.get('/api/v1/spend?from=2026-10-02&to=2026-10-02')
    expect(paths(await asProblem(answer))).toEqual(['from'])
  })

  it('[C11] passes the ledger’s own refusal on', async () => {
    const errors = [{ path: 'by', message: 'too fine' }]
    const refusing = createApi({
      ...plane.apiDeps,
      ledger: {
        ...plane.ledger,
        spend: async () => ({
          ok: false,
          problem: { code: 'too_many_rows', detail: 'more than a million rows', errors },
        }),
      },
    })
    const headers = { authorization: `Bearer ${plane.token}` }
    const problem = await asProblem(await refusing.request('/api/v1/spend', { headers }))
    expect(problem).toMatchObject({ status: 400, code: 'too_many_rows', errors })
  })
})

describe('calls', () => {
  beforeEach(() => {
    plane.ledger.records = [1, 2, 3].map((seq) => ({ ...EXAMPLE_CALL, seq }))
  })

  it('[C12] lists pages with dimensions as top-level fields', async () => {
    const first = (await (await plane.get('/api/v1/calls?limit=2')).json()) as {
      items: Record<string, unknown>[]
      next_cursor: string
    }
    expect(first.items.map(({ seq }) => seq)).toEqual([1, 2])
    expect(first.items[0]).toMatchObject({
      team: 'search',
      feature: 'answers',
      tenant_id: 'unknown',
    })
    expect(first.items[0]).not.toHaveProperty('dimensions')
    const second = await (
      await plane.get(`/api/v1/calls?limit=2&cursor=${first.next_cursor}`)
    ).json()
    expect(second).toMatchObject({ items: [{ seq: 3 }], next_cursor: null })
  })

  it.each(['0', '1001', '-1', '1.5', 'ten', ''])('[C11] refuses limit=%s', async (limit) => {
    const answer = await plane.get(`/api/v1/calls?limit=${limit}`)
    expect(paths(await asProblem(answer))).toEqual(['limit'])
  })

  it('[C12] explains one call, and knows none that is not there', async () => {
    const found = await plane.get(`/api/v1/calls/${EXAMPLE_CALL.call_id.toUpperCase()}`)
    expect(await found.json()).toMatchObject({
      call: { call_id: EXAMPLE_CALL.call_id, team: 'search' },
      attempts: [{ seq: 1 }],
      versions: [],
      bill_cell: null,
    })
    for (const id of ['01999e1c-7d00-7000-8000-0000000000ff', 'nonsense', '%00']) {
      const problem = await asProblem(await plane.get(`/api/v1/calls/${id}`))
      expect(problem).toMatchObject({ status: 404, code: 'not_found' })
    }
  })
})

async function events(response: Response, count: number): Promise<readonly string[]> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  let text = ''
  const seen = (): readonly string[] => text.split('\n\n').slice(0, -1)
  while (seen().length < count) {
    const { value, done } = await reader.read()
    if (done) break
    text += Buffer.from(value).toString()
  }
  await reader.cancel()
  return seen()
}

describe('call stream', () => {
  it('[C13] goes on after the last event the client saw', async () => {
    plane.ledger.records = [1, 2, 3].map((seq) => ({ ...EXAMPLE_CALL, seq }))
    const response = await plane.api.request('/api/v1/calls/stream?where=team=search', {
      headers: { authorization: `Bearer ${plane.token}`, 'last-event-id': '1' },
    })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const [hello, second, third] = await events(response, 3)
    expect(hello).toBe(': connected')
    expect(second).toMatch(/^event: call\ndata: \{.*"seq":2.*\}\nid: 1$/)
    expect(third).toMatch(/^event: call\ndata: \{.*"seq":3.*\}\nid: 3$/)
    const where = [{ field: 'team', values: ['search'] }]
    expect(plane.ledger.asked.every(({ question }) => question !== null)).toBe(true)
    expect(plane.ledger.asked[1]?.question).toMatchObject({ cursor: '1', where })
  })

  it('[C13] begins with now and carries what arrives', async () => {
    plane.ledger.records = [{ ...EXAMPLE_CALL, seq: 1 }]
    const response = await plane.get('/api/v1/calls/stream')
    plane.ledger.records = [...plane.ledger.records, { ...EXAMPLE_CALL, seq: 2 }]
    const [, arrived] = await events(response, 2)
    expect(arrived).toContain('"seq":2')
  })

  it('[C13] ends when the process shuts down', async () => {
    const response = await plane.get('/api/v1/calls/stream')
    plane.shutdown.abort()
    expect(await events(response, 99)).toEqual([': connected'])
  })

  it('[C11] refuses a faulty filter before it begins', async () => {
    const problem = await asProblem(await plane.get('/api/v1/calls/stream?where=nobody=1'))
    expect(paths(problem)).toEqual(['where[0]'])
  })
})

describe('price and verify', () => {
  it('[C11] hands the question to pricing and its faults back', async () => {
    const usage = { input: 5, output: 1.5 }
    const answer = await plane.send('POST', '/api/v1/price', { model: 'm', region: 'r', usage })
    expect(paths(await asProblem(answer))).toEqual(['region', 'usage'])
    expect(plane.ledger.asked[0]?.question).toEqual({
      model: 'm',
      region: 'r',
      usage: 'input=5,output=1.5',
    })
  })

  it('[C11] names all faults of a body, unknown fields too', async () => {
    const answer = await plane.send('POST', '/api/v1/price', { regoin: 1, usage: true })
    expect(paths(await asProblem(answer)).toSorted()).toEqual(['model', 'regoin', 'usage'])
  })

  it('[C6] verifies ledger and audit trail; only POST repairs', async () => {
    const sound = await (await plane.get('/api/v1/verify')).json()
    expect(sound).toMatchObject({ sound: true, audit_trail: { sound: true, entries: 1 } })
    await plane.send('POST', '/api/v1/verify', { repair: true })
    await plane.send('POST', '/api/v1/verify')
    expect(plane.ledger.asked.map(({ question }) => question)).toEqual([
      { repair: false },
      { repair: true },
      { repair: false },
    ])
    plane.ledger.report = { ...plane.ledger.report, sound: false }
    expect(await (await plane.get('/api/v1/verify')).json()).toMatchObject({ sound: false })
  })
})

const post = async (body: string, type: string) =>
  plane.api.request('/api/v1/keys', {
    method: 'POST',
    headers: { authorization: `Bearer ${plane.token}`, 'content-type': type },
    body,
  })

describe('errors', () => {
  it('[C14] a ledger that is down is 503 with its code', async () => {
    plane.ledger.failure = new Fault('ledger_unreachable', 'it restarts', { retryable: true })
    const answer = await plane.get('/api/v1/spend')
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await asProblem(answer)).toMatchObject({ status: 503, code: 'ledger_unreachable' })
  })

  it('[C14] a bug is 500 without its text, which goes to the log', async () => {
    plane.ledger.failure = new Error('secret detail at /some/path.ts:1')
    const answer = await plane.get('/api/v1/spend')
    const text = await answer.clone().text()
    expect(text).not.toMatch(/secret|path\.ts|\bat /)
    expect(await asProblem(answer)).toMatchObject({ status: 500, code: 'internal' })
    expect(plane.errors).toEqual([plane.ledger.failure])
  })

  it('[C14] what is not there is a 404 problem', async () => {
    for (const [method, path] of [
      ['GET', '/api/v1/nothing'],
      ['GET', '/api/v2/spend'],
      ['PUT', '/api/v1/keys'],
      ['GET', '/../etc/passwd'],
    ] as const) {
      expect(await asProblem(await plane.send(method, path))).toMatchObject({ code: 'not_found' })
    }
  })

  it('[C14] refuses bodies that are no JSON, of another type or too long', async () => {
    expect(await asProblem(await post('{', 'application/json'))).toMatchObject({ status: 400 })
    expect(await asProblem(await post('name=x', 'text/plain'))).toMatchObject({ status: 415 })
    const long = JSON.stringify({ name: 'x'.repeat(1_048_576) })
    expect(await asProblem(await post(long, 'application/json'))).toMatchObject({
      status: 413,
      code: 'body_too_large',
    })
  })
})

describe('in process', () => {
  it('[C15] needs no port and no token, and cannot be claimed from outside', async () => {
    const ask = inProcess(plane.api, { name: 'cli', role: 'admin', by: 'in-process' })
    expect((await ask('/api/v1/spend?by=team')).status).toBe(200)
    expect((await ask('/metrics')).status).toBe(200)
    const outside = await plane.api.request('/api/v1/spend', {
      headers: { 'x-in-process': '1', inProcess: 'admin' },
    })
    expect(outside.status).toBe(401)
  })
})

describe('the page', () => {
  it('[C16] is small, loads nothing from elsewhere and may not be framed', async () => {
    const page = await plane.api.request('/')
    expect(page.status).toBe(200)
    const html = await page.text()
    expect(html).not.toMatch(/https?:\/\/|<script>|style=|\son\w+=/)
    const policy = page.headers.get('content-security-policy') ?? ''
    for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]) {
      expect(policy).toContain(rule)
    }
    for (const [, file] of html.matchAll(/(?:src|href)="(\/[^"]*)"/g)) {
      expect((await plane.api.request(file as string)).status).toBe(200)
    }
  })

  it('[C16] every answer carries the protective headers', async () => {
    for (const path of ['/', '/api/v1/spend', '/health', '/openapi.json', '/nothing']) {
      const { headers } = await plane.get(path)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('cache-control')).toMatch(/no-store/)
      expect(headers.get('strict-transport-security')).toBeNull()
    }
    const secure = createApi({ ...plane.apiDeps, origins: () => [ORIGIN.replace('http', 'https')] })
    const { headers } = await secure.request('/')
    expect(headers.get('strict-transport-security')).toContain('max-age')
  })
})
