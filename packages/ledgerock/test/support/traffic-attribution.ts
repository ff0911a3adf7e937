// What callers say of themselves in random traffic, and what the ledger must make of it: an oracle of its own, shorter than
// the product's rules, for the three carriers the traffic uses.

import fc from 'fast-check'

export const DIMENSIONS = [
  'team',
  'application',
  'environment',
  'cost_center',
  'feature',
  'workflow_id',
  'tenant_id',
  'user_id',
] as const
export type Dimension = (typeof DIMENSIONS)[number]
export type Said = Readonly<Partial<Record<Dimension, string>>>

/** Strongest first. `metadata` is a header on Invoke and a field of the body on Converse. */
export const CARRIERS = ['header', 'metadata', 'baggage'] as const
export type Carrier = (typeof CARRIERS)[number]
export type Claims = Readonly<Record<Carrier, Said>>

export type TrafficKey = { readonly name: string; readonly bind: Said }

export const TRAFFIC_KEYS: readonly TrafficKey[] = [
  { name: 'search-prod', bind: { team: 'search', application: 'api', environment: 'prod' } },
  { name: 'support-all', bind: { team: 'support' } },
  { name: 'tenant-key', bind: { tenant_id: 'acme', user_id: 'robot' } },
  { name: 'free', bind: {} },
]

export type Intent = {
  readonly dimensions: Readonly<Record<string, string>>
  readonly provenance: Readonly<Record<string, string>>
  /** `dimension: ignored value`, sorted. */
  readonly conflicts: readonly string[]
  /** Says a feature that the configuration does not know: no call at all. */
  readonly refused: boolean
}

const VALUES = ['search', 'support', 'prod', 'dev', 'a-1', 'B 2', 'x/y:z', '42'] as const
const value = fc.constantFrom(...VALUES)
const UNKNOWN_FEATURE = '42'
/** For `ledgerock.yaml`: what the oracle below takes for granted. */
export const TRAFFIC_DIMENSIONS = `dimensions: { feature: { values: ${JSON.stringify(
  VALUES.filter((name) => name !== UNKNOWN_FEATURE),
)} } }`

const said: fc.Arbitrary<Said> = fc.dictionary(fc.constantFrom(...DIMENSIONS), value, {
  maxKeys: 3,
  noNullPrototype: true,
})

export const arbitraryClaims: fc.Arbitrary<Claims> = fc.record({
  header: said,
  metadata: said,
  baggage: said,
})

/** `strict`: under `TRAFFIC_DIMENSIONS`. */
export function intentOf(
  { bind }: TrafficKey,
  claims: Claims,
  isConverse: boolean,
  strict: boolean,
): Intent {
  const sources: readonly (readonly [name: string, said: Said])[] = [
    ['key', bind],
    ['header', claims.header],
    [isConverse ? 'request_metadata' : 'metadata', claims.metadata],
    ['baggage', claims.baggage],
  ]
  const dimensions: Record<string, string> = {}
  const provenance: Record<string, string> = {}
  const conflicts: string[] = []
  for (const dimension of DIMENSIONS) {
    const claimed = sources.filter(([, words]) => words[dimension] !== undefined)
    const [winner] = claimed
    dimensions[dimension] = winner?.[1][dimension] ?? 'unknown'
    provenance[dimension] = winner?.[0] ?? 'unknown'
    for (const [, words] of claimed) {
      if (words[dimension] !== dimensions[dimension]) {
        conflicts.push(`${dimension}: ${words[dimension]}`)
      }
    }
  }
  const refused = strict && dimensions['feature'] === UNKNOWN_FEATURE
  // What was refused does not enter the books as anybody's feature.
  if (refused) dimensions['feature'] = 'unknown'
  return { dimensions, provenance, conflicts: conflicts.toSorted(), refused }
}

export function headersOf(claims: Claims, isConverse: boolean): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const [dimension, word] of Object.entries(claims.header)) {
    headers[`x-ledgerock-${dimension.replaceAll('_', '-')}`] = word
  }
  if (!isConverse && Object.keys(claims.metadata).length > 0) {
    headers['x-amzn-bedrock-request-metadata'] = JSON.stringify(claims.metadata)
  }
  const baggage = Object.entries(claims.baggage).map(
    ([dimension, word]) => `ledgerock.${dimension}=${encodeURIComponent(word)}`,
  )
  if (baggage.length > 0) headers['baggage'] = baggage.join(',')
  return headers
}
