import { SPEND_MEASURES, type SpendRow } from '@ledgerock/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
  const outcomes = [
    tell('1', '2026-10-02T10:00:00Z', '3', { team: 'search', feature: 'answers' }, '4.5'),
    tell('2', '2026-10-03T10:00:00Z', '4', { team: 'search' }),
    tell('3', '2026-10-03T11:00:00Z', '2', { team: 'sales' }),
    tell('4', '2026-09-30T11:00:00Z', '100', { team: 'search' }),
  ]
  await plane.send('POST', '/api/v1/outcomes', { outcomes })
})
afterEach(() => plane.stop())

function tell(key: string, at: string, quantity: string, dimensions: object, value?: string) {
  const told = { name: 'tickets', at, quantity, ...dimensions, idempotency_key: key }
  return value === undefined ? told : { ...told, value_usd: value }
}

const NO_CALLS = Object.fromEntries(SPEND_MEASURES.map((name) => [name, 0]))
const row = (groups: object, cost: string): SpendRow => ({ ...groups, ...NO_CALLS, cost_usd: cost })

type Beside = { readonly rows: readonly SpendRow[]; readonly total: SpendRow }
async function ask(query: string): Promise<Beside> {
  const path = `/api/v1/spend?from=2026-10-01&to=2026-10-14&per=outcome:tickets&${query}`
  return (await (await plane.get(path)).json()) as Beside
}
const beside = ({ outcomes, outcome_value_usd: value, usd_per_unit: each }: SpendRow) => [
  outcomes,
  value,
  each,
]

describe('spend beside its outcomes', () => {
  it('[C263] has what came of each row and what one cost', async () => {
    plane.ledger.answer = {
      rows: [row({ team: 'search' }, '10'), row({ team: 'ops' }, '5')],
      total: row({}, '15'),
    }
    const { rows, total } = await ask('by=team')
    expect(rows.map((one) => [one['team'], one['cost_usd'], ...beside(one)])).toEqual([
      ['search', '10', '7', '4.5', '1.428571428571'],
      ['ops', '5', '0', null, null],
      // Nothing was spent for them, and they are in the total.
      ['sales', '0', '2', null, '0'],
    ])
    expect(beside(total)).toEqual(['9', '4.5', '1.666666666667'])
    expect(rows[2]).toMatchObject({ calls: 0, input_usd: '0', latency_ms_p50: null })
  })

  it('[C263] what carries no such dimension is in unknown', async () => {
    plane.ledger.answer = {
      rows: [row({ feature: 'answers' }, '6'), row({ feature: 'unknown' }, '3')],
      total: row({}, '9'),
    }
    const { rows } = await ask('by=feature')
    expect(rows.map(beside)).toEqual([
      ['3', '4.5', '2'],
      ['6', null, '0.5'],
    ])
  })

  it('[C263] goes by time as spend does', async () => {
    const [second, third] = ['2026-10-02T00:00:00.000Z', '2026-10-03T00:00:00.000Z']
    const answer = [row({ bucket: third }, '3')]
    plane.ledger.answer = { rows: answer, total: row({}, '3') }
    const { rows, total } = await ask('granularity=day')
    expect(rows.map((one) => [one['bucket'], ...beside(one)])).toEqual([
      [second, '3', '4.5', '0'],
      [third, '6', null, '0.5'],
    ])
    expect(beside(total)).toEqual(['9', '4.5', '0.333333333333'])
  })

  it('[C263] says nothing of rows that outcomes cannot tell apart', async () => {
    plane.ledger.answer = {
      rows: [row({ team: 'search', model_id: 'm' }, '10')],
      total: row({}, '10'),
    }
    const { rows, total } = await ask('by=team&by=model_id')
    expect(rows.map(beside)).toEqual([[null, null, null]])
    expect(beside(total)).toEqual(['9', '4.5', '1.111111111111'])
    const where = await ask('by=team&where=model_id%3Dm')
    expect([...where.rows, where.total].map(beside)).toEqual([
      [null, null, null],
      [null, null, null],
    ])
    const within = await ask('by=model_id&where=team%3Dsearch')
    expect(beside(within.total)).toEqual(['7', '4.5', '1.428571428571'])
  })

  it('[C263] refuses a name that is none, and says which there are', async () => {
    const from = '/api/v1/spend?per='
    const unknown = await plane.get(`${from}outcome:documents`)
    expect(unknown.status).toBe(400)
    expect(await unknown.json()).toMatchObject({
      errors: [{ path: 'per', message: 'there is no outcome documents; known are: tickets' }],
    })
    for (const per of ['tickets', 'outcome:', 'outcome:A b', 'outcome:tickets&per=outcome:tickets'])
      expect((await plane.get(`${from}${per}&tz=Mars`)).status).toBe(400)
  })
})
