// Who may call what, on a whole system with two workers and with the vendors' own clients: refusals that say how to ask, a
// request that a lead makes and somebody else approves, guardrails that are required or put in, rules that only report, ids that
// AWS must be asked about; and none of it costs anything or gets lost in the ledger.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ledgerockJson } from './support/command-line.ts'
import { metric } from './support/identity-in-system.ts'
import { allCalls, ask, recordOf, spend, verify, type ApiCall } from './support/ledger-api.ts'
import { createPerson, firstAdmin, type Person } from './support/people.ts'
import {
  ANTHROPIC_MODEL,
  AWS_MODEL,
  chatCompletion,
  CLIENTS,
  converse,
  invokeModel,
  OPENAI_MODEL,
  type Told,
  type Wish,
} from './support/refused-clients.ts'
import { eventually, startSystem, type RunningSystem } from './support/running-system.ts'

const WORKERS = ['worker-1', 'worker-2']
const PROFILES = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/'
const LITE_PROFILE = `${PROFILES}aaaaaaaaaaaa`
const CLAUDE_PROFILE = `${PROFILES}bbbbbbbbbbbb`
const UNKNOWN_PROFILE = `${PROFILES}cccccccccccc`
const GUARDRAIL = { guardrailIdentifier: 'abc123', guardrailVersion: '3' }
/** Two workers, each a connection of its own: enough that both have some. */
const CALLS = 8

const CONFIG = `
access:
  - { name: lite-only, scope: { team: support }, allow: ['amazon.nova-lite-*'] }
  - { name: nothing-yet, scope: { team: fresh }, allow: ['amazon.nova-pro-*'] }
  - { name: trial, scope: { team: trial }, allow: ['amazon.nova-pro-*'], shadow: true }
limits:
  - { name: trial-pace, scope: { team: trial }, requests_per_minute: 1, shadow: true }
  - { name: pace, scope: { team: slow }, requests_per_minute: 1 }
guardrails:
  - { name: prod, scope: { environment: prod }, id: abc123, version: "3", mode: require }
  - { name: staging, scope: { environment: staging }, id: abc123, version: "3", mode: inject }
`

type AccessRequest = {
  readonly request_id: string
  readonly state: string
  readonly asked_by: string
  readonly decided_by: string | null
  readonly acked?: readonly string[]
}
type Problem = { readonly code: string; readonly detail?: string }

let system: RunningSystem
let first: Person
let second: Person
let lead: Person
const keys = new Map<string, string>()

beforeAll(async () => {
  system = await startSystem({
    workers: 2,
    simulator: {
      guardrails: { abc123: ['content'] },
      inferenceProfiles: { [LITE_PROFILE]: AWS_MODEL, [CLAUDE_PROFILE]: ANTHROPIC_MODEL },
    },
    config: CONFIG,
  })
  for (const team of ['support', 'fresh', 'trial', 'slow', 'free']) {
    keys.set(team, await system.createKey(team, { team }))
  }
  for (const environment of ['prod', 'staging']) {
    keys.set(environment, await system.createKey(environment, { team: 'free', environment }))
  }
  first = firstAdmin(system)
  second = await createPerson(system, { name: 'ada', role: 'admin' })
  lead = await createPerson(system, { name: 'mia', role: 'lead', scope: { team: 'support' } })
})
afterAll(() => system.dispose())

const place = (whose: string) => ({ gatewayUrl: system.gatewayUrl, key: keys.get(whose) ?? '' })
const call = (whose: string, wish: Wish = {}): Promise<Told | null> => converse(place(whose), wish)
const claude = { model: ANTHROPIC_MODEL }
const refusalsOf = async (whose: string, wish: Wish): Promise<readonly (string | null)[]> => {
  const calls = Array.from({ length: CALLS }, () => call(whose, wish))
  return (await Promise.all(calls)).map((told) => told?.refusal ?? null)
}
const inAnHour = (): string => new Date(Date.now() + 3_600_000).toISOString()

