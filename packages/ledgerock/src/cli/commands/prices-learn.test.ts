import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { CAPACITY, PROPOSAL } from '../testing/fake-learning.ts'
import { runFake, type Asked } from '../testing/fake-terminal.ts'

const HEADER =
  'line_item_usage_type,line_item_line_item_type,line_item_product_code,line_item_operation,' +
  'line_item_usage_amount,line_item_unblended_cost,product_product_name\n'
const BEDROCK = 'USE1-NovaPro-input-tokens,Usage,AmazonBedrock,InvokeModelInference,1,0.0000008,\n'
const MARKETPLACE =
  'USE1-MP:Claude,Usage,a1b2c3d4,Usage,1,0.003,Claude Sonnet 4.6 (Amazon Bedrock Edition)\n'
const COMPUTE =
  'BoxUsage:m5.large,Usage,AmazonEC2,RunInstances,1,0.096,Amazon Elastic Compute Cloud\n'

const usageTypes = ({ body }: Asked): readonly string[] =>
  (body as { rows: { usage_type: string }[] }).rows.map((row) => row.usage_type)

describe('prices learn', () => {
  const words = ['prices', 'learn', '--period', '2026-10', '--bill']
  const answer = (): Response => Response.json(PROPOSAL)

  it('[U15] sends the lines that name Bedrock, of every file, and says how many it left out', async () => {
    const files = {
      'a.csv': HEADER + BEDROCK + COMPUTE,
      'b.csv.gz': gzipSync(HEADER + COMPUTE + MARKETPLACE),
    }
    const ran = await runFake([...words, 'a.csv', 'b.csv.gz'], { answer, files })
    expect(ran.asked).toMatchObject([
      { method: 'POST', path: '/api/v1/prices/learn', body: { period: '2026-10' } },
    ])
    expect(ran.asked.flatMap(usageTypes)).toEqual(['USE1-NovaPro-input-tokens', 'USE1-MP:Claude'])
    expect(ran.notes).toContain('2 lines that do not name Bedrock were left out')
    expect(JSON.parse(ran.out)).toEqual(PROPOSAL)
  })

  it('[U15] leaves the decision to pricing where the bill has no columns to decide it by', async () => {
    const files = { 'a.csv': 'line_item_usage_type,line_item_unblended_cost\nBoxUsage,1\n' }
    const ran = await runFake([...words, 'a.csv'], { answer, files })
    expect(ran.asked.flatMap(usageTypes)).toEqual(['BoxUsage'])
  })

  it('shows what supports each rate, what was withheld, and what taught nothing', async () => {
    const files = { 'a.csv': HEADER + BEDROCK }
    const ran = await runFake([...words, 'a.csv'], { answer, files, terminal: true })
    const from = 'USE1-Claude4.6Sonnet-input-tokens'
    expect(ran.out).toMatch(new RegExp(`input +2.97 +3.3 +744 +1834.2 +× 0.9, net +${from}\n`))
    expect(ran.out).toMatch(/output +- +3.3 +744 +1834.2 +withheld: mixed_prices, net /)
    expect(ran.notes).toMatch(/unknown_model +USE1-Orion-input-tokens +3 +7\n/)
    expect(ran.notes).toContain('Left apart: Credit USD -50.')
    expect(ran.notes).toContain('1 of 2 rates are proposed and not in force')
    const csv = await runFake([...words, 'a.csv', '--format', 'csv'], { answer, files })
    expect(csv.out.split('\n')).toHaveLength(4)
    expect(csv.out).toContain('anthropic.claude-sonnet-4-6,us-east-1,geo,standard,input,token')
  })

  it('names every usage type that supports a rate, in table and csv', async () => {
    const [rate] = PROPOSAL.rates
    const usage_types = [
      { usage_type: 'USE1-Sonnet-in', lines: 740, usd: '1800' },
      { usage_type: 'USE1-Sonnet-in-mantle', lines: 4, usd: '34.2' },
    ]
    const shared = { ...PROPOSAL, rates: [{ ...rate, usage_types }] }
    const files = { 'a.csv': HEADER + BEDROCK }
    const options = { files, answer: (): Response => Response.json(shared) }
    const table = await runFake([...words, 'a.csv'], { ...options, terminal: true })
    expect(table.out).toContain('USE1-Sonnet-in (740), USE1-Sonnet-in-mantle (4)\n')
    const csv = await runFake([...words, 'a.csv', '--format', 'csv'], options)
    const [heading = '', line = ''] = csv.out.split('\n')
    expect(heading.endsWith(',usage_types')).toBe(true)
    expect(line).toContain(
      '"USE1-Sonnet-in (740 lines, USD 1800); USE1-Sonnet-in-mantle (4 lines, USD 34.2)"',
    )
  })

  it('[U3] refuses a bill that breaks off or is none, before anything is asked', async () => {
    const cut = gzipSync(HEADER + BEDROCK.repeat(2_000))
    const files = {
      'cut.csv.gz': cut.subarray(0, cut.length - 40),
      'quote.csv': `${HEADER}${BEDROCK}"never closed,1\n`,
      'other.csv': 'a,b\n1,2\n',
    }
    const ran = await runFake([...words, ...Object.keys(files)], { answer, files })
    expect(ran).toMatchObject({ exitCode: EXIT.usage, asked: [], out: '' })
    for (const file of Object.keys(files)) expect(ran.notes).toContain(`${file}:`)
    const absent = await runFake([...words, 'gone.csv'], { answer })
    expect(absent).toMatchObject({ exitCode: EXIT.failed, asked: [] })
    expect(absent.notes).toBe('ledgerock: gone.csv cannot be read (ENOENT)\n')
  })

  it('tells each line it could not read, with its place and dollars, and goes on', async () => {
    const wrong = 'USE1-NovaPro-output-tokens,Usage,AmazonBedrock,x,lots,12.5,\n'
    const files = { 'a.csv': HEADER + wrong + BEDROCK }
    const ran = await runFake([...words, 'a.csv'], { answer, files })
    expect(ran.asked.flatMap(usageTypes)).toEqual(['USE1-NovaPro-input-tokens'])
    expect(ran.notes).toMatch(/left out a\.csv:2: .*, USD 12\.5\n/)
  })
})

