import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recognise } from './route.ts'

const AIP = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'

describe('recognise', () => {
  it.each([
    [
      '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse',
      'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    ],
    ['/model/anthropic.claude-v1:0/converse', 'anthropic.claude-v1:0'],
    [`/model/${encodeURIComponent(AIP)}/converse`, AIP],
    [`/model/${AIP.replace('/', '%2F')}/converse`, AIP],
    [`/model/${AIP}/converse`, AIP],
    ['/model/a%252Fb/converse', 'a%2Fb'],
    ['/model/converse/converse', 'converse'],
  ])('[B1] reads the model of %s, decoded once', (path, modelRequested) => {
    expect(recognise('POST', path)).toEqual({
      operation: 'converse',
      stream: false,
      family: 'bedrock',
      modelRequested,
      upstreamPath: path,
      region: null,
    })
  })

  it.each([
    ['converse', false],
    ['converse-stream', true],
    ['invoke', false],
    ['invoke-with-response-stream', true],
  ] as const)('[B1] knows %s', (operation, stream) => {
    expect(recognise('POST', `/model/m/${operation}`)).toMatchObject({ operation, stream })
  })

  it('[B2] sends the path on as it came, without the region prefix', () => {
    const route = recognise('POST', '/region/eu-west-1/model/a%3A0/invoke?x=%2F&y')
    expect(route).toMatchObject({
      region: 'eu-west-1',
      upstreamPath: '/model/a%3A0/invoke?x=%2F&y',
      modelRequested: 'a:0',
      operation: 'invoke',
    })
  })

  it.each([
    ['GET', '/model/m/converse'],
    ['POST', '/model/m/conversed'],
    ['POST', '/model//converse'],
    ['POST', '/model/converse'],
    ['POST', '/models/m/converse'],
    ['POST', '/model/m/converse/'],
    ['POST', '/model/%zz/converse'],
    ['POST', '/model/%ff/converse'],
    ['POST', '/model/m%0d%0aX-Evil:1/converse'],
    ['POST', '/model/m\r\n/converse'],
    ['POST', '/model/a%20b/converse'],
    ['POST', '/model/é/converse'],
    ['POST', '/model/../converse'],
    ['POST', '/model/a/%2e%2e/b/converse'],
    ['POST', '/model/a//b/converse'],
    ['POST', '/model/a#b/converse'],
    ['POST', '/region/EU/model/m/converse'],
    ['POST', '/region//model/m/converse'],
    ['POST', '/region/eu-west-1'],
    ['POST', `/model/${'m'.repeat(2_049)}/converse`],
    ['POST', '*'],
    ['POST', ''],
  ])('[B3] has no route for %s %j', (method, path) => {
    expect(recognise(method, path)).toBe(null)
  })

  it('[B3] takes a model id of 2,048 characters', () => {
    expect(recognise('POST', `/model/${'m'.repeat(2_048)}/converse`)).not.toBe(null)
  })

  it('[B1] gives back every printable id a client encodes', () => {
    const id = fc
      .string({
        unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
        minLength: 1,
        maxLength: 60,
      })
      .filter((text) =>
        text.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
      )
    fc.assert(
      fc.property(id, (model) => {
        const route = recognise('POST', `/model/${encodeURIComponent(model)}/invoke`)
        expect(route?.modelRequested).toBe(model)
      }),
    )
  })

  it('[B3] never lets a control character or a space through, whatever the path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const route = recognise('POST', `/model/${text}/invoke`)
        if (route !== null) {
          expect(route.upstreamPath + route.modelRequested).toMatch(/^[\x21-\x7e]+$/)
        }
      }),
    )
  })
})
