// What a charge of Bedrock is called in FOCUS: its category, its meter, its SKU and who sells it.

import type { BillThing } from '../../billing/bill-word.ts'
import type { BilledLine } from '../cell.ts'
import type { ChargeCategory, FocusRow } from './focus-row.ts'

export const AWS = 'AWS'
/** Where the bill does not name the entity that invoices. */
export const AWS_ENTITY = 'Amazon Web Services, Inc.'

const CATEGORIES: Readonly<Record<BillThing, ChargeCategory>> = {
  usage: 'Usage',
  provisioned: 'Usage',
  reserved: 'Usage',
  storage: 'Usage',
  guardrail: 'Usage',
  credit: 'Credit',
  refund: 'Adjustment',
  tax: 'Tax',
  discount: 'Adjustment',
  fee: 'Purchase',
  support: 'Purchase',
  other: 'Adjustment',
}

export function categoryOf(thing: BillThing): ChargeCategory {
  return CATEGORIES[thing]
}

/** Usage and purchases have a SKU, a price and a quantity; taxes, credits and adjustments have none. */
export function isPriced(category: ChargeCategory): boolean {
  return category === 'Usage' || category === 'Purchase'
}

export function frequencyOf(category: ChargeCategory): FocusRow['ChargeFrequency'] {
  return category === 'Usage' ? 'Usage-Based' : 'One-Time'
}

export function pricingCategoryOf({ thing, tier }: BilledLine): FocusRow['PricingCategory'] {
  if (!isPriced(categoryOf(thing))) return null
  const isCommitted = thing === 'provisioned' || thing === 'reserved' || tier === 'reserved'
  return isCommitted ? 'Committed' : 'Standard'
}

const METERS: Readonly<Record<string, string>> = {
  input: 'Input Tokens',
  output: 'Output Tokens',
  cache_read: 'Cache Read Input Tokens',
  cache_write: 'Cache Write Input Tokens',
  cache_write_5m: 'Cache Write Input Tokens (5 minutes)',
  cache_write_30m: 'Cache Write Input Tokens (30 minutes)',
  cache_write_1h: 'Cache Write Input Tokens (1 hour)',
  audio_input: 'Audio Input',
  audio_output: 'Audio Output',
  image_input: 'Image Input',
  images: 'Images',
  video_seconds: 'Video Seconds',
  search_units: 'Search Units',
  requests: 'Requests',
  model_unit_hours: 'Model Unit Hours',
  tpm_hours: 'Reserved Tokens per Minute Hours',
  storage_months: 'Model Storage',
}

export function meterOf({ kind, tier, thing }: BilledLine): string {
  const name = METERS[kind] ?? (kind === '' ? titled(thing) : titled(kind))
  return tier === 'batch' ? `Batch ${name}` : name
}

function titled(words: string): string {
  return words.replaceAll(/(^|_)([a-z0-9])/g, (_, before: string, letter: string) =>
    before === '' ? letter.toUpperCase() : ` ${letter.toUpperCase()}`,
  )
}

/** A model's thing that is metered; where and how it ran makes the price, not the SKU. */
export function skuOf(line: BilledLine): string {
  const what = line.modelId === '' ? line.usageType : line.modelId
  return [what, line.kind === '' ? line.thing : line.kind, line.sort]
    .filter((part) => part !== '')
    .join('/')
}

export function skuPriceOf(line: BilledLine): string {
  return `${skuOf(line)}@${line.usageType}`
}

const SELLERS: Readonly<Record<string, string>> = {
  ai21: 'AI21 Labs',
  anthropic: 'Anthropic',
  cohere: 'Cohere',
  deepseek: 'DeepSeek',
  google: 'Google',
  luma: 'Luma AI',
  meta: 'Meta',
  minimax: 'MiniMax',
  mistral: 'Mistral AI',
  moonshot: 'Moonshot AI',
  moonshotai: 'Moonshot AI',
  nvidia: 'NVIDIA',
  openai: 'OpenAI',
  qwen: 'Qwen',
  stability: 'Stability AI',
  twelvelabs: 'TwelveLabs',
  writer: 'Writer',
  zai: 'Z.AI',
}

/** Sold through AWS Marketplace, such a line is the model maker's, hosted and invoiced by AWS. */
export function sellerOf({ usageType, modelId }: BilledLine): string {
  if (!/(?:^|-)MP:/.test(usageType)) return AWS
  const [maker = ''] = modelId.split('.')
  return SELLERS[maker] ?? (maker === '' ? AWS : maker)
}

/** `application-inference-profile` of its ARN. */
export function resourceTypeOf(resourceId: string): string | null {
  return /^arn:[^:]*:[^:]*:[^:]*:[^:]*:([a-z-]+)[/:]/.exec(resourceId)?.[1] ?? null
}
