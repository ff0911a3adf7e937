import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MS_PER_DAY, MS_PER_HOUR } from '../../kernel/time.ts'
import {
  instanceAt,
  nextInstance,
  previousInstance,
  type BudgetPeriod,
  type PeriodInstance,
} from './budget-period.ts'

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  // Midnight is skipped, or comes twice, on days the clocks change.
  'America/Santiago',
  'America/Havana',
  'Africa/Cairo',
  // Clocks change by half an hour.
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  // A day was left out in 2011.
  'Pacific/Apia',
  // Clocks went back from a minute past midnight, until 2011.
  'America/St_Johns',
]

const at = (text: string) => Date.parse(text)
const startsOn = fc.integer({ min: 1, max: 28 })
const arbitraryPeriod: fc.Arbitrary<BudgetPeriod> = fc.oneof(
  fc.constantFrom<BudgetPeriod>({ kind: 'hour' }, { kind: 'day' }),
  fc.integer({ min: 1, max: 7 }).map((day): BudgetPeriod => ({ kind: 'week', startsOn: day })),
  startsOn.map((day): BudgetPeriod => ({ kind: 'month', startsOn: day })),
  fc
    .record({
      kind: fc.constantFrom('quarter' as const, 'year' as const),
      month: fc.integer({ min: 1, max: 12 }),
      startsOn,
    })
    .map((period): BudgetPeriod => period),
  fc.integer({ min: 1, max: 366 }).map((days): BudgetPeriod => ({ kind: 'rolling', days })),
)
/** Often in the hours around a change of the clocks. */
const arbitraryInstant = fc.oneof(
  fc.integer({ min: at('2005-01-01'), max: at('2035-01-01') }),
  fc
    .tuple(
      fc.constantFrom(
        '2026-03-29T01:00Z', // Berlin, spring
        '2026-10-25T01:00Z', // Berlin, autumn
        '2026-04-04T15:00Z', // Lord Howe, autumn
        '2026-10-03T15:30Z', // Lord Howe, spring
        '2026-04-23T22:00Z', // Cairo, midnight skipped
        '2026-11-01T05:00Z', // Havana, midnight twice
        '2026-09-06T04:00Z', // Santiago, midnight skipped
        '2026-04-05T03:00Z', // Santiago, back to 23:00
        '2011-12-30T10:00Z', // Apia
        '2010-11-07T02:31Z', // St John's
      ),
      fc.integer({ min: -26 * MS_PER_HOUR, max: 26 * MS_PER_HOUR }),
    )
    .map(([change, off]) => at(change) + off),
)

/** As if nothing had been asked before: what is remembered is pushed out by other years. */
let decoys = 0
function freshAt(period: BudgetPeriod, zone: string, atMs: number): PeriodInstance {
  for (let index = 0; index < 4; index += 1) {
    decoys += 1
    instanceAt(period, zone, Date.UTC(2100 + 2 * (decoys % 1_000), 5, 1))
  }
  return instanceAt(period, zone, atMs)
}

function isIn({ fromMs, toMs }: PeriodInstance, ms: number): boolean {
  return ms >= fromMs && (toMs === null || ms < toMs)
}

