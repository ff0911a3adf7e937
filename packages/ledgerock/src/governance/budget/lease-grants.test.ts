import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerAsk, mayFree, type AskOf, type InstanceBook } from './lease-grants.ts'
import { chargeOf, heardOf, newLease, type Lease } from './lease.ts'

const lease = (holder: string, part: Partial<Lease>): Lease => ({
  ...newLease('b@0', holder),
  ...part,
})
const book = (
  limit: bigint,
  leases: readonly Lease[],
  silent: readonly string[] = [],
): InstanceBook => ({
  limit,
  other: 0n,
  leases,
  silent: new Set(silent),
})
const ask = (part: Partial<AskOf>): AskOf => ({
  instance: 'b@0',
  holder: 'me',
  knows: 0n,
  isNew: false,
  need: 10n,
  least: 10n,
  recent: 0n,
  ...part,
})

const amount = fc.bigInt({ min: 0n, max: 300n })
const anyLease = fc.record({
  instance: fc.constantFrom('b@0', 'b@1'),
  holder: fc.constantFrom('me', 'you', 'they'),
  granted: amount,
  returned: amount,
  settled: amount,
  reserved: amount,
  bare: fc.boolean(),
  state: fc.constantFrom('open' as const, 'closed' as const, 'lost' as const),
})
const anyBook = fc.record({
  limit: fc.bigInt({ min: 1n, max: 1_000n }),
  other: fc.bigInt({ min: -100n, max: 200n }),
  leases: fc.uniqueArray(anyLease, {
    selector: (one) => `${one.instance} ${one.holder}`,
    maxLength: 6,
  }),
  silent: fc.uniqueArray(fc.constantFrom('me', 'you', 'they')).map((list) => new Set(list)),
})
const anyAsk = fc
  .record({ knows: amount, isNew: fc.boolean(), need: amount, least: amount, recent: amount })
  .map((part) => ask({ ...part, least: part.least < part.need ? part.least : part.need }))