function request(who: Person, parts: object = {}) {
  return who.send<AccessRequest & Problem>('POST', 'access/requests', {
    model: 'anthropic.claude-sonnet-4-6',
    scope: { team: 'support' },
    until: inAnHour(),
    reason: 'a trial of the assistant',
    ...parts,
  })
}
const decide = (who: Person, id: string, verb: 'approve' | 'deny', reason = 'as agreed') =>
  who.send<AccessRequest & Problem>('POST', `access/requests/${id}/${verb}`, { reason })

describe('a model that is closed', () => {
  it.each(CLIENTS)(
    'is refused to $client, with the command that asks for it',
    async ({ call: byClient, forbidden }) => {
      const told = await byClient(place('fresh'))
      expect(told).toMatchObject({ type: forbidden, status: 403, refusal: 'model_access' })
      expect(told?.message).toContain('nothing-yet')
      expect(told?.message).toMatch(/ledgerock access request --model \S+ --scope team=fresh/)
      expect(told?.retryAfter).toBeNull()
    },
  )

  it('[Y9] goes to nobody: Bedrock hears nothing of it, and the ledger has it without a cost', async () => {
    const before = system.simulator.calls().length
    const told = await call('support', claude)
    expect(system.simulator.calls()).toHaveLength(before)
    const record = await recordOf(system, told?.callId ?? '')
    expect(record).toMatchObject({
      status: 'refused',
      refusal: 'model_access',
      http_status: 403,
      key_name: 'support',
      team: 'support',
      model_requested: ANTHROPIC_MODEL,
      model_id: 'anthropic.claude-sonnet-4-6',
      input_tokens: 0,
      output_tokens: 0,
      aws_request_id: null,
    })
    expect(Number(record.cost_usd)).toBe(0)
  })

  it('is open to others, and the open ones are open to its caller', async () => {
    expect(await refusalsOf('free', claude)).toEqual(Array(CALLS).fill(null))
    expect(await refusalsOf('support', {})).toEqual(Array(CALLS).fill(null))
    expect(await refusalsOf('support', claude)).toEqual(Array(CALLS).fill('model_access'))
  })

  it('[C67] shows its rule to those whom it concerns', async () => {
    const { items } = await ask<{ items: readonly { name: string }[] }>(system, '/api/v1/access')
    expect(items.map(({ name }) => name)).toEqual(['lite-only', 'nothing-yet', 'trial'])
    const seen = await lead.send<{ items: readonly { name: string }[] }>('GET', 'access')
    expect(seen.body.items.map(({ name }) => name)).toEqual(['lite-only'])
  })
})

