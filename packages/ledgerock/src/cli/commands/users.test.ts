import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake } from '../testing/fake-terminal.ts'

const user = { name: 'mia', role: 'lead', scope: { team: ['search', 'support'] } }
const answer = (): Response => Response.json(user, { status: 201 })

describe('users', () => {
  it('[U2] asks for a user with a scope of several values and dimensions', async () => {
    const words = ['users', 'create', '--name', 'mia', '--role', 'lead', '--reason', 'joined']
    const scope = ['--scope', 'team=search, support', '--scope', String.raw`feature=a\,b=c`]
    const ran = await runFake([...words, ...scope], { answer })
    expect(JSON.parse(ran.out)).toEqual(user)
    expect(ran.asked).toEqual([
      {
        method: 'POST',
        path: '/api/v1/users',
        body: {
          name: 'mia',
          role: 'lead',
          scope: { team: ['search', 'support'], feature: ['a,b=c'] },
          reason: 'joined',
        },
      },
    ])
    const shown = await runFake([...words, ...scope], { answer, terminal: true })
    expect(shown.out).toContain('sees team=search,support')
    const whole = await runFake(['users', 'create', '--name', 'joe', '--role', 'finance'])
    expect(whole.asked[0]?.body).toEqual({ name: 'joe', role: 'finance' })
  })

  it('[U3] refuses a role or a scope that is none', async () => {
    const words = ['users', 'create', '--name', 'a', '--role']
    for (const rest of [
      ['owner'],
      ['lead', '--scope', 'team'],
      ['lead', '--scope', 'team='],
      ['lead', '--scope', '=x'],
      ['lead', '--scope', 'team=a,'],
      ['lead', '--scope', 'team=a', '--scope', 'team=b'],
    ]) {
      const ran = await runFake([...words, ...rest])
      expect(ran).toMatchObject({ exitCode: EXIT.usage, asked: [] })
    }
  })

  it('lists users with what they see, and disables one', async () => {
    const list = (): Response =>
      Response.json({ items: [user, { ...user, name: 'joe', scope: null }], next_cursor: null })
    const ran = await runFake(['users', 'list'], { answer: list, terminal: true })
    expect(ran.out).toMatch(/mia .*team=search,support/)
    expect(ran.out).toMatch(/joe .*everything/)
    const words = ['users', 'disable', 'mia@x', '--reason', 'left']
    const ended = await runFake(words, { answer, terminal: true })
    expect(ended.asked).toEqual([
      { method: 'POST', path: '/api/v1/users/mia%40x/disable', body: { reason: 'left' } },
    ])
    expect(ended.out).toBe('mia@x is disabled.\n')
  })

  it('makes no link where no server runs', async () => {
    const ran = await runFake(['users', 'link', 'mia'])
    expect(ran).toMatchObject({ exitCode: EXIT.failed, asked: [] })
    expect(ran.notes).toContain('no server is running')
  })
})
