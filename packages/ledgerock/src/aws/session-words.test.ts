import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { compileSessionTemplate, sessionName, sessionTagValue } from './session-words.ts'

/** As STS's own model says them. */
const NAME = /^[\w+=,.@-]{2,64}$/
const TAG = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u

const named = (template: string, ...values: string[]): string =>
  sessionName(mustOk(compileSessionTemplate(template)), values)

const values = fc.oneof(
  fc.stringMatching(/^[a-z-]{1,12}$/),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
  fc.constantFrom('unknown', '__overflow__', 'a', 'R&D', 'R/D', 'R D', '🚀', 'é', 'e\u0301'),
)
const templates = fc.constantFrom(
  'lr-{team}',
  '{team}',
  '{team}-{application}',
  '{team}{application}',
  'x={team}=--{application}--',
  '{team},{application},{feature}',
)

describe('session names', () => {
  it('[W12] a value that fits is the name itself', () => {
    expect(named('lr-{team}', 'search')).toBe('lr-search')
    expect(named('lr-{team}', 'jane@acme.org')).toBe('lr-jane@acme.org')
    expect(named('{team},{application}', 'search', 'api')).toBe('search,api')
    expect(named('ledgerock')).toBe('ledgerock')
    expect(named('lr-{team}', 'x'.repeat(61))).toBe(`lr-${'x'.repeat(61)}`)
  })

  it('[W12] one that does not is replaced, cut and marked', () => {
    expect(named('lr-{team}', 'R&D')).toMatch(/^lr-R-D=[a-z2-7]{10}$/)
    expect(named('lr-{team}', 'x'.repeat(62))).toMatch(/^lr-x{50}=[a-z2-7]{10}$/)
    expect(named('{team}', 'x')).toMatch(/^x=[a-z2-7]{10}$/)
    expect(named('{a}-{b}', 'x-y', 'z')).not.toBe(named('{a}-{b}', 'x', 'y-z'))
  })

  it('[W12] whatever the values are, STS takes the name, and other values have another', () => {
    const seen = new Map<string, string>()
    fc.assert(
      fc.property(templates, fc.array(values, { minLength: 3, maxLength: 3 }), (template, all) => {
        const compiled = mustOk(compileSessionTemplate(template))
        const used = all.slice(0, compiled.dimensions.length)
        const name = sessionName(compiled, used)
        expect(name).toMatch(NAME)
        const key = `${template} ${name}`
        const before = seen.get(key)
        if (before !== undefined) expect(JSON.stringify(used)).toBe(before)
        seen.set(key, JSON.stringify(used))
      }),
      { numRuns: 20_000 },
    )
  })

  it('[W12] pairs made to be mistaken for each other are not', () => {
    const pieces = fc.array(fc.constantFrom('-', '--', 'a', '=', ',', ' '), { maxLength: 5 })
    const pair = fc.tuple(pieces, pieces).map(([a, b]) => [a.join(''), b.join('')] as const)
    fc.assert(
      fc.property(templates, pair, pair, (template, one, other) => {
        const compiled = mustOk(compileSessionTemplate(template))
        fc.pre(compiled.dimensions.length === 2 && JSON.stringify(one) !== JSON.stringify(other))
        expect(sessionName(compiled, one)).not.toBe(sessionName(compiled, other))
      }),
      { numRuns: 20_000 },
    )
  })

  it('[W12] a name that looks marked cannot be had for the asking', () => {
    const marked = named('{team}', 'R&D')
    expect(named('{team}', marked)).not.toBe(marked)
    const tag = sessionTagValue('R&D')
    expect(sessionTagValue(tag)).not.toBe(tag)
  })

  it.each(['{}', '{team', 'team}', 'a b-{team}', 'x', '', `${'x'.repeat(40)}{team}`])(
    '[W12] the template %j is refused',
    (template) => {
      expect(compileSessionTemplate(template).ok).toBe(false)
    },
  )

  it('[W12] the template says which dimensions it uses', () => {
    expect(mustOk(compileSessionTemplate('lr-{team}-{feature}')).dimensions).toEqual([
      'team',
      'feature',
    ])
  })
})

describe('session tags', () => {
  it('[W12] keep what STS keeps, mark the rest, and stay distinct', () => {
    expect(sessionTagValue('Größe: 1/2 @x')).toBe('Größe: 1/2 @x')
    expect(sessionTagValue('R&D')).toMatch(/^R-D=[a-z2-7]{10}$/)
    const seen = new Map<string, string>()
    fc.assert(
      fc.property(fc.oneof(values, fc.string({ unit: 'binary', maxLength: 300 })), (value) => {
        const tag = sessionTagValue(value)
        expect(tag).toMatch(TAG)
        expect(tag.isWellFormed()).toBe(true)
        expect(seen.get(tag) ?? value).toBe(value)
        seen.set(tag, value)
      }),
      { numRuns: 10_000 },
    )
    expect(sessionTagValue(`${'x'.repeat(244)}𝒳${'y'.repeat(20)}`)).toMatch(/^x{244}=\w{10}$/)
  })
})
