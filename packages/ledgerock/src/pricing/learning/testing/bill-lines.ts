// Bill lines made from known prices, printed as a bill prints them, for tests of what is learned from them.

import { parseDecimal, ratioOf, roundedRatio, formatDecimal } from '../exact-decimal.ts'
import type { BilledUsage } from '../billed-usage.ts'

/** Every digit; ten decimals; the double that a program would have computed. */
export const PRINTINGS = ['exact', 'ten decimals', 'double'] as const
export type Printing = (typeof PRINTINGS)[number]

const LINE: BilledUsage = {
  usage_type: '',
  line_item_type: 'Usage',
  product_code: 'AmazonBedrock',
  product_name: 'Amazon Bedrock',
  description: '',
  pricing_unit: '1K tokens',
  usage_amount: '0',
  unblended_cost: '0',
  net_unblended_cost: null,
  region: 'us-east-1',
  resource_id: '',
  usage_start: '2026-10-05T10:00:00.000Z',
  usage_end: '2026-10-05T11:00:00.000Z',
}

export function billLine(fields: Partial<BilledUsage>): BilledUsage {
  return { ...LINE, ...fields }
}

/** A line of `tokens` at a price for a million of them. */
export function tokenLine(
  usageType: string,
  tokens: number,
  price: string,
  printing: Printing = 'exact',
): BilledUsage {
  const usage = formatDecimal({ digits: BigInt(tokens), scale: 3 })
  return billLine({
    usage_type: usageType,
    usage_amount: usage,
    unblended_cost: costOf(tokens, price, printing),
  })
}

export function costOf(tokens: number, price: string, printing: Printing): string {
  const each = parseDecimal(price) ?? { digits: 0n, scale: 0 }
  const exact = { digits: each.digits * BigInt(tokens), scale: each.scale + 6 }
  switch (printing) {
    case 'exact':
      return formatDecimal(exact)
    case 'ten decimals':
      return formatDecimal(roundedRatio(ratioOf(exact), 10))
    case 'double':
      return (Number(price) * (tokens / 1_000_000))
        .toFixed(17)
        .replace(/0+$/, '')
        .replace(/\.$/, '')
  }
}
