import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { MEASURES, problem, SPEND, spend } from '../testing/fake-answers.ts'
import { runFake } from '../testing/fake-terminal.ts'

const nothing = (): Response => Response.json({ rows: [], total: MEASURES })

describe('report', () => {
  it('[U2] prints the API body unchanged as JSON, also by default where no terminal is', async () => {
    const ran = await runFake(['report', '--by', 'team'], { answer: spend })
    expect(ran).toMatchObject({ exitCode: EXIT.done, out: `${SPEND}\n`, notes: '' })
    const indented = await runFake(['report', '--by', 'team', '--format', 'json'], {
      answer: spend,
      terminal: true,
    })
    expect(JSON.parse(indented.out)).toEqual(JSON.parse(SPEND))
  })

  it('asks what was asked', async () => {
    const words =
      'report --by team,model_id --from -7d --to 2026-10-01 --where team=a,b --where tier=flex'
    const more = [...words.split(' '), '--granularity', 'day', '--tz', 'Europe/Berlin']
    const { asked } = await runFake(more, { answer: spend })
    expect(asked).toEqual([
      {
        method: 'GET',
        path:
          '/api/v1/spend?by=team%2Cmodel_id&from=-7d&to=2026-10-01&where=team%3Da%2Cb' +
          '&where=tier%3Dflex&granularity=day&tz=Europe%2FBerlin',
        body: null,
      },
    ])
  })

  it('[U1] shows a table with its total on a terminal, without columns that say nothing', async () => {
    const ran = await runFake(['report', '--by', 'team'], { answer: spend, terminal: true })
    expect(ran.out).toBe(
      [
        'team     calls  errors  input  output  cost USD',
        '=search      2       1  2,400     310   0.01185',
        '───────────────────────────────────────────────',
        'total        2       1  2,400     310   0.01185',
        '',
      ].join('\n'),
    )
  })

  it('[U1] [U5] shows what came of it and what one cost', async () => {
    const beside = { outcomes: '3', outcome_value_usd: null, usd_per_unit: '0.00395' }
    const none = { outcomes: '0', outcome_value_usd: null, usd_per_unit: null }
    const rows = [
      { team: 'search', ...MEASURES, ...beside },
      { team: 'ops', ...MEASURES, ...none },
    ]
    const answer = () => Response.json({ rows, total: { ...MEASURES, ...beside } })
    const words = ['report', '--by', 'team', '--per', 'outcome:tickets']
    const ran = await runFake(words, { answer, terminal: true })
    expect(ran.asked[0]?.path).toBe('/api/v1/spend?by=team&per=outcome%3Atickets')
    expect(ran.out.split('\n').slice(0, 3)).toEqual([
      'team    calls  errors  input  output  cost USD  outcomes  USD each',
      'search      2       1  2,400     310   0.01185         3   0.00395',
      'ops         2       1  2,400     310   0.01185         0         -',
    ])
    const csv = await runFake([...words, '--format', 'csv'], { answer })
    const [header = '', first = ''] = csv.out.split('\n')
    expect(header.split(',')).toEqual(['team', ...Object.keys(MEASURES), ...Object.keys(beside)])
    expect(first.endsWith(',3,,0.00395')).toBe(true)
  })

  it('[U2] [U5] prints rows as ndjson and as csv', async () => {
    const lines = await runFake(['report', '--by', 'team', '--format', 'ndjson'], { answer: spend })
    expect(lines.out).toBe(`${JSON.stringify({ team: '=search', ...MEASURES })}\n`)
    const csv = await runFake(['--format', 'csv', 'report', '--by', 'team'], { answer: spend })
    const [header = '', row = ''] = csv.out.split('\n')
    expect(header.split(',')).toEqual(['team', ...Object.keys(MEASURES)])
    expect(row.startsWith("'=search,2,2,0,1,")).toBe(true)
  })

  it('an empty answer is an empty table and a word on stderr', async () => {
    const ran = await runFake(['report', '--by', 'team'], { answer: nothing, terminal: true })
    expect(ran).toMatchObject({ exitCode: EXIT.done, out: '', notes: 'No calls in this time.\n' })
  })

  it('[U3] what the API calls wrong input is wrong usage, everything else has failed', async () => {
    const wrong = await runFake(['report', '--by', 'tam'], { answer: problem(400) })
    expect(wrong).toMatchObject({ exitCode: EXIT.usage, out: '' })
    expect(wrong.notes).toBe('ledgerock: the question is wrong\n  by[0]: "tam" is not known\n')
    const broken = await runFake(['report', '--by', 'team'], { answer: problem(503) })
    expect(broken.exitCode).toBe(EXIT.failed)
    const noJson = await runFake(['report', '--by', 'team'], {
      answer: () => new Response('<html>'),
    })
    expect(noJson).toMatchObject({ exitCode: EXIT.failed, out: '' })
  })
})
