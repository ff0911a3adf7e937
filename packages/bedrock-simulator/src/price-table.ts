// The simulator's own price list, typed by hand and read from no file, so that a gateway that agrees with it has proved
// something. Sources: the AWS Price List (publications of 2026-08-20 and 2026-10-08) and the Bedrock pricing page (2026-07-24,
// 2026-09), as collected in November 2026. A kind without a figure is not sold. The tables of the other makers, of media and of
// open-weight models stand beside it.

import {
  DUBLIN,
  FRANKFURT,
  GLOBAL,
  IN_REGION,
  OREGON_VIRGINIA,
  REGIONAL,
  row,
  US,
  type PriceRow,
  type TokenRates,
} from './price-row.ts'
import { MAKER_PRICES } from './maker-prices.ts'
import { MEDIA_PRICES } from './media-prices.ts'
import { OPEN_WEIGHT_PRICES } from './open-weight-prices.ts'

/** Claude's five prices in the order of AWS's table: input, output, read, 5 minute write, 1 hour write. */
function claude(
  input: string,
  output: string,
  cacheRead: string,
  cacheWrite5m: string,
  cacheWrite1h?: string,
): TokenRates {
  const rates = { input, output, cacheRead, cacheWrite5m }
  return cacheWrite1h === undefined ? rates : { ...rates, cacheWrite1h }
}

/** Nova writes its cache for nothing. */
function nova(input: string, output: string, cacheRead: string): TokenRates {
  return { input, output, cacheRead, cacheWrite5m: '0' }
}

const SONNET_46 = 'anthropic.claude-sonnet-4-6'
const SONNET_45 = 'anthropic.claude-sonnet-4-5-20250929-v1:0'
const OPUS_46 = 'anthropic.claude-opus-4-6-v1'
const HAIKU_45 = 'anthropic.claude-haiku-4-5-20251001-v1:0'
const SONNET_37 = 'anthropic.claude-3-7-sonnet-20250219-v1:0'
const HAIKU_35 = 'anthropic.claude-3-5-haiku-20241022-v1:0'

const CLAUDE: readonly PriceRow[] = [
  row(SONNET_46, 'commercial', GLOBAL, 'standard', claude('3', '15', '0.3', '3.75', '6')),
  row(SONNET_46, 'commercial', REGIONAL, 'standard', claude('3.3', '16.5', '0.33', '4.125', '6.6')),
  row(SONNET_45, 'commercial', GLOBAL, 'standard', claude('3', '15', '0.3', '3.75', '6')),
  row(SONNET_45, 'commercial', REGIONAL, 'standard', claude('3.3', '16.5', '0.33', '4.125', '6.6')),
  row(OPUS_46, 'commercial', GLOBAL, 'standard', claude('5', '25', '0.5', '6.25', '10')),
  row(OPUS_46, 'commercial', REGIONAL, 'standard', claude('5.5', '27.5', '0.55', '6.875', '11')),
  row(HAIKU_45, 'commercial', GLOBAL, 'standard', claude('1', '5', '0.1', '1.25', '2')),
  row(HAIKU_45, 'commercial', REGIONAL, 'standard', claude('1.1', '5.5', '0.11', '1.375', '2.2')),
  row(SONNET_37, 'commercial', REGIONAL, 'standard', claude('3', '15', '0.3', '3.75')),
  row(HAIKU_35, 'commercial', REGIONAL, 'standard', claude('0.8', '4', '0.08', '1')),
]

const MICRO = 'amazon.nova-micro-v1:0'
const LITE = 'amazon.nova-lite-v1:0'
const PRO = 'amazon.nova-pro-v1:0'
const LITE_2 = 'amazon.nova-2-lite-v1:0'

