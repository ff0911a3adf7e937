import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { DIFF_ROW, RATE_ROW } from '../testing/fake-prices.ts'
import { runFake, type Asked } from '../testing/fake-terminal.ts'

const items =
  (...rows: readonly object[]) =>
  (): Response =>
    Response.json({ items: rows, next_cursor: null })

describe('prices list', () => {
  it('asks for what the flags say and hands the body on', async () => {
    const words = ['prices', 'list', '--model', 'a.b-*', '--scope', 'geo', '--layer', 'learned']
    const ran = await runFake([...words, '--at', '-7d', '--limit', '5'], {
      answer: items(RATE_ROW),
    })
    expect(ran.asked.map(({ path }) => path)).toEqual([
      '/api/v1/prices?model=a.b-*&scope=geo&layer=learned&at=-7d&limit=5',
    ])
    expect(JSON.parse(ran.out)).toEqual({ items: [RATE_ROW], next_cursor: null })
  })

  it('[U12] shows layer, source and date of every rate, and what all rows share once', async () => {
    const other = { ...RATE_ROW, kind: 'output', price_usd: '16.5', rate_id: 'r-out' }
    const ran = await runFake(['prices', 'list'], {
      answer: items(RATE_ROW, other),
      terminal: true,
    })
    const [shared, heading, model, ...rows] = ran.out.trimEnd().split('\n')
    expect(shared).toBe(
      'all: region us-east-1, scope geo, tier standard, per 1M tokens, from 2026-10-08, to -, ' +
        'layer price_list, source AWS-PL, of 2026-10-08',
    )
    expect(heading).toMatch(/^ {2}kind {2,}USD {2,}rate$/)
    expect(model).toBe('anthropic.claude-sonnet-4-6')
    expect(rows.map((row) => row.trim().split(/ {2,}/))).toEqual([
      ['input', '3.3', 'r-in'],
      ['output', '16.5', 'r-out'],
    ])
  })

  it('keeps a column whose rows differ, and tells apart what one kind is sold as', async () => {
    const image = {
      ...RATE_ROW,
      model_id: 'amazon.titan-image-generator-v2:0',
      kind: 'images',
      unit: 'image',
      medium: 'image',
      variant: '1024x1024',
      context_above: 0,
    }
    const long = { ...RATE_ROW, layer: 'snapshot', context_above: 200_000 }
    const ran = await runFake(['prices', 'list'], {
      answer: items(RATE_ROW, long, image),
      terminal: true,
    })
    expect(ran.out).toContain('input over 200,000')
    expect(ran.out).toContain('images 1024x1024')
    expect(ran.out).toMatch(/\n {2}.*kind .*layer/)
    expect(ran.out.split('\n').filter((line) => /^[a-z]+\.[a-z]/.test(line))).toEqual([
      'anthropic.claude-sonnet-4-6',
      'amazon.titan-image-generator-v2:0',
    ])
  })

  it('shows a percentage for what it is', async () => {
    const percent = {
      ...RATE_ROW,
      layer: 'override',
      price_usd: null,
      percent: '-12.5',
      account_id: '7',
    }
    const shown = await runFake(['prices', 'list'], { answer: items(percent), terminal: true })
    expect(shown.out).toMatch(/-12.5 % +list price .* AWS-PL \(7\)/)
    const csv = await runFake(['prices', 'list', '--format', 'csv'], { answer: items(percent) })
    const [header = '', line = ''] = csv.out.split('\n')
    expect(line.split(',')[header.split(',').indexOf('percent')]).toBe('-12.5')
  })

  it('writes every page where it is asked to', async () => {
    const answer = ({ path }: Asked): Response =>
      Response.json(
        path.includes('cursor=2')
          ? { items: [{ ...RATE_ROW, rate_id: 'r-2' }], next_cursor: null }
          : { items: [RATE_ROW], next_cursor: '2' },
      )
    const all = await runFake(['prices', 'list', '--all', '--format', 'ndjson'], { answer })
    expect(
      all.out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).rate_id),
    ).toEqual(['r-in', 'r-2'])
    expect(all.asked[0]?.path).toContain('limit=1000')
    const first = await runFake(['prices', 'list'], { answer, terminal: true })
    expect(first.notes).toBe('There are more: --cursor 2, or --all\n')
    const json = await runFake(['prices', 'list', '--all'], { answer })
    expect(json).toMatchObject({ exitCode: EXIT.usage, out: '' })
  })
})

