import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake, type Asked } from '../testing/fake-terminal.ts'

const WORDS = ['prices', 'rerate', '--from', '-7d', '--to', '2026-10-08']

const report = (isDry: boolean, changed: number): object => ({
  rerate_id: 'x',
  dry_run: isDry,
  book_version: 'b-8',
  from: '2026-10-01T00:00:00.000Z',
  to: '2026-10-08T00:00:00.000Z',
  calls: 1200,
  changed,
  newly_priced: 4,
  newly_unpriced: 0,
  before_usd: '10',
  after_usd: '9.1',
  difference_usd: '-0.9',
  by: [
    {
      team: 'search',
      calls: 1200,
      changed,
      before_usd: '10',
      after_usd: '9.1',
      difference_usd: '-0.9',
    },
  ],
  unpriced: [{ reason: 'unknown_model', model_requested: 'acme.new-1', calls: 2 }],
  kept: [{ model_id: 'amazon.nova-canvas-v1:0', calls: 5 }],
  closed: [{ period: '2026-09', changed: 7, difference_usd: '1.5' }],
})

const answer =
  (changed = 30) =>
  ({ body }: Asked): Response =>
    Response.json(report((body as { dry_run: boolean }).dry_run, changed))

describe('prices rerate', () => {
  it('--dry-run asks once and changes nothing', async () => {
    const ran = await runFake([...WORDS, '--dry-run'], { answer: answer() })
    expect(ran.asked).toEqual([
      {
        method: 'POST',
        path: '/api/v1/prices/rerate',
        body: { from: '-7d', to: '2026-10-08', dry_run: true },
      },
    ])
    expect(JSON.parse(ran.out)).toEqual(report(true, 30))
    expect(ran).toMatchObject({ exitCode: EXIT.done, questions: [] })
    const csv = await runFake([...WORDS, '--dry-run', '--format', 'csv'], { answer: answer() })
    expect(csv.out).toBe(
      'team,calls,changed,before_usd,after_usd,difference_usd\nsearch,1200,30,10,9.1,-0.9\n',
    )
  })

  it('[U13] shows the difference per team, asks, and writes what was shown', async () => {
    const words = [...WORDS, '--reason', 'contract']
    const ran = await runFake(words, { answer: answer(), confirm: true, terminal: true })
    expect(ran.notes).toMatch(/search +1,200 +30 +10 +9.1 +-0.9/)
    expect(ran.notes).toContain('30 would change: USD 10 → 9.1 (-0.9)')
    expect(ran.notes).toContain('2026-09 is closed and stays as it is: 7 calls, +1.5 USD')
    expect(ran.notes).toContain('4 had no price and get one')
    expect(ran.notes).toContain('5 keep their price')
    expect(ran.notes).toMatch(/unknown_model +acme.new-1 +2/)
    expect(ran.questions).toEqual(['Write 30 corrected calls?'])
    expect(ran.asked.map(({ body }) => body)).toEqual([
      { from: '-7d', to: '2026-10-08', dry_run: true },
      {
        from: '2026-10-01T00:00:00.000Z',
        to: '2026-10-08T00:00:00.000Z',
        dry_run: false,
        reason: 'contract',
      },
    ])
    expect(ran.out).toContain('30 changed: USD 10 → 9.1')
  })

  it('[U13] a no changes nothing', async () => {
    const ran = await runFake(WORDS, { answer: answer(), confirm: false, terminal: true })
    expect(ran).toMatchObject({ exitCode: EXIT.failed, out: '' })
    expect(ran.asked.map(({ body }) => (body as { dry_run: boolean }).dry_run)).toEqual([true])
    expect(ran.notes).toContain('ledgerock: nothing was changed\n')
  })

  it('[U13] where nobody can be asked it needs --yes, and then does not ask', async () => {
    const silent = await runFake(WORDS, { answer: answer() })
    expect(silent).toMatchObject({ exitCode: EXIT.usage, asked: [], out: '' })
    expect(silent.notes).toContain('give --yes')
    const told = await runFake([...WORDS, '--yes'], { answer: answer(), confirm: false })
    expect(told).toMatchObject({ exitCode: EXIT.done, questions: [] })
    expect(told.asked).toHaveLength(2)
    expect(JSON.parse(told.out)).toEqual(report(false, 30))
    expect(told.notes).toContain('30 would change')
  })

  it('asks nothing where nothing would change', async () => {
    const ran = await runFake(WORDS, { answer: answer(0), confirm: true, terminal: true })
    expect(ran).toMatchObject({ exitCode: EXIT.done, questions: [] })
    expect(ran.asked).toHaveLength(1)
  })

  it('says so when the book changed between looking and writing', async () => {
    const moved = (asked: Asked): Response => {
      const isDry = (asked.body as { dry_run: boolean }).dry_run
      return Response.json({ ...report(isDry, 30), book_version: isDry ? 'b-8' : 'b-9' })
    }
    const ran = await runFake([...WORDS, '--yes'], { answer: moved })
    expect(ran.notes).toContain('The price book changed meanwhile')
  })

  it.each([[['--from', '-7d']], [['--to', '-1d']], [[]]])(
    '[U3] %j is wrong usage',
    async (words) => {
      const ran = await runFake(['prices', 'rerate', ...words])
      expect(ran).toMatchObject({ exitCode: EXIT.usage, asked: [] })
    },
  )
})
