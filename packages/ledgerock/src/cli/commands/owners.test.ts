import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake, type Asked } from '../testing/fake-terminal.ts'

const owner = {
  owner_id: 'o/1',
  match: 'arn:aws:sts::*:assumed-role/search-api/*',
  set: { team: 'search', application: 'api' },
  from: '2026-10-14T00:00:00.000Z',
  to: null,
  source: 'api',
}
const ofKey = { ...owner, owner_id: 'file:0', match: { key_name: 'owned-*' }, source: 'file' }
const answer = ({ method }: Asked): Response =>
  Response.json(
    method === 'GET' ? { items: [owner, ofKey], next_cursor: null } : { ...owner, missing: ['w2'] },
  )

describe('owners', () => {
  it('[U50] assigns a principal, an account or a key, from an instant on', async () => {
    const rest = ['--set', 'team=search,feature=x=y', '--from', '2026-10-14']
    for (const [written, match] of [
      ['arn:aws:iam::1:user/a', 'arn:aws:iam::1:user/a'],
      ['*', '*'],
      ['account=12345*', { account: '12345*' }],
      ['key_name=a=b', { key_name: 'a=b' }],
    ] as const) {
      const ran = await runFake(['owners', 'assign', '--match', written, ...rest], { answer })
      const set = { team: 'search', feature: 'x=y' }
      expect(ran.asked).toEqual([
        { method: 'POST', path: '/api/v1/owners', body: { match, set, from: '2026-10-14' } },
      ])
      expect(ran.notes).toContain('w2')
    }
  })

  it('[U50] an end and a reason go along; a person reads what was done', async () => {
    const words = ['owners', 'assign', '--match', 'account=1', '--set', 'team=a', '--from', '-7d']
    const more = ['--to', '2027-01-01', '--reason', 'moved']
    const ran = await runFake([...words, ...more], { answer, terminal: true })
    expect(ran.asked[0]?.body).toMatchObject({ to: '2027-01-01', reason: 'moved' })
    expect(ran.out).toBe('Assigned: account=1 to team=a from -7d on.\n')
  })

  it('[U50] says whose it was until now', async () => {
    const words = ['owners', 'assign', '--match', 'account=1', '--set', 'team=a', '--from', '-7d']
    const ran = await runFake(words, { answer: () => Response.json({ ...owner, ended: 'o/0' }) })
    expect(ran.notes).toBe('o/0, its owner until now, ends at -7d.\n')
  })

  it('[U50] nothing is asked where the words are wrong', async () => {
    for (const words of [
      ['--set', 'team=a', '--from', '2026-10-14'],
      ['--match', 'search', '--set', 'team=a', '--from', '2026-10-14'],
      ['--match', 'planet=mars', '--set', 'team=a', '--from', '2026-10-14'],
      ['--match', '*', '--set', 'team', '--from', '2026-10-14'],
      ['--match', '*', '--set', 'team=a'],
    ]) {
      const ran = await runFake(['owners', 'assign', ...words], { answer })
      expect([words, ran]).toMatchObject([words, { exitCode: EXIT.usage, asked: [] }])
    }
  })

  it('[U50] marks what was removed, where that is asked for', async () => {
    const gone = { ...owner, removed_at: '2026-10-20T00:00:00.000Z', removed_by: 'mia' }
    const items = [gone, { ...owner, removed_at: null, removed_by: null }]
    const ran = await runFake(['owners', 'list', '--removed'], {
      answer: () => Response.json({ items, next_cursor: null }),
      terminal: true,
    })
    const [, first, second] = ran.out.split('\n')
    expect(first).toContain('mia')
    expect(second).not.toContain('mia')
  })

  it('[U50] lists who owns what, and since when', async () => {
    const ran = await runFake(['owners', 'list'], { answer, terminal: true })
    expect(ran.out).toContain('key_name=owned-*')
    expect(ran.out).toContain('team=search,application=api')
    const all = await runFake(['owners', 'list', '--removed', '--format', 'csv'], { answer })
    expect(all.asked[0]?.path).toBe('/api/v1/owners?removed=true')
    expect(all.out).toContain('key_name=owned-*')
  })

  it('[U50] removes whole, or ends it then', async () => {
    const ran = await runFake(['owners', 'remove', 'o/1', '--reason', 'wrong'], { answer })
    expect(ran.asked).toEqual([
      { method: 'DELETE', path: '/api/v1/owners/o%2F1', body: { reason: 'wrong' } },
    ])
    const words = ['owners', 'remove', 'o/1', '--from', '2026-11-01']
    const ended = await runFake(words, { answer, terminal: true })
    expect(ended.asked[0]?.body).toEqual({ from: '2026-11-01' })
    expect(ended.out).toBe('o/1 ends at 2026-11-01.\n')
  })
})
