import type { CallRecord } from '@ledgerock/contract'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatUsd, parseUsd } from '../kernel/money.ts'
import { mustOk } from '../kernel/result.ts'
import { MS_PER_HOUR } from '../kernel/time.ts'
import { correctionOf, entryOf, type LedgerEntry } from './entry.ts'
import type { MeteredUseRow, PrincipalSeen } from './metered-use.ts'
import type { LedgerStore } from './store.ts'
import { arbitraryRecord } from './testing/arbitrary-record.ts'
import { monthBatches } from './testing/month-batches.ts'
import { inOneOrder, naiveMetered, naivePrincipals } from './testing/naive-metered.ts'
import { openRoom, ROOM_KINDS, TEST_DIMENSIONS, type Room } from './testing/store-rooms.ts'

const FROM = Date.parse('2026-10-30T00:00:00Z')
const TO = Date.parse('2026-11-02T00:00:00Z')
const CALLS = 200

const SORTS: Readonly<Record<string, string>> = {
  'rate-input-long': 'long_context',
  'rate-images': "up to 1024x1024 'fine'",
}
const sortOfRate = (rateId: string): string => SORTS[rateId] ?? ''

const SESSIONS = ['a', 'b', 'c'].map((name) => `arn:aws:sts::111122223333:assumed-role/gw/${name}`)
const PRINCIPALS = [
  ...SESSIONS,
  'arn:aws:sts::111122223333:assumed-role/gw-2/a',
  'arn:aws:iam::111122223333:user/gw',
  null,
]

/** A few hours only, so that calls meet. */
const hours = fc.constantFrom(FROM, FROM + 25 * MS_PER_HOUR, FROM + 47 * MS_PER_HOUR, TO - 1)
const drawn = fc
  .record({
    record: arbitraryRecord({ fromMs: FROM, toMs: TO, dimensions: TEST_DIMENSIONS }),
    startedMs: hours,
    isLong: fc.boolean(),
    isTeamed: fc.boolean(),
    principal_arn: fc.constantFrom(...PRINCIPALS),
    billed_principal_arn: fc.constantFrom(...PRINCIPALS),
  })
  .map(({ record, startedMs, isLong, isTeamed, ...who }): CallRecord => {
    const charges = record.charges.map((charge) =>
      isLong && charge.kind === 'input' ? { ...charge, rate_id: 'rate-input-long' } : charge,
    )
    const few = Object.fromEntries(TEST_DIMENSIONS.map((name) => [name, 'unknown']))
    return {
      ...record,
      ...who,
      charges,
      dimensions: isTeamed ? record.dimensions : { ...few, user_id: 'u', team: 'search' },
      started_at: new Date(startedMs).toISOString(),
      ended_at: new Date(startedMs + 5).toISOString(),
    }
  })

type Books = { readonly entries: readonly LedgerEntry[]; readonly inForce: readonly CallRecord[] }

/** Some calls are corrected, to anything that a call can be; even to another hour of their month. */
function books(seed: number): Books {
  const pairs = fc.sample(fc.tuple(drawn, drawn, fc.nat(3)), { numRuns: CALLS, seed })
  const seen = new Set<string>()
  const entries: LedgerEntry[] = []
  const inForce: CallRecord[] = []
  for (const [first, second, chance] of pairs) {
    if (seen.has(first.call_id)) continue
    seen.add(first.call_id)
    const isSameMonth = first.started_at.slice(0, 7) === second.started_at.slice(0, 7)
    const corrected = { ...second, call_id: first.call_id, version: 2, corrects: 'evidence' }
    entries.push(entryOf(first))
    if (chance === 0 && isSameMonth) entries.push(...correctionOf(first, corrected))
    inForce.push(chance === 0 && isSameMonth ? corrected : first)
  }
  return { entries, inForce }
}

