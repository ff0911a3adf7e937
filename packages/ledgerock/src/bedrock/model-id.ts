// Takes apart what a client names as its model: a base id, an inference profile id, or one of the ARNs Bedrock accepts. It says
// what the text itself says (region, account, maker) and looks nothing up; which base model stands behind a profile or an
// application's own ARN, and what it costs, is pricing's business.

import { makerOf, type Maker } from './maker.ts'

export { MAKERS, type Maker } from './maker.ts'

export const MODEL_ID_KINDS = [
  'base',
  'profile',
  'foundation-model',
  'inference-profile',
  'application-inference-profile',
  'provisioned-model',
  'custom-model',
  'custom-model-deployment',
  'imported-model',
  'prompt',
  'prompt-router',
  'sagemaker-endpoint',
  'unknown',
] as const
export type ModelIdKind = (typeof MODEL_ID_KINDS)[number]

export type ModelId = {
  readonly requested: string
  readonly kind: ModelIdKind
  /** From an ARN; foundation-model ARNs have no account, global ones no region. */
  readonly region: string | null
  readonly accountId: string | null
  /** The id itself, or what follows the resource type in an ARN. */
  readonly resource: string
  /** `us`, `eu`, `apac`, `jp`, `au`, `global`, `us-gov` … of an inference profile id. */
  readonly profilePrefix: string | null
  /** The base model's id where the text names it, else null. */
  readonly baseModel: string | null
  readonly maker: Maker | null
}

const ARN = /^arn:(aws[a-z-]*):(bedrock|sagemaker):([a-z0-9-]*):(\d{12}|aws)?:([a-z-]+)\/(.+)$/
const ARN_KINDS: ReadonlyMap<string, ModelIdKind> = new Map([
  ['foundation-model', 'foundation-model'],
  ['inference-profile', 'inference-profile'],
  ['application-inference-profile', 'application-inference-profile'],
  ['provisioned-model', 'provisioned-model'],
  ['custom-model', 'custom-model'],
  ['custom-model-deployment', 'custom-model-deployment'],
  ['imported-model', 'imported-model'],
  ['prompt', 'prompt'],
  ['prompt-router', 'prompt-router'],
  ['default-prompt-router', 'prompt-router'],
  ['endpoint', 'sagemaker-endpoint'],
])

/**
 * `<prefix>.<maker>.<model>` is a profile, `<maker>.<model>` a base model: profiles of a prefix nobody has seen yet are
 * recognised by their second dot-separated word being a maker we know, or the prefix being a known one.
 */
const PROFILE_PREFIXES = new Set([
  'us',
  'eu',
  'apac',
  'jp',
  'au',
  'ca',
  'sa',
  'uk',
  'in',
  'me',
  'af',
  'il',
  'kr',
  'global',
  'us-gov',
])
const PROVIDER_WORDS = new Set([
  'amazon',
  'anthropic',
  'ai21',
  'cohere',
  'deepseek',
  'google',
  'luma',
  'meta',
  'minimax',
  'mistral',
  'moonshot',
  'moonshotai',
  'nvidia',
  'openai',
  'qwen',
  'stability',
  'twelvelabs',
  'writer',
  'xai',
  'zai',
])

export function parseModelId(requested: string): ModelId {
  if (!requested.startsWith('arn:')) return parseId(requested)
  const match = ARN.exec(requested)
  const kind = match === null ? undefined : ARN_KINDS.get(match[5] as string)
  if (match === null || kind === undefined) return named(requested, 'unknown', requested)
  const [, , , region, account, , resource = ''] = match
  const place = {
    region: region === undefined || region === '' ? null : region,
    accountId: account === undefined || account === 'aws' ? null : account,
  }
  switch (kind) {
    case 'foundation-model':
      return { ...named(requested, kind, resource), ...place, ...ofBase(resource) }
    case 'inference-profile': {
      const inner = parseId(resource)
      return { ...inner, requested, kind, resource, ...place }
    }
    case 'custom-model': {
      // custom-model/<base model>/<id>: the fine-tuned model speaks its base model's native shape.
      const base = resource.split('/')[0] as string
      return { ...named(requested, kind, resource), ...place, maker: makerOf(base) }
    }
    default:
      return { ...named(requested, kind, resource), ...place }
  }
}

function parseId(id: string): ModelId {
  const [first = '', second = ''] = id.split('.', 2)
  const isProfile = PROFILE_PREFIXES.has(first)
    ? second !== ''
    : PROVIDER_WORDS.has(second) && !PROVIDER_WORDS.has(first)
  if (isProfile) {
    const base = id.slice(first.length + 1)
    return { ...named(id, 'profile', id), profilePrefix: first, ...ofBase(base) }
  }
  return { ...named(id, 'base', id), ...ofBase(id) }
}

function named(requested: string, kind: ModelIdKind, resource: string): ModelId {
  return {
    requested,
    kind,
    region: null,
    accountId: null,
    resource,
    profilePrefix: null,
    baseModel: null,
    maker: null,
  }
}

function ofBase(base: string): { readonly baseModel: string; readonly maker: Maker | null } {
  return { baseModel: base, maker: makerOf(base) }
}
