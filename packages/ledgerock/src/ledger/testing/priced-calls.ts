// Random calls that were settled by a random price book, with the question they were priced by, and books to price them anew.
// Three models beside each other: one of random rates, one sold by the image in two qualities, one that a book may not know.

import type { CallRecord } from '@ledgerock/contract'
import fc from 'fast-check'
import { formatUsd } from '../../kernel/money.ts'
import { chargeLine } from '../../pricing/charge-line.ts'
import { costOfUsage, type PricedCall } from '../../pricing/cost-of-usage.ts'
import { buildPriceBook, layerOf, type PriceBook } from '../../pricing/price-book.ts'
import type { PriceDocument, PricedModel } from '../../pricing/price-document.ts'
import { arbitraryCall, arbitraryLayers } from '../../pricing/testing/arbitrary-book.ts'
import { arbitraryRecord } from './arbitrary-record.ts'

export const PRICED_FROM = Date.parse('2026-01-01')
export const PRICED_TO = Date.parse('2026-05-02')
const IMAGES = 'maker.images'
const LATE = 'maker.late'
const TOKEN_KINDS = ['input', 'output', 'cache_read', 'cache_write_5m'] as const

export type SettledSample = { readonly record: CallRecord; readonly asked: PricedCall }

const price = fc.nat(999_999_999).map((digits) => `0.${String(digits).padStart(12, '0')}`)
const dated = { region: '*', scope: 'in-region', tier: 'standard', source: 'TEST' } as const

function modelOf(modelId: string, rates: PricedModel['rates']): PricedModel {
  const lifecycle = { status: 'active' }
  return { model_id: modelId, name: modelId, provider: 'Maker', modality: 'text', lifecycle, rates }
}

/** Books always sell the images, at changing prices; the late model only if asked for. */
export function arbitraryBook(knowsLate: boolean): fc.Arbitrary<PriceBook> {
  return fc.tuple(arbitraryLayers, price, price, price, price).map(([layers, ...prices]) => {
    const [standard, premium, late, content] = prices
    const images = modelOf(IMAGES, [
      { ...dated, unit: 'image', variant: 'standard', prices: { images: standard } },
      { ...dated, unit: 'image', variant: 'premium', prices: { images: premium } },
      { ...dated, unit: 'text_unit', prices: { text_units_content: content } },
    ])
    const more = knowsLate
      ? [images, modelOf(LATE, [{ ...dated, prices: { input: late } }])]
      : [images]
    const last = layers.length - 1
    return buildPriceBook(
      layers.map((layer, index) => {
        if (index !== last) return layer
        const document: PriceDocument = {
          ...layer.document,
          models: [...layer.document.models, ...more],
        }
        return layerOf(layer.name, document)
      }),
    )
  })
}

const imageCall: fc.Arbitrary<PricedCall> = fc.record({
  modelId: fc.constant(IMAGES),
  region: fc.constant('us-east-1'),
  scope: fc.constant('in-region'),
  tier: fc.constant('standard'),
  atMs: fc.integer({ min: PRICED_FROM, max: PRICED_TO - 1 }),
  usage: fc.oneof(
    fc.record({ images: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ text_units_content: fc.integer({ min: 1, max: 9_999 }) }),
  ),
  variant: fc.constantFrom('standard', 'premium', 'huge'),
})
const lateCall: fc.Arbitrary<PricedCall> = fc.record({
  modelId: fc.constant(LATE),
  region: fc.constant('us-east-1'),
  scope: fc.constant('in-region'),
  tier: fc.constant('standard'),
  atMs: fc.integer({ min: PRICED_FROM, max: PRICED_TO - 1 }),
  usage: fc.record({ input: fc.integer({ min: 1, max: 99_999 }) }),
})

export function arbitrarySettled(
  book: PriceBook,
  dimensions: readonly string[],
): fc.Arbitrary<SettledSample> {
  const calls = fc.oneof({ arbitrary: arbitraryCall, weight: 4 }, imageCall, lateCall)
  const records = arbitraryRecord({ fromMs: PRICED_FROM, toMs: PRICED_TO, dimensions })
  return fc.tuple(records, calls).map(([drawn, call]) => {
    const asked = call.usage['images'] === undefined ? { ...call, variant: null } : call
    const startedMs = Math.min(asked.atMs, PRICED_TO - 1)
    const record: CallRecord = {
      ...drawn,
      call_id: drawn.call_id,
      logical_id: drawn.call_id,
      status: 'ok',
      interrupted_by: null,
      refusal: null,
      started_at: new Date(startedMs).toISOString(),
      ended_at: new Date(startedMs + 5).toISOString(),
      region: asked.region,
      model_requested: asked.modelId,
      model_id: asked.modelId === LATE ? null : asked.modelId,
      inference_profile: null,
      scope: asked.modelId === LATE ? null : asked.scope,
      tier: asked.tier ?? 'standard',
      ...usageColumns(asked),
    }
    return { asked, record: pricedBy(book, record, asked) }
  })
}

function usageColumns({ usage }: PricedCall): Partial<CallRecord> {
  const others = Object.entries(usage).flatMap(([kind, count = 0]): [string, number][] =>
    (TOKEN_KINDS as readonly string[]).includes(kind) || count === 0 ? [] : [[kind, count]],
  )
  return {
    input_tokens: usage.input ?? 0,
    output_tokens: usage.output ?? 0,
    cache_read_tokens: usage.cache_read ?? 0,
    cache_write_5m_tokens: usage.cache_write_5m ?? 0,
    cache_write_30m_tokens: 0,
    cache_write_1h_tokens: 0,
    other_usage: Object.fromEntries(others),
  }
}

/** As the gateway prices a call. */
export function pricedBy(book: PriceBook, record: CallRecord, asked: PricedCall): CallRecord {
  const cost = costOfUsage(book, { ...asked, atMs: Date.parse(record.started_at) })
  const isKnown = record.model_id !== null || book.baseIds.has(asked.modelId)
  return {
    ...record,
    model_id: isKnown ? asked.modelId : null,
    scope: isKnown ? asked.scope : null,
    cost_usd: cost.kind === 'priced' ? formatUsd(cost.cost) : null,
    unpriced_reason: cost.kind === 'priced' ? null : cost.reason,
    charges: cost.charges.map(chargeLine),
    price_book_version: book.version,
  }
}