describe('instanceAt', () => {
  it('[G21] an instant lies in its period, and every instant of that has the same one', () => {
    fc.assert(
      fc.property(
        arbitraryPeriod,
        fc.constantFrom(...ZONES),
        arbitraryInstant,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (period, zone, atMs, part) => {
          const instance = freshAt(period, zone, atMs)
          expect(isIn(instance, atMs)).toBe(true)
          const toMs = instance.toMs ?? Number.NaN
          const inside = instance.fromMs + Math.floor((toMs - instance.fromMs - 1) * part)
          for (const ms of [instance.fromMs, inside, toMs - 1]) {
            expect(freshAt(period, zone, ms)).toEqual(instance)
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('[G21] the next one begins where this one ends, and leads back to it', () => {
    fc.assert(
      fc.property(
        arbitraryPeriod,
        fc.constantFrom(...ZONES),
        arbitraryInstant,
        (period, zone, atMs) => {
          const instance = instanceAt(period, zone, atMs)
          const next = nextInstance(period, zone, instance)
          expect(next?.fromMs).toBe(instance.toMs)
          freshAt(period, zone, 0)
          expect(next === null ? null : previousInstance(period, zone, next)).toEqual(instance)
        },
      ),
      { numRuns: 500 },
    )
  })

  it.each<readonly [BudgetPeriod, string, string, string, string]>([
    [{ kind: 'hour' }, 'Asia/Kolkata', '2026-10-05T00:10Z', '2026-10-04T23:30', '2026-10-05T00:30'],
    [{ kind: 'day' }, 'Europe/Berlin', '2026-10-25T12:00Z', '2026-10-24T22:00', '2026-10-25T23:00'],
    [{ kind: 'day' }, 'Africa/Cairo', '2026-04-24T12:00Z', '2026-04-23T22:00', '2026-04-24T21:00'],
    [
      { kind: 'week', startsOn: 1 },
      'UTC',
      '2026-10-11T23:59Z',
      '2026-10-05T00:00',
      '2026-10-12T00:00',
    ],
    [
      { kind: 'week', startsOn: 7 },
      'UTC',
      '2026-10-11T00:00Z',
      '2026-10-11T00:00',
      '2026-10-18T00:00',
    ],
    [
      { kind: 'month', startsOn: 1 },
      'Asia/Tokyo',
      '2026-12-31T15:00Z',
      '2026-12-31T15:00',
      '2027-01-31T15:00',
    ],
    [
      { kind: 'month', startsOn: 15 },
      'UTC',
      '2026-01-14T23:00Z',
      '2025-12-15T00:00',
      '2026-01-15T00:00',
    ],
    [
      { kind: 'quarter', month: 2, startsOn: 1 },
      'UTC',
      '2026-01-31T00:00Z',
      '2025-11-01T00:00',
      '2026-02-01T00:00',
    ],
    [
      { kind: 'year', month: 4, startsOn: 6 },
      'Europe/London',
      '2026-04-05T22:59Z',
      '2025-04-05T23:00',
      '2026-04-05T23:00',
    ],
    [
      { kind: 'hour' },
      'Australia/Lord_Howe',
      '2026-10-03T15:40Z',
      '2026-10-03T15:30',
      '2026-10-03T16:00',
    ],
    // The clocks went back from a minute past midnight: the day before does not begin again.
    [
      { kind: 'day' },
      'America/St_Johns',
      '2010-11-07T02:40Z',
      '2010-11-07T02:30',
      '2010-11-08T03:30',
    ],
  ])('[G21] %j in %s at %s', (period, zone, instant, from, to) => {
    const { fromMs, toMs, sinceMs } = instanceAt(period, zone, at(instant))
    const text = [fromMs, toMs].map((ms) => new Date(ms ?? 0).toISOString().slice(0, 16))
    expect([...text, sinceMs]).toEqual([from, to, fromMs])
  })

  it('[G21] what was asked for before, of this period or another, changes no answer', () => {
    const [month, zone] = [{ kind: 'month', startsOn: 1 } as const, 'Europe/Berlin']
    const months = Array.from({ length: 12 }, (_, index) => Date.UTC(2026, index, 20))
    const asked = () => months.map((ms) => instanceAt(month, zone, ms))
    const first = asked()
    instanceAt({ kind: 'month', startsOn: 15 }, zone, months[3] ?? 0)
    instanceAt(month, 'Asia/Tokyo', months[3] ?? 0)
    expect(asked()).toEqual(first)
    expect(new Set(first.map(({ fromMs }) => fromMs)).size).toBe(12)
  })

  it('[G21] a rolling period counts whole hours, so many days up to the end of this one', () => {
    const { fromMs, toMs, sinceMs } = instanceAt(
      { kind: 'rolling', days: 30 },
      'UTC',
      at('2026-10-05T07:20Z'),
    )
    expect([fromMs, toMs]).toEqual([at('2026-10-05T07:00Z'), at('2026-10-05T08:00Z')])
    expect(sinceMs).toBe(at('2026-10-05T08:00Z') - 30 * MS_PER_DAY)
  })

  it('[G21] what never ends has no neighbours', () => {
    const total = instanceAt({ kind: 'total' }, 'UTC', at('2026-10-05T07:20Z'))
    expect(total).toEqual({ fromMs: 0, toMs: null, sinceMs: 0 })
    expect(nextInstance({ kind: 'total' }, 'UTC', total)).toBeNull()
    expect(previousInstance({ kind: 'total' }, 'UTC', total)).toBeNull()
  })
})
