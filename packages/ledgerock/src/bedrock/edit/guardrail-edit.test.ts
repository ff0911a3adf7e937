import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { applyEdits } from './body-edit.ts'
import { guardrailEdits, takesGuardrail } from './guardrail-edit.ts'
import { OPERATIONS } from '../operation.ts'
import type { RequestFacts } from '../request/request-facts.ts'
import { readRequestFacts } from '../request/read-request-facts.ts'
import { metadataEdits } from './request-metadata.ts'
import { looseBody } from '../testing/loose-body.ts'

const GUARDRAIL = { id: 'gr1', version: '3' }

const factsOf = (body: Buffer): RequestFacts =>
  mustOk(readRequestFacts({ operation: 'converse' }, {}, body))

function withGuardrail(body: Buffer): unknown {
  return JSON.parse(applyEdits(body, guardrailEdits(factsOf(body), GUARDRAIL, [])).toString())
}

describe('the guardrail of a Converse body', () => {
  it.each([
    ['{"guardrailConfig":{"guardrailIdentifier":"a","guardrailVersion":"1"}}', 'a', '1'],
    ['{"guardrailConfig":{"trace":"enabled","guardrailIdentifier":"a"}}', 'a', ''],
    ['{"guardrailConfig":{"guardrailVersion":"DRAFT"}}', '', 'DRAFT'],
    [
      '{"guardrail\\u0043onfig":{"guardrailIdentifier":"\\u0061","guardrailVersion":"1"}}',
      'a',
      '1',
    ],
    ['{"guardrailConfig":{"guardrailIdentifier":null,"guardrailVersion":"1"}}', '', '1'],
  ])('[B39] %s is named, and nothing goes beside it', (text, id, version) => {
    const facts = factsOf(Buffer.from(text))
    expect(facts.guardrail).toEqual({ id, version })
    expect(guardrailEdits(facts, GUARDRAIL, [])).toEqual([])
  })

  it.each([
    '{"guardrailConfig":{},"guardrailConfig":{}}',
    '{"guardrailConfig":{"guardrailIdentifier":"a","guardrailIdentifier":"b"}}',
    '{"guardrailConfig":{"guardrailVersion":"1","guardrailVersion":"2"}}',
  ])('[B39] %s could be read in two ways and is refused', (text) => {
    const read = readRequestFacts({ operation: 'converse' }, {}, Buffer.from(text))
    expect(read.ok ? null : read.problem.code).toBe('duplicate_key')
  })

  it('[B39] is put into any body that names none, and nothing else changes', () => {
    const config = fc
      .constantFrom(undefined, null, {}, { trace: 'enabled' })
      .map((guardrailConfig) => (guardrailConfig === undefined ? {} : { guardrailConfig }))
    fc.assert(
      fc.property(looseBody(config), ({ object, bytes }) => {
        const own = object['guardrailConfig'] as object | null | undefined
        const named = { guardrailIdentifier: 'gr1', guardrailVersion: '3' }
        expect(withGuardrail(bytes)).toEqual({ ...object, guardrailConfig: { ...own, ...named } })
      }),
    )
  })

  it.each([
    '{}',
    ' { } ',
    '{"messages":[]}',
    '{"requestMetadata":{"a":"b"}}',
    '{"requestMetadata":null}',
  ])('[B39] goes into %s together with metadata', (text) => {
    const body = Buffer.from(text)
    const facts = factsOf(body)
    const { edits } = metadataEdits(facts, [['call', 'one']])
    const guarded = [...guardrailEdits(facts, GUARDRAIL, edits), ...edits]
    expect(JSON.parse(applyEdits(body, guarded).toString())).toMatchObject({
      requestMetadata: { call: 'one' },
      guardrailConfig: { guardrailIdentifier: 'gr1', guardrailVersion: '3' },
    })
  })
})

describe('the guardrail of InvokeModel', () => {
  it('[B39] is in its two headers', () => {
    const read = (headers: Readonly<Record<string, string>>): unknown =>
      mustOk(readRequestFacts({ operation: 'invoke' }, headers, Buffer.from('{}'))).guardrail
    const id = { 'x-amzn-bedrock-guardrailidentifier': 'a' }
    expect(read({})).toBeNull()
    expect(read(id)).toEqual({ id: 'a', version: '' })
    expect(read({ ...id, 'x-amzn-bedrock-guardrailversion': '2' })).toEqual({
      id: 'a',
      version: '2',
    })
  })

  it('[B39] no other operation takes one', () => {
    expect(OPERATIONS.filter((operation) => takesGuardrail(operation) !== null)).toEqual([
      'converse',
      'converse-stream',
      'invoke',
      'invoke-with-response-stream',
    ])
  })
})
