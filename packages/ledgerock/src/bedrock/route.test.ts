import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFree, OPERATIONS, recognise, type Operation } from './route.ts'

const AIP = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
const INVOCATION = 'arn:aws:bedrock:us-east-1:123456789012:async-invoke/abcdef123456'
const GUARDRAIL = 'arn:aws:bedrock:us-east-1:123456789012:guardrail/gr1abc'

/** As `encodeURIComponent` has it, colons left alone, slashes left alone, or nothing encoded. */
const ENCODINGS: readonly ((id: string) => string)[] = [
  encodeURIComponent,
  (id) => id.replaceAll('/', '%2F'),
  (id) => id.replaceAll(':', '%3A'),
  (id) => id.replaceAll('/', '%2f').replaceAll(':', '%3a'),
  (id) => id,
]

describe('recognise', () => {
  it.each<readonly [string, string]>([
    [
      '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse',
      'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
    ],
    ['/model/anthropic.claude-v1:0/converse', 'anthropic.claude-v1:0'],
    ...ENCODINGS.map((encode) => [`/model/${encode(AIP)}/converse`, AIP] as const),
    ['/model/a%252Fb/converse', 'a%2Fb'],
    ['/model/converse/converse', 'converse'],
  ])('[B1] reads the model of %s, decoded once', (path, modelRequested) => {
    expect(recognise('POST', path)).toEqual({
      operation: 'converse',
      family: 'bedrock',
      endpoint: 'runtime',
      method: 'POST',
      stream: false,
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
    ['invoke-with-bidirectional-stream', true],
    ['count-tokens', false],
  ] as const)('[B1] knows %s', (operation, stream) => {
    expect(recognise('POST', `/model/m/${operation}`)).toMatchObject({ operation, stream })
  })

  it('[B2] sends the path on as it came, without the prefixes that are ours', () => {
    expect(recognise('POST', '/region/eu-west-1/model/a%3A0/invoke?x=%2F&y')).toMatchObject({
      region: 'eu-west-1',
      upstreamPath: '/model/a%3A0/invoke?x=%2F&y',
      modelRequested: 'a:0',
      operation: 'invoke',
    })
    expect(recognise('GET', '/region/us-west-2/mantle/v1/models/a%3A0?x')).toMatchObject({
      region: 'us-west-2',
      endpoint: 'mantle',
      upstreamPath: '/v1/models/a%3A0?x',
      modelRequested: 'a:0',
      operation: 'get-model',
    })
  })

  it.each(ENCODINGS.map((encode) => [encode(INVOCATION)]))(
    '[B1] finds the invocation %s in a path',
    (arn) => {
      const route = recognise('GET', `/async-invoke/${arn}`)
      expect(route).toMatchObject({ operation: 'get-async-invoke', modelRequested: null })
      expect(route?.upstreamPath).toBe(`/async-invoke/${arn}`)
    },
  )

  it.each<readonly [string, string]>([
    ['gr1abc', 'gr1abc'],
    ...ENCODINGS.map((encode) => [encode(GUARDRAIL), GUARDRAIL] as const),
  ])('[B1] names the guardrail %s like a model', (sent, id) => {
    const path = `/guardrail/${sent}/version/DRAFT/apply`
    expect(recognise('POST', path)).toMatchObject({
      operation: 'apply-guardrail',
      family: 'bedrock',
      modelRequested: `guardrail/${id}/DRAFT`,
      upstreamPath: path,
    })
  })

  it('[B1] names the checks without a guardrail', () => {
    expect(recognise('POST', '/guardrail-checks/invoke')?.modelRequested).toBe('guardrail-checks')
  })

  it.each([
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
    ['POST', '/model/a/.%2E/b/converse'],
    ['POST', '/model/a/./b/converse'],
    ['POST', '/model/a//b/converse'],
    ['POST', '/model/a#b/converse'],
    ['POST', '/model/a/converse?x#y'],
    ['POST', '/model/a\\b/converse'],
    ['POST', '/region/EU/model/m/converse'],
    ['POST', '/region//model/m/converse'],
    ['POST', '/region/eu-west-1'],
    ['POST', '/region/a-b/region/a-b/model/m/converse'],
    ['POST', '/mantle/model/m/converse'],
    ['POST', '/mantle/region/eu-west-1/v1/responses'],
    ['POST', '/mantle'],
    ['POST', '//model/m/converse'],
    ['POST', 'http://h/model/m/converse'],
    ['POST', `/model/${'m'.repeat(2_049)}/converse`],
    ['POST', '*'],
    ['POST', ''],
    ['POST', '/openai/v1/chat/completions/'],
    ['POST', '/openai//v1/chat/completions'],
    ['POST', '/openai/v1/../v1/responses'],
    ['POST', '/OpenAI/v1/responses'],
    ['POST', '/openai/v1/embeddings'],
    ['GET', '/openai/v1/models'],
    ['POST', '/v1/responses'],
    ['POST', '/anthropic/v1/messages/count_tokens'],
    ['GET', '/openai/v1/responses/'],
    ['GET', '/openai/v1/responses/..'],
    ['GET', '/openai/v1/responses/%2e%2e'],
    ['GET', '/openai/v1/responses/a%2fb'],
    ['GET', '/openai/v1/responses/..%2fmodels'],
    ['POST', '/openai/v1/responses//cancel'],
    ['POST', '/openai/v1/responses/cancel'],
    ['GET', '/async-invoke/'],
    ['GET', '/async-invoke/a/../b'],
    ['GET', '/async-invoke/a/%2e%2e/b'],
    ['POST', '/guardrail/a/version/apply'],
    ['POST', '/guardrail//version/1/apply'],
    ['POST', '/guardrail/a/version//apply'],
    ['POST', '/guardrail/../version/1/apply'],
    ['POST', '/guardrail/a/version/1%2F2/apply'],
    ['POST', `/guardrail/${'a'.repeat(2_040)}/version/1/apply`],
    ['POST', '/guardrail-checks/apply'],
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
        const encoded = encodeURIComponent(model)
        expect(recognise('POST', `/model/${encoded}/invoke`)?.modelRequested).toBe(model)
        expect(recognise('GET', `/mantle/v1/models/${encoded}`)?.modelRequested).toBe(model)
        expect(recognise('GET', `/async-invoke/${encoded}`)?.operation).toBe('get-async-invoke')
      }),
    )
  })

  it('[B3] never lets a control character, a space or a way up through, whatever the path', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom('/', '..', '.', '%2e', '%2F', '%', '\\', '#', '?', 'v1', 'responses', 'm'),
    )
    const start = fc.constantFrom('/model/', '/async-invoke/', '/guardrail/', '/mantle/v1/', '/')
    const end = fc.constantFrom('/invoke', '/version/1/apply', '/cancel', '')
    const path = fc
      .tuple(start, fc.array(piece, { maxLength: 8 }), end)
      .map(([from, pieces, to]) => from + pieces.join('') + to)
    fc.assert(
      fc.property(path, fc.constantFrom('GET', 'POST'), (text, method) => {
        const route = recognise(method, text)
        if (route === null) return
        expect(route.upstreamPath + (route.modelRequested ?? '')).toMatch(/^[\x21-\x7e]+$/)
        const [plain = ''] = route.upstreamPath.split('?')
        // A URL library leaves the path alone, so what is signed is what is reached.
        expect(new URL(`http://h${plain}`).pathname).toBe(plain)
      }),
      { numRuns: 2_000 },
    )
  })
})

