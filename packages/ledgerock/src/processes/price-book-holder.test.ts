import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mustOk } from '../kernel/result.ts'
import { sealBookFile } from '../pricing/book-file.ts'
import { readOverrides } from '../pricing/override/override.ts'
import { buildPriceBook } from '../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../pricing/snapshot.ts'
import { openPriceBookHolder } from './price-book-holder.ts'

const SNAPSHOT = buildPriceBook([SNAPSHOT_LAYER])

let directory: string
let path: string
let errors: unknown[]
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ledgerock-prices-'))
  path = join(directory, 'prices.json')
  errors = []
})
afterEach(() => {
  rmSync(directory, { recursive: true, force: true })
})

const open = () => openPriceBookHolder({ error: (fields: unknown) => errors.push(fields) }, path)

/** A book file with one override, and the version of its book. */
function withOverride(percent: string): { readonly text: string; readonly version: string } {
  const terms = [{ name: 'edp', models: 'anthropic.*', percent }]
  const overrides = mustOk(readOverrides(terms, 'api', SNAPSHOT))
  const { version } = buildPriceBook([SNAPSHOT_LAYER], overrides)
  return { text: sealBookFile({ layers: [], overrides }), version }
}

describe('price book holder', () => {
  it('[Z10] without a file works by the shipped snapshot, and says nothing of it', () => {
    const prices = open()
    expect(prices.current().version).toBe(SNAPSHOT.version)
    expect(prices.load()).toBe(SNAPSHOT.version)
    expect(errors).toEqual([])
  })

  it('[Z10] begins with the file, and takes the next one when told', () => {
    const [first, second] = [withOverride('-10'), withOverride('-20')]
    writeFileSync(path, first.text)
    const prices = open()
    const book = prices.current()
    expect(book.version).toBe(first.version)
    expect(prices.load()).toBe(first.version)
    expect(prices.current()).toBe(book)
    writeFileSync(path, second.text)
    expect(prices.current()).toBe(book)
    expect(prices.load()).toBe(second.version)
    expect(prices.current().overrides.map(({ effect }) => effect)).toEqual([{ percent: '-20' }])
  })

  it('[Z11] a damaged file at the start is refused aloud, and the snapshot is used', () => {
    writeFileSync(path, withOverride('-10').text.slice(0, -20))
    const prices = open()
    expect(prices.current().version).toBe(SNAPSHOT.version)
    expect(errors).toMatchObject([{ path, kept: 'snapshot' }])
  })

  it('[Z11] a damaged file later leaves the prices from before', () => {
    const good = withOverride('-10')
    writeFileSync(path, good.text)
    const prices = open()
    for (const damaged of ['', '{}', good.text.replace('-10', '-90'), good.text.slice(1)]) {
      errors = []
      writeFileSync(path, damaged)
      expect(prices.load()).toBe(good.version)
      expect(errors).toMatchObject([{ kept: good.version }])
    }
    rmSync(path)
    expect(prices.load()).toBe(good.version)
  })
})
