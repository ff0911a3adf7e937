// The inference profile that offers a base model in a scope to callers of a region. Pure, from the profiles the price book knows;
// null where it knows none.
// Source: Amazon Bedrock user guide, "Supported Regions and models for inference profiles".

import type { Scope } from '@ledgerock/contract'
import type { PriceBook } from './price-book.ts'

/** Geographies by what a region's name begins with, the narrowest first. */
const GEOGRAPHIES: readonly (readonly [regionPrefix: string, geographies: readonly string[]])[] = [
  ['us-gov-', ['us-gov']],
  ['us-', ['us']],
  ['ca-', ['ca', 'us']],
  ['eu-', ['eu']],
  ['ap-northeast-', ['jp', 'apac']],
  ['ap-southeast-', ['au', 'apac']],
  ['ap-south-', ['in', 'apac']],
  ['ap-', ['apac']],
]

/** `modelId` is a base id. */
export function profileInScope(
  book: PriceBook,
  modelId: string,
  scope: Scope,
  region: string,
): string | null {
  if (scope === 'in-region') return modelId
  const geographies =
    scope === 'global'
      ? ['global']
      : (GEOGRAPHIES.find(([prefix]) => region.startsWith(prefix))?.[1] ?? [])
  for (const geography of geographies) {
    const id = `${geography}.${modelId}`
    if (book.profiles.has(id)) return id
  }
  return null
}
