import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseTarget } from '../../gateway/attempt/choose-target.ts'
import { checkTargets } from './check-targets.ts'
import { faultsOf } from '../testing/faults-of.ts'

const REGIONS = ['us-east-1', 'eu-west-1'] as const
const dimensions = fc.record(
  { team: fc.constantFrom('a', 'b'), feature: fc.constantFrom('a', 'b') },
  { requiredKeys: [] },
)
const target = fc.record({ region: fc.constantFrom(...REGIONS), when: dimensions })
const targetLists = fc
  .array(target, { minLength: 1, maxLength: 6 })
  .map((list) => list.map((each, index) => ({ name: `t${index}`, ...each })))

/** What a call has: a value that no rule knows where the test says none. */
function called(by: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return { team: 'other', feature: 'other', ...by }
}

type Target = typeof targetLists extends fc.Arbitrary<(infer Each)[]> ? Each : never

/** With a default for each region at the end, and without what is called hidden then. */
function mended(written: readonly Target[]): readonly Target[] {
  const defaults = REGIONS.map((region) => ({ name: `last-${region}`, region, when: {} }))
  const targets = [...written, ...defaults]
  const hidden = new Set(checkTargets({ targets }, {}).map(({ path }) => path[2]))
  return targets.filter((_target, index) => !hidden.has(index))
}

describe('bedrock.targets', () => {
  it('[O11] without a fault every call finds a target in its region, and every target finds calls', () => {
    fc.assert(
      fc.property(targetLists, dimensions, (written, by) => {
        const targets = mended(written)
        expect(checkTargets({ targets }, {})).toEqual([])
        for (const { region, when, name } of targets) {
          expect(chooseTarget(targets, region, called(by))).not.toBeNull()
          expect(chooseTarget(targets, region, called(when))?.name).toBe(name)
        }
      }),
    )
  })

  it('[O11] what is called hidden is chosen by no call, what lacks a default fails one', () => {
    const everyCall = [undefined, 'a', 'b'].flatMap((team) =>
      [undefined, 'a', 'b'].map((feature) =>
        called({ ...(team && { team }), ...(feature && { feature }) }),
      ),
    )
    fc.assert(
      fc.property(targetLists, (targets) => {
        for (const { path, message } of checkTargets({ targets }, {})) {
          const { region, name } = targets[path[2] as number] ?? { region: '', name: '' }
          const chosen = everyCall.map((call) => chooseTarget(targets, region, call))
          if (message.startsWith('can never be chosen')) {
            expect(chosen.map((each) => each?.name)).not.toContain(name)
          } else expect(chosen).toContain(null)
        }
      }),
    )
  })

  it('[O11] says each fault at its place', () => {
    const text = `
bedrock:
  region: us-east-1
  endpoint: 'http://x'
  identity: { mode: gateway }
  targets:
    - { name: a, region: eu-west-1, when: { team: search } }
    - { name: a, region: eu-west-1, when: { team: search, feature: b } }
    - { name: b, region: eu-west-2, when: { tem: x, environment: staging } }
    - { name: b, region: eu-west-2 }
    - { region: nowhere }
dimensions: { environment: { values: [prod] } }
`
    expect(faultsOf(text)).toMatchInlineSnapshot(`
      [
        "l.yaml:3:11 bedrock.region: no target is in this region",
        "l.yaml:4:13 bedrock.endpoint: belongs to each target where there are targets",
        "l.yaml:5:13 bedrock.identity: belongs to each target where there are targets",
        "l.yaml:8:7 bedrock.targets[1]: can never be chosen: a takes all its calls",
        "l.yaml:8:15 bedrock.targets[1].name: is the name of an earlier target",
        "l.yaml:8:43 bedrock.targets[1].when: every target of eu-west-1 has a when: calls it holds for none of could go nowhere",
        "l.yaml:9:50 bedrock.targets[2].when.tem: there is no such dimension; did you mean team?",
        "l.yaml:9:66 bedrock.targets[2].when.environment: is not one of the allowed values",
        "l.yaml:10:15 bedrock.targets[3].name: is the name of an earlier target",
        "l.yaml:11:7 bedrock.targets[4].name: is missing: must be 1 to 64 of a-z, A-Z, 0-9, dot, dash and underscore",
        "l.yaml:11:17 bedrock.targets[4].region: must be a region such as us-east-1, not nowhere",
      ]
    `)
  })

  it('[O11] `unknown` is a value calls may have, whatever is declared', () => {
    const text = `
dimensions: { team: { values: [search] } }
bedrock:
  targets:
    - { name: a, region: us-east-1, when: { team: unknown } }
    - { name: b, region: us-east-1 }`
    expect(faultsOf(text)).toEqual([])
  })
})
