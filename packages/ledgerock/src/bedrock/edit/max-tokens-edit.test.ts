// A maximum put into a call that states none stands where the API reads it, and nothing else of the body changes.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { applyEdits, type BodyEdit } from './body-edit.ts'
import { guardrailEdits } from './guardrail-edit.ts'
import { maxTokensEdits } from './max-tokens-edit.ts'
import { modelEdits } from './model-edit.ts'
import { OPERATIONS, type Operation } from '../operation.ts'
import type { RequestFacts } from '../request/request-facts.ts'
import { readRequestFacts } from '../request/read-request-facts.ts'
import { metadataEdits } from './request-metadata.ts'
import { streamUsageEdits } from './stream-usage-edit.ts'
import { chooser, writeLoosely } from '../testing/loose-json.ts'

type Json = Readonly<Record<string, unknown>>
const factsOf = (operation: Operation, body: Buffer): RequestFacts =>
  mustOk(readRequestFacts({ operation }, {}, body))
function edited(operation: Operation, text: string): string | null {
  const body = Buffer.from(text)
  const { places } = factsOf(operation, body)
  const edits = maxTokensEdits(operation, places, 77)
  return edits === null ? null : applyEdits(body, edits).toString()
}

describe('maxTokensEdits', () => {
  it.each([
    ['converse', '{}', '{"inferenceConfig":{"maxTokens":77}}'],
    ['converse', '{ "a":1}', '{"inferenceConfig":{"maxTokens":77}, "a":1}'],
    ['converse-stream', '{"inferenceConfig":null}', '{"inferenceConfig":{"maxTokens":77}}'],
    ['converse', '{"inferenceConfig":{}}', '{"inferenceConfig":{"maxTokens":77}}'],
    ['converse', '{"inferenceConfig":{"topP":1}}', '{"inferenceConfig":{"maxTokens":77,"topP":1}}'],
    ['converse', '{"inferenceConfig":{"maxTokens":null}}', '{"inferenceConfig":{"maxTokens":77}}'],
    ['chat-completions', '{"model":"m"}', '{"max_completion_tokens":77,"model":"m"}'],
    [
      'chat-completions',
      '{"model":"m","max_completion_tokens":null}',
      '{"model":"m","max_completion_tokens":77}',
    ],
    ['responses', '{"model":"m"}', '{"max_output_tokens":77,"model":"m"}'],
  ] as const)('[B42] puts a maximum into %s %s', (operation, before, after) => {
    expect(edited(operation, before)).toBe(after)
  })

  it.each([
    ['converse', '{"inferenceConfig":{"maxTokens":5}}'],
    ['converse', '{"inferenceConfig":7}'],
    // What goes on to the model says it in the model's own words; both together Bedrock refuses.
    ['converse', '{"additionalModelRequestFields":{"max_tokens":9}}'],
    ['chat-completions', '{"model":"m","max_tokens":5}'],
    ['responses', '{"model":"m","max_output_tokens":5}'],
    ['messages', '{"model":"m"}'],
    ['invoke', '{}'],
    ['embeddings', '{"model":"m"}'],
  ] as const)('[B42] leaves %s %s alone', (operation, body) => {
    expect(edited(operation, body)).toBe(null)
  })

  it('[B34] [B42] changes nothing else, whatever else is put in, in any body', () => {
    const config = fc.oneof(
      fc.constant({}),
      fc.constant({ inferenceConfig: null }),
      fc.constant({ inferenceConfig: {} }),
      fc.constant({ inferenceConfig: { temperature: 0.5 } }),
      fc.constant({ inferenceConfig: { maxTokens: null, topP: 1 } }),
    )
    const rest = fc.dictionary(fc.constantFrom('messages', 'system', 'other'), fc.jsonValue())
    const choices = fc.array(fc.nat(9), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(config, rest, fc.boolean(), choices, (asked, others, reversed, numbers) => {
        const value: Json = reversed ? { ...others, ...asked } : { ...asked, ...others }
        const body = Buffer.from(writeLoosely(value, chooser(numbers)))
        const facts = factsOf('converse', body)
        const all: BodyEdit[] = [...metadataEdits(facts, [['k', 'v']]).edits]
        all.unshift(...guardrailEdits(facts, { id: 'g', version: '1' }, all))
        all.unshift(...(maxTokensEdits('converse', facts.places, 77, all) ?? []))
        const { inferenceConfig, requestMetadata, guardrailConfig, ...after } = JSON.parse(
          applyEdits(body, all).toString(),
        ) as Json
        const before = (value['inferenceConfig'] ?? {}) as Json
        expect(inferenceConfig).toEqual({ ...before, maxTokens: 77 })
        expect(requestMetadata).toEqual({ k: 'v' })
        expect(guardrailConfig).toEqual({ guardrailIdentifier: 'g', guardrailVersion: '1' })
        expect(after).toEqual(JSON.parse(JSON.stringify(others)))
      }),
    )
  })

  it('[B42] keeps a body JSON in every operation, beside all other edits', () => {
    const body = Buffer.from('{"model":"m","modelId":"m","stream":true}')
    for (const operation of OPERATIONS) {
      const facts = factsOf(operation, body)
      const all = [...modelEdits(facts, 'x'), ...streamUsageEdits(facts)]
      all.unshift(...(maxTokensEdits(operation, facts.places, 77, all) ?? []))
      expect(() => JSON.parse(applyEdits(body, all).toString()) as unknown).not.toThrow()
    }
  })
})
