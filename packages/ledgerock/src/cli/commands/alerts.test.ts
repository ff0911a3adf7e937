import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake, type Asked } from '../testing/fake-terminal.ts'

const alert = {
  alert_id: 'a/1',
  status: 'firing',
  severity: 'warning',
  scope: { team: ['search'] },
  message: 'Budget small has used 83 %\u001b[31m',
  fired_at: '2026-10-14T12:00:00.000Z',
}
const sink = {
  name: 'ops',
  type: 'webhook',
  target: 'hooks.example.com',
  pending: 2,
  last_delivered_at: null,
  last_error: 'timeout: hooks.example.com did not answer in time',
}
const answer = ({ method, path }: Asked): Response => {
  if (path.startsWith('/api/v1/alert-sinks/')) {
    const delivered = path.includes('/ops/')
    return Response.json({ sink: 'x', delivered, detail: delivered ? null : 'it is shut' })
  }
  if (method !== 'GET') return Response.json(alert)
  const items = path.startsWith('/api/v1/alert-sinks') ? [sink] : [alert]
  return Response.json({ items, next_cursor: path.startsWith('/api/v1/alerts') ? 'c1' : null })
}

describe('alerts', () => {
  it('[U20] lists what fires, without letting it draw on the terminal', async () => {
    const ran = await runFake(['alerts', 'list', '--status', 'firing'], { answer, terminal: true })
    expect(ran.asked).toMatchObject([{ method: 'GET', path: '/api/v1/alerts?status=firing' }])
    expect(ran.out).toContain('team=search')
    expect(ran.out).not.toContain('\u001b[31m')
    expect(ran.notes).toContain('--cursor c1')
    const json = await runFake(['alerts', 'list'], { answer })
    expect(JSON.parse(json.out)).toMatchObject({ items: [{ alert_id: 'a/1' }] })
  })

  it('[U20] shows who can be told, and what is in the way', async () => {
    const ran = await runFake(['alerts', 'sinks'], { answer, terminal: true })
    expect(ran.out).toMatch(/ops +webhook +hooks\.example\.com +2/)
    expect(ran.out).toContain('did not answer in time')
  })

  it('[U20] a test that is not taken fails, and says why', async () => {
    const taken = await runFake(['alerts', 'test', 'ops'], { answer, terminal: true })
    expect([taken.exitCode, taken.out]).toEqual([EXIT.done, 'ops took it.\n'])
    const refused = await runFake(['alerts', 'test', 'other'], { answer })
    expect(refused.exitCode).toBe(EXIT.failed)
    expect(refused.notes).toContain('it is shut')
  })

  it('[U20] acknowledges and mutes by id', async () => {
    const acked = await runFake(['alerts', 'ack', 'a/1'], { answer })
    const muted = await runFake(['alerts', 'mute', 'a/1', '--until', '4h'], { answer })
    expect([acked.asked[0], muted.asked[0]]).toMatchObject([
      { method: 'POST', path: '/api/v1/alerts/a%2F1/acknowledge' },
      { method: 'POST', path: '/api/v1/alerts/a%2F1/mute', body: { until: '4h' } },
    ])
    expect((await runFake(['alerts', 'mute', 'a/1'], { answer })).exitCode).toBe(EXIT.usage)
  })
})
