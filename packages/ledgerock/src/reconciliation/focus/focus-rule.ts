// The rules FOCUS rows are held to, by name.

export const FOCUS_RULES = [
  'columns',
  'null',
  'type',
  'allowed_value',
  'unit_format',
  'currency',
  'billing_period',
  'charge_period',
  'correction',
  'sku_by_category',
  'quantity_by_category',
  'price_by_category',
  'quantity_without_unit',
  'negative_price',
  'price_times_quantity',
  'credit_cost',
  'estimate_billed',
  'one_sku_per_price',
  'split_incomplete',
  'split_ratio',
  'split_differs',
  'sum_of_billed',
] as const
export type FocusRule = (typeof FOCUS_RULES)[number]
