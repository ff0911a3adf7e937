// What an import made of a price list: how much it read, and every SKU it did not, by reason. A SKU that is left out stays
// visible here; its price is then looked for in the layers below.

export const UNREAD_REASONS = [
  /** Sold beside inference (training, agents, flows …). */
  'not_a_call',
  /** AWS names a model the book does not know. */
  'unknown_model',
  'unknown_usage_type',
  'unknown_region',
  /** A price for long prompts of a model whose threshold nobody has stated. */
  'unknown_threshold',
  /** More than twelve decimals for what the book's price buys. */
  'price_too_fine',
  /** The price depends on the volume of the month. */
  'tiered_price',
  'no_price',
  /** Sold only under a term that is not on demand. */
  'reservation',
] as const
export type UnreadReason = (typeof UNREAD_REASONS)[number]

export type UnreadSku = {
  readonly sku: string
  readonly usagetype: string
  readonly description: string
}

export type PriceListReport = {
  readonly offers: readonly {
    readonly offer_code: string
    readonly version: string
    readonly published_at: string
    readonly skus: number
  }[]
  readonly skus: number
  /** SKUs whose price is in the document. */
  readonly read: number
  /** Prices in the document, one per kind of each row. */
  readonly rates: number
  readonly unread: readonly {
    readonly reason: UnreadReason
    readonly count: number
    readonly examples: readonly UnreadSku[]
  }[]
}

const EXAMPLES_MAX = 5

/** Collects what could not be read, keeping a few examples of each reason. */
export class UnreadSkus {
  readonly #byReason = new Map<UnreadReason, { count: number; examples: UnreadSku[] }>()

  add(reason: UnreadReason, sku: UnreadSku): void {
    const entry = this.#byReason.get(reason) ?? { count: 0, examples: [] }
    entry.count += 1
    if (entry.examples.length < EXAMPLES_MAX) entry.examples.push(sku)
    this.#byReason.set(reason, entry)
  }

  all(): PriceListReport['unread'] {
    return UNREAD_REASONS.flatMap((reason) => {
      const entry = this.#byReason.get(reason)
      return entry === undefined ? [] : [{ reason, ...entry }]
    })
  }
}
