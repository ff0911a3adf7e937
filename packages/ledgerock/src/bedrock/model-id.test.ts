import { describe, expect, it } from 'vitest'
import { parseModelId } from './model-id.ts'

describe('parseModelId', () => {
  it.each([
    ['anthropic.claude-sonnet-4-6', 'base', null, 'anthropic.claude-sonnet-4-6', 'anthropic'],
    ['amazon.nova-lite-v1:0', 'base', null, 'amazon.nova-lite-v1:0', 'amazon.nova'],
    ['amazon.nova-2-lite-v1:0', 'base', null, 'amazon.nova-2-lite-v1:0', 'amazon.nova'],
    ['amazon.nova-sonic-v1:0', 'base', null, 'amazon.nova-sonic-v1:0', null],
    [
      'amazon.titan-embed-text-v2:0',
      'base',
      null,
      'amazon.titan-embed-text-v2:0',
      'amazon.titan-embed',
    ],
    ['openai.gpt-oss-120b-1:0', 'base', null, 'openai.gpt-oss-120b-1:0', 'openai'],
    ['us.anthropic.claude-sonnet-4-6', 'profile', 'us', 'anthropic.claude-sonnet-4-6', 'anthropic'],
    [
      'global.amazon.nova-2-lite-v1:0',
      'profile',
      'global',
      'amazon.nova-2-lite-v1:0',
      'amazon.nova',
    ],
    ['us-gov.anthropic.claude-v2', 'profile', 'us-gov', 'anthropic.claude-v2', 'anthropic'],
    ['mars.anthropic.claude-9', 'profile', 'mars', 'anthropic.claude-9', 'anthropic'],
    ['newmaker.model-1', 'base', null, 'newmaker.model-1', null],
  ] as const)('[B8] %s is a %s', (id, kind, profilePrefix, baseModel, maker) => {
    expect(parseModelId(id)).toEqual({
      requested: id,
      kind,
      region: null,
      accountId: null,
      resource: id,
      profilePrefix,
      baseModel,
      maker,
    })
  })

  const HERE = { region: 'us-east-1', accountId: '123456789012' }
  it.each([
    [
      'foundation-model/anthropic.claude-v2',
      'foundation-model',
      'anthropic.claude-v2',
      'anthropic',
    ],
    [
      'inference-profile/eu.amazon.nova-pro-v1:0',
      'inference-profile',
      'amazon.nova-pro-v1:0',
      'amazon.nova',
    ],
    ['application-inference-profile/abc', 'application-inference-profile', null, null],
    ['provisioned-model/abc', 'provisioned-model', null, null],
    ['custom-model/amazon.nova-lite-v1:0:300k/abc', 'custom-model', null, 'amazon.nova'],
    ['custom-model-deployment/abc', 'custom-model-deployment', null, null],
    ['imported-model/abc', 'imported-model', null, null],
    ['prompt/ABC:1', 'prompt', null, null],
    ['default-prompt-router/anthropic.claude:1', 'prompt-router', null, null],
    ['something-new/abc', 'unknown', null, null],
  ] as const)('[B8] an ARN of %s says what it is and where', (rest, kind, baseModel, maker) => {
    const arn = `arn:aws:bedrock:us-east-1:123456789012:${rest}`
    const place = kind === 'unknown' ? { region: null, accountId: null } : HERE
    expect(parseModelId(arn)).toMatchObject({ requested: arn, kind, baseModel, maker, ...place })
  })

  it('[B8] a foundation model belongs to no account, and a global one to no region', () => {
    expect(
      parseModelId('arn:aws:bedrock:us-west-2::foundation-model/openai.gpt-oss-20b'),
    ).toMatchObject({
      kind: 'foundation-model',
      region: 'us-west-2',
      accountId: null,
      maker: 'openai',
    })
    expect(parseModelId('arn:aws:bedrock:::foundation-model/anthropic.claude-v2').region).toBe(null)
    expect(
      parseModelId('arn:aws-us-gov:sagemaker:us-gov-west-1:123456789012:endpoint/e').kind,
    ).toBe('sagemaker-endpoint')
    expect(parseModelId('arn:nonsense').kind).toBe('unknown')
  })

  it.each([
    ['anthropic.claude-sonnet-5', 'anthropic'],
    ['amazon.nova-micro-v1:0', 'amazon.nova'],
    ['amazon.nova-2-pro-preview-20251202-v1:0', 'amazon.nova'],
    ['amazon.nova-canvas-v1:0', 'amazon.nova-canvas'],
    ['amazon.nova-reel-v1:1', 'amazon.nova-reel'],
    ['amazon.nova-2-multimodal-embeddings-v1:0', 'amazon.nova-embed'],
    ['amazon.nova-2-sonic-v1:0', null],
    ['amazon.titan-embed-image-v1', 'amazon.titan-embed'],
    ['amazon.titan-text-premier-v1:0', 'amazon.titan-text'],
    ['amazon.titan-tg1-large', 'amazon.titan-text'],
    ['amazon.titan-image-generator-v2:0', 'amazon.titan-image'],
    ['amazon.rerank-v1:0', 'amazon.rerank'],
    ['openai.gpt-5.6-sol', 'openai'],
    ['meta.llama4-scout-17b-instruct-v1:0', 'meta'],
    ['mistral.pixtral-large-2502-v1:0', 'mistral'],
    ['cohere.command-r-plus-v1:0', 'cohere.command'],
    ['cohere.embed-v4:0', 'cohere.embed'],
    ['cohere.rerank-v3-5:0', 'cohere.rerank'],
    ['cohere.other-v1', null],
    ['ai21.jamba-1-5-mini-v1:0', 'ai21'],
    ['deepseek.v3.2', 'deepseek'],
    ['qwen.qwen3-coder-next', 'qwen'],
    ['stability.sd3-5-large-v1:0', 'stability'],
    ['twelvelabs.pegasus-1-2-v1:0', 'twelvelabs'],
    ['writer.palmyra-x5-v1:0', 'writer'],
    ['luma.ray-v2:0', 'luma'],
    ['google.gemma-4-31b', 'google'],
    ['minimax.minimax-m2.5', 'minimax'],
    ['moonshot.kimi-k2-thinking', 'moonshot'],
    ['moonshotai.kimi-k3', 'moonshot'],
    ['nvidia.nemotron-super-3-120b', 'nvidia'],
    ['zai.glm-5.3', 'zai'],
    ['xai.grok-4.7', 'xai'],
    ['amazon', null],
    ['guardrail/gr1abc/1', null],
  ] as const)('[B8] the maker of %s, and of its profiles, is %s', (id, maker) => {
    expect(parseModelId(id).maker).toBe(maker)
    if (maker === null) return
    expect(parseModelId(`global.${id}`)).toMatchObject({ kind: 'profile', baseModel: id, maker })
    expect(parseModelId(`mars.${id}`)).toMatchObject({ kind: 'profile', baseModel: id, maker })
  })
})
