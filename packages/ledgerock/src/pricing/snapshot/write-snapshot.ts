// Run by hand when the facts change: `node write-snapshot.ts <catalog.json>` rewrites `bedrock-prices.json` beside it, one rate
// per line, so that a change of price is one line of a diff. A catalog with a fault changes nothing.

import { readFileSync, writeFileSync } from 'node:fs'
import { bookFaults } from '../book-faults.ts'
import { buildPriceBook, layerOf } from '../price-book.ts'
import type { PriceRow } from '../price-document.ts'
import { convertCatalog, type Catalog, type SnapshotDocument } from './convert-catalog.ts'

function lines(items: readonly unknown[]): string {
  return `[\n${items.map((item) => `  ${JSON.stringify(item)}`).join(',\n')}\n ]`
}

function modelText(model: SnapshotDocument['models'][number]): string {
  const { rates, ...head } = model
  const rows = rates.map((row: PriceRow) => `   ${JSON.stringify(row)}`).join(',\n')
  return `  ${JSON.stringify(head).slice(0, -1)},"rates":[\n${rows}\n  ]}`
}

function snapshotText(document: SnapshotDocument): string {
  const parts = Object.entries(document).map(([key, value]) => {
    if (key === 'models') return ` "models": [\n${document.models.map(modelText).join(',\n')}\n ]`
    if (Array.isArray(value)) return ` "${key}": ${lines(value)}`
    if (key !== 'sources') return ` "${key}": ${JSON.stringify(value)}`
    const sources = Object.entries(document.sources).map(
      ([id, source]) => `  ${JSON.stringify(id)}: ${JSON.stringify(source)}`,
    )
    return ` "sources": {\n${sources.join(',\n')}\n }`
  })
  return `{\n${parts.join(',\n')}\n}\n`
}

const [, , catalogPath] = process.argv
if (catalogPath === undefined) throw new Error('usage: node write-snapshot.ts <catalog.json>')
const catalog = JSON.parse(readFileSync(catalogPath, 'utf8')) as Catalog
const document = convertCatalog(catalog)
const faults = bookFaults(buildPriceBook([layerOf('snapshot', document)]))
if (faults.length > 0) throw new Error(`a faulty catalog:\n${faults.join('\n')}`)
const target = new URL('bedrock-prices.json', import.meta.url)
writeFileSync(target, snapshotText(document))
