import { describe, expect, it } from 'vitest'
import { EXIT } from '../exit-code.ts'
import { runFake } from '../testing/fake-terminal.ts'

const month = {
  period: '2026-10',
  state: 'closed',
  bill_version: 3,
  bills: [],
  closes_after: '2026-11-06T00:00:00.000Z',
  closed_at: '2026-11-07T00:00:00.000Z',
  closed_by: 'fin',
  closings: [{ number: 1, sha256: 'abc123' }],
  reopening: { state: 'pending', asked_by: 'mia' },
  waiting: true,
}
const answer = (): Response => Response.json(month)

describe('period', () => {
  it('lists months with what is to be done about them', async () => {
    const open = { ...month, period: '2026-11', state: 'open', closings: [], reopening: null }
    const page = (): Response =>
      Response.json({ items: [{ ...open, waiting: false }, month], next_cursor: null })
    const ran = await runFake(['period', 'list'], { answer: page, terminal: true })
    expect(ran.asked).toMatchObject([{ method: 'GET', path: '/api/v1/periods' }])
    expect(ran.out).toMatch(/2026-11 +open .*2026-11-06T00/)
    expect(ran.out).toMatch(/2026-10 +closed .*fin .*mia asks to reopen it; adjustments wait/)
    expect(ran.out).not.toMatch(/2026-10.*2026-11-06T00/)
  })

  it('[U17] closes, asks, approves and denies by month', async () => {
    const path = '/api/v1/periods/2026%2F10'
    const routes = [
      ['close', 'close'],
      ['approve', 'reopen/approve'],
      ['deny', 'reopen/deny'],
      ['approve-adjustments', 'adjustments/approve'],
    ] as const
    for (const [word, route] of routes) {
      const ran = await runFake(['period', word, '2026/10', '--reason', 'ok'], { answer })
      expect(ran.asked).toEqual([
        { method: 'POST', path: `${path}/${route}`, body: { reason: 'ok' } },
      ])
      const bare = await runFake(['period', word, '2026/10'], { answer })
      expect(bare.asked[0]?.body).toEqual({})
    }
    const asked = await runFake(['period', 'reopen', '2026-10', '--reason', 'wrong'], {
      answer,
      terminal: true,
    })
    expect(asked.asked[0]).toMatchObject({ body: { reason: 'wrong' } })
    expect(asked.out).toContain('ledgerock period approve 2026-10')
    expect(await runFake(['period', 'reopen', '2026-10'])).toMatchObject({
      exitCode: EXIT.usage,
      asked: [],
    })
    const closed = await runFake(['period', 'close', '2026-10'], { answer, terminal: true })
    expect(closed.out).toBe('2026-10 is closed: number 1, sha256 abc123.\n')
  })

  it('shows adjustments, and how to approve what waits', async () => {
    const row = {
      adjustment_id: 'a-1',
      charge_period: '2026-10',
      posted_in: '2026-11',
      owner: { team: 'search' },
      model_id: 'amazon.nova-pro-v1:0',
      basis: 'metered',
      pool: '',
      usd: '-1.5',
      reason: 'late_delivery',
      at: '2026-11-09T00:00:00.000Z',
    }
    const waiting = { moved_usd: '30', bill_usd: '100' }
    const list = (): Response =>
      Response.json({ period: '2026-10', items: [row], total_usd: '-1.5', waiting })
    const words = ['period', 'adjustments', '2026-10']
    const ran = await runFake(words, { answer: list, terminal: true })
    expect(ran.asked).toMatchObject([
      { method: 'GET', path: '/api/v1/periods/2026-10/adjustments' },
    ])
    expect(ran.out).toMatch(/2026-10 +2026-11 +team=search .*-1\.5 .*late_delivery/)
    expect(ran.notes).toContain('30 USD of 100 would move')
    expect(ran.notes).toContain('ledgerock period approve-adjustments 2026-10')
    const adjusted = await runFake(['period', 'adjust', '2026-10'], {
      answer: list,
      terminal: true,
    })
    expect(adjusted.asked).toMatchObject([
      { method: 'POST', path: '/api/v1/periods/2026-10/adjustments' },
    ])
    expect(adjusted.out).toContain('-1.5 USD. 30 USD more wait for approval.')
    const json = await runFake([...words, '--format', 'json'], { answer: list })
    expect(JSON.parse(json.out)).toMatchObject({ items: [row], waiting })
  })
})