describe('answering an ask', () => {
  it('[G26] never grants what is not left, and never takes back', () => {
    fc.assert(
      fc.property(anyBook, anyAsk, (given, asked) => {
        const { granted } = answerAsk(given, asked)
        const own = given.leases.find(
          ({ holder, instance }) => holder === 'me' && instance === 'b@0',
        )
        const before = own ?? newLease('b@0', 'me')
        const after = { ...before, granted }
        const others = given.leases.filter((one) => one !== own)
        const used = others.reduce((sum, one) => sum + chargeOf(one), given.other)
        expect(granted).toBeGreaterThanOrEqual(before.granted)
        if (chargeOf(after) > chargeOf(before))
          expect(used + chargeOf(after)).toBeLessThanOrEqual(given.limit)
      }),
    )
  })

  it('[G27] says `spent` only if nobody can give back what would serve one call', () => {
    fc.assert(
      fc.property(anyBook, anyAsk, (given, asked) => {
        const { answer, granted } = answerAsk(given, asked)
        const others = given.leases.filter((one) => one.holder !== 'me' || one.instance !== 'b@0')
        // As if everybody had given back what they may.
        const freed = others.map((one) => ({
          ...one,
          returned: one.returned + mayFree(given, one),
        }))
        const own = given.leases
          .filter((one) => !others.includes(one))
          .map((one) => ({ ...one, granted }))
        const known = own.length > 0 ? own : [{ ...newLease('b@0', 'me'), granted }]
        const again = answerAsk({ ...given, leases: [...freed, ...known] }, asked)
        if (answer === 'spent') expect(again).toMatchObject({ answer: 'spent', granted })
      }),
    )
  })

  it('[G27] says with `spent` what a smaller call could have, to the last bit', () => {
    fc.assert(
      fc.property(anyBook, anyAsk, (given, asked) => {
        const { answer, granted, left } = answerAsk(given, asked)
        fc.pre(answer === 'spent')
        const isOwn = (one: Lease) => one.holder === 'me' && one.instance === 'b@0'
        const own = given.leases.find(isOwn) ?? newLease('b@0', 'me')
        // As if everybody had given back what they may.
        const freed = given.leases
          .filter((one) => !isOwn(one))
          .map((one) => ({ ...one, returned: one.returned + mayFree(given, one) }))
        const now = { ...given, leases: [...freed, { ...own, granted }] }
        const smaller = (need: bigint) => {
          const knows = { knows: granted, isNew: false }
          return answerAsk(now, { ...asked, ...knows, need, least: need }).answer
        }
        expect(left).toBeGreaterThanOrEqual(0n)
        expect(smaller(left)).toBe('granted')
        expect(smaller(left + 1n)).toBe('spent')
      }),
      { numRuns: 500 },
    )
  })

  it('gives a slice of at most a minute’s use and a fiftieth of the limit', () => {
    expect(answerAsk(book(10_000n, []), ask({ recent: 50n })).granted).toBe(60n)
    expect(answerAsk(book(10_000n, []), ask({ recent: 900n })).granted).toBe(210n)
    expect(answerAsk(book(10_000n, []), ask({ recent: 0n })).granted).toBe(10n)
  })

  it('an ask that comes twice is granted once', () => {
    const first = answerAsk(book(100n, []), ask({}))
    const mine = lease('me', { granted: first.granted })
    expect(answerAsk(book(100n, [mine]), ask({})).granted).toBe(10n)
  })

  it('[G29] goes on where a forgotten lease ended', () => {
    const mine = lease('me', { granted: 60n, returned: 40n, settled: 20n })
    expect(answerAsk(book(100n, [mine]), ask({ isNew: true })).granted).toBe(70n)
  })

  it('[G27] recalls in scarcity, and knows when everybody is bare', () => {
    const yours = lease('you', { granted: 95n, settled: 50n, reserved: 20n })
    const recalled = {
      answer: 'unavailable',
      granted: 0n,
      recall: [{ holder: 'you', instance: 'b@0' }],
    }
    expect(answerAsk(book(100n, [yours]), ask({}))).toMatchObject(recalled)
    const bare = { ...yours, returned: 25n, bare: true }
    expect(answerAsk(book(75n, [bare]), ask({}))).toMatchObject({ answer: 'spent', granted: 0n })
    // Silent, it may have become free meanwhile.
    expect(answerAsk(book(75n, [bare], ['you']), ask({}))).toMatchObject({ answer: 'unavailable' })
    // But never that much.
    expect(answerAsk(book(75n, [bare], ['you']), ask({ need: 30n, least: 30n })).answer).toBe(
      'spent',
    )
  })

  it('what is left but not enough goes to whom it serves', () => {
    const part = ask({ need: 30n, least: 6n })
    expect(answerAsk(book(8n, []), part)).toMatchObject({
      answer: 'spent',
      granted: 8n,
      bare: true,
    })
  })

  it('[G26] a lost lease counts in full, a closed one what the ledger has; neither is granted more', () => {
    const lost = lease('you', { granted: 95n, settled: 50n, state: 'lost' })
    expect(answerAsk(book(100n, [lost]), ask({})).answer).toBe('spent')
    expect(answerAsk(book(100n, [{ ...lost, state: 'closed' }]), ask({})).answer).toBe('granted')
    const mine = lease('me', { granted: 5n, state: 'lost' })
    expect(answerAsk(book(100n, [mine]), ask({}))).toMatchObject({
      answer: 'unavailable',
      granted: 5n,
    })
  })
})

describe('words of a holder', () => {
  it('[G26] the order of messages makes no difference to totals', () => {
    const word = fc.record({ settled: amount, returned: amount, reserved: amount })
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        (words, dice) => {
          const hear = (list: typeof words): Lease =>
            list.reduce<Lease>(
              (known, { reserved, returned, settled }) => {
                const said = {
                  settled: `${settled}`,
                  returned: `${returned}`,
                  reserved: `${reserved}`,
                }
                return heardOf(known, { instance: 'b@0', ...said, bare: true }, false)
              },
              lease('me', { granted: 300n }),
            )
          const mixed = words.toSorted(() => (dice.next().value % 2 === 0 ? 1 : -1))
          expect(hear([...mixed, ...words])).toEqual(hear(words))
        },
      ),
    )
  })
})
