// Text units for any length of text, and what they cost.

import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { guardrailCostOf } from './guardrail-cost.ts'
import { GUARDRAIL_POLICIES, policyUnits, textUnits } from './guardrail.ts'

describe('guardrails', () => {
  it('[S22] a unit is a thousand characters begun, the same for each policy', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 100_000 }),
        fc.subarray([...GUARDRAIL_POLICIES]),
        (characters, policies) => {
          const units = textUnits(characters)
          expect(units * 1_000).toBeGreaterThanOrEqual(characters)
          expect(Math.max(0, units - 1) * 1_000).toBeLessThan(characters === 0 ? 1 : characters)
          const used = policyUnits(policies, characters, 0)
          expect(Object.values(used)).toEqual(units === 0 ? [] : policies.map(() => units))
        },
      ),
    )
    expect([0, 1, 1_000, 1_001].map(textUnits)).toEqual([0, 1, 1, 2])
  })

  it('[S8] a policy without a price makes the cost unknown, an unused one does not', () => {
    expect(guardrailCostOf('ApplyGuardrail', { text_units_content: 7 })).toBe(1_050_000_000n)
    expect(guardrailCostOf('ApplyGuardrail', { text_units_word: 9 })).toBe(0n)
    const grounded = { text_units_content: 7, text_units_contextual_grounding: 1 }
    expect(guardrailCostOf('ApplyGuardrail', grounded)).toBeNull()
    const unused = { ...grounded, text_units_contextual_grounding: 0 }
    expect(guardrailCostOf('ApplyGuardrail', unused)).toBe(1_050_000_000n)
    expect(guardrailCostOf('InvokeGuardrailChecks', { text_units_content: 1 })).toBeNull()
  })
})
