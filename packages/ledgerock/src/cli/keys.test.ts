import { describe, expect, it } from 'vitest'
import { EXIT } from './exit-code.ts'
import { runFake, type Asked } from './testing/fake-terminal.ts'

const minted = (asked: Asked): Response =>
  Response.json({
    name: 'a',
    key: 'lrk_1_2',
    bind: { team: 's' },
    missing: [],
    asked: asked.path,
  })

const halfRevoked = (): Response =>
  Response.json({ name: 'a', revoked_at: 'now', acked: [], missing: ['worker-2'] })

describe('keys', () => {
  it('[U2] prints a new key as JSON where a program reads', async () => {
    const words = [
      'keys',
      'create',
      '--name',
      'a',
      '--bind',
      'team=s,feature=x=y',
      '--expires',
      '90d',
    ]
    const ran = await runFake(words, { answer: minted })
    expect(JSON.parse(ran.out)).toMatchObject({ name: 'a', key: 'lrk_1_2', bind: { team: 's' } })
    expect(ran.asked).toEqual([
      {
        method: 'POST',
        path: '/api/v1/keys',
        body: { name: 'a', bind: { team: 's', feature: 'x=y' }, expires: '90d' },
      },
    ])
  })

  it('[U10] shows a new key to a person, once, and says so', async () => {
    const ran = await runFake(['keys', 'rotate', 'a b', '--immediately'], {
      answer: minted,
      terminal: true,
    })
    expect(ran.asked[0]).toMatchObject({
      path: '/api/v1/keys/a%20b/rotate',
      body: { immediately: true },
    })
    expect(ran.out).toContain('the only time the key is shown')
    expect(ran.notes).not.toContain('lrk_1_2')
  })

  it('names the workers that did not confirm', async () => {
    const ran = await runFake(['keys', 'revoke', 'a'], { answer: halfRevoked, terminal: true })
    expect(ran).toMatchObject({ exitCode: EXIT.done, out: 'a is revoked.\n' })
    expect(ran.notes).toBe('Not confirmed within a second by: worker-2\n')
  })

  it('lists keys with what they are bound to', async () => {
    const key = { name: 'a', state: 'active', source: 'api', bind: { team: 's', feature: 'f' } }
    const answer = (): Response => Response.json({ items: [key], next_cursor: null })
    const ran = await runFake(['keys', 'list'], { answer, terminal: true })
    expect(ran.out).toContain('team=s, feature=f')
    const json = await runFake(['keys', 'list'], { answer })
    expect(JSON.parse(json.out)).toEqual({ items: [key], next_cursor: null })
  })

  it('[U3] refuses a binding that is none', async () => {
    for (const bind of ['team', 'team=', '=x', 'team=a,team=b']) {
      const ran = await runFake(['keys', 'create', '--name', 'a', '--bind', bind])
      expect(ran).toMatchObject({ exitCode: EXIT.usage, asked: [] })
    }
  })
})
