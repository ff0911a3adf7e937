import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake, type Asked } from '../testing/fake-terminal.ts'

const sum = { calls: 1200, usd: '31.5', unpriced: 0 }
const effect = {
  kind: 'budget',
  rule: 'search',
  effect: 'refused',
  shadow: false,
  ...sum,
  teams: ['search', 'support'],
  more_teams: false,
  first_at: '2026-10-08T00:00:00.000Z',
  last_at: '2026-10-09T00:00:00.000Z',
  examples: ['call-1', 'call-2'],
}
const report = {
  from: '2026-10-07T12:00:00.000Z',
  to: '2026-10-14T12:00:00.000Z',
  candidate: {
    refused: sum,
    kept: { calls: 4000, usd: '812', unpriced: 2 },
    rules: [effect, { ...effect, kind: 'access', rule: 'next', shadow: true, more_teams: true }],
    not_judged: [{ what: 'max_output_tokens', calls: 7, rules: ['size'] }],
  },
  in_force: {
    refused: { ...sum, calls: 3 },
    kept: sum,
    rules: [
      { ...effect, calls: 3, usd: '2' },
      { ...effect, rule: 'old', calls: 5 },
    ],
    not_judged: [],
  },
  elsewhere: { calls: 2, usd: '1' },
  left_out: 9,
}
const answer = (): Response => Response.json(report)
const FILE = `
budgets: [{ name: search, scope: { team: search }, period: month, limit_usd: 2, mode: hard }]
`
const files = { 'new.yaml': FILE }

describe('policy simulate', () => {
  it('[U21] sends the rules of the file, with the times as they were given', async () => {
    const words = [
      'policy',
      'simulate',
      '--file',
      'new.yaml',
      '--from',
      '-7d',
      '--tz',
      'Europe/Berlin',
    ]
    const { asked, out, exitCode } = await runFake(words, { answer, files })
    expect(asked).toHaveLength(1)
    const [{ method, path, body }] = asked as [Asked & { body: Record<string, unknown> }]
    expect([method, path]).toEqual(['POST', '/api/v1/policy/simulate'])
    expect(body).toMatchObject({
      from: '-7d',
      tz: 'Europe/Berlin',
      access: [],
      limits: [],
      guardrails: [],
      routes: [],
      budgets: [{ name: 'search', scope: { team: ['search'] }, limit_usd: '2' }],
    })
    expect(body).not.toHaveProperty('to')
    expect(body).not.toHaveProperty('file')
    expect([exitCode, JSON.parse(out)]).toEqual([EXIT.done, report])
  })

  it('[U21] tries the file of --config where none is named', async () => {
    const words = ['policy', 'simulate', '--config', 'new.yaml']
    const { asked } = await runFake(words, { answer, files })
    expect(asked).toMatchObject([{ body: { budgets: [{ name: 'search' }] } }])
  })

  it('[U21] shows the candidate beside what is in force, and what is not judged', async () => {
    const words = ['policy', 'simulate', '--file', 'new.yaml']
    const { out } = await runFake(words, { answer, files, terminal: true })
    expect(out).toContain('5,200 calls from 2026-10-07T12:00:00.000Z to 2026-10-14T12:00:00.000Z')
    expect(out).toContain(
      'would have refused 1,200 (USD 31.5) and kept 4,000 (USD 812, 2 without a price)',
    )
    expect(out).toMatch(
      /budget +search +refused +1,200 +31\.5 +3 +2 +search support +2026-10-08\S+ +2026-10-09\S+ +call-1/,
    )
    expect(out).toMatch(/access +next +refused \(shadow\) +1,200 +31\.5 +0 +0 +search support …/)
    expect(out).toMatch(/budget +old +refused +0 +0 +5 +31\.5/)
    expect(out).toContain(
      'Not judged, 7 calls: what maximum of output they asked for is not known (size).',
    )
    expect(out).toContain('2 calls (USD 1) came another way')
    expect(out).toContain('9 calls were refused for other reasons then.')
  })

  it('[U2] as rows it has those of both, each with whose it is', async () => {
    const words = ['policy', 'simulate', '--file', 'new.yaml', '--format', 'csv']
    const { out } = await runFake(words, { answer, files })
    const lines = out.trim().split('\n')
    expect(lines[0]).toBe(
      'policy,kind,rule,effect,shadow,calls,usd,unpriced,more_teams,first_at,last_at,teams,examples',
    )
    expect(lines).toHaveLength(5)
    expect(lines[3]).toMatch(/^in_force,budget,search,refused,false,3,2,0,/)
  })

  it('[U21] faults of the file are shown with their lines, and nobody is asked', async () => {
    for (const words of [
      ['policy', 'simulate', '--file', 'wrong.yaml'],
      ['policy', 'simulate', '--file', 'missing.yaml'],
      ['policy', 'simulate', '--file'],
      ['policy', 'simulate', '--since', '-7d'],
      ['policy', 'simulate', 'new.yaml'],
    ]) {
      const ran = await runFake(words, {
        answer,
        files: { ...files, 'wrong.yaml': 'budgets: [{ name: a }]' },
      })
      expect([words, ran.exitCode, ran.asked]).toEqual([words, EXIT.usage, []])
      if (words[3] === 'wrong.yaml') expect(ran.notes).toMatch(/wrong\.yaml:1:/)
    }
  })
})
