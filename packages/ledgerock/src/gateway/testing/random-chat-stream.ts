// Chat streams as Bedrock sends them when the gateway asked for the usage its client did not ask for, and the same as the client is to
// see them: made side by side, so that the second is not worked out from the first by anything that could be wrong in the same way.

import fc from 'fast-check'

export type ChatStream = { readonly upstream: Buffer; readonly shown: Buffer }

type Event = { readonly upstream: string; readonly shown: string }

const ends = fc.constantFrom('\n', '\r\n')
const content = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => text.isWellFormed())

/** A delta; its `"usage":null` only stands there because of `include_usage`. */
const delta: fc.Arbitrary<Event> = fc
  .tuple(content, fc.constantFrom(',"usage":null', ', "usage" : null', ''), ends)
  .map(([text, usage, end]) => {
    const event = (inner: string): string =>
      `data: {"id":"c-1","choices":[{"index":0,"delta":${JSON.stringify({ content: text })}}]${inner}}${end}${end}`
    return { upstream: event(usage), shown: event('') }
  })
/** Says the word without meaning the thing. */
const lookalike: fc.Arbitrary<Event> = fc
  .constantFrom(
    'data: {"choices":[{"delta":{"content":"\\"usage\\":null"}}]}\n\n',
    'data: {"choices":[{"delta":{"content":"x"},"usage":null}]}\n\n',
    'data: {"error":{"message":"no"}}\n\n',
    ': "usage"\n\n',
    'data: [DONE]\n\n',
  )
  .map((text) => ({ upstream: text, shown: text }))
const counts = fc.record({
  prompt_tokens: fc.nat(10_000),
  completion_tokens: fc.nat(10_000),
  total_tokens: fc.nat(20_000),
})
const usage: fc.Arbitrary<Event> = fc.tuple(counts, ends).map(([tokens, end]) => ({
  upstream: `data: {"id":"c-1","choices":[],"usage":${JSON.stringify(tokens)}}${end}${end}`,
  shown: '',
}))

export const randomChatStream: fc.Arbitrary<ChatStream> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 4, arbitrary: delta }, { weight: 1, arbitrary: lookalike }), {
      maxLength: 8,
    }),
    usage,
    fc.constantFrom('data: [DONE]\n\n', 'data: [DONE]\r\n\r\n', ''),
  )
  .map(([events, last, done]) => {
    const all = [...events, last, { upstream: done, shown: done }]
    return {
      upstream: Buffer.from(all.map((event) => event.upstream).join('')),
      shown: Buffer.from(all.map((event) => event.shown).join('')),
    }
  })
