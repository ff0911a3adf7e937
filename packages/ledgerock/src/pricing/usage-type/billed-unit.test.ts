// How many tokens, images or hours a billed unit is, in every spelling seen on price lists and bills.

import { describe, expect, it } from 'vitest'
import type { PriceUnit } from '../price-unit.ts'
import { billedQuantityFactor } from './billed-unit.ts'

const USAGE = 'AWS Marketplace software usage|us-east-1|'

const ROWS: readonly (readonly [string, string, PriceUnit, bigint | null])[] = [
  ['1K tokens', '', 'token', 1_000n],
  ['1k tokens', '', 'token', 1_000n],
  ['1M tokens', `${USAGE}Input Tokens - Standard, Global`, 'token', 1_000_000n],
  ['Units', `${USAGE}Million Input Tokens`, 'token', 1_000_000n],
  ['Units', `${USAGE}Million Input Tokens Regional CRIS`, 'token', 1_000_000n],
  ['Units', `${USAGE}Million Input Tokens Global`, 'token', 1_000_000n],
  ['Units', `${USAGE}thousand Cache Read Input Tokens Regional`, 'token', 1_000n],
  ['Units', `${USAGE}Cache Read Tokens - Standard, Global`, 'token', 1_000_000n],
  ['Units', '', 'token', 1_000_000n],
  ['image', '', 'image', 1n],
  ['Images Processed', '', 'image', 1n],
  ['Units', `${USAGE}Output image, SD3.5 Large`, 'image', 1n],
  ['Second', '', 'second', 1n],
  ['Search Units', '', 'query', 1n],
  ['Units', '', 'query', 1n],
  ['Text Requests', '', 'request', 1n],
  ['Per 1000 requests', '', 'request', 1_000n],
  ['TextUnit', '', 'text_unit', 1n],
  ['1K text units', '', 'text_unit', 1_000n],
  ['hour', '', 'model_unit_hour', 1n],
  ['Units', '', 'model_unit_hour', 1n],
  ['Model/month', '', 'storage_month', 1n],
  ['1K TPM Hour', '', 'tpm_hour', 1_000n],
  ['1M TPM Hour', `${USAGE}Per Hour per 1K Input TPM Reserved 1 Month Global`, 'tpm_hour', 1_000n],
  ['Units', 'Per Hour per 1K Input TPM Reserved 1 Month Global', 'tpm_hour', 1_000n],
  ['1M TPM Hour', '', 'tpm_hour', null],
  ['video', '', 'second', null],
  ['image', '', 'token', null],
  ['1K tokens', '', 'image', null],
  ['Training Tokens', '', 'token', null],
  ['hour', '', 'token', null],
  ['', '', 'token', null],
]

describe('billedQuantityFactor', () => {
  it.each(ROWS)('[BW5] %s (%s) of %s', (pricingUnit, description, unit, expected) => {
    expect(billedQuantityFactor(pricingUnit, description, unit)).toBe(expected)
  })
})
