import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake } from '../testing/fake-terminal.ts'

const LINE = {
  application: 'search-api',
  feature: 'answers',
  workflow_id: 'w',
  tenant_id: 't',
  model_id: 'm',
  basis: 'metered',
  metered_usd: '2',
  billed_usd: '3',
  list_usd: '4',
}
const MADE = {
  statement_id: 'st_1',
  version: 2,
  state: 'draft',
  lines: [LINE],
  usage_usd: '3',
  shared_usd: '1',
  adjustments_usd: '0',
  total_usd: '4',
  previous_total_usd: '5',
}
const words = ['statement', '--period', '2026-10']
const answer = (): Response => Response.json(MADE)
const pdf = (): Response => new Response(Buffer.from('%PDF-1.7 bytes'))

describe('statement', () => {
  it('[U80] asks for one owner in the format that is wanted, and prints it as it is', async () => {
    const ran = await runFake(
      [...words, '--owner', 'team=search,application=a', '--format', 'csv'],
      {
        answer: () => new Response('a,b\r\n'),
      },
    )
    expect(ran.asked.map((one) => one.path)).toEqual([
      '/api/v1/periods/2026-10/statements?owner=team%3Dsearch&owner=application%3Da&format=csv',
    ])
    expect(ran.out).toBe('a,b\r\n')
    const json = await runFake(words, { answer })
    expect(json.asked[0]?.path).toBe('/api/v1/periods/2026-10/statements?format=json')
    expect(JSON.parse(json.out)).toEqual(MADE)
  })

  it('[U80] shows a person the lines, and what they come to', async () => {
    const ran = await runFake(words, { answer, terminal: true })
    expect(ran.out).toMatch(/search-api +answers +w +t +m +metered +2 +3\n/)
    expect(ran.notes).toContain('Total USD 4; the month before USD 5.')
  })

  it('[U80] does not put bytes on a terminal, and writes them to a file whole or not at all', async () => {
    const refused = await runFake([...words, '--format', 'pdf'], { answer: pdf, terminal: true })
    expect([refused.exitCode, refused.asked]).toEqual([EXIT.usage, []])
    expect(refused.notes).toContain('--out statement.pdf')
    const piped = await runFake([...words, '--format', 'pdf'], { answer: pdf })
    expect(piped.out).toBe('%PDF-1.7 bytes')
    const folder = mkdtempSync(path.join(tmpdir(), 'ledgerock-statement-'))
    const out = path.join(folder, 'a.pdf')
    const wanted = [...words, '--format', 'pdf', '--out', out]
    const written = await runFake(wanted, { answer: pdf, terminal: true })
    expect([written.exitCode, written.out]).toEqual([EXIT.done, ''])
    expect(readFileSync(out, 'utf8')).toBe('%PDF-1.7 bytes')
    const broken = path.join(folder, 'b.pdf')
    const cut = new ReadableStream({
      pull: (controller) => controller.error(Object.assign(new Error('cut'), { code: 'ECUT' })),
    })
    const failed = await runFake([...words, '--format', 'pdf', '--out', broken], {
      answer: () => new Response(cut),
    })
    expect(failed.exitCode).toBe(EXIT.failed)
    expect(failed.notes).toContain('broke off')
    expect([existsSync(broken), existsSync(`${broken}.part`)]).toEqual([false, false])
    rmSync(folder, { recursive: true })
  })

  it('[U80] says what is refused, and that other answers are no PDF', async () => {
    const problem = { status: 404, code: 'bill_unknown', detail: 'there is no bill of 2026-10' }
    const none = await runFake(words, {
      answer: () =>
        Response.json(problem, {
          status: 404,
          headers: { 'content-type': 'application/problem+json' },
        }),
    })
    expect(none.exitCode).toBe(EXIT.failed)
    expect(none.notes).toContain('there is no bill of 2026-10')
    const keys = await runFake(['keys', 'list', '--format', 'pdf'])
    expect([keys.exitCode, keys.asked]).toEqual([EXIT.usage, []])
    expect(keys.notes).toContain('--format pdf is for statements')
  })
})
