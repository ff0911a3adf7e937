import { describe, expect, it } from 'vitest'
import { runFake } from '../testing/fake-terminal.ts'

const minted = { token: 'lra_1_2', token_id: '1', user: 'mia', expires_at: '2027-01-01' }
const answer = (): Response => Response.json(minted, { status: 201 })

describe('tokens', () => {
  it('[U10] prints a new token once', async () => {
    const words = ['tokens', 'create', '--user', 'mia', '--expires', '90d']
    const ran = await runFake(words, { answer })
    expect(JSON.parse(ran.out)).toEqual(minted)
    const body = { user: 'mia', expires: '90d' }
    expect(ran.asked).toEqual([{ method: 'POST', path: '/api/v1/tokens', body }])
    const shown = await runFake(words, { answer, terminal: true })
    expect(shown.out).toContain('export LEDGEROCK_TOKEN=lra_1_2')
    expect(shown.out).toContain('the only time the token is shown')
    expect(shown.notes).not.toContain('lra_1_2')
  })

  it('lists tokens and revokes one', async () => {
    const token = { token_id: 'abc', user: 'mia', name: 'api', state: 'revoked' }
    const list = (): Response => Response.json({ items: [token], next_cursor: null })
    const ran = await runFake(['tokens', 'list'], { answer: list, terminal: true })
    expect(ran.out).toMatch(/abc .*mia .*revoked/)
    const revoked = await runFake(['tokens', 'revoke', 'abc'], { answer, terminal: true })
    expect(revoked.asked).toEqual([{ method: 'POST', path: '/api/v1/tokens/abc/revoke', body: {} }])
    expect(revoked.out).toBe('abc is revoked.\n')
  })
})
