// One line of the AWS bill as plain text fields, whatever export it came from. Amounts are exact plain decimals, because a bill is
// true to the last digit it prints; nothing here is a float. A column that an export leaves out is the empty string.

export type BillRow = {
  readonly usage_type: string
  readonly operation: string
  /** `Usage`, `DiscountedUsage`, `Tax`, `Credit`, … as AWS writes it. */
  readonly line_item_type: string
  readonly product_code: string
  readonly product_name: string
  readonly description: string
  readonly pricing_unit: string
  /** Plain decimals: no exponent, no separators. */
  readonly usage_amount: string
  readonly unblended_cost: string
  /** After discounts; null where the export has no such column or leaves it empty. */
  readonly net_unblended_cost: string | null
  /** The region's code, as in `us-east-1`. */
  readonly region: string
  readonly account_id: string
  readonly resource_id: string
  readonly principal: string
  /** ISO instants, the end exclusive. */
  readonly usage_start: string
  readonly usage_end: string
  /** As the export names them: `iamPrincipal/team`, `resourceTags/user:team`, … */
  readonly tags: { readonly [key: string]: string }
}
