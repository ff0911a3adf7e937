// Turns a `bedrock-price-catalog/1` (the collected facts) into our `ledgerock-prices/1` document: usage kinds instead of
// input and output fields, price changes as validity intervals, charges that are known to be nothing as explicit zeros. It
// is run by hand when the facts change (`write-snapshot.ts`); nothing at run time depends on it.

import type { Scope, Tier, UsageKind } from '@ledgerock/contract'
import { exhaustive } from '../../kernel/assert.ts'
import type { PriceDocument, PricedModel, PriceRow, PriceSource } from '../price-document.ts'
import type { PriceUnit } from '../price-unit.ts'
import {
  CHARGE_RULES,
  convertCharges,
  type CatalogCharge,
  type UnpricedCharge,
} from './convert-charges.ts'
import { applyPriceChanges, type CatalogPriceChange } from './price-changes.ts'

type CatalogUnit = Exclude<
  PriceUnit,
  'text_unit' | 'model_unit_hour' | 'tpm_hour' | 'storage_month'
>

const CATALOG_FIELDS = [
  'input',
  'output',
  'cache_read',
  'cache_write',
  'cache_write_5m',
  'cache_write_1h',
] as const
type CatalogField = (typeof CATALOG_FIELDS)[number]

export type CatalogRate = { readonly [Field in CatalogField]?: string } & {
  readonly region: string
  readonly scope: Scope
  readonly tier: Tier
  readonly min_context_tokens: number
  readonly unit: CatalogUnit
  readonly media?: string
  readonly variant?: string
  readonly effective_from?: string
  readonly source: string
  readonly source_date: string
  readonly derived?: boolean
  readonly derived_fields?: readonly string[]
  readonly rule?: string
  readonly status?: 'historical'
  readonly note?: string
}

export type CatalogModel = Omit<PricedModel, 'rates'> & { readonly rates: readonly CatalogRate[] }

export type Catalog = {
  readonly generated_on: string
  readonly currency: string
  readonly sources: { readonly [id: string]: PriceSource }
  readonly rules: readonly { readonly id: string; readonly text: string }[]
  readonly models: readonly CatalogModel[]
  readonly inference_profiles: PriceDocument['inference_profiles']
  readonly other_charges: readonly CatalogCharge[]
  readonly price_changes: readonly CatalogPriceChange[]
}

export type SnapshotDocument = PriceDocument & {
  readonly generated_on: string
  readonly currency: string
  /** What no usage kind counts, each with the reason. */
  readonly other_charges: readonly UnpricedCharge[]
  readonly price_changes: readonly (CatalogPriceChange & { readonly applied_from: string | null })[]
}

const NOVA_CACHE_RULE = 'CACHE-READ-NOVA'

/** AWS's prompt caching page, which the catalog's own sources do not hold. */
const NO_WRITE_FEE = { id: 'OPENAI-NO-WRITE-FEE', models: ['openai.gpt-5.4', 'openai.gpt-5.5'] }

export function convertCatalog(catalog: Catalog): SnapshotDocument {
  const changes = applyPriceChanges(
    catalog.models.map((model) => ({ ...model, rates: model.rates.map((r) => row(model, r)) })),
    catalog.price_changes,
  )
  const charges = convertCharges(
    catalog.other_charges,
    new Set(catalog.models.map(({ model_id }) => model_id)),
  )
  return {
    schema: 'ledgerock-prices/1',
    generated_on: catalog.generated_on,
    currency: catalog.currency,
    sources: Object.fromEntries(Object.entries(catalog.sources).map(namedSource)),
    rules: [
      ...catalog.rules,
      {
        id: NO_WRITE_FEE.id,
        text: 'OpenAI models up to GPT-5.5 charge no cache write (AWS prompt caching page).',
      },
      ...CHARGE_RULES,
    ],
    models: changes.models.map((model) => ({
      ...model,
      rates: [...model.rates, ...(charges.byModel.get(model.model_id) ?? [])],
    })),
    shared_rates: charges.shared,
    inference_profiles: catalog.inference_profiles,
    other_charges: charges.unpriced,
    price_changes: changes.applied,
  }
}

/** Words that point into the collector's own index and note say nothing here. */
function namedSource([id, source]: readonly [string, PriceSource]): [string, PriceSource] {
  const carriedBy = source.carried_by.replace(/, index id \d+$/, '')
  const note = source.note?.replace(/ see the note file.*$/, ' see README.md.')
  return [id, { ...source, carried_by: carriedBy, ...(note !== undefined && { note }) }]
}

function row(model: CatalogModel, rate: CatalogRate): PriceRow {
  const prices: { [Kind in UsageKind]?: string } = {}
  const derived: { [kind: string]: string } = {}
  if (rate.derived === true && rate.derived_fields === undefined) derived['*'] = rate.rule ?? 'RULE'
  for (const field of CATALOG_FIELDS) {
    const price = rate[field]
    if (price === undefined) continue
    for (const kind of kindsOfField(model, rate, field)) {
      prices[kind] = price
      if (rate.derived_fields?.includes(field) === true) derived[kind] = rate.rule ?? 'RULE'
    }
  }
  const freeWriteRule = ruleOfFreeCacheWrites(model, rate)
  if (freeWriteRule !== null) {
    prices.cache_write = '0'
    derived['cache_write'] = freeWriteRule
  }
  return {
    region: rate.region,
    scope: rate.scope,
    tier: rate.tier,
    ...(rate.min_context_tokens > 0 && { context_above: rate.min_context_tokens }),
    ...(rate.unit !== 'token' && { unit: rate.unit }),
    ...(rate.media !== undefined && rate.media !== 'text' && { medium: rate.media }),
    ...(rate.variant !== undefined && { variant: rate.variant }),
    prices,
    ...(rate.effective_from !== undefined && { valid_from: rate.effective_from }),
    source: rate.source,
    ...(Object.keys(derived).length > 0 && { derived }),
    ...(rate.status !== undefined && { status: rate.status }),
    ...(rate.note !== undefined && { note: rate.note }),
  }
}

/** Nova bills cache reads and not the writes; a missing price would make such a call unpriced instead of cheap. */
function ruleOfFreeCacheWrites(model: CatalogModel, rate: CatalogRate): string | null {
  if (rate.cache_read === undefined || rate.cache_write !== undefined) return null
  if (model.model_id.startsWith('amazon.nova-')) return NOVA_CACHE_RULE
  return NO_WRITE_FEE.models.includes(model.model_id) ? NO_WRITE_FEE.id : null
}

/**
 * The usage kinds a catalog field prices. What is sold by the image, second, query or request has a kind of its own, and
 * `output` counts that unit too, unless the model sells output tokens beside it or takes the thing in rather than makes it.
 */
function kindsOfField(
  model: CatalogModel,
  rate: CatalogRate,
  field: CatalogField,
): readonly UsageKind[] {
  if (rate.unit === 'token') {
    if (rate.media === 'speech' && field === 'input') return ['audio_input']
    if (rate.media === 'speech' && field === 'output') return ['audio_output']
    return [field]
  }
  if (field === 'output') {
    return rate.unit === 'image' ? ['output', 'images'] : ['output', 'video_seconds']
  }
  const alsoOutput = model.rates.some((other) => other.unit === 'token') ? [] : ['output' as const]
  switch (rate.unit) {
    case 'query':
      return ['search_units', ...alsoOutput]
    case 'request':
      return ['requests', ...alsoOutput]
    case 'image':
      return ['image_input']
    case 'second':
      return rate.media === 'audio' ? ['audio_input'] : ['video_seconds']
    default:
      return exhaustive(rate.unit)
  }
}
