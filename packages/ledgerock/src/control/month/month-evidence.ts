// What tells owners in a month, as plain data that can be hashed and sent to another thread, and compiled where it is used.

import { rememberedOwnerRules, type OwnerRule } from '../../attribution/owner-rule.ts'
import { compileGlob } from '../../kernel/glob.ts'
import type { MeteredUse } from '../../reconciliation/cell.ts'
import { TAG_LAG_MS, type EvidenceRules, type Told } from '../../reconciliation/evidence.ts'
import type { Owner } from '../../reconciliation/owner.ts'
import { sessionPrefix, sessionReader, type SessionTarget } from './gateway-sessions.ts'

export type EvidenceFacts = {
  /** The file's, then those people assigned. */
  readonly owners: readonly OwnerRule[]
  /** Patterns of ARNs that call for everybody. */
  readonly gatewayPrincipals: readonly string[]
  readonly sessionTargets: readonly SessionTarget[]
  readonly precedence: readonly Told[]
  /** Lower-case tag key and its dimension. */
  readonly tagDimensions: readonly (readonly [string, string])[]
}

/** What the configuration says of it. */
export type EvidenceConfig = {
  readonly billing: {
    readonly gatewayPrincipals: readonly string[]
    readonly precedence: readonly Told[]
  }
  readonly bedrock: {
    readonly targets: readonly {
      readonly identity:
        | { readonly mode: 'gateway' | 'profiles' }
        | ({
            readonly mode: 'session'
            readonly tags: Readonly<Record<string, string>>
          } & SessionTarget)
    }[]
  }
  readonly dimensions: readonly { readonly name: string; readonly awsTags: readonly string[] }[]
}

export function evidenceFactsOf(
  { billing, bedrock, dimensions }: EvidenceConfig,
  owners: readonly OwnerRule[],
): EvidenceFacts {
  const sessions = bedrock.targets.flatMap(({ identity }) =>
    identity.mode === 'session' ? [identity] : [],
  )
  const roles = sessions.flatMap(({ roleArn }) => sessionPrefix(roleArn) ?? [])
  return {
    owners,
    gatewayPrincipals: [
      ...new Set([...billing.gatewayPrincipals, ...roles.map((one) => `${one}*`)]),
    ],
    sessionTargets: sessions.map(({ roleArn, sessionName }) => ({ roleArn, sessionName })),
    precedence: billing.precedence,
    tagDimensions: tagDimensionsOf(
      dimensions,
      sessions.flatMap(({ tags }) => Object.entries(tags)),
    ),
  }
}

/** A dimension's own name is a tag of that name, unless the configuration gives the tag to another. */
function tagDimensionsOf(
  dimensions: EvidenceConfig['dimensions'],
  sessionTags: readonly (readonly [string, string])[],
): EvidenceFacts['tagDimensions'] {
  const said = [
    ...dimensions.map(({ name }) => [name, name] as const),
    ...sessionTags,
    ...dimensions.flatMap(({ name, awsTags }) => awsTags.map((tag) => [tag, name] as const)),
  ]
  const keys = new Map<string, string>()
  for (const [tag, name] of said) {
    const key = tag.toLowerCase()
    // AWS writes its prefix for customers' own tags with either separator, or not at all.
    for (const written of [key, `user:${key}`, `user_${key}`]) keys.set(written, name)
  }
  return [...keys]
}

export function evidenceRulesOf(
  facts: EvidenceFacts,
  metered: readonly Pick<MeteredUse, 'owner'>[],
): EvidenceRules {
  const sessions = sessionReader(facts.sessionTargets, [
    ...new Set<Owner>(metered.map(({ owner }) => owner)),
  ])
  return {
    ownerOf: rememberedOwnerRules(facts.owners).ownerOf,
    sessionOwner: sessions.ownerOf,
    isGateway: anyOf(facts.gatewayPrincipals),
    precedence: facts.precedence,
    tagDimensions: new Map(facts.tagDimensions),
    tagLagMs: TAG_LAG_MS,
  }
}

function anyOf(patterns: readonly string[]): (text: string) => boolean {
  const globs = patterns.map(compileGlob)
  const seen = new Map<string, boolean>()
  return (text) => {
    let fits = seen.get(text)
    if (fits === undefined) {
      fits = globs.some((matches) => matches(text))
      seen.set(text, fits)
    }
    return fits
  }
}
