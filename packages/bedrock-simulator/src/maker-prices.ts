// Prices of the other makers' text models and of OpenAI's own, in dollars per million tokens. Part of the hand-typed price
// list.

import {
  DUBLIN,
  FRANKFURT,
  GEO,
  GLOBAL,
  IN_REGION,
  OREGON_VIRGINIA,
  REGIONAL,
  row,
  type PriceRow,
} from './price-row.ts'
import type { Scope } from './resolve-model.ts'

/** A model with two prices, input and output, at the standard tier. */
function pair(
  model: string,
  regions: PriceRow['regions'],
  scopes: readonly Scope[],
  input: string,
  output: string,
): PriceRow {
  return row(model, regions, scopes, 'standard', { input, output })
}

const META: readonly PriceRow[] = [
  pair('meta.llama3-8b-instruct-v1:0', OREGON_VIRGINIA, IN_REGION, '0.3', '0.6'),
  pair('meta.llama3-70b-instruct-v1:0', OREGON_VIRGINIA, IN_REGION, '2.65', '3.5'),
  pair('meta.llama3-1-8b-instruct-v1:0', 'commercial', REGIONAL, '0.22', '0.22'),
  pair('meta.llama3-1-70b-instruct-v1:0', 'commercial', REGIONAL, '0.72', '0.72'),
  pair('meta.llama3-2-11b-instruct-v1:0', 'commercial', REGIONAL, '0.16', '0.16'),
  pair('meta.llama3-3-70b-instruct-v1:0', 'commercial', REGIONAL, '0.72', '0.72'),
  pair('meta.llama4-scout-17b-instruct-v1:0', 'commercial', REGIONAL, '0.17', '0.66'),
  pair('meta.llama4-maverick-17b-instruct-v1:0', 'commercial', REGIONAL, '0.24', '0.97'),
]

const MISTRAL: readonly PriceRow[] = [
  pair('mistral.mistral-7b-instruct-v0:2', OREGON_VIRGINIA, IN_REGION, '0.15', '0.2'),
  pair('mistral.mistral-7b-instruct-v0:2', DUBLIN, IN_REGION, '0.16', '0.22'),
  pair('mistral.mixtral-8x7b-instruct-v0:1', OREGON_VIRGINIA, IN_REGION, '0.45', '0.7'),
  pair('mistral.mixtral-8x7b-instruct-v0:1', DUBLIN, IN_REGION, '0.49', '0.76'),
  pair('mistral.mistral-small-2402-v1:0', ['us-east-1'], IN_REGION, '1', '3'),
  pair('mistral.mistral-large-2402-v1:0', OREGON_VIRGINIA, IN_REGION, '4', '12'),
  pair('mistral.mistral-large-2402-v1:0', DUBLIN, IN_REGION, '4.3', '13'),
  pair('mistral.mistral-large-2407-v1:0', ['us-west-2'], IN_REGION, '2', '6'),
  pair('mistral.pixtral-large-2502-v1:0', 'commercial', REGIONAL, '2', '6'),
]

const TITAN: readonly PriceRow[] = [
  pair('amazon.titan-text-lite-v1', OREGON_VIRGINIA, IN_REGION, '0.15', '0.2'),
  pair('amazon.titan-text-lite-v1', DUBLIN, IN_REGION, '0.3', '0.4'),
  pair('amazon.titan-text-express-v1', OREGON_VIRGINIA, IN_REGION, '0.2', '0.6'),
  pair('amazon.titan-text-express-v1', DUBLIN, IN_REGION, '1', '1.7'),
  pair('amazon.titan-text-express-v1', FRANKFURT, IN_REGION, '0.3', '0.863'),
  pair('amazon.titan-text-premier-v1:0', ['us-east-1'], IN_REGION, '0.5', '1.5'),
]

const COHERE: readonly PriceRow[] = [
  pair('cohere.command-light-text-v14', 'commercial', IN_REGION, '0.3', '0.6'),
  pair('cohere.command-text-v14', 'commercial', IN_REGION, '1', '2'),
  pair('cohere.command-r-v1:0', 'commercial', IN_REGION, '0.5', '1.5'),
  pair('cohere.command-r-plus-v1:0', 'commercial', IN_REGION, '3', '15'),
]

const GROK = 'xai.grok-4.7'

const OTHERS: readonly PriceRow[] = [
  pair('ai21.jamba-1-5-mini-v1:0', 'commercial', IN_REGION, '0.2', '0.4'),
  pair('ai21.jamba-1-5-large-v1:0', 'commercial', IN_REGION, '2', '8'),
  pair('deepseek.r1-v1:0', 'commercial', REGIONAL, '1.35', '5.4'),
  pair('writer.palmyra-x4-v1:0', 'commercial', REGIONAL, '2.5', '10'),
  pair('writer.palmyra-x5-v1:0', 'commercial', REGIONAL, '0.6', '6'),
  pair(GROK, 'commercial', GLOBAL, '2', '6'),
  pair(GROK, 'commercial', REGIONAL, '2.2', '6.6'),
  row(GROK, 'commercial', GLOBAL, 'priority', { input: '3.5', output: '10.5' }),
  row(GROK, 'commercial', REGIONAL, 'priority', { input: '3.85', output: '11.55' }),
  row(GROK, 'commercial', GLOBAL, 'flex', { input: '1', output: '3' }),
  row(GROK, 'commercial', REGIONAL, 'flex', { input: '1.1', output: '3.3' }),
]

/** OpenAI's five prices; the whole request costs more when its prompt is above the threshold. */
function gpt(
  model: string,
  regions: PriceRow['regions'],
  scopes: readonly Scope[],
  prices: readonly [input: string, output: string, cacheRead: string, cacheWrite?: string],
  promptTokensAbove = 0,
): PriceRow {
  const [input, output, cacheRead, cacheWrite30m] = prices
  const written = cacheWrite30m === undefined ? {} : { cacheWrite30m }
  const rates = { input, output, cacheRead, ...written }
  return row(model, regions, scopes, 'standard', rates, promptTokensAbove)
}

const LONG = 272_000
const GPT_55 = 'openai.gpt-5.5'
const TERRA = 'openai.gpt-5.6-terra'
const OHIO_VIRGINIA = ['us-east-1', 'us-east-2'] as const

const OPENAI: readonly PriceRow[] = [
  gpt(GPT_55, OHIO_VIRGINIA, IN_REGION, ['5.5', '33', '0.55']),
  gpt(GPT_55, OHIO_VIRGINIA, IN_REGION, ['11', '49.5', '1.1'], LONG),
  gpt(TERRA, 'commercial', GLOBAL, ['2', '12', '0.2', '2.5']),
  gpt(TERRA, 'commercial', GLOBAL, ['4', '18', '0.4', '5'], LONG),
  gpt(TERRA, 'commercial', REGIONAL, ['2.2', '13.2', '0.22', '2.75']),
  gpt(TERRA, 'commercial', REGIONAL, ['4.4', '19.8', '0.44', '5.5'], LONG),
]

export const MAKER_PRICES: readonly PriceRow[] = [
  ...META,
  ...MISTRAL,
  ...TITAN,
  ...COHERE,
  ...OTHERS,
  ...OPENAI,
  // The latency-optimized Llama is sold through its profile only.
  row('meta.llama3-1-70b-instruct-v1:0', 'commercial', GEO, 'latency-optimized', {
    input: '0.9',
    output: '0.9',
  }),
]