/** Method, path, operation; typed from AWS's documentation and not from the code. */
const RUNTIME_PATHS: readonly (readonly [string, string, Operation])[] = [
  ['POST', '/model/m/converse', 'converse'],
  ['POST', '/model/m/converse-stream', 'converse-stream'],
  ['POST', '/model/m/invoke', 'invoke'],
  ['POST', '/model/m/invoke-with-response-stream', 'invoke-with-response-stream'],
  ['POST', '/model/m/invoke-with-bidirectional-stream', 'invoke-with-bidirectional-stream'],
  ['POST', '/model/m/count-tokens', 'count-tokens'],
  ['POST', '/guardrail/g/version/1/apply', 'apply-guardrail'],
  ['POST', '/guardrail-checks/invoke', 'invoke-guardrail-checks'],
  ['POST', '/async-invoke', 'start-async-invoke'],
  ['GET', '/async-invoke', 'list-async-invokes'],
  ['GET', '/async-invoke/arn', 'get-async-invoke'],
  ['POST', '/openai/v1/chat/completions', 'chat-completions'],
  ['POST', '/openai/v1/responses', 'responses'],
  ['GET', '/openai/v1/responses/resp_1', 'get-response'],
  ['DELETE', '/openai/v1/responses/resp_1', 'delete-response'],
  ['POST', '/openai/v1/responses/resp_1/cancel', 'cancel-response'],
  ['GET', '/openai/v1/responses/resp_1/input_items', 'get-response'],
  ['POST', '/anthropic/v1/messages', 'messages'],
]
const MANTLE_OPENAI_PATHS: readonly (readonly [string, string, Operation])[] = [
  ['POST', '/chat/completions', 'chat-completions'],
  ['POST', '/responses', 'responses'],
  ['GET', '/responses/resp_1', 'get-response'],
  ['DELETE', '/responses/resp_1', 'delete-response'],
  ['POST', '/responses/resp_1/cancel', 'cancel-response'],
  ['GET', '/responses/resp_1/input_items', 'get-response'],
  ['POST', '/responses/compact', 'compact-response'],
  ['POST', '/embeddings', 'embeddings'],
  ['GET', '/models', 'list-models'],
  ['GET', '/models/m', 'get-model'],
  ['POST', '/files', 'files'],
  ['GET', '/files', 'files'],
  ['GET', '/files/file-1', 'files'],
  ['GET', '/files/file-1/content', 'files'],
  ['DELETE', '/files/file-1', 'files'],
  ['POST', '/fine_tuning/jobs', 'fine-tuning'],
  ['GET', '/fine_tuning/jobs', 'fine-tuning-jobs'],
  ['GET', '/fine_tuning/jobs/ftjob-1', 'fine-tuning-jobs'],
  ['GET', '/fine_tuning/jobs/ftjob-1/events', 'fine-tuning-jobs'],
  ['GET', '/fine_tuning/jobs/ftjob-1/checkpoints', 'fine-tuning-jobs'],
  ['POST', '/fine_tuning/jobs/ftjob-1/cancel', 'fine-tuning-jobs'],
]
const MANTLE_PATHS: readonly (readonly [string, string, Operation])[] = [
  ...['/v1', '/openai/v1'].flatMap((base) =>
    MANTLE_OPENAI_PATHS.map(
      ([method, path, operation]) => [method, base + path, operation] as const,
    ),
  ),
  ['POST', '/anthropic/v1/messages', 'messages'],
  ['POST', '/anthropic/v1/messages/count_tokens', 'count-message-tokens'],
]
type Row = readonly [endpoint: 'runtime' | 'mantle', prefix: string, string, string, Operation]
const ALL: readonly Row[] = [
  ...RUNTIME_PATHS.map((row): Row => ['runtime', '', ...row]),
  ...MANTLE_PATHS.map((row): Row => ['mantle', '/mantle', ...row]),
]

