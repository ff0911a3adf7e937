// What somebody may try who wants to get around a rule: sizes said twice, in other words or in other places, keys written with
// escapes, guardrails named twice, models by other spellings, fallbacks to what is closed. Plain requests, byte for byte as a
// test wants them.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compileGlob } from '../kernel/glob.ts'
import { GUARDRAIL, RULES } from './testing/governed-gateway.ts'
import { startFaultyUpstream, type FaultyUpstream } from './testing/faulty-upstream.ts'
import { createLeavingClients } from './testing/leaving-client.ts'
import { nothingHeld } from './testing/nothing-held.ts'
import { post, type Answer } from './testing/post.ts'
import { startRecordingUpstream, type RecordingUpstream } from './testing/recording-upstream.ts'
import { OPEN_KEY, startGateway, type RunningGateway } from './testing/running-gateway.ts'
import { settledLines } from './testing/settled-lines.ts'

const LITE = 'amazon.nova-lite-v1:0'
const CLAUDE = 'us.anthropic.claude-sonnet-4-6'
const TEXT = '"messages":[{"role":"user","content":[{"text":"Hello there."}]}]'

let upstream: RecordingUpstream
let gateway: RunningGateway
beforeAll(async () => {
  upstream = await startRecordingUpstream()
  gateway = await startGateway({ policy: RULES, endpoint: upstream.url })
})
afterAll(async () => {
  await gateway.close()
  await upstream.close()
})
beforeEach(() => void upstream.take())
afterEach(() => nothingHeld(gateway))

const send = (
  team: string,
  path: string,
  body: string,
  headers: Record<string, string> = {},
  to: RunningGateway = gateway,
): Promise<Answer> =>
  post(to, path, body, {
    authorization: `Bearer ${OPEN_KEY}`,
    'x-ledgerock-team': team,
    ...headers,
  })
const refusalOf = ({ headers }: Answer): unknown => headers['x-ledgerock-refusal'] ?? null

/** Not let through, whatever the reason that is given. */
async function expectKept(answer: Answer): Promise<void> {
  expect(answer.status).toBeGreaterThanOrEqual(400)
  expect(upstream.take()).toEqual([])
}

describe('a size above the rule', () => {
  const converse = `/model/${LITE}/converse`
  const invoke = (model: string): string => `/model/${encodeURIComponent(model)}/invoke`
  const claude =
    '"anthropic_version":"bedrock-2023-05-31","messages":[{"role":"user","content":"Hello."}]'
  const chat = '"model":"openai.gpt-oss-20b-1:0","messages":[{"role":"user","content":"Hello."}]'

  it.each([
    ['said twice', converse, `{${TEXT},"inferenceConfig":{"maxTokens":5,"maxTokens":5000}}`],
    [
      'in a second object',
      converse,
      `{${TEXT},"inferenceConfig":{"maxTokens":5},"inferenceConfig":{"maxTokens":5000}}`,
    ],
    ['with an escape', converse, `{${TEXT},"inferenceConfig":{"maxT\\u006fkens":5000}}`],
    [
      'beside an escape',
      converse,
      `{${TEXT},"inferenceConfig":{"maxTokens":5,"maxT\\u006fkens":5000}}`,
    ],
    ['with an exponent', converse, `{${TEXT},"inferenceConfig":{"maxTokens":5e3}}`],
    ['below nothing', converse, `{${TEXT},"inferenceConfig":{"maxTokens":-1}}`],
    ['as a text', converse, `{${TEXT},"inferenceConfig":{"maxTokens":"5000"}}`],
    ['as nothing', converse, `{${TEXT},"inferenceConfig":{"maxTokens":null}}`],
    ['of Claude', invoke(CLAUDE), `{${claude},"max_tokens":5000}`],
    ['of Claude, said twice', invoke(CLAUDE), `{${claude},"max_tokens":5,"max_tokens":5000}`],
    ['of Claude, not said', invoke(CLAUDE), `{${claude}}`],
    ['of Claude, in a word it ignores', invoke(CLAUDE), `{${claude},"max_gen_len":5}`],
    ['of Nova, in a word it ignores', invoke(LITE), `{${TEXT},"max_tokens":5}`],
    [
      'of a chat, in a word it ignores',
      '/openai/v1/chat/completions',
      `{${chat},"max_output_tokens":5}`,
    ],
    ['of Nova', invoke(LITE), `{${TEXT},"inferenceConfig":{"maxTokens":5000}}`],
    [
      'of Nova, in its older word',
      invoke(LITE),
      `{${TEXT},"inferenceConfig":{"max_new_tokens":5000}}`,
    ],
    [
      'of Llama',
      invoke('meta.llama3-1-8b-instruct-v1:0'),
      '{"prompt":"Hello.","max_gen_len":2000}',
    ],
    [
      'of Mistral',
      invoke('mistral.mistral-7b-instruct-v0:2'),
      '{"prompt":"Hello.","max_tokens":2000}',
    ],
    [
      'of Titan',
      invoke('amazon.titan-text-express-v1'),
      '{"inputText":"Hello.","textGenerationConfig":{"maxTokenCount":2000}}',
    ],
    ['of Cohere', invoke('cohere.command-r-v1:0'), '{"message":"Hello.","max_tokens":2000}'],
    [
      'of OpenAI’s API, in one of two words',
      '/openai/v1/chat/completions',
      `{${chat},"max_tokens":5,"max_completion_tokens":5000}`,
    ],
    [
      'of OpenAI’s API, in the other',
      '/openai/v1/chat/completions',
      `{${chat},"max_tokens":5000,"max_completion_tokens":5}`,
    ],
    [
      'of Anthropic’s API',
      '/anthropic/v1/messages',
      `{"model":"${CLAUDE}","max_tokens":5000,${claude}}`,
    ],
  ])('[Y30] is not let through: %s', async (_how, path, body) => {
    await expectKept(await send('small', path, body))
  })

  it.each([
    ['of Claude', invoke(CLAUDE), `{${claude},"max_tokens":50}`],
    ['of Nova', invoke(LITE), `{${TEXT},"inferenceConfig":{"maxTokens":50}}`],
    ['of Llama', invoke('meta.llama3-1-8b-instruct-v1:0'), '{"prompt":"Hello.","max_gen_len":50}'],
    ['with an escape', converse, `{${TEXT},"inferenceConfig":{"maxT\\u006fkens":50}}`],
    ['of OpenAI’s API', '/openai/v1/chat/completions', `{${chat},"max_completion_tokens":50}`],
  ])('[Y30] within the rule is: %s', async (_how, path, body) => {
    const answer = await send('small', path, body)
    expect([answer.status, refusalOf(answer)]).toEqual([200, null])
  })
})