describe('prices diff', () => {
  it('compares two layers', async () => {
    const words = ['prices', 'diff', '--layer', 'learned', '--against', 'price_list']
    const ran = await runFake(words, { answer: items(DIFF_ROW), terminal: true })
    expect(ran.asked[0]?.path).toBe('/api/v1/prices/diff?layer=learned&against=price_list')
    expect(ran.out).toMatch(/changed .* input +3 +3\.3 +0\.909/)
    const none = await runFake(words, { answer: items(), terminal: true })
    const agreed = 'The two layers do not contradict each other.\n'
    expect(none).toMatchObject({ exitCode: EXIT.done, out: '', notes: agreed })
    const missing = { ...DIFF_ROW, change: 'missing', kind: 'cache_read', price_usd: null }
    const answer = items(DIFF_ROW, missing)
    const short = await runFake(words, { answer, terminal: true })
    expect(short.out).not.toContain('cache_read')
    expect(short.notes).toBe('1 rates are in the other layer only (--all)\n')
    const all = await runFake([...words, '--all'], { answer, terminal: true })
    expect(all.out).toContain('cache_read')
    const csv = await runFake([...words, '--format', 'csv'], { answer })
    expect(csv.out).toContain('cache_read')
  })
})

describe('prices book', () => {
  const layer = { version: 'v1', source: 'AWS', date: '2026-11-20', rates: 9, documents: [] }
  const documents = [
    { document_id: 'd-old', period: null, published_at: '2026-11-11', by: 'ann' },
    { document_id: 'd-new', period: null, published_at: '2026-11-16', by: 'mia' },
  ]
  const layers = [
    { ...layer, layer: 'price_list', documents },
    { ...layer, layer: 'snapshot' },
  ]
  const answer = (): Response => Response.json({ version: 'b-7', layers, overrides: 2 })

  it('names the version and the layers', async () => {
    const ran = await runFake(['prices', 'book'], { answer, terminal: true })
    expect(ran.out).toContain('price book b-7, overrides: 2\n')
    expect(ran.out).toContain('snapshot')
  })

  it('shows the id of every document, by which it can be withdrawn', async () => {
    const ran = await runFake(['prices', 'book'], { answer, terminal: true })
    expect(ran.out).toMatch(/\nd-old +price_list +- +2026-11-11 +- +ann\n/)
    expect(ran.out).toMatch(/\nd-new +price_list +- +2026-11-16 +- +mia\n/)
    const csv = await runFake(['prices', 'book', '--format', 'csv'], { answer })
    expect(csv.out).toMatch(/,documents\nprice_list,.*,d-old d-new\nsnapshot,.*,\n$/)
    const shipped = { version: 'b-1', layers: layers.slice(1), overrides: 0 }
    const only = await runFake(['prices', 'book'], {
      answer: () => Response.json(shipped),
      terminal: true,
    })
    expect(only.out).not.toContain('document')
  })
})

