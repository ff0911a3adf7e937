// What learning and capacity need of a bill line. A row of the bill (`billing/`) has these fields and more; pricing names its own
// because it may not know the bill.

export type BilledUsage = {
  readonly usage_type: string
  /** `Usage`, `DiscountedUsage`, `Tax`, `Credit`, … as AWS writes it. */
  readonly line_item_type: string
  readonly product_code: string
  readonly product_name: string
  readonly description: string
  readonly pricing_unit: string
  /** Exact plain decimals, as the bill states them; empty where it states none. */
  readonly usage_amount: string
  readonly unblended_cost: string
  /** After discounts; null where the bill does not say. */
  readonly net_unblended_cost: string | null
  readonly region: string
  readonly resource_id: string
  /** ISO instants, the end exclusive; empty where the bill does not say. */
  readonly usage_start: string
  readonly usage_end: string
}
