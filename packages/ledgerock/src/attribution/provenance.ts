// Where a dimension's value comes from, in fixed words that stand on every call: strongest source first, then what stands in for
// a value nobody said or that there was no room for.

export const PROVENANCES = [
  'key',
  'identity',
  'header',
  'metadata',
  'request_metadata',
  'baggage',
  'litellm',
  'portkey',
  'default',
  'unknown',
  'overflow',
] as const
export type Provenance = (typeof PROVENANCES)[number]