const NOVA: readonly PriceRow[] = [
  row(MICRO, US, REGIONAL, 'standard', nova('0.035', '0.14', '0.00875')),
  row(MICRO, DUBLIN, REGIONAL, 'standard', nova('0.04', '0.16', '0.01')),
  row(MICRO, FRANKFURT, REGIONAL, 'standard', nova('0.046', '0.184', '0.0115')),
  row(LITE, US, REGIONAL, 'standard', nova('0.06', '0.24', '0.015')),
  row(LITE, DUBLIN, REGIONAL, 'standard', nova('0.069', '0.276', '0.01725')),
  row(LITE, FRANKFURT, REGIONAL, 'standard', nova('0.078', '0.312', '0.0195')),
  row(PRO, US, REGIONAL, 'standard', nova('0.8', '3.2', '0.2')),
  row(PRO, US, REGIONAL, 'priority', nova('1.4', '5.6', '0.35')),
  row(PRO, US, REGIONAL, 'flex', nova('0.4', '1.6', '0.1')),
  row(PRO, DUBLIN, REGIONAL, 'standard', nova('0.92', '3.68', '0.23')),
  row(PRO, FRANKFURT, REGIONAL, 'standard', nova('1.05', '4.2', '0.2625')),
  row(PRO, ['us-east-1'], REGIONAL, 'latency-optimized', { input: '1', output: '4' }),
  row(LITE_2, US, GLOBAL, 'standard', nova('0.3', '2.5', '0.075')),
  row(LITE_2, US, GLOBAL, 'priority', nova('0.525', '4.375', '0.13125')),
  row(LITE_2, US, GLOBAL, 'flex', nova('0.15', '1.25', '0.0375')),
  row(LITE_2, US, REGIONAL, 'standard', nova('0.33', '2.75', '0.0825')),
  row(LITE_2, US, REGIONAL, 'priority', nova('0.5775', '4.8125', '0.144375')),
  row(LITE_2, US, REGIONAL, 'flex', nova('0.165', '1.375', '0.04125')),
  row(LITE_2, DUBLIN, GLOBAL, 'standard', nova('0.34', '2.87', '0.085')),
  row(LITE_2, DUBLIN, GLOBAL, 'priority', nova('0.595', '5.0225', '0.14875')),
  row(LITE_2, DUBLIN, GLOBAL, 'flex', nova('0.17', '1.435', '0.0425')),
  row(LITE_2, DUBLIN, REGIONAL, 'standard', nova('0.374', '3.157', '0.0935')),
  row(LITE_2, DUBLIN, REGIONAL, 'priority', nova('0.6545', '5.52475', '0.163625')),
  row(LITE_2, DUBLIN, REGIONAL, 'flex', nova('0.187', '1.5785', '0.04675')),
]

const EMBEDDING_1 = 'amazon.titan-embed-text-v1'
const EMBEDDING_2 = 'amazon.titan-embed-text-v2:0'

const EMBEDDINGS: readonly PriceRow[] = [
  row(EMBEDDING_1, OREGON_VIRGINIA, IN_REGION, 'standard', { input: '0.1' }),
  row(EMBEDDING_1, DUBLIN, IN_REGION, 'standard', { input: '0.1' }),
  row(EMBEDDING_1, FRANKFURT, IN_REGION, 'standard', { input: '0.2' }),
  row(EMBEDDING_2, US, IN_REGION, 'standard', { input: '0.02' }),
  row(EMBEDDING_2, DUBLIN, IN_REGION, 'standard', { input: '0.026004' }),
  row(EMBEDDING_2, FRANKFURT, IN_REGION, 'standard', { input: '0.2' }),
]

export const PRICE_TABLE: readonly PriceRow[] = [
  ...CLAUDE,
  ...NOVA,
  ...EMBEDDINGS,
  ...MAKER_PRICES,
  ...MEDIA_PRICES,
  ...OPEN_WEIGHT_PRICES,
]

const pricedModels = new Set(PRICE_TABLE.map(({ model }) => model))

/** Whether the list has any price of the model. */
export function hasPrices(model: string): boolean {
  return pricedModels.has(model)
}
