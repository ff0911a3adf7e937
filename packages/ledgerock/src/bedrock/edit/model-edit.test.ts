import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { modelEdits, modelPath } from './model-edit.ts'
import { readRequestFacts } from '../request/read-request-facts.ts'
import { recognise, type Operation } from '../route.ts'
import { edited, looseBody } from '../testing/loose-body.ts'

const AIP = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'

/** What stands in a model's place in a path, as clients write it. */
const sent = fc.constantFrom(
  'anthropic.claude-v1:0',
  'anthropic.claude-v1%3A0',
  AIP,
  encodeURIComponent(AIP),
  AIP.replace('/', '%2F'),
  'invoke',
)
const model = fc.oneof(
  fc.constantFrom('us.amazon.nova-lite-v1:0', AIP, "a!'()*", 'a%2Fb', 'a?b#c'),
  fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
  }),
)

describe('modelPath', () => {
  it('[B37] puts any model where any encoding of another one stood', () => {
    const verb = fc.constantFrom('converse', 'invoke', 'invoke-with-response-stream')
    const query = fc.constantFrom('', '?a=b', '?a=/model/x/invoke')
    const region = fc.constantFrom('', '/region/eu-west-1')
    const fits = model.filter((id) => id.split('/').every((part) => !/^\.{0,2}$/.test(part)))
    fc.assert(
      fc.property(sent, fits, verb, query, region, (old, id, operation, rest, prefix) => {
        const route = recognise('POST', `${prefix}/model/${old}/${operation}${rest}`)
        if (route === null) throw new Error('no route')
        const path = modelPath(route, id)
        const again = recognise('POST', path)
        expect(again?.modelRequested).toBe(id)
        expect(again?.operation).toBe(operation)
        expect(path.endsWith(`/${operation}${rest}`)).toBe(true)
        expect(path.slice('/model/'.length, -`/${operation}${rest}`.length)).toMatch(
          /^[A-Za-z0-9\-_.~%]+$/,
        )
      }),
    )
  })

  it.each([
    ['POST', '/openai/v1/chat/completions?x'],
    ['POST', '/guardrail/g/version/1/apply'],
    ['GET', '/mantle/v1/models/m'],
  ])('[B37] leaves %s %s as it is', (method, path) => {
    const route = recognise(method, path)
    expect(route === null ? null : modelPath(route, 'other')).toBe(path.replace('/mantle', ''))
  })
})

describe('modelEdits', () => {
  const BODIES: readonly (readonly [Operation, string])[] = [
    ['chat-completions', 'model'],
    ['responses', 'model'],
    ['messages', 'model'],
    ['embeddings', 'model'],
    ['compact-response', 'model'],
    ['count-message-tokens', 'model'],
    ['start-async-invoke', 'modelId'],
  ]
  it.each(BODIES)('[B34] [B37] puts any model into a body of %s', (operation, key) => {
    fc.assert(
      fc.property(looseBody(fc.constant({ [key]: AIP })), model, ({ object, bytes }, id) => {
        const facts = mustOk(readRequestFacts({ operation }, {}, bytes))
        expect(facts.model).toBe(AIP)
        expect(edited(bytes, modelEdits(facts, id))).toEqual({ ...object, [key]: id })
      }),
    )
  })

  it('[B37] has nothing to change where the path names the model', () => {
    const facts = readRequestFacts({ operation: 'invoke' }, {}, Buffer.from('{"model":"m"}'))
    expect(modelEdits(mustOk(facts), 'other')).toEqual([])
  })
})
