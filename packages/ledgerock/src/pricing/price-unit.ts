// The units Bedrock sells in, and how many of them one list price buys: AWS quotes tokens by the million and guardrail text
// units by the thousand, everything else one by one. Capacity is sold by the hour: a model unit, or a number of tokens a minute
// (`tpm_hour`, quoted by the million too).

export const PRICE_UNITS = [
  'token',
  'image',
  'second',
  'query',
  'request',
  'text_unit',
  'model_unit_hour',
  'tpm_hour',
  'storage_month',
] as const
export type PriceUnit = (typeof PRICE_UNITS)[number]

export const UNITS_PER_PRICE: Readonly<Record<PriceUnit, bigint>> = {
  token: 1_000_000n,
  image: 1n,
  second: 1n,
  query: 1n,
  request: 1n,
  text_unit: 1_000n,
  model_unit_hour: 1n,
  tpm_hour: 1_000_000n,
  storage_month: 1n,
}
