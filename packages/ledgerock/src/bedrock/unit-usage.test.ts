import { describe, expect, it } from 'vitest'
import { createUsageMeter } from './usage/create-usage-meter.ts'
import type { MediaAsk } from './request/media-ask.ts'
import { isFree, OPERATIONS } from './operation.ts'
import { encodeNative } from './testing/encode-frame.ts'
import { meterOf, streamed, unary } from './testing/read-usage.ts'

const NOTHING_ASKED: MediaAsk = {
  width: null,
  height: null,
  quality: null,
  resolution: null,
  images: null,
  videoSeconds: null,
  documents: null,
}
const asked = (ask: Partial<MediaAsk>): MediaAsk => ({ ...NOTHING_ASKED, ...ask })
const IMAGE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const CANVAS = 'amazon.nova-canvas-v1:0'
const TITAN = 'amazon.titan-image-generator-v2:0'
const ULTRA = 'stability.stable-image-ultra-v1:1'

describe('images', () => {
  it.each<readonly [string, Partial<MediaAsk>, string | null]>([
    [CANVAS, {}, 'up to 1024x1024, standard'],
    [CANVAS, { width: 1_024, height: 768, quality: 'premium' }, 'up to 1024x1024, premium'],
    [CANVAS, { width: 1_280, height: 720 }, 'up to 1024x1024, standard'],
    [CANVAS, { width: 1_280, height: 1_280 }, 'up to 2048x2048, standard'],
    [CANVAS, { height: 2_048, quality: 'premium' }, 'up to 2048x2048, premium'],
    [TITAN, { width: 512, height: 512 }, '512x512, standard'],
    [TITAN, { width: 768, height: 768 }, '512x512, standard'],
    [TITAN, { width: 640, height: 1_152 }, '1024x1024, standard'],
    [TITAN, {}, '1024x1024, standard'],
    [TITAN, { width: 1_024, height: 1_024, quality: 'premium' }, '1024x1024, premium'],
    [ULTRA, { width: 2_048 }, null],
  ])('[B22] %s asked for %j', (model, ask, variant) => {
    const reading = unary('invoke', model, { images: [IMAGE, IMAGE] }, {}, asked(ask))
    expect(reading).toMatchObject({ variant, usageSource: 'response', missing: false })
    expect(reading.usage).toEqual({ images: 2 })
  })

  it('[B22] are counted in the answer, whatever was asked for, and however it is cut', () => {
    const body = Buffer.from(JSON.stringify({ images: [IMAGE, IMAGE, IMAGE], error: null }))
    for (let size = 1; size <= body.length; size += 1) {
      const watching = meterOf('invoke', CANVAS, {}, 200, asked({ images: 5 }))
      for (let at = 0; at < body.length; at += size) watching.write(body.subarray(at, at + size))
      watching.end()
      expect(watching.read()).toMatchObject({ usage: { images: 3 }, usageSource: 'response' })
    }
  })

  it('[B22] of an answer that shows none, or was cut, are those asked for', () => {
    const reading = unary('invoke', CANVAS, { images: [] }, {}, asked({ images: 4 }))
    expect(reading).toMatchObject({ usage: { images: 4 }, usageSource: 'estimated' })
    const cut = meterOf('invoke', ULTRA, {})
    cut.write(Buffer.from(`{"images":["${IMAGE}`))
    expect(cut.read()).toMatchObject({
      usage: { images: 1 },
      usageSource: 'estimated',
      final: false,
    })
  })
})

