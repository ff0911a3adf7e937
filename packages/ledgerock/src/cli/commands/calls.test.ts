import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { CALL, problem } from '../testing/fake-answers.ts'
import { runFake } from '../testing/fake-terminal.ts'

const page = (next: string | null) => (): Response =>
  Response.json({ items: [CALL], next_cursor: next })

describe('calls', () => {
  it('shows a page and says where it goes on', async () => {
    const ran = await runFake(['calls', '--limit', '1'], { answer: page('abc'), terminal: true })
    expect(ran.asked[0]?.path).toBe('/api/v1/calls?limit=1')
    expect(ran.out).toContain('anthropic.claude-sonnet-4-6')
    expect(ran.notes).toBe('There are more: --cursor abc\n')
  })

  it('follows every page with --all', async () => {
    const pages: Response[] = [page('abc')(), page(null)()]
    const ran = await runFake(['calls', '--all', '--format', 'csv', '--from', '-1d'], {
      answer: () => pages.shift() ?? Response.error(),
    })
    expect(ran.asked.map(({ path: at }) => at)).toEqual([
      '/api/v1/calls?from=-1d&limit=1000',
      '/api/v1/calls?from=-1d&limit=1000&cursor=abc',
    ])
    expect(ran.out.trimEnd().split('\n')).toHaveLength(3)
  })

  it('[U3] refuses flags that contradict each other', async () => {
    expect((await runFake(['calls', '--all'])).exitCode).toBe(EXIT.usage)
    expect((await runFake(['calls', '--tail', '--from', '-1d'])).exitCode).toBe(EXIT.usage)
    expect((await runFake(['calls', '--limit', '1001'])).exitCode).toBe(EXIT.usage)
    expect((await runFake(['calls', '--where', 'team'])).exitCode).toBe(EXIT.usage)
    expect((await runFake(['calls', '--tail'])).notes).toContain('no server is running')
  })
})

describe('call', () => {
  const explained = { call: CALL, attempts: [CALL, { ...CALL, call_id: 'other', attempt: 1 }] }
  const answer = (): Response => Response.json({ ...explained, versions: [], bill_cell: null })

  it('[U6] explains one call', async () => {
    const ran = await runFake(['call', CALL.call_id], { answer, terminal: true })
    expect(ran.asked[0]?.path).toBe(`/api/v1/calls/${CALL.call_id}`)
    expect(ran.out).toMatchInlineSnapshot(`
      "Call 01999e1c-7d00-7000-8000-000000000001
        status       interrupted by the client
        HTTP status  200
        source       gateway, via gateway

      Who
        key        search-prod
        team       search  (credential)
        feature    answers\\u{1b}[31m  (request)
        tenant_id  unknown

      Conflicts
        team  kept search (credential), ignored other (request)

      Model
        asked for  us.anthropic.claude-sonnet-4-6
        served     anthropic.claude-sonnet-4-6
        operation  -

      Usage
        input       1,200
        output      155
        counted by  estimated

      Cost
        total USD  0.005925
        kind    quantity  × rate USD  = amount USD  rate
        input      1,200    0.000003        0.0036  r-in
        output       155    0.000015      0.002325  r-out

      Time
        started  2026-10-14T12:00:00.000Z
        ended    2026-10-14T12:00:00.812Z
        took     812 ms

      Ids
        logical call  logical-1, attempt 2
        journal       -, line -
        version       1

      Also
        attempt 1  other  interrupted  0.005925 USD
      "
    `)
  })

  it('[U2] prints the body as JSON and the call as a row', async () => {
    const json = await runFake(['call', 'x'], { answer })
    expect(JSON.parse(json.out)).toMatchObject({ bill_cell: null, call: CALL })
    const line = await runFake(['call', 'x', '--format', 'ndjson'], { answer })
    expect(JSON.parse(line.out)).toEqual(CALL)
    const csv = await runFake(['call', 'x', '--format', 'csv'], { answer })
    expect(csv.out.startsWith('call_id,logical_id,')).toBe(true)
  })

  it('[U3] an unknown call has failed', async () => {
    expect((await runFake(['call', 'x'], { answer: problem(404) })).exitCode).toBe(EXIT.failed)
  })
})
