// The words of AWS's bill, as `usage-type/` reads them, for bill lines. A bill has millions of lines and few different words, so
// what was read is kept.

import { err } from '../../kernel/result.ts'
import type { PriceBook } from '../price-book.ts'
import { billedQuantityFactor } from '../usage-type/billed-unit.ts'
import { modelNames } from '../usage-type/model-names.ts'
import { readUsageType } from '../usage-type/usage-type.ts'
import type { BilledUsage } from './billed-usage.ts'
import type { BillWords } from './bill-words.ts'

const READINGS_MAX = 20_000

export function bedrockWords(book: PriceBook): BillWords {
  const names = modelNames(book)
  const readings = new Map<string, ReturnType<BillWords['readUsage']>>()
  return {
    readUsage: (line) => {
      if (isOtherService(line)) return err('not_bedrock')
      const { usage_type, region, resource_id, product_name } = line
      const key = JSON.stringify([usage_type, region, resource_id, product_name])
      const known = readings.get(key)
      if (known !== undefined) return known
      const hints = { regionCode: region, resourceId: resource_id, productName: product_name }
      const reading = readUsageType(usage_type, hints, names)
      if (readings.size >= READINGS_MAX) readings.clear()
      readings.set(key, reading)
      return reading
    },
    unitsPerBilled: ({ pricing_unit, description }, unit) =>
      billedQuantityFactor(pricing_unit, description, unit),
  }
}

/** AWS's own services have codes with a name; a listing of the Marketplace has an opaque one, and may be a Bedrock model. */
function isOtherService({ product_code }: BilledUsage): boolean {
  return /^(?:Amazon|AWS)/.test(product_code) && !product_code.includes('Bedrock')
}