describe.each(ROOM_KINDS)('what was metered, in the %s store', (kind) => {
  let room: Room
  let store: LedgerStore
  const { entries, inForce } = books(kind === 'embedded' ? 41 : 42)

  beforeAll(async () => {
    room = await openRoom(kind)
    store = await room.open({ sortOfRate })
    for (const batch of monthBatches(entries, 'm')) await store.insertBatch(batch)
  })
  afterAll(async () => {
    await store.close()
    await room.close()
  })

  async function asked(fromMs: number, toMs: number, limit: number): Promise<MeteredUseRow[]> {
    const items: MeteredUseRow[] = []
    let cursor: string | null = null
    do {
      const page = await store.meteredUse({ fromMs, toMs, cursor, limit })
      expect(page.items.length).toBeLessThanOrEqual(limit)
      items.push(...page.items)
      cursor = page.next_cursor
    } while (cursor !== null)
    return items
  }
  const between = (fromMs: number, toMs: number): readonly CallRecord[] =>
    inForce.filter(({ started_at }) => {
      const ms = Date.parse(started_at)
      return ms >= fromMs && ms < toMs
    })

  it('[L40] is the plain sum over the calls in force that were sent upstream, by cell, hour and owner', async () => {
    const rows = await asked(FROM, TO, 50_000)
    expect(inOneOrder(rows)).toEqual(inOneOrder(naiveMetered(inForce, sortOfRate)))
    expect(new Set(rows.map(({ sort }) => sort))).toEqual(new Set(['', ...Object.values(SORTS)]))
    expect(rows.some(({ usd, tokens }) => usd === null && tokens > 0)).toBe(true)
    expect(rows.some(({ owner }) => Object.keys(owner).join() === 'team')).toBe(true)
  })

  it('[L40] adds up to what is spent', async () => {
    const rows = await asked(FROM, TO, 50_000)
    const digits = (texts: readonly (string | null)[]): bigint =>
      texts.reduce((sum, text) => sum + (text === null ? 0n : mustOk(parseUsd(text))), 0n)
    const sent = inForce.filter(({ status }) => status !== 'refused')
    expect(digits(rows.map(({ usd }) => usd))).toBe(digits(sent.map(({ cost_usd }) => cost_usd)))
  })

  it('[L41] comes in pages that are the same rows in the same order, whatever their length', async () => {
    const whole = await asked(FROM, TO, 50_000)
    for (const limit of [40, 333]) expect(await asked(FROM, TO, limit)).toEqual(whole)
    const oneHour = FROM + MS_PER_HOUR
    const same = whole.filter(({ hour }) => Date.parse(hour) < oneHour)
    expect(await asked(FROM, oneHour, same.length)).toEqual(same)
    const orders = whole.map(({ hour }) => hour)
    expect(orders).toEqual(orders.toSorted())
  })

  it('[L40] begins and ends where it is asked to', async () => {
    const [from, to] = [FROM + 1, TO - 1]
    expect(inOneOrder(await asked(from, to, 500))).toEqual(
      inOneOrder(naiveMetered(between(from, to), sortOfRate)),
    )
    expect(await asked(FROM, FROM, 50)).toEqual([])
    expect(await asked(0, FROM, 50)).toEqual([])
  })

  it('[L18] refuses a cursor it did not give and a stretch that ends before it begins', async () => {
    const place = { fromMs: FROM, toMs: TO, limit: 10 }
    for (const cursor of ['x', Buffer.from('[1,"a"]').toString('base64url')]) {
      await expect(store.meteredUse({ ...place, cursor })).rejects.toMatchObject({
        code: 'invalid_question',
      })
    }
    await expect(store.principalsSeen({ fromMs: TO, toMs: FROM })).rejects.toMatchObject({
      code: 'invalid_question',
    })
  })

  it('[L42] knows every caller with what it used, when, by which keys and for which teams', async () => {
    const { items, left_out } = await store.principalsSeen({ fromMs: FROM, toMs: TO })
    const plain = items.map(({ sessions: _own, billed_sessions: _billed, ...rest }) => ({
      ...rest,
      usd: formatUsd(mustOk(parseUsd(rest.usd))),
    }))
    const byKey = (rows: readonly Omit<PrincipalSeen, 'sessions' | 'billed_sessions'>[]) =>
      rows.toSorted((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1))
    const expected = naivePrincipals(inForce)
    expect(byKey(plain)).toEqual(byKey(expected))
    expect(left_out).toBe(0)
    const tokens = items.map((item) => item.tokens)
    expect(tokens).toEqual(tokens.toSorted((left, right) => right - left))
  })

  it('[L42] counts the sessions of a role, and none where the caller is no session', async () => {
    const { items } = await store.principalsSeen({ fromMs: FROM, toMs: TO })
    const counts = (of: (seen: PrincipalSeen) => readonly [string, number]) =>
      new Map(items.map(of))
    for (const found of [
      counts(({ principal, sessions }) => [principal, sessions]),
      counts(({ billed_principal, billed_sessions }) => [billed_principal, billed_sessions]),
    ]) {
      expect(found).toEqual(
        new Map([
          ['', 0],
          ['arn:aws:iam::111122223333:user/gw', 0],
          ['arn:aws:sts::111122223333:assumed-role/gw-2/a', 1],
          ...SESSIONS.map((session) => [session, 3] as const),
        ]),
      )
    }
  })
})