describe('a request for a model', () => {
  it('[C65] by a lead, approved by an admin, opens it on all workers; withdrawn, it is closed on all', async () => {
    const asked = await request(lead)
    expect(asked).toMatchObject({ status: 201, body: { state: 'pending', asked_by: 'mia' } })
    const id = asked.body.request_id
    expect((await call('support', claude))?.refusal).toBe('model_access')
    expect((await decide(lead, id, 'approve')).status).toBe(403)
    const approved = await decide(first, id, 'approve')
    expect(approved).toMatchObject({ status: 200, body: { state: 'approved' } })
    expect(approved.body.acked?.toSorted()).toEqual(WORKERS)
    expect(await refusalsOf('support', claude)).toEqual(Array(CALLS).fill(null))
    expect((await call('support', { model: OPENAI_MODEL }))?.refusal).toBe('model_access')
    expect((await call('fresh', claude))?.refusal).toBe('model_access')
    expect((await decide(first, id, 'approve')).status).toBe(409)
    const withdrawn = await lead.send<AccessRequest>('DELETE', `access/requests/${id}`)
    expect(withdrawn).toMatchObject({ status: 200, body: { state: 'withdrawn' } })
    expect(await refusalsOf('support', claude)).toEqual(Array(CALLS).fill('model_access'))
  })

  it('[C64] of an admin needs another admin', async () => {
    const { body } = await request(second, { scope: { team: 'fresh' } })
    const own = await decide(second, body.request_id, 'approve')
    expect(own).toMatchObject({ status: 409, body: { code: 'same_person' } })
    expect((await call('fresh', claude))?.refusal).toBe('model_access')
    expect((await decide(first, body.request_id, 'approve')).status).toBe(200)
    expect(await call('fresh', claude)).toBeNull()
    await second.send('DELETE', `access/requests/${body.request_id}`)
    expect((await call('fresh', claude))?.refusal).toBe('model_access')
  })

  it('[Y31] by the id that the refusal names opens just that', async () => {
    const told = await call('support', claude)
    const model = /--model (\S+)/.exec(told?.message ?? '')?.[1] ?? ''
    const { body } = await request(lead, { model })
    await decide(second, body.request_id, 'approve')
    expect(await call('support', claude)).toBeNull()
    await lead.send('DELETE', `access/requests/${body.request_id}`)
  })

  it('[C64] that is denied opens nothing, and its asker is told why', async () => {
    const { body } = await request(lead)
    const denied = await decide(second, body.request_id, 'deny', 'too dear')
    expect(denied).toMatchObject({
      status: 200,
      body: { state: 'denied', decided_by: 'ada', decision_reason: 'too dear' },
    })
    expect((await call('support', claude))?.refusal).toBe('model_access')
    expect((await decide(first, body.request_id, 'approve')).status).toBe(409)
  })

  it('[C63] is refused where it asks for too much, for too long, or for nothing', async () => {
    for (const parts of [
      { scope: { planet: 'mars' } },
      { until: new Date(Date.now() - 1_000).toISOString() },
      { until: '500d' },
      { until: 'never' },
      { model: '' },
      { reason: '' },
    ]) {
      expect({ parts, status: (await request(first, parts)).status }).toEqual({
        parts,
        status: 400,
      })
    }
    for (const scope of [{ team: 'fresh' }, { team: ['support', 'fresh'] }, {}]) {
      expect({ scope, status: (await request(lead, { scope })).status }).toEqual({
        scope,
        status: 403,
      })
    }
  })

  it('by the command line: asked, approved, listed', async () => {
    const { body } = await request(lead)
    const words = ['access', 'approve', body.request_id, '--reason', 'by hand']
    await ledgerockJson(system, ...words)
    expect(await call('support', claude)).toBeNull()
    const wanted = ['--model', 'anthropic.claude-sonnet-4-6', '--scope', 'team=fresh']
    const why = ['--until', '2d', '--reason', 'by the command line']
    const asked = await ledgerockJson<AccessRequest>(system, 'access', 'request', ...wanted, ...why)
    const denied = await second.send<AccessRequest>(
      'POST',
      `access/requests/${asked.request_id}/deny`,
      { reason: 'no' },
    )
    expect(denied.body.state).toBe('denied')
    await ledgerockJson(system, 'access', 'list')
    await lead.send('DELETE', `access/requests/${body.request_id}`)
  })

  it('[C66] leaves all it was in the audit trail, with who and why', async () => {
    const { items } = await ask<{
      items: readonly { action: string; actor: string; reason: string | null }[]
    }>(system, '/api/v1/audit-trail?limit=200')
    expect(items).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ action: 'access_request.ask', actor: 'mia' }),
        expect.objectContaining({ action: 'access_request.approve', reason: 'by hand' }),
        expect.objectContaining({
          action: 'access_request.deny',
          actor: 'ada',
          reason: 'too dear',
        }),
        expect.objectContaining({ action: 'access_request.withdraw', actor: 'mia' }),
      ]),
    )
    expect(await verify(system)).toMatchObject({ sound: true })
  })
})

describe('an id that does not say its model', () => {
  it('[G15] is judged by what AWS says stands behind it, and refused by its name where AWS says nothing', async () => {
    expect(await call('support', { model: LITE_PROFILE })).toBeNull()
    expect((await call('support', { model: CLAUDE_PROFILE }))?.refusal).toBe('model_access')
    const unknown = await call('support', { model: UNKNOWN_PROFILE })
    expect(unknown).toMatchObject({ status: 403, refusal: 'model_access' })
    expect(unknown?.message).toContain(UNKNOWN_PROFILE)
    expect(await call('free', { model: CLAUDE_PROFILE })).toBeNull()
  })
})

