import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { CALL, problem } from '../testing/fake-answers.ts'
import { runFake, type Asked, type Ran } from '../testing/fake-terminal.ts'

const LIST_RATE = {
  rate_id: 'r-in',
  layer: 'price_list',
  source: 'AWS-PL',
  source_date: '2026-10-08',
  derived_by: null,
}

const answer =
  (rate: (id: string) => Response) =>
  ({ path }: Asked): Response => {
    const id = /prices\/rates\/(.+)$/.exec(path)?.[1]
    if (id !== undefined) return rate(decodeURIComponent(id))
    return Response.json({ call: CALL, attempts: [CALL], versions: [CALL] })
  }

const explain = (rate: (id: string) => Response): Promise<Ran> =>
  runFake(['call', CALL.call_id], { answer: answer(rate), terminal: true })

describe('call', () => {
  it('[U12] says of every charge which rate it is priced by and where that is from', async () => {
    const ran = await explain((id) => Response.json({ ...LIST_RATE, rate_id: id }))
    expect(ran.out).toMatch(/input +1,200 +0.000003 +0.0036 +r-in\n/)
    expect(ran.out).toMatch(/r-in +price_list +AWS-PL +2026-10-08\n/)
    expect(ran.out).toMatch(/r-out +price_list +AWS-PL +2026-10-08\n/)
    expect(ran.asked.map(({ path }) => path.replace(/^.*v1\//, ''))).toEqual([
      `calls/${CALL.call_id}`,
      'prices/rates/r-in',
      'prices/rates/r-out',
    ])
  })

  it('shows the rule a price was derived by', async () => {
    const ran = await explain(() => Response.json({ ...LIST_RATE, derived_by: 'edp' }))
    expect(ran.out).toMatch(/derived by\n.* edp\n/)
  })

  it('[U12] shows what a percentage is of: the list price with its own source and date', async () => {
    const edp = { layer: 'override', source: 'override edp', source_date: '2026-11-01' }
    const base = { base_source: 'AWS-PL-2026-10', base_source_date: '2026-10-08' }
    const ran = await explain(() =>
      Response.json({ ...LIST_RATE, ...edp, ...base, derived_by: 'edp' }),
    )
    expect(ran.out).toMatch(/ of +derived by +list price from +of\n/)
    expect(ran.out).toMatch(/override edp +2026-11-01 +edp +AWS-PL-2026-10 +2026-10-08\n/)
    const listed = await explain(() => Response.json({ ...LIST_RATE, base_source: null }))
    expect(listed.out).not.toContain('list price from')
  })

  it.each([
    [{ tier: 'reserved', unpriced_reason: 'unknown_tier' }, 'the reserved tier'],
    [
      {
        model_requested: 'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc',
        unpriced_reason: 'unresolved_profile',
      },
      'provisioned throughput',
    ],
  ])('says where the cost of a call is that is paid by the hour: %j', async (facts, what) => {
    const show = (call: object): Promise<Ran> =>
      runFake(['call', CALL.call_id], {
        answer: () => Response.json({ call, attempts: [call], versions: [call] }),
        terminal: true,
      })
    const unpriced = { ...CALL, cost_usd: null, charges: [] }
    const said = `${what} is paid by the hour, used or idle: see "ledgerock prices capacity"`
    const ran = await show({ ...unpriced, ...facts })
    expect(ran.out).toContain(`unpriced (${facts.unpriced_reason})`)
    expect(ran.out).toContain(said)
    const other = await show({ ...unpriced, unpriced_reason: 'unknown_model' })
    expect(other.out).not.toContain('by the hour')
  })

  it('explains a call whose rate nobody knows any more, as far as it can', async () => {
    const ran = await explain((id) => (id === 'r-in' ? Response.json(LIST_RATE) : problem(404)()))
    expect(ran.exitCode).toBe(EXIT.done)
    expect(ran.out).toMatch(/output +155 +0.000015 +0.002325 +r-out\n/)
    expect(ran.out).toMatch(/r-in +price_list/)
    expect(ran.out).not.toMatch(/r-out +price_list/)
  })

  it('[U2] as JSON it is the answer to that one question', async () => {
    const ran = await runFake(['call', CALL.call_id], { answer: answer(() => Response.error()) })
    expect(ran.asked).toHaveLength(1)
    expect(JSON.parse(ran.out)).toMatchObject({ call: { call_id: CALL.call_id } })
  })
})
