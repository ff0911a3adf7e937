import { describe, expect, it } from 'vitest'
import { isProfileArn, modelOfProfile } from './profile-model.ts'

const HAIKU = 'anthropic.claude-haiku-4-5-20251001-v1:0'

function behind(ownRegion: string, regions: readonly string[], model = HAIKU): string | null {
  const arn = `arn:aws:bedrock:${ownRegion}:123456789012:application-inference-profile/p7aksl2pa6w7`
  const modelArns = regions.map((region) => `arn:aws:bedrock:${region}::foundation-model/${model}`)
  return modelOfProfile(arn, { type: 'APPLICATION', id: 'p7', modelArns })?.modelId ?? null
}

describe('modelOfProfile', () => {
  it.each([
    ['its own region', 'us-east-1', ['us-east-1'], HAIKU],
    ['the United States', 'us-east-1', ['us-east-1', 'us-east-2', 'us-west-2'], `us.${HAIKU}`],
    ['the United States from Canada', 'ca-central-1', ['ca-central-1', 'us-east-1'], `us.${HAIKU}`],
    ['Europe', 'eu-west-1', ['eu-west-1', 'eu-north-1'], `eu.${HAIKU}`],
    ['Japan', 'ap-northeast-1', ['ap-northeast-1', 'ap-northeast-3'], `jp.${HAIKU}`],
    ['Australia', 'ap-southeast-2', ['ap-southeast-2', 'ap-southeast-4'], `au.${HAIKU}`],
    ['India', 'ap-south-1', ['ap-south-1', 'ap-south-2'], `in.${HAIKU}`],
    ['Asia', 'ap-south-1', ['ap-south-1', 'ap-northeast-1'], `apac.${HAIKU}`],
    ['Canada', 'ca-central-1', ['ca-central-1', 'ca-west-1'], `ca.${HAIKU}`],
    ['GovCloud', 'us-gov-west-1', ['us-gov-west-1', 'us-gov-east-1'], `us-gov.${HAIKU}`],
    ['one other region', 'us-east-1', ['us-west-2'], `us.${HAIKU}`],
    // As GetInferenceProfile lists a profile copied from a global one.
    ['the world', 'us-east-2', ['', 'us-east-1'], `global.${HAIKU}`],
    ['nowhere known', 'me-south-1', ['me-south-1', 'af-south-1'], null],
    ['nothing', 'us-east-1', [], null],
  ] as const)('[W16] a profile over %s', (_name, own, regions, expected) => {
    expect(behind(own, regions)).toBe(expected)
  })

  it('[W16] one that stands for two models, or for no model, is not resolved', () => {
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/x'
    const of = (...modelArns: (string | undefined)[]) =>
      modelOfProfile(arn, { type: 'APPLICATION', id: 'x', modelArns })
    expect(
      of(
        'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0',
        'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0',
      ),
    ).toBeNull()
    expect(of('arn:aws:bedrock:us-east-1:1:custom-model/x')).toBeNull()
    expect(of(undefined)).toBeNull()
  })

  it('[W16] a system-defined profile is its own id', () => {
    const arn = `arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.${HAIKU}`
    const profile = { type: 'SYSTEM_DEFINED', id: `us.${HAIKU}`, modelArns: [] }
    expect(modelOfProfile(arn, profile)).toEqual({ modelId: `us.${HAIKU}`, source: 'profile' })
    expect(modelOfProfile(arn, { ...profile, id: undefined })).toBeNull()
  })

  it('[W17] knows an ARN that is worth asking about', () => {
    const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
    expect(isProfileArn(arn)).toBe(true)
    expect(
      isProfileArn('arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:inference-profile/x'),
    ).toBe(true)
    for (const other of [
      `${arn}/x`,
      `${arn}\n`,
      arn.replace('123456789012', '1'),
      arn.replace('us-east-1', ''),
      arn.replace('us-east-1', 'evil.example#'),
      arn.replace('application-inference-profile', 'imported-model'),
      'anthropic.claude-haiku-4-5-20251001-v1:0',
      `${arn}${'x'.repeat(200)}`,
    ]) {
      expect([other, isProfileArn(other)]).toEqual([other, false])
    }
  })
})
