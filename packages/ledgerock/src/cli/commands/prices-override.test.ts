import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake } from '../testing/fake-terminal.ts'

describe('prices override', () => {
  const answer = (): Response => Response.json({ name: 'edp', acked: [], missing: [] })
  const set = ['prices', 'override', 'set', '--name', 'edp', '--models', 'anthropic.*']

  it('sends the terms as they were given', async () => {
    const percent = await runFake(
      [...set, '--percent', '-12.5', '--account', '012345678901', '--from', '2026-10-01'],
      { answer },
    )
    expect(percent.asked).toEqual([
      {
        method: 'POST',
        path: '/api/v1/prices/overrides',
        body: {
          name: 'edp',
          account_id: '012345678901',
          models: 'anthropic.*',
          regions: '*',
          percent: '-12.5',
          from: '2026-10-01',
        },
      },
    ])
    const fixed = await runFake(
      [...set, '--price', '2.4', '--kind', 'input', '--context-above', '200000', '--tier', 'flex'],
      { answer },
    )
    expect(fixed.asked[0]?.body).toEqual({
      name: 'edp',
      models: 'anthropic.*',
      regions: '*',
      tier: 'flex',
      kind: 'input',
      price: '2.4',
      unit: 'token',
      context_above: 200_000,
    })
  })

  it('replaces one of its name only where that is said', async () => {
    const ran = await runFake([...set, '--percent', '-11', '--replace'], { answer })
    expect(ran.asked[0]?.body).toMatchObject({ name: 'edp', percent: '-11', replace: true })
    const careful = await runFake([...set, '--percent', '-11'], { answer })
    expect(careful.asked[0]?.body).not.toHaveProperty('replace')
    const help = await runFake(['prices', 'override', 'set', '--help'])
    expect(help.out).toContain('--replace')
    expect(help.out).not.toContain('must be removed first')
  })

  it.each([
    [[], 'an override has --percent or --price'],
    [['--percent', '-1', '--price', '1', '--kind', 'input'], 'one of the two'],
    [['--price', '1'], '--price needs --kind'],
    [['--percent', '-1', '--unit', 'image'], '--unit goes with --price only'],
    [['--percent', '-1', '--context-above', '5'], '--context-above goes with --price only'],
    [['--percent', '-1', '--tier', 'gold'], 'gold'],
  ])('[U3] %j is wrong usage', async (words, message) => {
    const ran = await runFake([...set, ...words], { answer })
    expect(ran).toMatchObject({ exitCode: EXIT.usage, asked: [] })
    expect(ran.notes).toContain(message)
  })

  it('lists what is in force, and who said so', async () => {
    const terms = {
      account_id: null,
      regions: '*',
      scope: null,
      tier: null,
      kind: null,
      reason: null,
    }
    const edp = {
      ...terms,
      name: 'edp',
      origin: 'file',
      models: 'anthropic.*',
      percent: '-12.5',
      from: '2026-10-01T00:00:00.000Z',
      to: null,
    }
    const fixed = {
      ...terms,
      name: 'lab',
      origin: 'api',
      account_id: '012345678901',
      models: 'amazon.nova-pro-v1:0',
      tier: 'flex',
      kind: 'input',
      price: '0.1',
      unit: 'token',
      context_above: 0,
      from: null,
      to: null,
    }
    const ran = await runFake(['prices', 'override', 'list'], {
      answer: () => Response.json({ items: [edp, fixed], next_cursor: null }),
      terminal: true,
    })
    const rows = ran.out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/))
    expect(rows[1]).toEqual([
      'edp',
      'file',
      'anthropic.*',
      'everywhere',
      '-12.5 % of list',
      'from 2026-10-01',
      '-',
    ])
    expect(rows[2]?.slice(3, 6)).toEqual([
      'account 012345678901, flex, input',
      '0.1 USD per 1M tokens',
      'always',
    ])
  })

  it('removes by name, with the reason', async () => {
    const words = ['prices', 'override', 'remove', 'e/dp', '--reason', 'over']
    const ran = await runFake(words, { answer, terminal: true })
    expect(ran.asked).toEqual([
      { method: 'DELETE', path: '/api/v1/prices/overrides/e%2Fdp', body: { reason: 'over' } },
    ])
    expect(ran.out).toBe('e/dp is removed.\n')
  })

  it('[U11] its commands explain themselves with an example', async () => {
    for (const name of ['set', 'list', 'remove']) {
      const { out, exitCode } = await runFake(['prices', 'override', name, '--help'])
      expect(out).toContain(`$ ledgerock prices override ${name}`)
      expect(exitCode).toBe(EXIT.done)
    }
  })
})
