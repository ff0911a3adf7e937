import { describe, expect, it } from 'vitest'
import { sealBookFile } from '../../pricing/book-file.ts'
import { overrideOfTerms } from '../../pricing/override/price-override.ts'
import type { PriceAnswer } from '../../pricing/price-question.ts'
import { EXIT } from '../exit-code.ts'
import { runFake, type Ran } from '../testing/fake-terminal.ts'

const WORDS = ['price', '--model', 'us.anthropic.claude-sonnet-4-6', '--usage', 'input=1000000']

const lab = overrideOfTerms(
  {
    name: 'lab',
    accountId: '210987654321',
    models: 'anthropic.*',
    regions: '*',
    scope: null,
    tier: null,
    kind: null,
    effect: { percent: '-10' },
    validFrom: null,
    validTo: null,
    reason: null,
  },
  'api',
  '2026-10-02T08:00:00.000Z',
)
const BOOK = sealBookFile({ layers: [], overrides: [lab] })

const answerOf = (ran: Ran): PriceAnswer => JSON.parse(ran.out) as PriceAnswer

describe('price', () => {
  it('[U14] prices by the book of the data directory, and by the account', async () => {
    const files = { 'prices.json': BOOK }
    const shipped = answerOf(await runFake(WORDS))
    const others = answerOf(await runFake(WORDS, { files }))
    const own = answerOf(await runFake([...WORDS, '--account', '210987654321'], { files }))
    expect(others.cost_usd).toBe(shipped.cost_usd)
    expect(own.cost_usd).toBe('2.97')
    expect(own.charges).toMatchObject([{ layer: 'override', derived_by: 'lab' }])
    expect(own.price_book_version).not.toBe(shipped.price_book_version)
  })

  it('[U12] shows each rate with layer, source and date', async () => {
    const files = { 'prices.json': BOOK }
    const list = await runFake(WORDS, { files, terminal: true })
    const [rate = ''] = answerOf(await runFake(WORDS, { files })).charges.map((c) => c.rate_id)
    expect(list.out).toMatch(new RegExp(`^${rate} +snapshot +AWS-PL-2026-10 +2026-10-08$`, 'm'))
    const words = [...WORDS, '--account', '210987654321']
    const own = await runFake(words, { files, terminal: true })
    expect(own.out).toMatch(new RegExp(`^${rate}~${lab.overrideId} +override +override lab`, 'm'))
    const csv = await runFake([...words, '--format', 'csv'], { files })
    expect(csv.out.split('\n')[0]).toBe(
      'kind,quantity,rate_usd,amount_usd,rate_id,layer,source,source_date,derived_by,' +
        'base_source,base_source_date',
    )
  })

  it('[U12] shows what a percentage is of', async () => {
    const words = [...WORDS, '--account', '210987654321']
    const own = await runFake(words, { files: { 'prices.json': BOOK }, terminal: true })
    expect(own.out).toMatch(/override lab +2026-10-02 +lab +AWS-PL-2026-10 +2026-10-08\n/)
  })

  it('[U14] names the book it priced by', async () => {
    const files = { 'prices.json': BOOK }
    const kept = await runFake(WORDS, { files, terminal: true })
    const { price_book_version: version } = answerOf(await runFake(WORDS, { files }))
    expect(kept.out).toMatch(new RegExp(`\nby the price book ${version} of /.*/prices\\.json\n`))
    const shipped = await runFake(WORDS, { terminal: true })
    expect(shipped.out).toMatch(/\nby the price book \S+ which ships with Ledgerock \(there is no /)
  })

  it('says of the reserved tier that it is paid by the hour', async () => {
    const ran = await runFake([...WORDS, '--tier', 'reserved'], { terminal: true })
    expect(ran.out).toContain('unpriced (unknown_tier')
    expect(ran.out).toContain('the reserved tier is paid by the hour')
  })

  it('[U14] a book that was cut short is a failure, never another price', async () => {
    for (const damaged of [BOOK.slice(0, -9), BOOK.replace('-10', '-99'), '', '{}']) {
      const ran = await runFake(WORDS, { files: { 'prices.json': damaged } })
      expect(ran).toMatchObject({ exitCode: EXIT.failed, out: '' })
      expect(ran.notes).toContain('prices.json is damaged')
    }
  })
})