describe('prices import', () => {
  const body = {
    document_id: 'd-1',
    book_version: 'b-8',
    changed: { added: 1200, changed: 3, removed: 0 },
    unpriced_calls: 17,
    acked: [],
    missing: ['ledger'],
    report: {
      offers: [{ offer_code: 'AmazonBedrock', version: '1', published_at: '2026-11-19', skus: 9 }],
      skus: 9,
      read: 7,
      rates: 12,
      unread: [
        {
          reason: 'unknown_model',
          count: 2,
          examples: [
            { sku: 'AAA', usagetype: 'USE1-Orion-input-tokens', description: 'd' },
            { sku: 'BBB', usagetype: 'USE1-Orion-output-tokens', description: 'd' },
          ],
        },
      ],
    },
  }
  const answer = (): Response => Response.json(body)

  it('sends one file as it is, packed or not, with a progress bar', async () => {
    const files = { 'a.json': '{"offerCode":"AmazonBedrock"}', 'a.json.gz': gzipSync('{"x":1}') }
    const ran = await runFake(['prices', 'import', 'a.json'], { answer, files })
    expect(ran.asked).toEqual([
      { method: 'POST', path: '/api/v1/prices/import', body: { offerCode: 'AmazonBedrock' } },
    ])
    expect(ran.progress).toEqual({ sending: [29, 29] })
    expect(JSON.parse(ran.out)).toEqual(body)
    const packed = await runFake(['prices', 'import', 'a.json.gz', '--dry-run'], { answer, files })
    expect(packed.asked[0]).toMatchObject({
      path: '/api/v1/prices/import?dry_run=true',
      body: { x: 1 },
    })
  })

  it('sends several files as one list, so that they are taken or refused together', async () => {
    const files = { 'a.json': '{"a":1}', 'b.json': '{"b":2}\n' }
    const ran = await runFake(['prices', 'import', 'a.json', 'b.json'], { answer, files })
    expect(ran.asked.map((asked) => asked.body)).toEqual([[{ a: 1 }, { b: 2 }]])
  })

  it('[U12] tells what became a rate, what did not, and what that means for past calls', async () => {
    const ran = await runFake(['prices', 'import', 'a.json'], {
      answer,
      files: { 'a.json': '{}' },
      terminal: true,
    })
    expect(ran.out).toContain('AmazonBedrock of 2026-11-19: 9 SKUs\n7 of 9 SKUs became 12 rates\n')
    expect(ran.out).toContain(
      'added 1,200, changed 3, removed 0\nprice book b-8 is in force\nkept as document d-1\n',
    )
    expect(ran.out).toContain('17 calls have no price yet')
    expect(ran.out).toMatch(/unknown_model +2 +AAA +USE1-Orion-input-tokens\n +BBB/)
    expect(ran.notes).toBe('Not confirmed within a second by: ledger\n')
  })

  it('[U3] refuses files that are not whole, naming each, before anything is asked', async () => {
    const files = { 'cut.json': '{"offerCode":"Amaz', 'no.json': '<html>', 'good.json': '{}' }
    const words = ['prices', 'import', 'cut.json', 'good.json', 'no.json']
    const ran = await runFake(words, { answer, files })
    expect(ran).toMatchObject({ exitCode: EXIT.usage, asked: [], out: '' })
    expect(ran.notes).toContain('cut.json: not JSON, or not all of it')
    expect(ran.notes).toContain('no.json: not JSON')
    expect(ran.notes).not.toContain('good.json')
    const absent = await runFake(['prices', 'import', 'gone.json'], { answer })
    expect(absent).toMatchObject({ exitCode: EXIT.failed, asked: [] })
    expect(absent.notes).toBe('ledgerock: gone.json cannot be read (ENOENT)\n')
  })

  it('[U3] hands on every fault the API finds', async () => {
    const refusal = (): Response =>
      Response.json(
        {
          status: 400,
          detail: 'the document was refused; the book in force stays',
          errors: [
            { path: 'models[0].rates[2]', message: 'overlaps models[0].rates[1]' },
            { path: 'models[1].rates[0].prices.input', message: '"-3" is no price' },
          ],
        },
        { status: 400 },
      )
    const files = { 'a.json': '{}' }
    const ran = await runFake(['prices', 'import', 'a.json'], { answer: refusal, files })
    expect(ran.exitCode).toBe(EXIT.usage)
    expect(ran.notes).toContain('  models[0].rates[2]: overlaps models[0].rates[1]\n')
    expect(ran.notes).toContain('  models[1].rates[0].prices.input: "-3" is no price\n')
  })
})

describe('prices withdraw', () => {
  const answer = (): Response =>
    Response.json({ document_id: 'd1b2c3', book_version: 'b-9', acked: [], missing: ['ledger'] })
  const withdraw = (what: string, ...more: readonly string[]) =>
    runFake(['prices', 'withdraw', what, ...more], { answer, terminal: true })

  it.each([
    ['d1b2c3', 'documents', 'd1b2c3 is withdrawn; price book b-9 is in force.\n'],
    ['2026-10', 'learned', 'What was learned of 2026-10 (d1b2c3) is withdrawn; price book b-9'],
  ])('%s is one of the %s', async (what, folder, said) => {
    const ran = await withdraw(what, '--reason', 'wrong list')
    expect(ran.asked).toEqual([
      {
        method: 'DELETE',
        path: `/api/v1/prices/${folder}/${what}`,
        body: { reason: 'wrong list' },
      },
    ])
    expect(ran.out).toContain(said)
    expect(ran.out).toContain('"ledgerock prices rerate"')
    expect(ran.notes).toBe('Not confirmed within a second by: ledger\n')
  })

  it('[U3] wants a reason', async () => {
    const ran = await withdraw('d1b2c3')
    expect(ran).toMatchObject({ exitCode: EXIT.usage, asked: [], out: '' })
    expect(ran.notes).toContain('--reason')
  })

  it('[U11] explains itself with an example', async () => {
    expect((await withdraw('--help')).out).toContain('$ ledgerock prices withdraw 2026-10 --reason')
  })
})
