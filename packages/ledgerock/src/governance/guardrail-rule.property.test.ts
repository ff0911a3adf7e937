import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compileGuardrails,
  GUARDRAIL_MODES,
  type GuardrailAsk,
  type GuardrailRule,
} from './guardrail-rule.ts'
import { compileScope, type Governed } from './rule-scope.ts'
import { arbitraryCaller, arbitraryScope } from './testing/arbitrary-rules.ts'

const ARN = 'arn:aws:bedrock:us-east-1:123456789012:guardrail/abc'
const guardrail = fc.record({
  id: fc.constantFrom('abc', ARN, 'xyz'),
  version: fc.constantFrom('1', '2', 'DRAFT'),
})
const rule: fc.Arbitrary<GuardrailRule> = fc
  .record({
    guardrail,
    name: fc.constantFrom('one', 'two', 'three'),
    scope: fc.oneof(fc.constant({}), arbitraryScope),
    mode: fc.constantFrom(...GUARDRAIL_MODES),
    shadow: fc.boolean(),
  })
  .map(({ guardrail: { id, version }, ...rest }) => ({ ...rest, id, version }))
const rules = fc.array(rule, { maxLength: 4 })
const ask: fc.Arbitrary<GuardrailAsk> = fc.record({
  named: fc.option(guardrail),
  takes: fc.boolean(),
})

const check = (list: readonly GuardrailRule[], call: Governed, asked: GuardrailAsk) =>
  compileGuardrails(list).check(call, asked)
const isRefused = (...asked: Parameters<typeof check>): boolean => check(...asked).refusal !== null

/** An id and its ARN are one. */
const nameOf = ({ id, version }: { readonly id: string; readonly version: string }): string =>
  `${id === ARN ? 'abc' : id} ${version}`

describe('guardrail rules', () => {
  it('[G18] let a call through only with the guardrail of every rule in force that covers it', () => {
    fc.assert(
      fc.property(rules, arbitraryCaller, ask, (list, call, asked) => {
        const { refusal, inject } = check(list, call, asked)
        const inForce = list.filter((one) => !one.shadow && compileScope(one.scope)(call))
        if (refusal !== null) {
          expect(inForce).not.toEqual([])
          return
        }
        const guarded = asked.named ?? inject
        for (const one of inForce) {
          expect(asked.takes).toBe(true)
          expect(guarded === null ? null : nameOf(guarded)).toBe(nameOf(one))
        }
      }),
      { numRuns: 1_000 },
    )
  })

  it('[G18] put nothing over what the call names, and nothing in where no rule says so', () => {
    fc.assert(
      fc.property(rules, arbitraryCaller, ask, (list, call, asked) => {
        const { refusal, inject } = check(list, call, asked)
        if (inject === null) return
        expect(refusal).toBeNull()
        expect(asked).toEqual({ named: null, takes: true })
        const sources = list.filter(
          ({ mode, shadow, scope }) => mode === 'inject' && !shadow && compileScope(scope)(call),
        )
        expect(sources.map(nameOf)).toContain(nameOf(inject))
      }),
      { numRuns: 1_000 },
    )
  })

  it('[G18] decide the same in any order', () => {
    fc.assert(
      fc.property(rules, arbitraryCaller, ask, (list, call, asked) => {
        const one = check(list, call, asked)
        const other = check(list.toReversed(), call, asked)
        expect(other.refusal !== null).toBe(one.refusal !== null)
        expect(other.inject && nameOf(other.inject)).toBe(one.inject && nameOf(one.inject))
        // Two that put in different ones refuse each other; which of them a rule in shadow sees then is of no matter.
        if (one.refusal === null) expect(other.shadow !== null).toBe(one.shadow !== null)
      }),
      { numRuns: 1_000 },
    )
  })

  it('[G19] in shadow change nothing of what happens', () => {
    fc.assert(
      fc.property(rules, arbitraryCaller, ask, (list, call, asked) => {
        const there = list.filter(({ shadow }) => !shadow)
        const { refusal, inject } = check(list, call, asked)
        const without = check(there, call, asked)
        expect({ refusal, inject }).toEqual({ refusal: without.refusal, inject: without.inject })
      }),
    )
  })

  it('[G19] alone in shadow report exactly what they would refuse in force', () => {
    fc.assert(
      fc.property(rule, arbitraryCaller, ask, (one, call, asked) => {
        const inForce = isRefused([{ ...one, shadow: false }], call, asked)
        expect(check([{ ...one, shadow: true }], call, asked).shadow !== null).toBe(inForce)
      }),
    )
  })
})