describe('the routes', () => {
  it.each(ALL)('[B30] %s%s %s %s is %s', (endpoint, prefix, method, path, operation) => {
    for (const [before, region] of [
      ['', null],
      ['/region/eu-west-1', 'eu-west-1'],
    ]) {
      for (const query of ['', '?beta=true']) {
        expect(recognise(method, `${before}${prefix}${path}${query}`)).toMatchObject({
          operation,
          endpoint,
          method,
          region,
          upstreamPath: path + query,
        })
      }
    }
  })

  it.each(ALL)('[B3] %s%s %s %s has its own methods only', (_, prefix, __, path) => {
    const mine = ALL.filter((row) => row[1] === prefix && row[3] === path).map((row) => row[2])
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'post']) {
      // `compact` and `cancel` could as well be the id of a response.
      const asId = method !== 'POST' && path.endsWith('/responses/compact')
      if (!mine.includes(method) && !asId) {
        expect([method, recognise(method, prefix + path)]).toEqual([method, null])
      }
    }
  })

  it('[B30] every operation has a path', () => {
    expect(new Set(ALL.map((row) => row[4]))).toEqual(new Set(OPERATIONS))
  })

  it('[B30] the path tells the family, and whether the body says if the answer is a stream', () => {
    for (const [, prefix, method, path, operation] of ALL) {
      const route = recognise(method, prefix + path)
      const family = path.startsWith('/anthropic/')
        ? 'anthropic'
        : /^\/(openai\/)?v1\//.test(path)
          ? 'openai'
          : 'bedrock'
      expect(route?.family).toBe(family)
      const asks = ['chat-completions', 'responses', 'messages'].includes(operation)
      expect(route?.stream).toBe(asks ? 'body' : operation.endsWith('-stream'))
    }
  })

  it('[B30] what counts, fetches, lists, cancels or stores is free, what generates is not', () => {
    expect(OPERATIONS.filter((operation) => !isFree(operation))).toEqual([
      'converse',
      'converse-stream',
      'invoke',
      'invoke-with-response-stream',
      'invoke-with-bidirectional-stream',
      'apply-guardrail',
      'invoke-guardrail-checks',
      'start-async-invoke',
      'chat-completions',
      'responses',
      'messages',
      'compact-response',
      'embeddings',
      'fine-tuning',
    ])
  })
})
