import { describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { attributeAnonymous } from './anonymous.ts'
import { readClientHeaders } from './client-headers.ts'
import { compileDimensionRules, defaultRule } from './dimension-rule.ts'

describe('attributeAnonymous', () => {
  const rules = mustOk(
    compileDimensionRules([{ ...defaultRule('team'), maxValues: 1, required: true }]),
  )
  const claimed = (team: string) =>
    attributeAnonymous(rules, {
      binding: null,
      identity: null,
      client: readClientHeaders(['x-ledgerock-team', team], rules),
      requestMetadata: null,
    })

  it('[A10] keeps what a stranger claims beside the call, as it was claimed and without counting it', () => {
    for (const team of ['one', 'two']) {
      const { dimensions, provenance, conflicts, missing, invalid } = claimed(team)
      expect(dimensions['team']).toBe('unknown')
      expect(provenance['team']).toBe('unknown')
      expect(conflicts).toMatchObject([{ dimension: 'team', kept: 'unknown', ignored: team }])
      expect([missing, invalid]).toEqual([[], []])
    }
  })

  it('[A5] reports a dimension that is to be reported, claimed or not', () => {
    const wanted = mustOk(
      compileDimensionRules([{ ...defaultRule('team'), required: 'report' as const }]),
    )
    for (const raw of [[], ['x-ledgerock-team', 'one']]) {
      const client = readClientHeaders(raw, wanted)
      const sources = { binding: null, identity: null, client, requestMetadata: null }
      expect(attributeAnonymous(wanted, sources).reported).toEqual(['team'])
    }
  })
})
