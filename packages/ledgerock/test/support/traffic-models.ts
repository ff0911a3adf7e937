// The models random traffic asks for, with what the simulator sells of each in each of the two regions tested: typed by hand
// from its price table, so that every combination drawn has a price there, but for the one model that has none on purpose.

import type { SimulatorOptions } from '@ledgerock/bedrock-simulator'

export const TRAFFIC_REGIONS = ['us-east-1', 'eu-west-1'] as const
export type TrafficRegion = (typeof TRAFFIC_REGIONS)[number]

export type CacheLifetime = '5m' | '1h'
export type TrafficTier = 'standard' | 'priority' | 'flex' | 'latency-optimized'

export type TrafficModel = {
  readonly id: string
  readonly family: 'anthropic' | 'nova' | 'openai' | 'embedding'
  /** Has an inference profile of the region's own geography. */
  readonly geo: boolean
  readonly global: boolean
  readonly caches: readonly CacheLifetime[]
  /** Besides standard, by region. */
  readonly tiers: Readonly<Record<TrafficRegion, readonly TrafficTier[]>>
}

const NO_TIERS: TrafficModel['tiers'] = { 'us-east-1': [], 'eu-west-1': [] }
const PAID: readonly TrafficTier[] = ['priority', 'flex']

function model(
  family: TrafficModel['family'],
  id: string,
  rest: Partial<Omit<TrafficModel, 'id' | 'family'>> = {},
): TrafficModel {
  return { id, family, geo: false, global: false, caches: [], tiers: NO_TIERS, ...rest }
}

const CLAUDE = { geo: true, global: true, caches: ['5m', '1h'] } as const
const OLD_CLAUDE = { geo: true, caches: ['5m'] } as const
const NOVA = { geo: true, caches: ['5m'] } as const

export const UNPRICED_MODEL = 'anthropic.claude-unlisted-v1:0'

export const TRAFFIC_MODELS: readonly TrafficModel[] = [
  model('anthropic', 'anthropic.claude-sonnet-4-6', CLAUDE),
  model('anthropic', 'anthropic.claude-sonnet-4-5-20250929-v1:0', CLAUDE),
  model('anthropic', 'anthropic.claude-opus-4-6-v1', CLAUDE),
  model('anthropic', 'anthropic.claude-haiku-4-5-20251001-v1:0', CLAUDE),
  model('anthropic', 'anthropic.claude-3-7-sonnet-20250219-v1:0', OLD_CLAUDE),
  model('anthropic', 'anthropic.claude-3-5-haiku-20241022-v1:0', OLD_CLAUDE),
  model('anthropic', UNPRICED_MODEL, CLAUDE),
  model('nova', 'amazon.nova-micro-v1:0', NOVA),
  model('nova', 'amazon.nova-lite-v1:0', NOVA),
  model('nova', 'amazon.nova-pro-v1:0', {
    ...NOVA,
    tiers: { 'us-east-1': [...PAID, 'latency-optimized'], 'eu-west-1': [] },
  }),
  model('nova', 'amazon.nova-2-lite-v1:0', {
    ...NOVA,
    global: true,
    tiers: { 'us-east-1': PAID, 'eu-west-1': PAID },
  }),
  model('openai', 'openai.gpt-oss-20b-1:0', { tiers: { 'us-east-1': PAID, 'eu-west-1': [] } }),
  model('openai', 'openai.gpt-oss-120b-1:0', { tiers: { 'us-east-1': PAID, 'eu-west-1': PAID } }),
  model('embedding', 'amazon.titan-embed-text-v1'),
  model('embedding', 'amazon.titan-embed-text-v2:0'),
]

/** Its id says nothing of the model behind it: the gateway asks Bedrock, once. */
export function applicationProfile(region: TrafficRegion): { arn: string; source: string } {
  return {
    arn: `arn:aws:bedrock:${region}:123456789012:application-inference-profile/abcdefgh1234`,
    source: `arn:aws:bedrock:${region}::foundation-model/anthropic.claude-sonnet-4-6`,
  }
}

/** Every id under which a model can be asked for in a region. */
export function idsOf({ id, geo, global }: TrafficModel, region: TrafficRegion): string[] {
  const profiles = [
    ...(geo ? [`${region.slice(0, 2)}.${id}`] : []),
    ...(global ? [`global.${id}`] : []),
  ]
  return [
    id,
    `arn:aws:bedrock:${region}::foundation-model/${id}`,
    ...profiles,
    ...profiles.map((name) => `arn:aws:bedrock:${region}:123456789012:inference-profile/${name}`),
    ...(id === 'anthropic.claude-sonnet-4-6' ? [applicationProfile(region).arn] : []),
  ]
}

/** A simulator for this traffic: prefixes need not be long to be cached, and the application profile exists. */
export function trafficSimulator(region: TrafficRegion, seed: number): SimulatorOptions {
  const { arn, source } = applicationProfile(region)
  const inferenceProfiles = { [arn]: source }
  return { seed, regions: [region], cachePrefixTokensMin: 32, inferenceProfiles }
}