describe('a stream where none is allowed', () => {
  it.each([
    [
      '/openai/v1/chat/completions',
      '{"model":"openai.gpt-oss-20b-1:0","max_tokens":5,"stream":true}',
    ],
    [
      '/openai/v1/responses',
      '{"model":"openai.gpt-oss-20b-1:0","max_output_tokens":5,"stream":true}',
    ],
    [
      '/openai/v1/chat/completions',
      '{"model":"openai.gpt-oss-20b-1:0","max_tokens":5,"stream":false,"stream":true}',
    ],
    [
      '/openai/v1/chat/completions',
      '{"model":"openai.gpt-oss-20b-1:0","max_tokens":5,"str\\u0065am":true}',
    ],
    [`/model/${LITE}/invoke-with-response-stream`, `{${TEXT},"inferenceConfig":{"maxTokens":5}}`],
    [`/model/${LITE}/converse-stream`, `{${TEXT},"inferenceConfig":{"maxTokens":5}}`],
  ])('[Y30] is not let through: %s %s', async (path, body) => {
    await expectKept(await send('small', path, body))
  })
})

describe('a closed model', () => {
  const profile = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0'
  const foundation = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0'

  it.each([
    'amazon.nova-pro-v1:0',
    'us.amazon.nova-pro-v1:0',
    'eu.amazon.nova-pro-v1:0',
    profile,
    foundation,
    'amazon.nova-pro-v1',
    'AMAZON.NOVA-LITE-V1:0',
    'amazon.nova-lite-v1:0/../amazon.nova-pro-v1:0',
    'nobody.knows-this-v1:0',
  ])('[Y30] is not let through by another spelling: %s', async (model) => {
    for (const path of [model, encodeURIComponent(model)]) {
      await expectKept(await send('lite', `/model/${path}/converse`, `{${TEXT}}`))
    }
  })

  it.each([
    LITE,
    `us.${LITE}`,
    'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0',
    `arn:aws:bedrock:us-east-1::foundation-model/${LITE}`,
  ])('[Y30] is not taken for an open one: %s', async (model) => {
    for (const path of [model, encodeURIComponent(model)]) {
      const answer = await send('lite', `/model/${path}/converse`, `{${TEXT}}`)
      expect([answer.status, refusalOf(answer)]).toEqual([200, null])
    }
  })

  it('[Y30] is not let through by a model in the body beside another', async () => {
    const messages = '"messages":[{"role":"user","content":"Hello."}],"max_tokens":5'
    for (const models of [
      '"model":"amazon.nova-lite-v1:0","model":"us.amazon.nova-pro-v1:0"',
      '"model":"amazon.nova-lite-v1:0","mod\\u0065l":"us.amazon.nova-pro-v1:0"',
      '"mod\\u0065l":"us.amazon.nova-pro-v1:0"',
    ]) {
      await expectKept(await send('lite', '/openai/v1/chat/completions', `{${models},${messages}}`))
    }
  })
})

