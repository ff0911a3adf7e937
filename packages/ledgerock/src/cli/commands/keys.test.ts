import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake, type Asked } from '../testing/fake-terminal.ts'

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

  it('[U10] a reason goes along', async () => {
    const why = ['--reason', 'it leaked']
    for (const words of [
      ['create', '--name', 'a'],
      ['rotate', 'a'],
      ['revoke', 'a'],
    ]) {
      const ran = await runFake(['keys', ...words, ...why], { answer: minted })
      expect(ran.asked[0]?.body).toMatchObject({ reason: 'it leaked' })
    }
  })

  it('[U10] shows a key also where it could not be published, and says that', async () => {
    const half = () => Response.json({ key: 'lrk_1_2', missing: [], not_published: 'disk full' })
    const ran = await runFake(['keys', 'create', '--name', 'a'], { answer: half })
    expect(ran.out).toContain('lrk_1_2')
    expect(ran.notes).toContain('disk full')
    expect(ran.notes).not.toContain('lrk_1_2')
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

  it('[U10] asks for a pair only where it is wanted, and shows how to use it', async () => {
    const pair = { access_key_id: 'LRKAX', secret_access_key: 'sec' }
    const answer = (): Response => Response.json({ name: 'a', key: 'lrk_1_2', bind: {}, ...pair })
    const words = ['keys', 'create', '--name', 'a', '--sigv4']
    const shown = await runFake(words, { answer, terminal: true })
    expect(shown.asked[0]?.body).toEqual({ name: 'a', bind: {}, sigv4: true })
    expect(shown.out).toContain('export AWS_BEARER_TOKEN_BEDROCK=lrk_1_2')
    expect(shown.out).toContain('export AWS_ACCESS_KEY_ID=LRKAX')
    expect(shown.out).toContain('export AWS_SECRET_ACCESS_KEY=sec')
    const read = await runFake(words, { answer })
    expect(JSON.parse(read.out)).toMatchObject(pair)
    const plain = await runFake(['keys', 'create', '--name', 'a'], {
      answer: minted,
      terminal: true,
    })
    expect(plain.asked[0]?.body).toEqual({ name: 'a', bind: {} })
    expect(plain.out).not.toContain('AWS_ACCESS_KEY_ID')
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
