// What a price costs: naming the model, pricing a call by the shipped list and by a book with every layer and overrides, and
// loading such a book from its file, as a worker does when prices change.

import { mustOk } from '../../packages/ledgerock/src/kernel/result.ts'
import { openBookFile, sealBookFile } from '../../packages/ledgerock/src/pricing/book-file.ts'
import { costOfUsage } from '../../packages/ledgerock/src/pricing/cost-of-usage.ts'
import { resolveModel } from '../../packages/ledgerock/src/pricing/model-catalog.ts'
import { readOverrides } from '../../packages/ledgerock/src/pricing/override/override.ts'
import {
  buildPriceBook,
  layerOf,
  type PriceBook,
  type PriceLayer,
} from '../../packages/ledgerock/src/pricing/price-book.ts'
import type { LayerName } from '../../packages/ledgerock/src/pricing/rate.ts'
import { SNAPSHOT_LAYER } from '../../packages/ledgerock/src/pricing/snapshot.ts'
import { micro, type Micro } from './micro.ts'

const NOW_MS = Date.UTC(2026, 10, 20, 12)
const SINCE = '2026-11-01'
const REQUESTED = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const ACCOUNT = '123456789012'
const USAGE = { input: 1_834, output: 512, cache_read: 18_432, cache_write_5m: 2_048 }

export function priceMicros(): readonly Micro[] {
  const shipped = buildPriceBook([SNAPSHOT_LAYER])
  const layers = (['override', 'learned', 'price_list'] as const).map(datedLayer)
  const rules = [
    { name: 'agreement', models: 'anthropic.*', percent: '-12.5' },
    { name: 'own', models: 'anthropic.claude-*', account_id: ACCOUNT, percent: '-20' },
  ]
  const overrides = mustOk(readOverrides(rules, 'file', shipped))
  const sealed = sealBookFile({ layers, overrides })
  const full = mustOk(openBookFile(sealed))
  return [
    micro('resolve model', () => resolveModel(shipped, REQUESTED)),
    micro('cost of usage, 4 kinds', pricing(shipped)),
    micro('cost of usage, every layer dated, overrides of an account', pricing(full)),
    micro('price book: load, four layers', () => openBookFile(sealed)),
  ]
}

/** As many rates as the snapshot has, all of which began this month: none is decided without looking at the time. */
function datedLayer(name: LayerName): PriceLayer {
  const { document } = SNAPSHOT_LAYER
  return layerOf(name, {
    ...document,
    models: document.models.map((model) => ({
      ...model,
      rates: model.rates
        .filter((row) => row.valid_to === undefined)
        .map((row) => ({ ...row, valid_from: SINCE })),
    })),
  })
}

function pricing(book: PriceBook): () => unknown {
  const model = resolveModel(book, REQUESTED)
  if (model.kind !== 'resolved') throw new Error(`${REQUESTED} is not in the price book`)
  const call = {
    modelId: model.modelId,
    region: 'us-east-1',
    scope: model.scope,
    tier: 'standard',
    atMs: NOW_MS,
    usage: USAGE,
    accountId: ACCOUNT,
  } as const
  if (costOfUsage(book, call).kind !== 'priced') throw new Error('the call has no price')
  return () => costOfUsage(book, call)
}