describe('other units', () => {
  it.each([
    [null, 1],
    [1, 1],
    [100, 1],
    [101, 2],
    [1_000, 10],
  ])('[B22] a rerank of %s documents is %i searches', (documents, searches) => {
    for (const model of ['amazon.rerank-v1:0', 'cohere.rerank-v3-5:0']) {
      const body = { results: [{ index: 0, relevance_score: 0.9 }] }
      const reading = unary('invoke', model, body, {}, asked({ documents }))
      expect(reading.usage).toEqual({ search_units: searches })
      expect(reading.usageSource).toBe('estimated')
    }
  })

  const REEL = 'amazon.nova-reel-v1:1'
  const RAY = 'luma.ray-v2:0'
  it.each<readonly [string, Partial<MediaAsk>, number, string]>([
    [REEL, { videoSeconds: 6, resolution: '1280x720' }, 6, '720p, 24 fps'],
    [REEL, { videoSeconds: 120 }, 120, '720p, 24 fps'],
    [REEL, {}, 6, '720p, 24 fps'],
    [REEL, { videoSeconds: 6, resolution: '1920x1080' }, 6, '1920x1080, 24 fps'],
    [RAY, { videoSeconds: 9, resolution: '540p' }, 9, '540p, 24 fps'],
    [RAY, {}, 5, '720p, 24 fps'],
  ])('[B22] %s asked for %j makes %i seconds', (model, ask, seconds, variant) => {
    const body = { invocationArn: 'arn:aws:bedrock:us-east-1:111122223333:async-invoke/a1' }
    const reading = unary('start-async-invoke', model, body, {}, asked(ask))
    expect(reading).toMatchObject({
      variant,
      usageSource: 'estimated',
      missing: false,
      final: true,
    })
    expect(reading.usage).toEqual({ video_seconds: seconds })
  })

  it.each(['twelvelabs.marengo-embed-2-7-v1:0', 'amazon.nova-pro-v1:0'])(
    '[B22] what %s makes later, and nobody says how much of, is missing',
    (model) => {
      const reading = unary('start-async-invoke', model, { invocationArn: 'a' })
      expect(reading).toMatchObject({ usage: {}, missing: true, usageSource: 'estimated' })
      expect(reading.problems).toEqual(['usage_missing'])
    },
  )

  it('[B22] embeddings of images count the images beside the text', () => {
    const titan = { embedding: [0.1], inputTextTokenCount: 5 }
    const one = asked({ images: 1 })
    expect(unary('invoke', 'amazon.titan-embed-image-v1', titan, {}, one)).toMatchObject({
      usage: { input: 5, image_input: 1 },
      variant: null,
      usageSource: 'response',
    })
    const nova = (quality: string | null) =>
      unary(
        'invoke',
        'amazon.nova-2-multimodal-embeddings-v1:0',
        { embeddings: [] },
        {},
        asked({ images: 1, quality }),
      )
    expect(nova(null)).toMatchObject({ variant: 'standard', usageSource: 'response' })
    expect(nova(null).usage).toEqual({ image_input: 1 })
    expect(nova('DOCUMENT_IMAGE').variant).toBe('document')
    const marengo = { data: [{ embedding: [0.1] }] }
    const MARENGO = 'us.twelvelabs.marengo-embed-3-0-v1:0'
    expect(unary('invoke', MARENGO, marengo, {}, one).usage).toEqual({ image_input: 1 })
    expect(unary('invoke', MARENGO, marengo).usage).toEqual({ requests: 1 })
  })

  it('[B22] embeddings of a recording are paid by the second, and its length is not said', () => {
    const recording = { inputEstimate: 9, media: null, mediaParts: 1 }
    const model = { maker: 'amazon.nova-embed' as const }
    const watching = createUsageMeter({ operation: 'invoke' }, model, recording, 200, {})
    watching.write(Buffer.from('{"embeddings":[]}'))
    watching.end()
    expect(watching.read()).toMatchObject({ usage: {}, missing: true })
  })

  it('[B22] a model that watched a video does not say how long it was', () => {
    const body = { message: 'A dog.', finishReason: 'stop' }
    const PEGASUS = 'us.twelvelabs.pegasus-1-2-v1:0'
    expect(unary('invoke', PEGASUS, body)).toMatchObject({ usage: {}, missing: true })
    const metrics = { inputTokenCount: 0, outputTokenCount: 3 }
    const last = { message: '', 'amazon-bedrock-invocationMetrics': metrics }
    const reading = streamed('invoke-with-response-stream', PEGASUS, [encodeNative(last)])
    expect(reading).toMatchObject({ usage: {}, missing: true, final: true })
    expect(JSON.parse(reading.rawUsage ?? '')).toEqual(metrics)
  })
})

describe('guardrails', () => {
  it('[B23] text units are counted for each policy that looked', () => {
    const usage = {
      topicPolicyUnits: 1,
      contentPolicyUnits: 2,
      wordPolicyUnits: 3,
      sensitiveInformationPolicyUnits: 4,
      sensitiveInformationPolicyFreeUnits: 5,
      contextualGroundingPolicyUnits: 6,
      contentPolicyImageUnits: 7,
      automatedReasoningPolicyUnits: 8,
      automatedReasoningPolicies: 9,
    }
    const reading = unary('apply-guardrail', 'guardrail/g1/1', { usage, action: 'NONE' })
    expect(reading).toMatchObject({ usageSource: 'response', final: true, problems: [] })
    expect(reading.usage).toEqual({
      text_units_topic: 1,
      text_units_content: 2,
      text_units_word: 3,
      text_units_sensitive_information: 4,
      text_units_sensitive_information_free: 5,
      text_units_contextual_grounding: 6,
      text_units_content_image: 7,
      text_units_automated_reasoning: 8,
    })
    expect(JSON.parse(reading.rawUsage ?? '')).toEqual(usage)
  })

  it('[B23] a guardrail with nothing to do used nothing, which is known', () => {
    const usage = { topicPolicyUnits: 0, contentPolicyUnits: 0 }
    const reading = unary('apply-guardrail', 'guardrail/g1/1', { usage })
    expect(reading.usage).toEqual({ text_units_topic: 0, text_units_content: 0 })
    expect(reading.missing).toBe(false)
  })

  it('[B23] an answer without usage is missing', () => {
    expect(unary('apply-guardrail', 'guardrail/g1/1', { action: 'NONE' })).toMatchObject({
      usage: {},
      missing: true,
    })
  })

  it('[B23] checks are kinds of their own', () => {
    const usage = {
      contentFilter: { textUnits: 1 },
      promptAttack: { textUnits: 2 },
      sensitiveInformation: { textUnits: 0 },
    }
    expect(unary('invoke-guardrail-checks', 'guardrail-checks', { usage }).usage).toEqual({
      text_units_checks_content: 1,
      text_units_checks_prompt_attack: 2,
    })
  })
})

describe('what is free', () => {
  it('[B24] is read as free, and nothing else is', () => {
    for (const operation of OPERATIONS) {
      const reading = unary(operation, 'anthropic.claude-sonnet-4-6', { inputTokens: 9 })
      expect([operation, reading.free]).toEqual([operation, isFree(operation)])
      if (reading.free) expect(reading).toMatchObject({ usage: {}, missing: false })
    }
  })

  it('[B18] an error is no free answer, it is none', () => {
    const watching = meterOf('count-tokens', 'anthropic.claude-sonnet-4-6', {}, 400)
    expect(watching.read()).toMatchObject({ free: false, usage: {}, missing: false })
    expect(streamed('converse-stream', 'a.b', []).free).toBe(false)
  })

  it('[B24] training that begins is paid later, and by what it uses', () => {
    expect(unary('fine-tuning', 'amazon.nova-pro-v1:0', { id: 'job' }).missing).toBe(true)
  })
})
