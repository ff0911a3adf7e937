import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyEdits } from './body-edit.ts'
import { modelEdits } from './model-edit.ts'
import type { RequestFacts } from '../request/request-facts.ts'
import { readRequestFacts } from '../request/read-request-facts.ts'
import { OPERATIONS } from '../route.ts'
import { streamUsageEdits } from './stream-usage-edit.ts'
import { edited, looseBody, looseValue } from '../testing/loose-body.ts'

const CHAT = { operation: 'chat-completions' } as const

function read(body: Buffer | string): RequestFacts {
  const facts = readRequestFacts(CHAT, {}, Buffer.from(body))
  if (!facts.ok) throw new Error(facts.problem.message)
  return facts.value
}

const other = fc.dictionary(fc.constantFrom('x', 'é', 'include', '{'), looseValue, {
  maxKeys: 2,
})
const options = fc.oneof(
  fc.constant(undefined),
  fc.constant(null),
  other,
  fc
    .tuple(other, fc.constantFrom(true, false, null), fc.boolean())
    .map(([more, asked, first]) =>
      first ? { include_usage: asked, ...more } : { ...more, include_usage: asked },
    ),
)

describe('streamUsageEdits', () => {
  it('[B34] [B36] asks for the usage in any body that does not, and changes nothing else', () => {
    const members = options.map((stream_options) => ({
      model: 'openai.gpt-oss-20b',
      stream: true,
      ...(stream_options === undefined ? {} : { stream_options }),
    }))
    fc.assert(
      fc.property(looseBody(members), ({ object, bytes }) => {
        const facts = read(bytes)
        const edits = streamUsageEdits(facts)
        const given = (object['stream_options'] ?? {}) as Record<string, unknown>
        const asked = given['include_usage'] === true
        expect(facts.streamUsageAsked).toBe(asked)
        expect(edits.length).toBe(asked ? 0 : 1)
        const wanted = { ...object, stream_options: { ...given, include_usage: true } }
        expect(edited(bytes, edits)).toEqual(asked ? object : wanted)
        // Several kinds of edits compose.
        const both = [...edits, ...modelEdits(facts, 'a"b')]
        expect(edited(bytes, both)).toEqual({ ...(asked ? object : wanted), model: 'a"b' })
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    [
      '{"model":"m","stream":true}',
      '{"stream_options":{"include_usage":true},"model":"m","stream":true}',
    ],
    [
      '{"model":"m","stream":true,"stream_options":{}}',
      '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
    ],
    [
      '{"model":"m","stream":true,"stream_options":{ "a":1}}',
      '{"model":"m","stream":true,"stream_options":{"include_usage":true, "a":1}}',
    ],
    [
      '{"model":"m","stream":true,"stream_options":{"include_usage":false}}',
      '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
    ],
    [
      '{"model":"m","stream":true,"stream_options":null}',
      '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
    ],
  ])('[B36] turns %s into %s', (before, after) => {
    const bytes = Buffer.from(before)
    expect(applyEdits(bytes, streamUsageEdits(read(bytes))).toString()).toBe(after)
  })

  it.each([
    '{"model":"m"}',
    '{"model":"m","stream":false}',
    '{"model":"m","stream":"true"}',
    '{"model":"m","stream":true,"stream_options":{"include_usage":true}}',
    '{"model":"m","stream":true,"stream_options":[]}',
    '{"model":"m","stream":true,"stream_options":{"include_usage":"yes"}}',
  ])('[B36] leaves %s alone', (body) => {
    expect(streamUsageEdits(read(body))).toEqual([])
  })

  it('[B36] leaves every other API alone', () => {
    for (const operation of OPERATIONS) {
      if (operation === 'chat-completions') continue
      const body = Buffer.from('{"model":"m","modelId":"m","stream":true}')
      const facts = readRequestFacts({ operation }, {}, body)
      expect(facts.ok && streamUsageEdits(facts.value)).toEqual([])
    }
  })

  it('[B6] refuses the option that stands twice', () => {
    const twice =
      '{"model":"m","stream":true,"stream_options":{"include_usage":true,"include\\u005fusage":false}}'
    expect(readRequestFacts(CHAT, {}, Buffer.from(twice))).toMatchObject({
      problem: { code: 'duplicate_key' },
    })
  })
})
