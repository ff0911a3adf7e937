import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { saidSettings } from './said-settings.ts'

const settings = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(2))
const statements = fc.array(fc.record({ wanted: settings, heard: fc.option(fc.nat(3)) }))

describe('settings on a connection', () => {
  it('[L20] are in force for every statement, whatever was said or failed before', () => {
    fc.assert(
      fc.property(statements, (run) => {
        const said = saidSettings('keeps')
        const inForce: Record<string, string | number> = {}
        for (const { wanted, heard } of run) {
          const saying = Object.entries(said.toSay(wanted))
          // A statement that fails may have been heard in part.
          for (const [name, value] of saying.slice(0, heard ?? saying.length)) inForce[name] = value
          if (heard === null) expect(inForce).toMatchObject(wanted)
          else said.failed()
        }
      }),
    )
  })

  it('[L20] are said every time where nothing is kept', () => {
    const said = saidSettings('forgets')
    expect([said.toSay({ a: 1 }), said.toSay({ a: 1 })]).toEqual([{ a: 1 }, { a: 1 }])
  })

  it('are said once where they are kept', () => {
    const said = saidSettings('keeps')
    expect([said.toSay({ a: 1, b: 1 }), said.toSay({ a: 1, b: 2 })]).toEqual([
      { a: 1, b: 1 },
      { b: 2 },
    ])
  })
})
