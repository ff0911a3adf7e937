import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake } from '../testing/fake-terminal.ts'

const request = {
  request_id: '4fT0cU2kQx7Z',
  model: 'anthropic.claude-opus-4-6-v1',
  scope: { team: ['search'] },
  until: '2026-11-14T12:00:00.000Z',
  reason: 'a trial',
  state: 'pending',
  asked_by: 'mia',
}
const answer = (): Response => Response.json({ ...request, acked: [], missing: ['worker-2'] })
const page = (next: string | null) => (): Response =>
  Response.json({ items: [request], next_cursor: next })

describe('access', () => {
  it('asks for a model with a scope, an end and a reason, all of which it needs', async () => {
    const words = ['access', 'request', '--model', request.model, '--scope', 'team=search']
    const rest = ['--until', '30d', '--reason', 'a trial']
    const ran = await runFake([...words, '--scope', 'environment=prod', ...rest], { answer })
    const scope = { team: ['search'], environment: ['prod'] }
    const { model, reason } = request
    expect(ran.asked).toEqual([
      {
        method: 'POST',
        path: '/api/v1/access/requests',
        body: { model, scope, until: '30d', reason },
      },
    ])
    const shown = await runFake([...words, ...rest], { answer, terminal: true })
    expect(shown.out).toContain('ledgerock access approve 4fT0cU2kQx7Z')
    for (const lacking of [words, [...words, '--until', '30d'], ['access', 'request', ...rest]]) {
      expect(await runFake(lacking)).toMatchObject({ exitCode: EXIT.usage, asked: [] })
    }
  })

  it('[U17] approves, denies and withdraws by id', async () => {
    const path = '/api/v1/access/requests/a%2Fb'
    for (const how of ['approve', 'deny']) {
      const ran = await runFake(['access', how, 'a/b', '--reason', 'ok'], { answer })
      expect(ran.asked).toEqual([
        { method: 'POST', path: `${path}/${how}`, body: { reason: 'ok' } },
      ])
      expect(ran.notes.includes('worker-2')).toBe(how === 'approve')
      expect(await runFake(['access', how, 'a/b'])).toMatchObject({ exitCode: EXIT.usage })
    }
    const ended = await runFake(['access', 'withdraw', 'a/b'], { answer, terminal: true })
    expect(ended.asked).toEqual([{ method: 'DELETE', path, body: {} }])
    expect(ended).toMatchObject({ out: 'a/b is withdrawn.\n' })
    expect(ended.notes).toContain('worker-2')
  })

  it('lists requests, and says where the list goes on', async () => {
    const words = ['access', 'list', '--state', 'pending', '--limit', '1']
    const ran = await runFake(words, { answer: page('4fT0'), terminal: true })
    expect(ran.asked[0]?.path).toBe('/api/v1/access/requests?state=pending&limit=1')
    expect(ran.out).toMatch(/4fT0cU2kQx7Z .*pending .*opus.* team=search .*mia .*a trial/)
    expect(ran.notes).toContain('--cursor 4fT0')
    const json = await runFake(['access', 'list'], { answer: page(null) })
    expect(JSON.parse(json.out)).toEqual({ items: [request], next_cursor: null })
    expect(json.notes).toBe('')
  })

  it('shows the rules in force, and below them what was opened', async () => {
    const rule = {
      name: 'access-1',
      scope: {},
      allow: ['amazon.nova-*', 'x.*'],
      deny: [],
      scopes: ['geo'],
      tiers: null,
      max_output_tokens: 4096,
      shadow: true,
    }
    const grant = { request_id: 'r1', model: request.model, scope: request.scope, to: 'later' }
    const both = (): Response =>
      Response.json({ items: [rule], grants: [grant], next_cursor: null })
    const ran = await runFake(['access', 'rules'], { answer: both, terminal: true })
    expect(ran.out).toMatch(/access-1 +everybody +amazon.nova-\*, x.\* +- +geo +- +4,096 +yes/)
    expect(ran.out).toMatch(/r1 +anthropic.claude-opus-4-6-v1 +team=search +later/)
  })
})

describe('limits and guardrails', () => {
  it('shows limits with the share of each worker', async () => {
    const limit = {
      name: 'limits-1',
      scope: { team: ['research'] },
      per: null,
      requests_per_minute: 600,
      tokens_per_minute: null,
      concurrent_calls: 5,
      shadow: false,
      workers: [
        { worker: 'worker-1', asked: 1, running: 1, share: 0.625, slots: 3 },
        { worker: 'worker-2', asked: 0, running: 0, share: 0.375, slots: null },
      ],
    }
    const list = (): Response => Response.json({ items: [limit], next_cursor: null })
    const ran = await runFake(['limits', 'list'], { answer: list, terminal: true })
    expect(ran.asked[0]?.path).toBe('/api/v1/limits')
    expect(ran.out).toMatch(/limits-1 +team=research +- +600 +- +5 +worker-1 63 %, 3 at a time/)
    expect(ran.out).toContain('worker-2 38 %')
  })

  it('shows guardrails', async () => {
    const rule = { name: 'g', scope: {}, id: 'gr-1', version: '3', mode: 'inject', shadow: false }
    const list = (): Response => Response.json({ items: [rule], next_cursor: null })
    const ran = await runFake(['guardrails', 'list'], { answer: list, terminal: true })
    expect(ran.asked[0]?.path).toBe('/api/v1/guardrails')
    expect(ran.out).toMatch(/g +everybody +gr-1 +3 +inject +no/)
  })
})
