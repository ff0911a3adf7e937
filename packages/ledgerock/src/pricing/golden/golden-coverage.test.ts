// Whether the golden tables are complete: every price the shipped book holds is the answer to one of their rows. Prices apart only
// in region or date are one for this purpose; each region and each dated change is asked for beside that.

import { describe, expect, it } from 'vitest'
import { SCOPES, TIERS, USAGE_KINDS } from '@ledgerock/contract'
import { buildPriceBook } from '../price-book.ts'
import { PRICE_UNITS } from '../price-unit.ts'
import type { Rate } from '../rate.ts'
import { SNAPSHOT_LAYER } from '../snapshot.ts'
import { ratesOfBook } from '../testing/rates-of-book.ts'
import { costOfRow, goldenTables } from './testing/golden-table.ts'
import { workedArithmetic } from './testing/worked-arithmetic.ts'

const ROWS_MIN = 300

const book = buildPriceBook([SNAPSHOT_LAYER])
const rows = goldenTables().flatMap(([, tableRows]) => tableRows)
const charged = rows.flatMap((row) => {
  const cost = costOfRow(book, row)
  return typeof cost === 'string' || cost.kind === 'unpriced'
    ? []
    : cost.charges.map((charge) => ({ rate: charge.from, kind: charge.kind, row }))
})
const shipped = [...ratesOfBook(book)].filter((rate) => !rate.historical)

/** `output` of what is sold by the piece is that piece's own kind under another name, at the same price. */
const isSecondName = (rate: Rate): boolean => rate.kind === 'output' && rate.unit !== 'token'

function sold(rate: Rate): string {
  const { modelId, scope, tier, kind, unit, medium, variant, contextAbove } = rate
  return [modelId, scope, tier, kind, unit, medium, variant ?? '-', contextAbove].join(' ')
}

describe('the golden tables', () => {
  it(`[P1] hold at least ${ROWS_MIN} different calls with their arithmetic right above them`, () => {
    const worked = rows.filter(({ comment }) => workedArithmetic(comment ?? '') !== null)
    expect(new Set(worked.map(({ text }) => text)).size).toBeGreaterThanOrEqual(ROWS_MIN)
    expect(new Set(rows.map(({ text }) => text)).size).toBe(rows.length)
  })

  it('[P1] price everything we ship: model, scope, tier, kind, unit, medium, variant, band', () => {
    const asked = new Set(charged.map(({ rate }) => sold(rate)))
    const all = new Set(shipped.filter((rate) => !isSecondName(rate)).map(sold))
    expect([...all].filter((key) => !asked.has(key))).toEqual([])
  })

  it('[P1] ask every model for a price', () => {
    const asked = new Set(charged.map(({ rate }) => rate.modelId))
    const models = SNAPSHOT_LAYER.document.models.map((model) => model.model_id)
    expect(models.filter((modelId) => !asked.has(modelId))).toEqual([])
  })

  it('[P2] name every kind, unit, tier and scope there is', () => {
    const kinds = new Set<string>(charged.map(({ kind }) => kind))
    expect(USAGE_KINDS.filter((kind) => !kinds.has(kind))).toEqual([])
    const units = new Set(charged.map(({ rate }) => rate.unit))
    expect(PRICE_UNITS.filter((unit) => !units.has(unit))).toEqual([])
    const tiers = new Set(rows.map(({ tier }) => tier))
    expect(TIERS.filter((tier) => !tiers.has(tier))).toEqual([])
    const scopes = new Set(charged.map(({ rate }) => rate.scope))
    expect(SCOPES.filter((scope) => !scopes.has(scope))).toEqual([])
  })

  it('[P1] ask in every region a price is named for', () => {
    const asked = new Set(charged.map(({ row }) => row.region))
    const named = new Set(shipped.map(({ region }) => region).filter((region) => region !== '*'))
    expect([...named].filter((region) => !asked.has(region))).toEqual([])
  })

  it('[P7] ask before and after every day on which a price changed', () => {
    const dated = shipped.filter((rate) => Number.isFinite(rate.validFromMs) && rate.scope !== '*')
    const days = new Set(dated.map((rate) => `${rate.modelId} ${rate.validFromMs}`))
    const missed = [...days].filter((key) => {
      const [modelId = '', day] = key.split(' ')
      const times = charged.filter((one) => one.rate.modelId === modelId).map(({ row }) => row.atMs)
      return !times.some((at) => at < Number(day)) || !times.some((at) => at >= Number(day))
    })
    expect(missed).toEqual([])
  })
})
