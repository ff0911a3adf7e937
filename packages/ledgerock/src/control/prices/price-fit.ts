// Whether the overrides of the configuration file still stand over the prices that would be in force. They cannot be asked to
// change: prices they do not fit are refused before they are kept, because afterwards nothing could be published any more.

import { buildPriceBook, type PriceLayer } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { combineLayer } from './price-layers.ts'
import { misfits } from './price-override-rules.ts'
import type { PriceProblem } from './price-problem.ts'
import type { PricePublisher } from './price-publisher.ts'
import type { PriceTools } from './price-tools.ts'
import { DOCUMENT_LAYERS } from '../store/combined-layers.ts'
import type { PriceReads, StoredDocument } from '../store/price-tables.ts'

export type FitDeps = {
  readonly publisher: PricePublisher
  readonly tools: Pick<PriceTools, 'readOverrides'>
}

/** `problem` with the faults, where the file's overrides do not fit the documents of `active`; null where they do. */
export async function checkFit(
  { publisher, tools }: FitDeps,
  prices: PriceReads,
  active: readonly StoredDocument[],
  problem: PriceProblem,
): Promise<PriceProblem | null> {
  const declared = publisher.declared()
  if (declared.length === 0) return null
  const layers: PriceLayer[] = []
  for (const name of DOCUMENT_LAYERS) {
    const rows = active.filter(({ layer }) => layer === name)
    const { layer } = await combineLayer(prices, name, rows)
    if (layer !== null) layers.push(layer)
  }
  const base = buildPriceBook([...layers, SNAPSHOT_LAYER])
  const errors = misfits(tools, declared, await prices.overrides(), base)
  return errors.length === 0 ? null : { ...problem, errors }
}
