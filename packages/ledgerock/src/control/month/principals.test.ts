import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GATEWAY, line, ROLE } from '../../reconciliation/testing/small-books.ts'
import { fakeBill } from '../testing/fake-month.ts'
import { seenCaller } from '../testing/fake-principals.ts'
import { startControlPlane, type ControlPlane } from '../testing/control-plane.ts'
import { createPerson, firstAdmin, itemsOf, type Answer, type Person } from '../testing/people.ts'

const USER = 'arn:aws:iam::222233334444:user/alice'
const TAGGED = { tags: { 'iamPrincipal/team': 'search' } }
const OCTOBER = 'from=2026-10-01&to=2026-11-01'

let plane: ControlPlane
let admin: Person
beforeEach(async () => {
  plane = await startControlPlane()
  admin = firstAdmin(plane)
  plane.bill.billing.gatewayPrincipals = ['*:assumed-role/gateway/*']
  plane.bill.month.bills = [
    fakeBill([
      line(1, 100, { principal: ROLE, ...TAGGED }),
      line(2, 900, { principal: GATEWAY }),
      line(3, 10, { principal: '' }),
      line(4, 5, { principal: ROLE, thing: 'tax' }),
    ]),
  ]
  plane.seenCallers.items = [
    seenCaller({
      principal: USER,
      billed_principal: GATEWAY,
      environments: ['prod', 'unknown'],
      usd: '0.00005',
      teams: [{ team: 'research', tokens: 5, calls: 1 }],
    }),
  ]
})
afterEach(() => plane.stop())

const ask = (query = '', who = admin): Promise<Answer> => who.get(`principals?${OCTOBER}${query}`)
const namesOf = (answer: Answer): readonly unknown[] =>
  itemsOf(answer).map(({ principal }) => principal)

describe('principals', () => {
  it('[C244] are all callers of bill and ledger, the dearest first, with what is to be mended', async () => {
    const answer = await ask()
    expect(answer.status).toBe(200)
    expect(namesOf(answer)).toEqual([GATEWAY, ROLE, USER, ''])
    const [gateway, role, user, nobody] = itemsOf(answer)
    expect(gateway).toMatchObject({
      class: 'role_session',
      via: 'gateway',
      billed_usd: '0.0009',
      metered_usd: '0.00005',
      findings: [{ code: 'gateway_without_sessions', usd: '0.0009' }],
    })
    // Its tax is nobody's call.
    expect(role).toMatchObject({
      class: 'role_session',
      account_id: '222233334444',
      owner: { team: 'search' },
      told_by: 'principal_tag',
      tags: TAGGED.tags,
      via: 'direct',
      billed_usd: '0.0001',
      first_use: '2026-10-01T01:00:00.000Z',
      last_use: '2026-10-01T02:00:00.000Z',
      findings: [],
    })
    expect(user).toMatchObject({
      class: 'iam_user',
      owner: { team: 'research' },
      told_by: 'metered',
      environments: ['prod'],
      via: 'gateway',
      billed_usd: '0',
      findings: [
        { code: 'iam_user_in_production', usd: '0.00005', since: '2026-10-01T01:00:00.000Z' },
      ],
    })
    expect(nobody).toMatchObject({ class: 'empty', owner: {}, findings: [{ code: 'unowned' }] })
  })

  it('[C244] have the time line of their owner, assigned ones from the next answer on', async () => {
    await ask()
    const body = { match: USER, set: { team: 'a' }, from: '2026-10-01' }
    await admin.send('POST', 'owners', body)
    await admin.send('POST', 'owners', { ...body, set: { team: 'b' }, from: '2026-10-14' })
    const user = itemsOf(await ask()).find(({ principal }) => principal === USER)
    expect(user?.['owners']).toEqual([
      { owner: { team: 'a' }, from: '2026-10-01T00:00:00.000Z', to: '2026-10-14T00:00:00.000Z' },
      { owner: { team: 'b' }, from: '2026-10-14T00:00:00.000Z', to: null },
    ])
  })

  it('[C244] are filtered by class and finding, and come page by page from one look', async () => {
    expect(namesOf(await ask('&class=iam_user'))).toEqual([USER])
    expect(namesOf(await ask('&finding=unowned'))).toEqual([''])
    expect(namesOf(await ask('&finding=shared_role'))).toEqual([])
    const names: unknown[] = []
    let cursor = ''
    do {
      const answer = await ask(`&limit=1${cursor}`)
      names.push(...namesOf(answer))
      const next = answer.body['next_cursor'] as string | null
      cursor = next === null ? '' : `&cursor=${encodeURIComponent(next)}`
    } while (cursor !== '')
    expect(names).toEqual([GATEWAY, ROLE, USER, ''])
    expect(plane.seenCallers.asked).toBe(1)
    plane.advance(60_000)
    await ask()
    expect(plane.seenCallers.asked).toBe(2)
  })

  it('[C245] a lead and a viewer see those whose owner lies within the scope, and nothing of the others', async () => {
    plane.seenCallers.leftOut = 7
    const body = { match: USER, from: '2026-10-01' }
    await admin.send('POST', 'owners', { ...body, set: { team: 'search' } })
    const moved = { ...body, set: { team: 'research' }, from: '2026-10-14' }
    await admin.send('POST', 'owners', moved)
    expect((await ask()).body['left_out']).toBe(7)
    for (const role of ['lead', 'viewer'] as const) {
      const person = await createPerson(plane, `the-${role}`, role, { team: 'research' })
      const answer = await ask('', person)
      expect(namesOf(answer)).toEqual([USER])
      expect(answer.body['left_out']).toBe(0)
      expect(itemsOf(answer)[0]?.['owners']).toMatchObject([{ owner: { team: 'research' } }])
      expect(JSON.stringify(answer.body)).not.toContain(':"search"')
    }
    const finance = await createPerson(plane, 'fay', 'finance')
    expect(namesOf(await ask('', finance))).toHaveLength(4)
  })

  it('[C244] of a month without a bill are those of the ledger; of days, the lines of those days', async () => {
    const november = await admin.get('principals?from=2026-11-01&to=2026-12-01')
    expect(namesOf(november)).toEqual([USER, GATEWAY].toSorted())
    const late = await admin.get('principals?from=2026-10-05&to=2026-10-06')
    expect(namesOf(late)).toEqual([USER, GATEWAY].toSorted())
  })

  it('[C244] a bill that cannot be read now is asked again by the next one', async () => {
    plane.bill.month.onCells = () => {
      throw new Error('the store is down')
    }
    expect((await ask()).status).toBe(500)
    plane.bill.month.onCells = () => {}
    expect((await ask()).status).toBe(200)
  })

  it.each([
    ['&class=robot', 'class'],
    ['&finding=bypass', 'finding'],
    ['&cursor=x', 'cursor'],
    ['&cursor=after:nobody', 'cursor'],
    ['&limit=0', 'limit'],
    ['&planet=mars', 'planet'],
  ])('[C244] %s is refused', async (query, path) => {
    const answer = await ask(query)
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    expect(answer.body['errors']).toMatchObject([{ path }])
  })

  it('[C244] more than thirteen months are refused', async () => {
    const answer = await admin.get('principals?from=2025-01-01&to=2026-11-01')
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'from' }] } })
  })
})
