import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake, type Asked } from '../testing/fake-terminal.ts'

const pause = {
  pause_id: 'p/1',
  scope: { environment: ['prod'], team: ['search', 'support'] },
  reason: 'a loop',
  paused_at: '2026-10-14T12:00:00.000Z',
  paused_by: 'mia',
}
const everybody = { ...pause, pause_id: 'p2', scope: {} }
const done = { ...pause, acked: ['worker-1'], missing: ['worker-2'] }
const answer = ({ method }: Asked): Response =>
  Response.json(method === 'GET' ? { items: [pause, everybody], next_cursor: null } : done)

describe('pause and resume', () => {
  it('[U16] pauses a scope of several names and values, with a reason', async () => {
    const words = ['pause', 'team=search,support', String.raw`feature=a\,b`, '--reason', 'a loop']
    const ran = await runFake(words, { answer })
    const scope = { team: ['search', 'support'], feature: ['a,b'] }
    expect(ran.asked).toEqual([
      { method: 'POST', path: '/api/v1/pauses', body: { scope, reason: 'a loop' } },
    ])
    expect(JSON.parse(ran.out)).toEqual(done)
    const shown = await runFake(words, { answer, terminal: true })
    expect(shown.out).toBe(
      'Paused: team=search,support feature=a\\,b. To go on: ledgerock resume team=search,support feature=a\\,b\n',
    )
  })

  it('[U17] names the workers that did not confirm', async () => {
    for (const words of [
      ['pause', 'everybody'],
      ['resume', 'everybody'],
    ]) {
      const ran = await runFake(words, { answer })
      expect(ran.notes).toContain('worker-2')
    }
  })

  it('[U16] everybody is paused only by that word', async () => {
    const ran = await runFake(['pause', 'everybody'], { answer })
    expect(ran.asked[0]).toMatchObject({ method: 'POST', body: { scope: {} } })
    for (const words of [
      ['pause', ''],
      ['pause', 'all'],
      ['pause', 'everybody', 'team=search'],
      ['pause', 'team=search', 'everybody'],
      ['pause', 'team=search', 'team=support'],
      ['pause', 'team='],
      ['resume'],
    ]) {
      expect([words, await runFake(words, { answer })]).toMatchObject([
        words,
        { exitCode: EXIT.usage, asked: [] },
      ])
    }
  })

  it('[U16] without a scope shows what is paused', async () => {
    const ran = await runFake(['pause'], { answer, terminal: true })
    expect(ran.asked.map(({ method }) => method)).toEqual(['GET'])
    expect(ran.out).toMatch(/environment=prod team=search,support .*mia .*a loop/)
    expect(ran.out).toContain('everybody')
    const none = (): Response => Response.json({ items: [], next_cursor: null })
    const empty = await runFake(['pause'], { answer: none, terminal: true })
    expect(empty.notes).toBe('Nothing is paused.\n')
  })

  it('[U16] resumes the scope that was paused, in whatever order', async () => {
    const words = ['resume', 'team=support,search', 'environment=prod', '--reason', 'fixed']
    const ran = await runFake(words, { answer })
    expect(ran.asked[1]).toEqual({
      method: 'DELETE',
      path: '/api/v1/pauses/p%2F1',
      body: { reason: 'fixed' },
    })
    const other = await runFake(['resume', 'team=search'], { answer })
    expect(other).toMatchObject({ exitCode: EXIT.failed, out: '' })
    expect(other.asked.map(({ method }) => method)).toEqual(['GET'])
    expect(other.notes).toContain('team=search is not paused')
    expect(other.notes).toContain('ledgerock resume environment=prod team=search,support')
  })
})