describe('a guardrail of one’s own', () => {
  const own = '{"guardrailIdentifier":"weak","guardrailVersion":"1"}'
  const right = `{"guardrailIdentifier":"${GUARDRAIL.id}","guardrailVersion":"${GUARDRAIL.version}"}`
  const headers = {
    'x-amzn-bedrock-guardrailidentifier': GUARDRAIL.id,
    'x-amzn-bedrock-guardrailversion': GUARDRAIL.version,
  }

  it.each([
    ['instead', `"guardrailConfig":${own}`],
    ['by an escape', `"guardrail\\u0043onfig":${own}`],
    ['after the right one', `"guardrailConfig":${right},"guardrailConfig":${own}`],
    ['before the right one', `"guardrailConfig":${own},"guardrailConfig":${right}`],
    [
      'after the right one, by an escape',
      `"guardrailConfig":${right},"guardrail\\u0043onfig":${own}`,
    ],
    ['in parts', '"guardrailConfig":{"guardrailIdentifier":"weak"}'],
    ['of another version', `"guardrailConfig":${right.replace('"3"', '"1"')}`],
    [
      'within the right one',
      `"guardrailConfig":{"guardrailIdentifier":"${GUARDRAIL.id}","guardrailVersion":"3","guardrailIdentifier":"weak"}`,
    ],
  ])('[G18] does not take the place of the scope’s: %s', async (_how, config) => {
    for (const team of ['injected', 'named-guard']) {
      await expectKept(await send(team, `/model/${LITE}/converse`, `{${config},${TEXT}}`))
    }
  })

  it.each([
    ['as it is', `"guardrailConfig":${right}`],
    ['by an escape', `"guardrail\\u0043onfig":${right}`],
  ])('[G18] is the scope’s where the call names that: %s', async (_how, config) => {
    for (const team of ['injected', 'named-guard']) {
      const answer = await send(team, `/model/${LITE}/converse`, `{${config},${TEXT}}`)
      expect([answer.status, refusalOf(answer)]).toEqual([200, null])
    }
  })

  it.each([
    ['another', { 'x-amzn-bedrock-guardrailidentifier': 'weak' }],
    ['none', { 'x-amzn-bedrock-guardrailidentifier': '' }],
    ['another version', { 'x-amzn-bedrock-guardrailversion': '1' }],
  ])('[G18] does not take its place in headers: %s', async (_what, change) => {
    const path = `/model/${LITE}/invoke`
    await expectKept(await send('named-guard', path, `{${TEXT}}`, { ...headers, ...change }))
    expect((await send('named-guard', path, `{${TEXT}}`, headers)).status).toBe(200)
  })

  it('[G18] is not named by the body of an InvokeModel call or by the headers of a Converse call', async () => {
    const body = `{"guardrailConfig":${right},${TEXT}}`
    await expectKept(await send('named-guard', `/model/${LITE}/invoke`, body))
    await expectKept(await send('named-guard', `/model/${LITE}/converse`, `{${TEXT}}`, headers))
  })
})

describe('a fallback', () => {
  let faulty: FaultyUpstream
  let routed: RunningGateway
  beforeAll(async () => {
    faulty = await startFaultyUpstream()
    const to = { region: null, scope: null, model: 'us.amazon.nova-pro-v1:0' }
    routed = await startGateway({
      policy: RULES,
      endpoint: faulty.url,
      routes: [
        { when: {}, budget: null, from: compileGlob('*nova-lite*'), to: [], fallback: [to] },
      ],
    })
  })
  afterAll(async () => {
    await routed.close()
    await faulty.close()
  })
  const models = (): readonly unknown[] =>
    faulty.simulator.calls().map(({ model_requested: model }) => model)

  it('[Y34] goes to no model that is closed to the caller', async () => {
    const path = `/model/us.${LITE}/converse`
    faulty.plan(['throttle'])
    expect((await send('free', path, `{${TEXT}}`, {}, routed)).status).toBe(200)
    expect(models()).toContain('us.amazon.nova-pro-v1:0')
    faulty.simulator.reset()
    faulty.plan(['throttle'])
    expect((await send('lite', path, `{${TEXT}}`, {}, routed)).status).toBe(429)
    expect(models()).not.toContain('us.amazon.nova-pro-v1:0')
  })
})

describe('a client that leaves before its usage is known', () => {
  it('[G16] has used its tokens all the same', async () => {
    const simulated = await startGateway({ policy: RULES })
    const clients = createLeavingClients(simulated.url, 'http/1.1')
    const headers = { 'x-ledgerock-team': 'talkative', 'x-simulator-fault': 'slow_chunks:600000' }
    const long = 'All of this is read. '.repeat(400)
    const body = JSON.stringify({ messages: [{ role: 'user', content: [{ text: long }] }] })
    const running = clients.ask(`/model/${LITE}/converse-stream`, body, headers)
    await running.answered
    running.leave()
    await settledLines(simulated, 0, 1)
    const next = await send('talkative', `/model/${LITE}/converse`, `{${TEXT}}`, {}, simulated)
    expect(refusalOf(next)).toBe('rate_limit')
    clients.close()
    await simulated.close()
  })
})
