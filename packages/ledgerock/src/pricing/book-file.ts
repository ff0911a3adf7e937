// The price book as one file: what a node's control process writes and every other process loads. The snapshot is not in it,
// because it ships with the code. A file that was cut short or changed is refused as a whole.
//
//   {"format":"ledgerock-book/1","sha256":"<64 hex>","book":{"layers":[{name, version, document}],"overrides":[…]}}

import { hash } from 'node:crypto'
import { err, ok, type Result } from '../kernel/result.ts'
import type { PriceOverride } from './override/price-override.ts'
import { buildPriceBook, type PriceBook, type PriceLayer } from './price-book.ts'
import { LAYER_NAMES } from './rate.ts'
import { SNAPSHOT_LAYER } from './snapshot.ts'

const FORMAT = 'ledgerock-book/1'
const HEAD = /^\{"format":"([a-z0-9/-]{1,40})","sha256":"([0-9a-f]{64})","book":/

type SealedBook = {
  readonly layers: readonly PriceLayer[]
  readonly overrides: readonly PriceOverride[]
}

/** `layers` without the snapshot. */
export function sealBookFile({ layers, overrides }: SealedBook): string {
  const content: SealedBook = {
    layers: layers.map(({ name, version, document }) => ({ name, version, document })),
    overrides,
  }
  const text = JSON.stringify(content)
  return `{"format":"${FORMAT}","sha256":"${hash('sha256', text, 'hex')}","book":${text}}\n`
}

/** The book with the snapshot below it, or what is wrong with the file. */
export function openBookFile(text: string): Result<PriceBook, string> {
  const head = HEAD.exec(text)
  if (head === null) return err('it is no price book')
  const [opening, format, sha256] = head
  if (format !== FORMAT) return err(`its format is ${format}, not ${FORMAT}`)
  const end = text.lastIndexOf('}')
  const content = text.slice(opening.length, end)
  if (end < opening.length || hash('sha256', content, 'hex') !== sha256) {
    return err('its checksum does not match: it was cut short or changed')
  }
  const { layers, overrides } = JSON.parse(content) as SealedBook
  const ranks = layers.map(({ name }) => LAYER_NAMES.indexOf(name))
  const isInOrder = ranks.every(
    (rank, index) => rank > (ranks[index - 1] ?? -1) && LAYER_NAMES[rank] !== 'snapshot',
  )
  if (!isInOrder) return err('its layers are not those of a price book')
  return ok(buildPriceBook([...layers, SNAPSHOT_LAYER], overrides))
}
