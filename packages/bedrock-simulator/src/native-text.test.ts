// The native shapes of the makers of text: what each says, whole and in a stream. Expected shapes are those of AWS's pages on
// inference parameters (docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html).

import { describe, expect, it } from 'vitest'

import { TEXT_FAMILIES } from './model-shape.ts'
import type { JsonObject } from './json-value.ts'
import { answerTo, eventsOf, modelOf, wholeOf } from './testing/native-answer.ts'
import { at, NATIVE_CASES } from './testing/native-cases.ts'

const TEXT = expect.stringMatching(/^[a-z]+( [a-z]+)*$/)
const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
const PROMPT = { prompt: 'Hello there' }
const MESSAGES = { messages: [{ role: 'user', content: 'Hello there' }] }
const METRICS = 'amazon-bedrock-invocationMetrics'

function whole(id: string, body: JsonObject): unknown {
  return wholeOf(answerTo(id, body))
}

describe('native text', () => {
  it('[S25] has a case for every family but Anthropic’s and Nova’s, which have tests of their own', () => {
    const tested = new Set(NATIVE_CASES.map(({ model }) => modelOf(model).family))
    const others = TEXT_FAMILIES.filter((family) => family !== 'anthropic' && family !== 'nova')
    expect([...tested].toSorted()).toEqual(others.toSorted())
  })

  it.each(NATIVE_CASES)('[S5][S25] $model streams the text of its whole answer', (native) => {
    const answer = answerTo(native.model, native.body)
    const text = native.textOf(wholeOf(answer))
    expect(text.split(' ')).toHaveLength(answer.usage.output)
    const events = eventsOf(answer)
    expect(events.map(native.textOf).join('')).toBe(text)
    expect(events.length).toBeGreaterThan(2)
  })

  it.each(NATIVE_CASES)('[S1] $model does not mind the order of members', (native) => {
    const turned = Object.fromEntries(Object.entries(native.body).toReversed())
    expect(wholeOf(answerTo(native.model, turned))).toEqual(
      wholeOf(answerTo(native.model, native.body)),
    )
  })

  it.each(NATIVE_CASES)('[S27] $model ends a stream with Bedrock’s counts', (native) => {
    const answer = answerTo(native.model, native.body)
    const events = eventsOf(answer)
    expect(at(events.at(-1), METRICS)).toEqual({
      inputTokenCount: answer.usage.input,
      outputTokenCount: answer.usage.output,
      invocationLatency: expect.any(Number),
      firstByteLatency: expect.any(Number),
      ...(answer.model.implicitCache === null
        ? {}
        : { cacheReadInputTokenCount: 0, cacheWriteInputTokenCount: 0 }),
    })
    for (const event of events.slice(0, -1)) expect(event).not.toHaveProperty([METRICS])
    for (const event of eventsOf(answer, false)) expect(event).not.toHaveProperty([METRICS])
  })

  it.each(NATIVE_CASES)('[S6][S25] $model stops at its limit and says so', (native) => {
    const answer = answerTo(native.model, native.limited(3))
    expect(answer.usage.output).toBe(3)
    expect(native.textOf(wholeOf(answer)).split(' ')).toHaveLength(3)
    const said = /"(?:length|LENGTH|MAX_TOKENS)"/
    expect(JSON.stringify(wholeOf(answer))).toMatch(said)
    expect(JSON.stringify(eventsOf(answer).at(-1))).toMatch(said)
  })

  it('[S25] Llama counts tokens in body and stream', () => {
    const answer = answerTo('meta.llama3-1-8b-instruct-v1:0', PROMPT)
    const { input, output } = answer.usage
    expect(wholeOf(answer)).toEqual({
      generation: TEXT,
      prompt_token_count: input,
      generation_token_count: output,
      stop_reason: 'stop',
    })
    const [first, second, ...rest] = eventsOf(answer)
    expect(first).toMatchObject({ prompt_token_count: input, stop_reason: null })
    expect(second).toMatchObject({ prompt_token_count: null, stop_reason: null })
    expect(rest.at(-1)).toMatchObject({
      generation: '',
      prompt_token_count: null,
      generation_token_count: output,
      stop_reason: 'stop',
    })
  })

  it('[S25] Mistral answers a prompt with outputs and messages with choices', () => {
    const large = 'mistral.mistral-large-2402-v1:0'
    expect(whole(large, PROMPT)).toEqual({ outputs: [{ text: TEXT, stop_reason: 'stop' }] })
    expect(whole(large, MESSAGES)).toEqual({
      choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, stop_reason: 'stop' }],
    })
    const parameters = { type: 'object', properties: { sign: { type: 'string' } } }
    const tools = [{ type: 'function', function: { name: 'top_song', parameters } }]
    const called = whole(large, { ...MESSAGES, tools, tool_choice: 'any' })
    expect(called).toMatchObject({ choices: [{ stop_reason: 'tool_calls' }] })
    expect(at(called, 'choices', 0, 'message', 'tool_calls', 0)).toEqual({
      id: expect.any(String),
      function: { name: 'top_song', arguments: expect.stringMatching(/^\{"sign":/) },
    })
  })

  it('[S25] Cohere Command repeats the prompt, and streams in one piece unless asked for pieces', () => {
    const command = 'cohere.command-text-v14'
    expect(whole(command, PROMPT)).toEqual({
      id: UUID,
      generations: [{ id: UUID, finish_reason: 'MAX_TOKENS', text: TEXT }],
      prompt: 'Hello there',
    })
    const [only, ...more] = eventsOf(answerTo(command, PROMPT))
    expect(more).toEqual([])
    expect(only).toMatchObject({ generations: [{ text: TEXT }], [METRICS]: {} })
    const pieces = eventsOf(answerTo(command, { ...PROMPT, stream: true }))
    expect(pieces[0]).toEqual({ text: expect.any(String), is_finished: false })
    expect(pieces.at(-1)).toMatchObject({ is_finished: true, finish_reason: 'MAX_TOKENS' })
  })

  it('[S25] Command R repeats the chat, and tells its counts only at the end of a stream', () => {
    const chat_history = [
      { role: 'USER', message: 'Who discovered gravity?' },
      { role: 'CHATBOT', message: 'Newton' },
    ]
    const answer = answerTo('cohere.command-r-v1:0', { message: 'When?', chat_history })
    const said = wholeOf(answer)
    expect(said).toEqual({
      response_id: UUID,
      generation_id: UUID,
      text: TEXT,
      chat_history: [
        ...chat_history,
        { role: 'USER', message: 'When?' },
        { role: 'CHATBOT', message: at(said, 'text') },
      ],
      finish_reason: 'COMPLETE',
    })
    const { input, output } = answer.usage
    expect(eventsOf(answer).at(-1)).toMatchObject({
      event_type: 'stream-end',
      is_finished: true,
      response: { meta: { billed_units: { input_tokens: input, output_tokens: output } } },
    })
  })

  it('[S14][S25] Command R calls a tool with the parameters it needs', () => {
    const tool = {
      name: 'top_song',
      description: 'The most popular song',
      parameter_definitions: {
        sign: { type: 'str', required: true },
        limit: { type: 'int', required: false },
      },
    }
    const asked = { message: 'What plays?', tools: [tool] }
    const answer = answerTo('cohere.command-r-plus-v1:0', asked)
    expect(wholeOf(answer)).toMatchObject({
      text: '',
      tool_calls: [{ name: 'top_song', parameters: { sign: expect.any(String) } }],
    })
    expect(eventsOf(answer)[0]).toMatchObject({ event_type: 'tool-calls-generation' })
    const results = [{ call: { name: 'top_song' }, outputs: [{ song: 'Elemental Hotel' }] }]
    expect(whole('cohere.command-r-plus-v1:0', { ...asked, tool_results: results })).toMatchObject({
      text: TEXT,
    })
  })

  it('[S25] Titan counts its tokens whole and at the end', () => {
    const answer = answerTo('amazon.titan-text-lite-v1', { inputText: 'Hello there' })
    const { input, output } = answer.usage
    expect(wholeOf(answer)).toEqual({
      inputTextTokenCount: input,
      results: [{ tokenCount: output, outputText: TEXT, completionReason: 'FINISH' }],
    })
    const events = eventsOf(answer)
    expect(events[0]).toEqual({
      outputText: expect.any(String),
      index: 0,
      totalOutputTextTokenCount: null,
      completionReason: null,
      inputTextTokenCount: null,
    })
    expect(events.at(-1)).toMatchObject({
      totalOutputTextTokenCount: output,
      completionReason: 'FINISH',
      inputTextTokenCount: input,
    })
  })

  it('[S25] Jamba always says its usage', () => {
    const answer = answerTo('ai21.jamba-1-5-mini-v1:0', MESSAGES)
    const { input, output } = answer.usage
    const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
    expect(wholeOf(answer)).toEqual({
      id: expect.stringMatching(/^chat-/),
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: TEXT, tool_calls: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage,
      meta: { requestDurationMillis: expect.any(Number) },
      model: 'jamba-1-5-mini',
    })
    expect(eventsOf(answer).at(-1)).toMatchObject({ usage })
  })

  it('[S25] DeepSeek R1 completes, DeepSeek V3 chats', () => {
    expect(whole('deepseek.r1-v1:0', PROMPT)).toEqual({
      choices: [{ text: TEXT, stop_reason: 'stop' }],
    })
    expect(whole('deepseek.v3-v1:0', MESSAGES)).toMatchObject({ object: 'chat.completion' })
  })

  it('[S26] Pegasus is paid for what it watches and what it writes, not for the question', () => {
    const film = { mediaSource: { s3Location: { uri: 's3://films/a.mp4', bucketOwner: '1' } } }
    const answer = answerTo('twelvelabs.pegasus-1-2-v1:0', { inputPrompt: 'What?', ...film })
    expect(answer.usage).toMatchObject({ input: 0, other: { video_seconds: 60 } })
    expect(answer.usage.output).toBeGreaterThan(0)
    expect(wholeOf(answer)).toEqual({ message: TEXT, finishReason: 'stop' })
  })

  it('[S6][S25] stops before a stop sequence', () => {
    const said = at(whole('mistral.mixtral-8x7b-instruct-v0:1', PROMPT), 'outputs', 0, 'text')
    const word = String(said).split(' ')[4] ?? ''
    const stopped = { ...PROMPT, stop: [` ${word} `] }
    const text = at(whole('mistral.mixtral-8x7b-instruct-v0:1', stopped), 'outputs', 0, 'text')
    expect(String(said).startsWith(String(text))).toBe(true)
    expect(String(text)).not.toContain(` ${word} `)
  })
})
