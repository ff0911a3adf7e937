import { DEFAULT_DIMENSIONS, type CallRecord } from '@ledgerock/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { candidateRules } from '../../config/check/candidate-rules.ts'
import type { BudgetSpendQuestion } from '../../ledger/budget-question.ts'
import { createApi } from '../api.ts'
import { EXAMPLE_CALL } from '../api/call-schema.ts'
import { createPolicyTrials, type TriedFile } from './policy-trials.ts'
import { NOW, startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { createTimedLedger } from '../testing/timed-ledger.ts'

const HOUR_MS = 3_600_000
const NOVA = 'amazon.nova-lite-v1:0'
const BUDGET = { name: 'search', scope: { team: 'search' }, period: 'month', mode: 'hard' }
const RANGE = { from: '-1d', to: NOW }

type Effect = Readonly<Record<string, unknown>>
type Trial = {
  readonly refused: object
  readonly kept: object
  readonly rules: readonly Effect[]
  readonly not_judged: readonly Effect[]
}
type Report = { readonly candidate: Trial; readonly in_force: Trial } & Readonly<
  Record<string, unknown>
>

let plane: ControlPlane
let records: readonly CallRecord[]
let earlier: readonly { readonly counter: string | null; readonly other: string }[]
let asked: BudgetSpendQuestion[]
let inForce: Partial<TriedFile>
beforeEach(async () => {
  plane = await startControlPlane()
  ;[records, earlier, asked, inForce] = [[], [], [], {}]
})
afterEach(() => plane.stop())

function callAt(hoursAgo: number, parts: Partial<CallRecord> = {}): CallRecord {
  const startedMs = Date.parse(NOW) - hoursAgo * HOUR_MS
  return {
    ...EXAMPLE_CALL,
    call_id: `call-${hoursAgo}`,
    started_at: new Date(startedMs).toISOString(),
    ended_at: new Date(startedMs + 500).toISOString(),
    operation: 'converse',
    status: 'ok',
    refusal: null,
    source: 'gateway',
    model_requested: NOVA,
    model_id: NOVA,
    usage_source: 'response',
    cost_usd: '1',
    dimensions: { team: 'search' },
    ...parts,
  }
}

async function simulate(body: unknown, token = plane.token) {
  const declared = (): TriedFile => ({ ...plane.declared, routes: [], ...inForce })
  const policyTrials = createPolicyTrials({
    store: plane.store,
    ledger: {
      ...createTimedLedger(records),
      budgetSpend: async (question) => {
        asked.push(question)
        return earlier.map((row) => ({ id: '0', chargedElse: '0', ...row }))
      },
    },
    inForce: declared,
    readRules: (written) => candidateRules(written, DEFAULT_DIMENSIONS),
  })
  const api = createApi({ ...plane.apiDeps, policyTrials })
  const response = await api.request('/api/v1/policy/simulate', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Report }
}

describe('POST policy/simulate', () => {
  it('[C110] tells rule by rule what the candidate and the rules in force would have done', async () => {
    records = [3, 2, 1].map((hours) => callAt(hours))
    inForce = { access: [] }
    const { status, body } = await simulate({
      ...RANGE,
      budgets: [{ ...BUDGET, limit_usd: '2' }],
      access: [{ name: 'no-nova', scope: { team: 'support' }, deny: ['amazon.*'] }],
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      from: '2026-10-13T12:00:00.000Z',
      to: NOW,
      in_force: { refused: { calls: 0, usd: '0' }, kept: { calls: 3, usd: '3' }, rules: [] },
      elsewhere: { calls: 0, usd: '0' },
      left_out: 0,
    })
    expect(body.candidate).toEqual({
      refused: { calls: 1, usd: '1', unpriced: 0 },
      kept: { calls: 2, usd: '2', unpriced: 0 },
      rules: [
        {
          kind: 'budget',
          rule: 'search',
          effect: 'refused',
          shadow: false,
          calls: 1,
          usd: '1',
          unpriced: 0,
          teams: ['search'],
          more_teams: false,
          first_at: '2026-10-14T11:00:00.000Z',
          last_at: '2026-10-14T11:00:00.000Z',
          examples: ['call-1'],
        },
      ],
      not_judged: [],
    })
  })

  it('[C112] a budget begins with what its period had spent', async () => {
    records = [2, 1].map((hours) => callAt(hours))
    earlier = [{ counter: null, other: '1000000000000' }]
    const { body } = await simulate({ ...RANGE, budgets: [{ ...BUDGET, limit_usd: '2' }] })
    expect(body.candidate.rules).toMatchObject([{ rule: 'search', examples: ['call-1'] }])
    expect(asked).toEqual([
      {
        liveJournals: [],
        budgets: [
          {
            id: '0',
            budget: '',
            scope: { team: ['search'] },
            per: null,
            unit: 'usd',
            fromMs: Date.parse('2026-10-01T00:00:00Z'),
            toMs: Date.parse('2026-10-13T12:00:00Z'),
            periods: [],
          },
        ],
      },
    ])
  })

  it('[C112] of a rolling period the parts before are asked for, none left out and none twice', async () => {
    const period = { rolling_days: 30 }
    await simulate({ ...RANGE, budgets: [{ ...BUDGET, period, limit_usd: '2' }] })
    const windows = asked[0]?.budgets ?? []
    expect(windows.length).toBeLessThanOrEqual(48)
    const to = Date.parse('2026-10-13T12:00:00Z')
    expect(windows.at(-1)?.toMs).toBe(to)
    // The hour of the first call belongs to the last thirty days too.
    expect(windows[0]?.fromMs).toBe(to + HOUR_MS - 30 * 24 * HOUR_MS)
    for (const [index, { toMs }] of windows.slice(0, -1).entries()) {
      expect(windows[index + 1]?.fromMs).toBe(toMs)
    }
  })

  it('[C112] access that was approved then opens the model then', async () => {
    const request = {
      model: NOVA,
      scope: { team: 'search' },
      until: '2026-10-14T13:00:00Z',
      reason: 'x',
    }
    await plane.send('POST', '/api/v1/users', { name: 'ann', role: 'admin' })
    const minted = await plane.send('POST', '/api/v1/tokens', { user: 'ann' })
    const { token } = (await minted.json()) as { readonly token: string }
    const made = await plane.api.request('/api/v1/access/requests', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(request),
    })
    const { request_id: id } = (await made.json()) as { readonly request_id: string }
    const path = `/api/v1/access/requests/${id}/approve`
    const approved = await plane.send('POST', path, { reason: 'x' })
    expect(approved.status).toBe(200)
    plane.advance(3 * HOUR_MS)
    // An hour before the approval, half an hour after it, and after its end.
    records = [1, -0.5, -2].map((hours) => callAt(hours))
    const access = [{ name: 'closed', deny: ['amazon.*'] }]
    const { body } = await simulate({ from: '-1d', access })
    expect(body.candidate.rules).toMatchObject([
      { rule: 'closed', examples: ['call-1', 'call--2'] },
    ])
  })

  it('[C110] calls that came another way, and those refused for other reasons, stand apart', async () => {
    records = [
      callAt(5, { source: 'cloudtrail' }),
      callAt(4, { status: 'refused', refusal: 'credential', cost_usd: null }),
      callAt(3, { status: 'refused', refusal: 'model_access', cost_usd: null }),
      callAt(2, { cost_usd: null }),
      callAt(1, { usage_source: 'estimated', bound_usd: '7' }),
    ]
    const { body } = await simulate({
      ...RANGE,
      budgets: [{ ...BUDGET, limit_usd: '9', mode: 'soft', alert_at: [1, 20] }],
    })
    expect(body).toMatchObject({ elsewhere: { calls: 1, usd: '1' }, left_out: 1 })
    expect(body.candidate).toMatchObject({
      kept: { calls: 3, usd: '1', unpriced: 1 },
      not_judged: [{ what: 'refused_then', calls: 1 }],
    })
    // One dollar elsewhere, and one that the budget says of calls without a price.
    expect(body.candidate.rules).toMatchObject([{ effect: 'warned', calls: 3 }])
  })

  it('[C111] every fault of the rules is said at its place, and of the times', async () => {
    const wrong = await simulate({
      ...RANGE,
      budgets: [{ name: 'a', period: 'month' }],
      access: [{}],
    })
    expect(wrong.status).toBe(400)
    expect(wrong.body).toMatchObject({ code: 'invalid_request' })
    const paths = (wrong.body['errors'] as readonly { path: string }[]).map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining(['access[0]', 'budgets[0]']))
    const strange = { ...RANGE, access: [{ scope: { tem: 'x' }, streaming: false }] }
    expect((await simulate(strange)).body).toMatchObject({
      errors: [{ path: 'access[0].scope.tem' }],
    })
    for (const body of [{ from: 'then' }, { rules: [] }, { access: 'x' }, { from: NOW, to: NOW }]) {
      expect([body, (await simulate(body)).status]).toEqual([body, 400])
    }
  })
})