describe('prices accept', () => {
  it('puts a month in force', async () => {
    const changed = { added: 12, changed: 0, removed: 0 }
    const answer = (): Response =>
      Response.json({ period: '2026-10', book_version: 'b-9', changed, missing: ['worker-1'] })
    const words = ['prices', 'accept', '2026-10', '--reason', 'agreed']
    const ran = await runFake(words, { answer, terminal: true })
    expect(ran.asked).toEqual([
      {
        method: 'POST',
        path: '/api/v1/prices/learned/2026-10/accept',
        body: { reason: 'agreed' },
      },
    ])
    expect(ran.out).toContain('in force by price book b-9: added 12, changed 0, removed 0')
    expect(ran.notes).toContain('worker-1')
  })

  it('lists what was learned', async () => {
    const support = { rates: 1, lines: 748, usd: '1791.2' }
    const kept = { document_id: 'd1b2c3', created_by: 'ann' }
    const item = { period: '2026-10', state: 'proposed', ...support, ...kept }
    const answer = (): Response => Response.json({ items: [item] })
    const ran = await runFake(['prices', 'learned'], { answer, terminal: true })
    expect(ran.out).toMatch(/2026-10 +proposed +1 +748 +1791.2 +- +ann +- +- +d1b2c3\n/)
    const again = (): Response => Response.json(PROPOSAL)
    const one = await runFake(['prices', 'learned', '2026-10'], { answer: again, terminal: true })
    expect(one.asked[0]?.path).toBe('/api/v1/prices/learned/2026-10')
    expect(one.out).toMatch(/input +2.97 +3.3 +744/)
    expect(one.notes).toContain('748 lines read, USD 1791.2.')
  })
})

describe('prices capacity', () => {
  const words = ['prices', 'capacity', '--period', '2026-10', '--bill', 'a.csv']
  const files = { 'a.csv': HEADER + BEDROCK }
  const answer = (): Response => Response.json(CAPACITY)

  it('sends the bill and what the capacity can take', async () => {
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc'
    const flags = ['--by', 'application', '--split', 'apart', '--tokens-per-minute', `${arn}=40000`]
    const ran = await runFake([...words, ...flags], { answer, files })
    expect(ran.asked).toMatchObject([
      {
        path: '/api/v1/prices/capacity',
        body: {
          period: '2026-10',
          by: 'application',
          split: 'apart',
          tokens_per_minute: { [arn]: 40_000 },
        },
      },
    ])
    const wrong = await runFake([...words, '--tokens-per-minute', `${arn}=many`], { answer, files })
    expect(wrong).toMatchObject({ exitCode: EXIT.usage, asked: [] })
  })

  it('shows use and idle side by side, and rows that add up to the bill', async () => {
    const ran = await runFake(words, { answer, files, terminal: true })
    expect(ran.out).toContain('500 of 744 hours used, utilisation 0.672 (capacity unknown')
    expect(ran.out).toMatch(
      /search +90,000 +900000000 +20161.29 +5000 +25161.29 +22.40\d+ +27.9\d+/,
    )
    expect(ran.out).toMatch(/\(idle\) .*4838.71 +4838.71/)
    expect(ran.notes).toContain('lab used arn:x in 3 calls; the bill has no line for it')
    const csv = await runFake([...words, '--format', 'csv'], { answer, files })
    const rows = csv.out.trimEnd().split('\n').slice(1)
    expect(rows.map((row) => row.split(',')[8])).toEqual(['25161.29', '4838.71'])
  })
})
