import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate, type AlertChange } from './evaluate.ts'
import {
  alertKey,
  EXACT_ONE,
  type FiringAlert,
  type Reading,
  type WatchedRule,
} from './watched-rule.ts'

const rule: WatchedRule = {
  name: 'r',
  kind: 'budget',
  threshold: 80n * EXACT_ONE,
  fires: 'reached',
  clearPercent: 95,
  forMs: 0,
  severity: 'warning',
  sinks: ['ops'],
  isLocal: false,
}
const reading = (value: number, subject = 's'): Reading => ({
  subject,
  value: BigInt(value) * EXACT_ONE,
  scope: {},
  budget: null,
  counter: null,
  period: null,
  says: `it is ${value}`,
})

/** Plays looks one after the other and keeps what is firing, as the store does. */
function player(rules: readonly WatchedRule[]) {
  let firing: readonly FiringAlert[] = []
  let pending: ReadonlyMap<string, number> = new Map()
  return (readings: ReadonlyMap<string, readonly Reading[] | null>, nowMs: number) => {
    const found = evaluate(rules, readings, { firing, pending }, nowMs)
    pending = found.pending
    for (const change of found.changes) {
      firing =
        change.kind === 'resolved'
          ? firing.filter(({ alertId }) => alertId !== change.alert.alertId)
          : [...firing, started(change, nowMs)]
    }
    return { changes: found.changes.map(({ kind }) => kind), firing, pending }
  }
}

function started(change: Extract<AlertChange, { kind: 'fired' }>, nowMs: number): FiringAlert {
  const { rule: of, reading: now } = change
  return { alertId: `${of.name}/${now.subject}/${nowMs}`, rule: of.name, subject: now.subject }
}

const one = (value: number | null) =>
  new Map([['r', value === null ? null : [reading(value)]]] as const)

describe('evaluate', () => {
  it('[C100] tells a threshold once, and its end once, well below it', () => {
    const look = player([rule])
    const told = [79, 80, 81, 120, 79, 77, 76, 75, 90].map(
      (value, at) => look(one(value), at).changes,
    )
    expect(told).toEqual([[], ['fired'], [], [], [], [], ['resolved'], [], ['fired']])
  })

  it('[C100] beyond is not at: what must be exceeded is quiet at its threshold', () => {
    const look = player([{ ...rule, fires: 'exceeded', threshold: 0n, clearPercent: 100 }])
    expect([0, 1, 2, 0, 0].map((value, at) => look(one(value), at).changes)).toEqual([
      [],
      ['fired'],
      [],
      ['resolved'],
      [],
    ])
  })

  it('[C101] waits as long as it was told to, and starts anew when it was not so in between', () => {
    const look = player([{ ...rule, forMs: 10 }])
    const at = (value: number | null, nowMs: number) => look(one(value), nowMs).changes
    expect([at(90, 0), at(90, 9), at(10, 9), at(90, 12), at(null, 15), at(90, 21)]).toEqual(
      Array.from({ length: 6 }, () => []),
    )
    expect(at(90, 22)).toEqual(['fired'])
  })

  it('[C101] a clock that is set back makes nothing wait longer', () => {
    const look = player([{ ...rule, forMs: 10 }])
    expect([look(one(90), 1_000).changes, look(one(90), 5).changes]).toEqual([[], []])
    expect(look(one(90), 15).changes).toEqual(['fired'])
  })

  it('[C102] what is not known changes nothing; what is gone is over', () => {
    const look = player([rule])
    expect(look(one(90), 0).changes).toEqual(['fired'])
    expect(look(one(null), 1).changes).toEqual([])
    expect(look(new Map(), 2).changes).toEqual([])
    expect(look(new Map([['r', []]]), 3).changes).toEqual(['resolved'])
  })

  it('[C102] alerts of a rule that is gone are over', () => {
    const firing = [{ alertId: 'a', rule: 'gone', subject: 's' }]
    const { changes } = evaluate([rule], one(10), { firing, pending: new Map() }, 0)
    expect(changes).toEqual([{ kind: 'resolved', alert: firing[0], reading: null }])
  })

  it('[C100] whatever is seen, each subject fires and ends in turn, and fires only at its threshold', () => {
    const values = fc.option(fc.integer({ min: 0, max: 160 }), { nil: null })
    const looks = fc.array(fc.record({ a: values, b: values, known: fc.boolean() }), {
      maxLength: 40,
    })
    fc.assert(
      fc.property(looks, fc.integer({ min: 0, max: 5 }), (seen, forMs) => {
        const look = player([{ ...rule, forMs }])
        const on = new Set<string>()
        for (const [at, { a, b, known }] of seen.entries()) {
          const now = [a === null ? [] : [reading(a, 'a')], b === null ? [] : [reading(b, 'b')]]
          const { firing } = look(new Map([['r', known ? now.flat() : null]]), at)
          const keys = new Set(firing.map((alert) => alertKey(alert.rule, alert.subject)))
          expect(keys.size).toBe(firing.length)
          for (const [subject, value] of [
            ['a', a],
            ['b', b],
          ] as const) {
            const key = alertKey('r', subject)
            const wasOn = on.has(key)
            if (!known) expect(keys.has(key)).toBe(wasOn)
            else if (!wasOn && keys.has(key)) expect(value).toBeGreaterThanOrEqual(80)
            else if (wasOn && !keys.has(key)) expect(value ?? 0).toBeLessThanOrEqual(76)
            else if (forMs === 0 && known && value !== null && value >= 80) {
              expect(keys.has(key)).toBe(true)
            }
            if (keys.has(key)) on.add(key)
            else on.delete(key)
          }
        }
      }),
    )
  })
})
