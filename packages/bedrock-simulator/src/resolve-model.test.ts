// Every way to name a model, from the path segment to the model, its scope and its refusals.

import { describe, expect, it } from 'vitest'

import { resolveModel } from './resolve-model.ts'
import { decodeModelPath, matchRoute } from './route.ts'

const PROFILE_ARN =
  'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3d4e5f6'
const CONTEXT = {
  region: 'us-east-1',
  accountId: '123456789012',
  inferenceProfiles: new Map([[PROFILE_ARN, 'us.anthropic.claude-sonnet-4-6']]),
}

function resolve(path: string, region = 'us-east-1'): unknown {
  const route = matchRoute('POST', `/model/${path}/converse`)
  const identifier = route === null ? null : decodeModelPath(route.modelPath)
  if (typeof identifier !== 'string') return identifier
  const resolved = resolveModel(identifier, { ...CONTEXT, region })
  if (!('model' in resolved)) return resolved.type
  return [resolved.model.id, resolved.scope, resolved.inferenceProfile]
}

const SONNET_45 = 'anthropic.claude-sonnet-4-5-20250929-v1:0'
const SONNET_46 = 'anthropic.claude-sonnet-4-6'
const ARN = 'arn:aws:bedrock:us-east-1'

describe('resolve model', () => {
  it.each([
    [SONNET_45, [SONNET_45, 'in-region', null]],
    [encodeURIComponent(SONNET_45), [SONNET_45, 'in-region', null]],
    [`us.${SONNET_45}`, [SONNET_45, 'geo', `us.${SONNET_45}`]],
    [`global.${SONNET_46}`, [SONNET_46, 'global', `global.${SONNET_46}`]],
    [`${ARN}::foundation-model/${SONNET_46}`, [SONNET_46, 'in-region', null]],
    [encodeURIComponent(`${ARN}::foundation-model/${SONNET_46}`), [SONNET_46, 'in-region', null]],
    [
      `${ARN}:123456789012:inference-profile%2Fus.${SONNET_46}`,
      [SONNET_46, 'geo', `us.${SONNET_46}`],
    ],
    [
      `${ARN}:123456789012:inference-profile/global.${SONNET_46}`,
      [SONNET_46, 'global', `global.${SONNET_46}`],
    ],
    [PROFILE_ARN, [SONNET_46, 'geo', PROFILE_ARN]],
    [encodeURIComponent(PROFILE_ARN), [SONNET_46, 'geo', PROFILE_ARN]],
  ])('[S4] resolves %s', (path, expected) => {
    expect(resolve(path)).toEqual(expected)
  })

  it.each([
    ['anthropic.claude-9', 'ValidationException'],
    [`mars.${SONNET_46}`, 'ValidationException'],
    [`apac.${SONNET_46}`, 'ValidationException'],
    ['us.openai.gpt-oss-20b-1:0', 'ValidationException'],
    ['arn:aws:s3:::bucket', 'ValidationException'],
    [`arn:aws:bedrock:eu-west-1::foundation-model/${SONNET_46}`, 'ValidationException'],
    [`${ARN}::foundation-model/nothing`, 'ResourceNotFoundException'],
    [`${ARN}:123456789012:inference-profile/us.nothing`, 'ResourceNotFoundException'],
    [`${ARN}:123456789012:application-inference-profile/zzz`, 'ResourceNotFoundException'],
    [`${ARN}:123456789012:prompt-router/r1`, 'ResourceNotFoundException'],
    [`${ARN}:999999999999:inference-profile/us.${SONNET_46}`, 'AccessDeniedException'],
  ])('[S4] refuses %s with %s', (path, type) => {
    expect(resolve(path)).toBe(type)
  })

  it('[S4] serves a profile only from its own geography', () => {
    expect(resolve(`eu.${SONNET_46}`)).toBe('ValidationException')
    expect(resolve(`eu.${SONNET_46}`, 'eu-west-1')).toEqual([SONNET_46, 'geo', `eu.${SONNET_46}`])
    expect(resolve(`jp.${SONNET_46}`, 'ap-northeast-1')).toEqual([
      SONNET_46,
      'geo',
      `jp.${SONNET_46}`,
    ])
  })

  it('[S4] decodes the path once', () => {
    expect(decodeModelPath('a%253Ab')).toBe('a%3Ab')
    expect(decodeModelPath('%zz')).toMatchObject({ type: 'ValidationException' })
    expect(decodeModelPath('a'.repeat(2_049))).toMatchObject({ type: 'ValidationException' })
  })

  it.each([
    '/',
    '/model/x',
    '/model//converse',
    '/model/x/count',
    '/models/x/invoke',
    '/v1/messages',
  ])('[S4] knows no route %s', (path) => {
    expect(matchRoute('POST', path)).toBeNull()
  })
})
