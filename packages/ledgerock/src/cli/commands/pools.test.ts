import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake } from '../testing/fake-terminal.ts'

const NOTHING = { shares: null, owner: null, from: null, to: null }
const POOLS = [
  { name: 'tax', match: 'tax', split: 'even', ...NOTHING, source: 'file', set_by: null },
  {
    name: 'guard',
    match: { usage_type: '*-Guardrail-*' },
    split: 'fixed',
    ...NOTHING,
    shares: [
      {
        owner: { team: 'a' },
        share: '100%',
      },
    ],
    from: '2026-11-01T00:00:00.000Z',
    source: 'api',
    set_by: 'mia',
  },
]
const MOVED = {
  period: '2026-10',
  cost: 'net',
  bill_usd: '14',
  moved: [
    {
      team: null,
      before_usd: '1',
      after_usd: '1',
      difference_usd: '0',
    },
    {
      team: 'lab',
      before_usd: '3',
      after_usd: '6',
      difference_usd: '3',
    },
  ],
}

describe('pools', () => {
  it('[U32] are listed with what they are for and how they are shared', async () => {
    const answer = (): Response => Response.json({ items: POOLS })
    const { out } = await runFake(['pools', 'list'], { answer, terminal: true })
    expect(out).toMatch(/tax +file +tax +even +always\n/)
    expect(out).toMatch(
      /guard +api +usage type \*-Guardrail-\* +fixed, team=a 100% +from 2026-11-01\n/,
    )
  })

  it('[U32] are set in the words of the file', async () => {
    const answer = (): Response => Response.json({ items: POOLS })
    const shares = ['--share', 'team=a:60%', '--share', 'team=b,application=x:40%']
    const flags = ['--match', 'usage-type:*-Guardrail-*', '--split', 'fixed', ...shares]
    const ran = await runFake(['pools', 'set', 'guard', ...flags, '--from', '2026-11-01'], {
      answer,
    })
    expect(ran.asked).toEqual([
      {
        method: 'PUT',
        path: '/api/v1/pools/guard',
        body: {
          match: { usage_type: '*-Guardrail-*' },
          split: 'fixed',
          from: '2026-11-01',
          shares: [
            {
              owner: { team: 'a' },
              share: '60%',
            },
            {
              owner: {
                team: 'b',
                application: 'x',
              },
              share: '40%',
            },
          ],
        },
      },
    ])
    const gone = ['pools', 'remove', 'tax', '--from', '2026-12-01', '--reason', 'over']
    const removed = await runFake(gone, { answer })
    expect(removed.asked).toEqual([
      { method: 'DELETE', path: '/api/v1/pools/tax', body: { from: '2026-12-01', reason: 'over' } },
    ])
    for (const wrong of [
      ['pools', 'set', 'tax', '--match', 'tax'],
      ['pools', 'set', 'tax', '--match', 'tax', '--split', 'half'],
      ['pools', 'set', 'x', '--match', 'tax', '--split', 'fixed', '--share', 'a'],
      ['pools', 'preview', 'tax', '--period', '2026-10'],
      // What is not asked of the server must not look as if it were.
      ['pools', 'preview', 'tax', '--period', '2026-10', '--remove', '--from', '2026-11-01'],
      [
        'pools',
        'preview',
        'tax',
        '--period',
        '2026-10',
        '--match',
        'tax',
        '--split',
        'even',
        '--remove',
      ],
    ]) {
      expect(await runFake(wrong, { answer })).toMatchObject({ exitCode: EXIT.usage, asked: [] })
    }
  })

  it('[U32] are tried on a month, in dollars of each team', async () => {
    const answer = (): Response => Response.json(MOVED)
    const words = ['pools', 'preview', 'tax', '--period', '2026-10']
    const ran = await runFake([...words, '--match', 'tax', '--split', 'even'], {
      answer,
      terminal: true,
    })
    const set = [{ name: 'tax', match: 'tax', split: 'even' }]
    expect(ran.asked).toEqual([
      {
        method: 'POST',
        path: '/api/v1/pools/preview',
        body: {
          period: '2026-10',
          set,
          remove: [],
        },
      },
    ])
    expect(ran.out).toMatch(/\(no team, apart, nobody\) +1 +1 +0\n.*lab +3 +6 +3\n/)
    expect(ran.notes).toBe('Both sides add up to USD 14. Nothing is saved.\n')
    const without = await runFake([...words, '--remove'], { answer })
    expect(without.asked).toMatchObject([{ body: { set: [], remove: ['tax'] } }])
  })
})
