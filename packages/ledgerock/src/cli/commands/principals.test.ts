import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake, type Asked } from '../testing/fake-terminal.ts'

const row = (principal: string, codes: readonly string[] = []) => ({
  principal,
  class: 'iam_user',
  owner: { team: 'search', application: 'api' },
  via: 'direct',
  billed_usd: '12.5',
  metered_usd: '0',
  last_use: '2026-10-14T12:00:00.000Z',
  findings: codes.map((code) => ({ code, fix: `mend ${code}`, usd: '12.5' })),
})
const pages = ({ path }: Asked): Response => {
  const isSecond = path.includes('cursor=')
  const items = isSecond ? [row('', ['unowned'])] : [row('arn:a', ['untagged', 'unowned'])]
  return Response.json({ items, next_cursor: isSecond ? null : 'after:arn:a', left_out: 0 })
}

describe('principals', () => {
  it('[U51] asks page by page, and gives a program all of them as one answer', async () => {
    const ran = await runFake(['principals', '--from', '-7d', '--finding', 'unowned'], {
      answer: pages,
    })
    expect(ran.asked.map(({ path }) => path)).toEqual([
      '/api/v1/principals?from=-7d&finding=unowned&limit=1000',
      '/api/v1/principals?from=-7d&finding=unowned&limit=1000&cursor=after%3Aarn%3Aa',
    ])
    const body = JSON.parse(ran.out) as { items: unknown[]; next_cursor: unknown }
    expect(body.items).toHaveLength(2)
    expect(body.next_cursor).toBeNull()
  })

  it('[U51] takes no more than it was asked for, and says where to go on', async () => {
    const ran = await runFake(['principals', '--limit', '1'], { answer: pages })
    expect(ran.asked).toHaveLength(1)
    expect(JSON.parse(ran.out)).toMatchObject({ next_cursor: 'after:arn:a' })
  })

  it('[U51] shows a person the owner and the findings, and each fix once', async () => {
    const ran = await runFake(['principals'], { answer: pages, terminal: true })
    expect(ran.out).toContain('(nobody is named)')
    expect(ran.out).toContain('team=search,application=api')
    expect(ran.out).toContain('untagged unowned')
    expect(ran.notes.split('unowned: mend unowned')).toHaveLength(2)
    const none = () => Response.json({ items: [], next_cursor: null, left_out: 3 })
    const empty = await runFake(['principals'], { answer: none, terminal: true })
    expect(empty.notes).toContain('Nobody called')
    expect(empty.notes).toContain('3 more callers')
  })

  it('[U51] knows the classes and findings there are', async () => {
    for (const words of [
      ['--finding', 'bypass'],
      ['--class', 'robot'],
    ]) {
      const ran = await runFake(['principals', ...words], { answer: pages })
      expect(ran).toMatchObject({ exitCode: EXIT.usage, asked: [] })
    }
    const csv = await runFake(['principals', '--class', 'empty', '--format', 'csv'], {
      answer: pages,
    })
    expect(csv.out.split('\n')[1]).toContain('untagged unowned')
  })
})
