// Price list files that are refused for what they say, and prices that change their unit.

import { describe, expect, it } from 'vitest'
import { mustOk } from '../../kernel/result.ts'
import { buildPriceBook, layerOf } from '../price-book.ts'
import type { PriceDocument } from '../price-document.ts'
import { SNAPSHOT_LAYER } from '../snapshot.ts'
import { listedOffer as offer, type Listed } from '../testing/listed-offer.ts'
import { convertOffers } from './convert-offers.ts'

const book = buildPriceBook([SNAPSHOT_LAYER])
const KNOWN: readonly Listed[] = [['USE1-NovaLite-input-tokens', '0.00006', '1K tokens']]

describe('what refuses a file', () => {
  it('[PL9] refuses a known model in an unknown unit and two prices from one day, with every place', () => {
    const bedrock = offer('AmazonBedrock', [
      ['USE1-NovaPro-input-tokens', '0.001', 'Furlongs'],
      ['USE1-NovaPro-output-tokens', '0.0032', '1K tokens'],
      ['USE1-NovaPro-output-token-count', '0.0033', '1K tokens'],
      ['USE1-Guardrail-ContentPolicyUnitsConsumed', '0.00015', 'bushel'],
    ])
    const known = offer('AmazonBedrockService', KNOWN)
    const result = convertOffers([bedrock, known], book)
    expect(result.ok ? [] : result.problem).toEqual([
      {
        path: '0.products.SKU0',
        message:
          'USE1-NovaPro-input-tokens: unit "Furlongs" is no measure of what is sold by the token',
      },
      {
        path: '0.products.SKU3',
        message:
          'USE1-Guardrail-ContentPolicyUnitsConsumed: unit "bushel" is no measure of what is sold by the text_unit',
      },
      {
        path: '0.products.SKU2',
        message:
          'USE1-NovaPro-output-token-count: 3.3 USD (token, text) from 2026-09-01, where SKU1 (USE1-NovaPro-output-tokens) says 3.2 USD (token, text) for the same thing',
      },
    ])
  })

  it('[PL9] refuses a file in which nothing is a price of a known model', () => {
    const agents = offer('AmazonBedrockAgentCore', [['USE1-Runtime-vCPU', '0.08', 'Hrs']])
    const strange = offer('AmazonBedrock', [['USE1-Unheard2.0-input-tokens', '0.1', '1K tokens']])
    const known = offer('AmazonBedrockService', KNOWN)
    const faultsOf = (...files: readonly unknown[]): readonly string[] => {
      const result = convertOffers(files, book)
      return result.ok ? [] : result.problem.map(({ path, message }) => `${path}: ${message}`)
    }
    const none = (code: string): string =>
      `products: nothing in the file of ${code} is a price of a known model`
    expect(faultsOf(strange)).toEqual([none('AmazonBedrock')])
    expect(faultsOf(agents)).toEqual([none('AmazonBedrockAgentCore')])
    expect(faultsOf(known, agents)).toEqual([])
    expect(faultsOf(known, strange)).toEqual([`1.${none('AmazonBedrock')}`])
  })

  it('[PL5] begins on its day where the book knows the same thing in another unit', () => {
    const inUnit = (unit?: 'second'): PriceDocument => {
      const [model] = mustOk(
        convertOffers(
          [offer('AmazonBedrock', [['USE1-NovaPro-input-tokens', '0.0008', '1K tokens']])],
          book,
        ),
      ).document.models
      const rates = (model?.rates ?? []).map((row) => ({ ...row, ...(unit && { unit }) }))
      return {
        ...SNAPSHOT_LAYER.document,
        models: model === undefined ? [] : [{ ...model, rates }],
      }
    }
    const startsOver = (document: PriceDocument): readonly (string | undefined)[] => {
      const known = buildPriceBook([layerOf('snapshot', document)])
      const listed = offer('AmazonBedrock', [['USE1-NovaPro-input-tokens', '0.0008', '1K tokens']])
      const [model] = mustOk(convertOffers([listed], known)).document.models
      return model?.rates.map((row) => row.valid_from) ?? []
    }
    expect(new Set(startsOver(inUnit()))).toEqual(new Set([undefined]))
    expect(new Set(startsOver(inUnit('second')))).toEqual(new Set(['2026-09-01T00:00:00.000Z']))
  })
})
