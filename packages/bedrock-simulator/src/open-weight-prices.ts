// Prices of the models that one engine serves for many makers: the same in all United States regions, dearer in Dublin, with
// a dearer and a cheaper tier each. Part of the hand-typed price list.

import {
  DUBLIN,
  IN_REGION,
  OREGON_VIRGINIA,
  row,
  US,
  type PriceRow,
  type PriceTier,
} from './price-row.ts'

/** Input and output, dollars per million tokens. */
type Pair = readonly [input: string, output: string]

function inTiers(
  model: string,
  regions: PriceRow['regions'],
  prices: { readonly [Tier in PriceTier]?: Pair },
): readonly PriceRow[] {
  const rows: PriceRow[] = []
  for (const tier of ['standard', 'priority', 'flex'] as const) {
    const pair = prices[tier]
    if (pair === undefined) continue
    rows.push(row(model, regions, IN_REGION, tier, { input: pair[0], output: pair[1] }))
  }
  return rows
}

/** Four pairs in the order of AWS's page: standard, priority and flex in the United States, standard in Dublin. */
function open(
  model: string,
  standard: Pair,
  priority: Pair,
  flex: Pair,
  dublin: Pair,
): readonly PriceRow[] {
  return [
    ...inTiers(model, US, { standard, priority, flex }),
    ...inTiers(model, DUBLIN, { standard: dublin }),
  ]
}

const OSS_20B = 'openai.gpt-oss-20b-1:0'
const OSS_120B = 'openai.gpt-oss-120b-1:0'

const GPT_OSS: readonly PriceRow[] = [
  ...inTiers(OSS_20B, OREGON_VIRGINIA, {
    standard: ['0.07', '0.3'],
    priority: ['0.1225', '0.525'],
    flex: ['0.035', '0.15'],
  }),
  ...inTiers(OSS_20B, DUBLIN, { standard: ['0.08', '0.35'] }),
  ...inTiers(OSS_120B, OREGON_VIRGINIA, {
    standard: ['0.15', '0.6'],
    priority: ['0.2625', '1.05'],
    flex: ['0.075', '0.3'],
  }),
  ...inTiers(OSS_120B, DUBLIN, {
    standard: ['0.18', '0.7'],
    priority: ['0.315', '1.225'],
    flex: ['0.09', '0.35'],
  }),
  ...open(
    'openai.gpt-oss-safeguard-20b',
    ['0.07', '0.2'],
    ['0.12', '0.35'],
    ['0.03', '0.1'],
    ['0.08', '0.23'],
  ),
]

export const OPEN_WEIGHT_PRICES: readonly PriceRow[] = [
  ...GPT_OSS,
  ...open(
    'deepseek.v3-v1:0',
    ['0.58', '1.68'],
    ['1.015', '2.94'],
    ['0.29', '0.84'],
    ['0.696', '2.016'],
  ),
  ...open(
    'deepseek.v3.2',
    ['0.62', '1.85'],
    ['1.085', '3.2375'],
    ['0.31', '0.925'],
    ['0.74', '2.22'],
  ),
  ...open(
    'google.gemma-3-4b-it',
    ['0.04', '0.08'],
    ['0.07', '0.14'],
    ['0.02', '0.04'],
    ['0.05', '0.09'],
  ),
  ...open(
    'google.gemma-3-27b-it',
    ['0.23', '0.38'],
    ['0.4025', '0.665'],
    ['0.12', '0.19'],
    ['0.27', '0.45'],
  ),
  ...open(
    'minimax.minimax-m2',
    ['0.3', '1.2'],
    ['0.525', '2.1'],
    ['0.15', '0.6'],
    ['0.35', '1.41'],
  ),
  ...open(
    'minimax.minimax-m2.5',
    ['0.3', '1.2'],
    ['0.525', '2.1'],
    ['0.15', '0.6'],
    ['0.36', '1.44'],
  ),
  ...open(
    'mistral.mistral-large-3-675b-instruct',
    ['0.5', '1.5'],
    ['0.875', '2.625'],
    ['0.25', '0.75'],
    ['0.6', '1.8'],
  ),
  ...open(
    'mistral.magistral-small-2509',
    ['0.5', '1.5'],
    ['0.875', '2.625'],
    ['0.25', '0.75'],
    ['0.59', '1.76'],
  ),
  ...open(
    'mistral.ministral-3-8b-instruct',
    ['0.15', '0.15'],
    ['0.2625', '0.2625'],
    ['0.07', '0.07'],
    ['0.18', '0.18'],
  ),
  ...open(
    'mistral.voxtral-small-24b-2507',
    ['0.1', '0.3'],
    ['0.175', '0.525'],
    ['0.05', '0.15'],
    ['0.12', '0.35'],
  ),
  ...open(
    'moonshot.kimi-k2-thinking',
    ['0.6', '2.5'],
    ['1.05', '4.375'],
    ['0.3', '1.25'],
    ['0.72', '3'],
  ),
  ...open('moonshotai.kimi-k2.5', ['0.6', '3'], ['1.05', '5.25'], ['0.3', '1.5'], ['0.72', '3.6']),
  ...open(
    'nvidia.nemotron-nano-3-30b',
    ['0.06', '0.24'],
    ['0.105', '0.42'],
    ['0.03', '0.12'],
    ['0.07', '0.28'],
  ),
  ...open(
    'nvidia.nemotron-super-3-120b',
    ['0.15', '0.65'],
    ['0.2625', '1.1375'],
    ['0.075', '0.325'],
    ['0.18', '0.78'],
  ),
  ...open(
    'qwen.qwen3-32b-v1:0',
    ['0.15', '0.6'],
    ['0.2625', '1.05'],
    ['0.075', '0.3'],
    ['0.18', '0.7'],
  ),
  ...open(
    'qwen.qwen3-235b-a22b-2507-v1:0',
    ['0.22', '0.88'],
    ['0.385', '1.54'],
    ['0.11', '0.44'],
    ['0.264', '1.056'],
  ),
  ...open(
    'qwen.qwen3-coder-30b-a3b-v1:0',
    ['0.15', '0.6'],
    ['0.2625', '1.05'],
    ['0.075', '0.3'],
    ['0.18', '0.7'],
  ),
  ...open(
    'qwen.qwen3-next-80b-a3b',
    ['0.14', '1.2'],
    ['0.245', '2.1'],
    ['0.07', '0.6'],
    ['0.168', '1.44'],
  ),
  ...open(
    'writer.palmyra-vision-7b',
    ['0.15', '0.6'],
    ['0.2625', '1.05'],
    ['0.075', '0.3'],
    ['0.18', '0.72'],
  ),
  ...open('zai.glm-4.7', ['0.6', '2.2'], ['1.05', '3.85'], ['0.3', '1.1'], ['0.72', '2.64']),
  ...open('zai.glm-5', ['1', '3.2'], ['1.75', '5.6'], ['0.5', '1.6'], ['1.2', '3.84']),
]
