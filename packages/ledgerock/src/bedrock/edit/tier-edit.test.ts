import fc from 'fast-check'
import { TIERS } from '@ledgerock/contract'
import { describe, expect, it } from 'vitest'
import { applyEdits } from './body-edit.ts'
import { OPERATIONS } from '../operation.ts'
import { canMoveTier, takesTier, tierEdits, tierWord } from './tier-edit.ts'

const word = fc.stringMatching(/^[a-z"\\ä]{0,6}$/)
/** Members that have nothing to do with tiers, among them one whose inside looks like one. */
const others = fc.dictionary(
  fc.constantFrom('messages', 'metadata', 'serviceTiers', 'x'),
  fc.oneof(word, fc.nat(), fc.constant(null), fc.constant({ service_tier: 'priority' })),
  { noNullPrototype: true },
)
const indent = fc.constantFrom(0, 1, 2)
const tier = fc.constantFrom('standard', 'priority', 'flex', 'reserved')

describe('the tier of a call', () => {
  it('[B34] [B43] stands where the client’s stood, or as the first member, and nothing else moves', () => {
    const shapes = [
      ['converse', 'serviceTier', (text: string) => ({ type: text })],
      ['chat-completions', 'service_tier', (text: string) => text],
    ] as const
    fc.assert(
      fc.property(
        fc.constantFrom(...shapes),
        others,
        fc.option(fc.constantFrom('default', 'priority', 'flex')),
        indent,
        tier,
        ([operation, name, valueOf], rest, stated, space, wanted) => {
          const document = stated === null ? rest : { ...rest, [name]: valueOf(stated) }
          const body = Buffer.from(JSON.stringify(document, null, space))
          const edits = tierEdits(operation, body, wanted, [])
          const edited = applyEdits(body, edits)
          expect(JSON.parse(edited.toString())).toEqual({
            ...rest,
            [name]: valueOf(tierWord(wanted)),
          })
          expect(edits).toHaveLength(1)
          const [{ start, end } = { start: 0, end: 0 }] = edits
          expect(edited.subarray(0, start)).toEqual(body.subarray(0, start))
          const after = body.length - end
          expect(edited.subarray(edited.length - after)).toEqual(body.subarray(end))
        },
      ),
    )
  })

  it('[B43] stands before others at the same place', () => {
    const body = Buffer.from('{}')
    const other = { start: 1, end: 1, text: '"b":1' }
    const edits = [...tierEdits('converse', body, 'flex', [other]), other]
    expect(applyEdits(body, edits).toString()).toBe('{"serviceTier":{"type":"flex"},"b":1}')
  })

  it('[B43] is changed only where the API has a place, and not for who asks for low latency', () => {
    const taking = OPERATIONS.filter((operation) => takesTier(operation) !== null)
    expect(taking).toEqual([
      'converse',
      'converse-stream',
      'invoke',
      'invoke-with-response-stream',
      'chat-completions',
      'responses',
    ])
    expect(canMoveTier('converse', 'latency-optimized', 'flex')).toBe(false)
    expect(TIERS.filter((one) => canMoveTier('invoke', 'standard', one))).toEqual([
      'standard',
      'priority',
      'flex',
      'reserved',
    ])
    expect(tierEdits('messages', Buffer.from('{}'), 'flex', [])).toEqual([])
    expect(tierEdits('converse', Buffer.from('[]'), 'flex', [])).toEqual([])
  })
})
