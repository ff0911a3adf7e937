import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { NOW, startControlPlane, type ControlPlane } from './testing/control-plane.ts'

let plane: ControlPlane
beforeEach(async () => {
  plane = await startControlPlane()
})
afterEach(() => plane.stop())

type Page = { readonly items: readonly Record<string, unknown>[]; readonly next_cursor: string }
const trail = async (query = ''): Promise<Page> =>
  (await (await plane.get(`/api/v1/audit-trail${query}`)).json()) as Page
const seqs = async (query: string) => (await trail(query)).items.map(({ seq }) => seq)

async function history(): Promise<void> {
  const scope = { team: 'search' }
  const mia = { name: 'mia', role: 'viewer', scope, reason: 'joined the team' }
  await plane.send('POST', '/api/v1/users', mia)
  plane.advance(1_000)
  await plane.send('POST', '/api/v1/tokens', { user: 'mia' })
  plane.advance(1_000)
  await plane.send('POST', '/api/v1/users/mia/disable', { reason: 'left' })
}

describe('GET audit-trail', () => {
  beforeEach(history)

  it('[C47] shows who did what to whom, before, after and why, newest first', async () => {
    const { items, next_cursor } = await trail()
    expect(next_cursor).toBeNull()
    const facts = { role: 'viewer', scope: { team: ['search'] } }
    expect(items).toMatchObject([
      {
        seq: 4,
        at: '2026-10-14T12:00:02.000Z',
        actor: 'admin',
        action: 'user.disable',
        subject: 'mia',
        before: { ...facts, disabled_at: null },
        after: { ...facts, disabled_at: '2026-10-14T12:00:02.000Z' },
        reason: 'left',
      },
      { seq: 3, action: 'token.create', subject: 'mia', reason: null },
      { seq: 2, action: 'user.create', before: null, reason: 'joined the team', at: NOW },
      { seq: 1, actor: 'system', action: 'token.create', subject: 'admin' },
    ])
    for (const [index, { previous_hash }] of items.slice(0, -1).entries()) {
      expect(previous_hash).toBe(items[index + 1]?.['hash'])
    }
  })

  it('[C47] is filtered by time, actor, action and subject, and read in pages', async () => {
    expect(await seqs('?actor=system')).toEqual([1])
    expect(await seqs('?action=token.create')).toEqual([3, 1])
    expect(await seqs('?subject=mia&actor=admin')).toEqual([4, 3, 2])
    expect(await seqs('?from=2026-10-14T12:00:01Z')).toEqual([4, 3])
    expect(await seqs('?to=2026-10-14T12:00:01Z')).toEqual([2, 1])
    expect(await seqs('?actor=nobody')).toEqual([])
    const first = await trail('?limit=2')
    expect(first.items.map(({ seq }) => seq)).toEqual([4, 3])
    const second = await trail(`?limit=2&cursor=${first.next_cursor}`)
    expect(second).toMatchObject({ items: [{ seq: 2 }, { seq: 1 }], next_cursor: null })
  })

  it('[C47] names every fault of a question', async () => {
    const answer = await plane.get(
      '/api/v1/audit-trail?who=x&limit=0&cursor=x&from=then&actor=a&actor=b',
    )
    const { errors } = (await answer.json()) as { errors: readonly { path: string }[] }
    expect(answer.status).toBe(400)
    expect(errors.map(({ path }) => path).toSorted()).toEqual([
      'actor',
      'cursor',
      'from',
      'limit',
      'who',
    ])
  })
})
