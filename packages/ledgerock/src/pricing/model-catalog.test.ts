import { describe, expect, it } from 'vitest'
import { resolveModel } from './model-catalog.ts'
import { buildPriceBook, layerOf } from './price-book.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'
import { suggestModels } from './suggest-models.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])
const S46 = 'anthropic.claude-sonnet-4-6'
const LITE = 'amazon.nova-lite-v1:0'
const ARN = 'arn:aws:bedrock:eu-west-1'

describe('resolveModel', () => {
  it.each([
    [S46, S46, null, 'in-region'],
    [`us.${S46}`, S46, `us.${S46}`, 'geo'],
    [`eu.${LITE}`, LITE, `eu.${LITE}`, 'geo'],
    [`apac.${LITE}`, LITE, `apac.${LITE}`, 'geo'],
    [`jp.${S46}`, S46, `jp.${S46}`, 'geo'],
    [`au.${S46}`, S46, `au.${S46}`, 'geo'],
    [`in.openai.gpt-5.6-luna`, 'openai.gpt-5.6-luna', `in.openai.gpt-5.6-luna`, 'geo'],
    [`ca.${LITE}`, LITE, `ca.${LITE}`, 'geo'],
    [`us-gov.${S46}`, S46, `us-gov.${S46}`, 'geo'],
    [`global.${S46}`, S46, `global.${S46}`, 'global'],
    // another name of the base model, and a profile of it
    ['openai.gpt-oss-120b', 'openai.gpt-oss-120b-1:0', null, 'in-region'],
    ['us.deepseek.v3.1', 'deepseek.v3-v1:0', 'us.deepseek.v3.1', 'geo'],
    [`${LITE}:300k`, LITE, null, 'in-region'],
    [`${ARN}::foundation-model/${LITE}`, LITE, null, 'in-region'],
    [`arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/${LITE}`, LITE, null, 'in-region'],
    [`${ARN}:111122223333:inference-profile/eu.${LITE}`, LITE, `eu.${LITE}`, 'geo'],
    [`${ARN}:111122223333:inference-profile/global.${S46}`, S46, `global.${S46}`, 'global'],
  ])('[P12] %s', (requested, modelId, inferenceProfile, scope) => {
    expect(resolveModel(book, requested)).toEqual({
      kind: 'resolved',
      modelId,
      inferenceProfile,
      scope,
    })
  })

  it('what calls no model has none, and no scope', () => {
    expect(resolveModel(book, 'unknown')).toEqual({
      kind: 'unresolved',
      reason: 'unknown_model',
      modelId: null,
      inferenceProfile: null,
      scope: null,
    })
  })

  it('[P12] every listed profile resolves as it is listed', () => {
    for (const { profile_id, model_id, scope } of SNAPSHOT_LAYER.document.inference_profiles) {
      const expected = { kind: 'resolved', modelId: model_id, inferenceProfile: profile_id, scope }
      expect(resolveModel(book, profile_id)).toEqual(expected)
    }
  })

  const AIP = `${ARN}:111122223333:application-inference-profile/a1b2c3d4`

  it.each([
    [AIP, AIP],
    [
      `${ARN}:111122223333:inference-profile/my-team`,
      `${ARN}:111122223333:inference-profile/my-team`,
    ],
    [`${ARN}:111122223333:provisioned-model/a1b2`, null],
    [`${ARN}:111122223333:custom-model/${LITE}/a1b2`, null],
    [`${ARN}:111122223333:custom-model-deployment/a1b2`, null],
    [`${ARN}:111122223333:imported-model/a1b2`, null],
    [`${ARN}:111122223333:prompt/PROMPT1:1`, null],
    [`${ARN}:111122223333:default-prompt-router/anthropic.claude:1`, null],
    ['arn:aws:sagemaker:eu-west-1:111122223333:endpoint/mine', null],
    ['arn:aws:bedrock', null],
    ['arn:', null],
  ])('[P12] %s can only be looked up at AWS', (requested, inferenceProfile) => {
    expect(resolveModel(book, requested)).toEqual({
      kind: 'unresolved',
      reason: 'unresolved_profile',
      modelId: null,
      inferenceProfile,
      scope: null,
    })
  })

  const behind = (modelId: string) => ({ modelId, source: 'profile' as const })

  it.each([
    [S46, S46, 'in-region'],
    [`us.${S46}`, S46, 'geo'],
    [`global.${S46}`, S46, 'global'],
    [`${ARN}::foundation-model/${LITE}`, LITE, 'in-region'],
    [`${ARN}:111122223333:inference-profile/eu.${LITE}`, LITE, 'geo'],
  ])('[P15] a profile behind which AWS named %s is priced by that', (named, modelId, scope) => {
    expect(resolveModel(book, AIP, behind(named))).toEqual({
      kind: 'resolved',
      modelId,
      inferenceProfile: AIP,
      scope,
    })
  })

  it('[P15] what AWS named may be unknown to the book, and is named', () => {
    expect(resolveModel(book, AIP, behind('us.maker.new-1'))).toEqual({
      kind: 'unresolved',
      reason: 'unknown_model',
      modelId: 'maker.new-1',
      inferenceProfile: AIP,
      scope: 'geo',
    })
    const unresolved = { kind: 'unresolved', reason: 'unresolved_profile', inferenceProfile: AIP }
    expect(resolveModel(book, AIP, behind(AIP))).toMatchObject(unresolved)
    expect(resolveModel(book, AIP, null)).toMatchObject(unresolved)
  })

  it('[P15] a look-up speaks for nothing but a profile', () => {
    for (const requested of [S46, `us.${LITE}`, `${ARN}:111122223333:provisioned-model/a1b2`]) {
      const alone = resolveModel(book, requested)
      expect(resolveModel(book, requested, behind('us.anthropic.claude-opus-5'))).toEqual(alone)
    }
  })

  it.each([
    ['guardrail/gr-1/3', 'guardrail'],
    ['guardrail/arn:aws:bedrock:us-east-1:111122223333:guardrail/gr-1/DRAFT', 'guardrail'],
    ['guardrail-checks', 'guardrail-checks'],
  ])('[P16] %s is priced as %s', (requested, modelId) => {
    expect(resolveModel(book, requested)).toEqual({
      kind: 'resolved',
      modelId,
      inferenceProfile: null,
      scope: 'in-region',
    })
  })

  it('[P16] a book without guardrail rates knows no guardrails', () => {
    const { document } = SNAPSHOT_LAYER
    const bare = buildPriceBook([layerOf('snapshot', { ...document, shared_rates: [] })])
    expect(resolveModel(bare, 'guardrail/gr-1/3').kind).toBe('unresolved')
  })

  it.each([
    ['anthropic.claude-9', 'anthropic.claude-9', null, 'in-region'],
    ['us.anthropic.claude-9', 'anthropic.claude-9', 'us.anthropic.claude-9', 'geo'],
    [`${ARN}::foundation-model/maker.x`, 'maker.x', null, 'in-region'],
    // no prefix of a geography: a maker called "mars"
    [`mars.${S46}`, `mars.${S46}`, null, 'in-region'],
    ['constructor', 'constructor', null, 'in-region'],
    ['__proto__', '__proto__', null, 'in-region'],
    ['', '', null, 'in-region'],
    ['US.ANTHROPIC.X', 'US.ANTHROPIC.X', null, 'in-region'],
  ])('[P4] %j is an unknown model', (requested, modelId, inferenceProfile, scope) => {
    expect(resolveModel(book, requested)).toEqual({
      kind: 'unresolved',
      reason: 'unknown_model',
      modelId,
      inferenceProfile,
      scope,
    })
  })
})

describe('suggestModels', () => {
  it.each([
    ['claude-sonnet-4.6', S46],
    ['anthropic.claude-sonnet-4-6-v1:0', S46],
    ['us.anthropic.claude-sonet-4-6', `us.${S46}`],
    ['nova-pro', 'amazon.nova-pro-v1:0'],
    ['Amazon.Nova-Lite-v1', LITE],
  ])('%s → %s', (unknown, nearest) => {
    expect(suggestModels(book, unknown)[0]).toBe(nearest)
  })

  it('says nothing where nothing is near', () => {
    expect(suggestModels(book, 'xyz')).toEqual([])
    expect(suggestModels(book, 'x'.repeat(2048))).toEqual([])
    expect(suggestModels(book, 'completely different things')).toEqual([])
  })
})
