// The collected charges that are no price of a model's tokens, images or seconds: guardrails, storage of custom models, model units
// and reserved throughput become rates; what no usage kind counts stays listed with the reason why.

import type { Scope, UsageKind } from '@ledgerock/contract'
import type { PriceRow } from '../price-document.ts'
import type { PriceUnit } from '../price-unit.ts'
import { decimalTimes } from './price-changes.ts'

export type CatalogCharge = {
  readonly kind: string
  readonly item: string
  readonly region: string
  readonly unit: string
  readonly price: string
  readonly source: string
  readonly source_date: string
  readonly scope?: Scope
  readonly commitment?: string
  readonly rule?: string
  readonly [key: string]: unknown
}

export type UnpricedCharge = CatalogCharge & { readonly reason: string }

export type ConvertedCharges = {
  readonly byModel: ReadonlyMap<string, readonly PriceRow[]>
  readonly shared: readonly PriceRow[]
  readonly unpriced: readonly UnpricedCharge[]
}

export const CHARGE_RULES = [
  { id: 'HOUR-FROM-SECOND', text: 'The source states a price for one second: times 3600.' },
] as const

/** Guardrail items of the AWS page, by the name of the policy in Bedrock's usage object; checks are an API of their own. */
const GUARDRAIL_KINDS: ReadonlyMap<string, UsageKind> = new Map([
  ['content filter, text', 'text_units_content'],
  ['denied topics', 'text_units_topic'],
  ['word filter', 'text_units_word'],
  ['sensitive information, custom regular expression', 'text_units_sensitive_information_free'],
  ['content filter, image', 'text_units_content_image'],
  ['InvokeGuardrailChecks, content filter', 'text_units_checks_content'],
  ['InvokeGuardrailChecks, prompt attack', 'text_units_checks_prompt_attack'],
  ['InvokeGuardrailChecks, sensitive information', 'text_units_checks_sensitive_information'],
])
const GUARDRAIL_UNITS: ReadonlyMap<string, PriceUnit> = new Map([
  ['1000 text units', 'text_unit'],
  ['image', 'image'],
])
const TERMS: ReadonlyMap<string, string> = new Map([
  ['none', 'no-commit'],
  ['1 month', '1-month'],
  ['3 months', '3-months'],
  ['6 months', '6-months'],
])
const STORAGE_VARIANTS: ReadonlyMap<string, string | null> = new Map([
  ['storage of one custom model', null],
  ['storage per custom model unit', 'custom-import'],
])
const RESERVED_UNIT = /^1000 (input|output) tokens per minute, hour$/

const NO_KIND: Readonly<Record<string, string>> = {
  'custom-model-import': 'the copy of the page lost the regions these prices are for',
  'web-grounding': 'a search of the model is not counted in the usage of its answer',
  'knowledge-base': 'no call of a model: another service beside it',
  'model-evaluation': 'no call of a model: work of people',
  'fine-tuning': 'no call of a model: training',
  'customised-inference': 'a customised model has an id of its own, not that of its base model',
}

export function convertCharges(
  charges: readonly CatalogCharge[],
  modelIds: ReadonlySet<string>,
): ConvertedCharges {
  const byModel = new Map<string, PriceRow[]>()
  const shared: PriceRow[] = []
  const unpriced: UnpricedCharge[] = []
  for (const charge of charges) {
    const beside = guardrailRow(charge) ?? storageRow(charge)
    const own = beside === null ? (provisionedRow(charge) ?? reservedRow(charge)) : null
    const modelId = charge.item.replace(/ \(custom\)$/, '')
    if (beside !== null) shared.push(beside)
    else if (own !== null && modelIds.has(modelId)) {
      byModel.set(modelId, [...(byModel.get(modelId) ?? []), own])
    } else {
      const reason = own === null ? NO_KIND[charge.kind] : 'a model without any other price'
      unpriced.push({ ...charge, reason: reason ?? 'no usage kind counts it' })
    }
  }
  return { byModel, shared, unpriced }
}

function guardrailRow(charge: CatalogCharge): PriceRow | null {
  const kind = GUARDRAIL_KINDS.get(charge.item)
  const unit = GUARDRAIL_UNITS.get(charge.unit)
  if (charge.kind !== 'guardrail' || unit === undefined || kind === undefined) return null
  const { region, source, price } = charge
  return { region, scope: '*', tier: '*', unit, prices: { [kind]: price }, source }
}

function storageRow({ item, unit, region, price, source }: CatalogCharge): PriceRow | null {
  const variant = STORAGE_VARIANTS.get(item)
  if (variant === undefined || unit !== 'month') return null
  return {
    region,
    scope: '*',
    tier: '*',
    unit: 'storage_month',
    ...(variant !== null && { variant }),
    prices: { storage_months: price },
    source,
  }
}

/** A model unit is bought for a region, whatever scope and tier its calls ask for. */
function provisionedRow(charge: CatalogCharge): PriceRow | null {
  const variant = TERMS.get(charge.commitment ?? '')
  if (charge.kind !== 'provisioned-throughput' || charge.unit !== 'model unit hour') return null
  if (variant === undefined) return null
  return {
    region: charge.region,
    scope: '*',
    tier: '*',
    unit: 'model_unit_hour',
    variant,
    prices: { model_unit_hours: charge.price },
    source: charge.source,
    ...(charge.rule !== undefined && { derived: { '*': CHARGE_RULES[0].id } }),
    ...(charge.item.endsWith(' (custom)') && { note: 'For custom models made of it.' }),
  }
}

/** Quoted for 1,000 tokens a minute; a row states the price of 1,000,000. */
function reservedRow(charge: CatalogCharge): PriceRow | null {
  const term = TERMS.get(charge.commitment ?? '')
  const side = RESERVED_UNIT.exec(charge.unit)?.[1]
  if (term === undefined || side === undefined || charge.scope === undefined) return null
  return {
    region: charge.region,
    scope: charge.scope,
    tier: 'reserved',
    unit: 'tpm_hour',
    variant: `${term} ${side}`,
    prices: { tpm_hours: decimalTimes(charge.price, 1_000n, 1n) },
    source: charge.source,
  }
}
