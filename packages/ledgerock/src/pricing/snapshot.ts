// The prices that ship with Ledgerock: the last layer of every book, so that a first start knows what calls cost. Where the
// figures come from is told in `snapshot/README.md`.

import type { PriceDocument } from './price-document.ts'
import { layerOf, type PriceLayer } from './price-book.ts'
import document from './snapshot/bedrock-prices.json' with { type: 'json' }

export const SNAPSHOT_LAYER: PriceLayer = layerOf('snapshot', document as unknown as PriceDocument)