describe('a guardrail', () => {
  it('[G18] that is required must be named', async () => {
    const told = await call('prod')
    expect(told).toMatchObject({ status: 403, refusal: 'guardrail_required' })
    expect(told?.message).toContain('abc123')
    expect(await call('prod', { converse: { guardrailConfig: GUARDRAIL } })).toBeNull()
    expect((await invokeModel(place('prod'), {}))?.refusal).toBe('guardrail_required')
    expect(await invokeModel(place('prod'), {}, GUARDRAIL)).toBeNull()
    const record = await recordOf(system, told?.callId ?? '')
    expect(record).toMatchObject({ status: 'refused', refusal: 'guardrail_required' })
    expect(Number(record.cost_usd)).toBe(0)
  })

  it.each(CLIENTS)('that is required is missed by $client in its own words', async (one) => {
    const told = await one.call(place('prod'))
    expect(told).toMatchObject({ type: one.forbidden, status: 403, refusal: 'guardrail_required' })
  })

  it('[Y33] that is put in goes with the call, signed, and the record says so', async () => {
    for (const served of [call('staging'), invokeModel(place('staging'), {})]) {
      expect(await served).toBeNull()
      const id = system.simulator.calls().at(-1)?.request_id
      const record = await eventually(
        async () => (await allCalls(system)).find((one) => one.aws_request_id === id) ?? null,
        'the record of a call with a guardrail put in',
      )
      expect(record.changes).toContain('guardrail')
      expect(record.status).toBe('ok')
    }
    const told = await chatCompletion(place('staging'))
    expect(told).toMatchObject({ status: 403, refusal: 'guardrail_required' })
  })
})

describe('a rule in shadow', () => {
  it('[Y32] reports what it would have refused, in the record and in the metrics, and refuses nothing', async () => {
    expect(await refusalsOf('trial', {})).toEqual(Array(CALLS).fill(null))
    const mine = await eventually(async () => {
      const found = (await allCalls(system)).filter(({ key_name: name }) => name === 'trial')
      return found.length >= CALLS ? found : null
    }, 'the records of the trial')
    const reported = (call_: ApiCall, what: string): boolean => call_.changes.includes(what)
    for (const record of mine) {
      expect(record.status).toBe('ok')
      expect(reported(record, 'would_refuse:model_access:trial')).toBe(true)
    }
    const tooFast = mine.filter((one) => reported(one, 'would_refuse:rate_limit:trial-pace'))
    expect(tooFast.length).toBeGreaterThanOrEqual(CALLS - 3)
    expect(tooFast.length).toBeLessThan(CALLS)
    const text = await (await system.api('/metrics')).text()
    const shadow = text
      .split('\n')
      .filter((line) => /shadow/.test(line) && /model_access/.test(line))
    expect(shadow.length).toBeGreaterThan(0)
  })
})

describe('the books', () => {
  it('count refused calls apart, at no cost', async () => {
    const pace = await Promise.all(Array.from({ length: 6 }, () => call('slow')))
    const refused = pace.filter((told) => told !== null)
    expect(refused.length).toBeGreaterThanOrEqual(3)
    for (const told of refused) {
      expect(told).toMatchObject({ status: 429, refusal: 'rate_limit' })
      expect(Number(told.retryAfter)).toBeGreaterThanOrEqual(1)
      await recordOf(system, told.callId)
    }
    const answer = await spend(system, 'by=refusal,team')
    const rows = answer.rows as readonly Readonly<Record<string, unknown>>[]
    const bad = rows.filter(({ refusal, cost_usd: cost }) => refusal !== null && Number(cost) > 0)
    expect(bad.filter(({ refusal }) => refusal !== 'unknown' && refusal !== '')).toEqual([])
    const counted = rows.filter(({ refusal }) => refusal === 'rate_limit')
    expect(counted.reduce((sum, row) => sum + Number(row['refused_calls']), 0)).toBe(refused.length)
    for (const code of ['model_access', 'guardrail_required', 'rate_limit']) {
      expect(await metric(system, 'ledgerock_refusals_total', { code })).toBeGreaterThan(0)
    }
    expect(await verify(system)).toMatchObject({ sound: true })
  })
})
