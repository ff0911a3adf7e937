// One line of a CUR 2.0 export: AWS's column names, every value as text, maps as maps. The list of columns is the order in which
// an export has them, with the types of AWS's dictionary; the groups a model's bill never fills (reservations, savings plans,
// split cost) are left out.

export type ColumnType = 'string' | 'timestamp' | 'double' | 'words' | 'amounts'

export const BILL_COLUMNS = {
  bill_bill_type: 'string',
  bill_billing_entity: 'string',
  bill_billing_period_end_date: 'timestamp',
  bill_billing_period_start_date: 'timestamp',
  bill_invoice_id: 'string',
  bill_invoicing_entity: 'string',
  bill_payer_account_id: 'string',
  bill_payer_account_name: 'string',
  cost_category: 'words',
  discount: 'amounts',
  discount_bundled_discount: 'double',
  discount_total_discount: 'double',
  identity_line_item_id: 'string',
  identity_time_interval: 'string',
  line_item_availability_zone: 'string',
  line_item_blended_cost: 'double',
  line_item_blended_rate: 'string',
  line_item_currency_code: 'string',
  line_item_iam_principal: 'string',
  line_item_legal_entity: 'string',
  line_item_line_item_description: 'string',
  line_item_line_item_type: 'string',
  line_item_net_unblended_cost: 'double',
  line_item_net_unblended_rate: 'string',
  line_item_normalization_factor: 'double',
  line_item_normalized_usage_amount: 'double',
  line_item_operation: 'string',
  line_item_product_code: 'string',
  line_item_resource_id: 'string',
  line_item_tax_type: 'string',
  line_item_unblended_cost: 'double',
  line_item_unblended_rate: 'string',
  line_item_usage_account_id: 'string',
  line_item_usage_account_name: 'string',
  line_item_usage_amount: 'double',
  line_item_usage_end_date: 'timestamp',
  line_item_usage_start_date: 'timestamp',
  line_item_usage_type: 'string',
  line_item_user_identifier: 'string',
  pricing_currency: 'string',
  pricing_public_on_demand_cost: 'double',
  pricing_public_on_demand_rate: 'string',
  pricing_rate_code: 'string',
  pricing_rate_id: 'string',
  pricing_term: 'string',
  pricing_unit: 'string',
  product: 'words',
  product_from_region_code: 'string',
  product_location: 'string',
  product_operation: 'string',
  product_pricing_unit: 'string',
  product_product_family: 'string',
  product_region_code: 'string',
  product_servicecode: 'string',
  product_sku: 'string',
  product_usagetype: 'string',
  resource_tags: 'words',
  tags: 'words',
} as const satisfies { readonly [name: string]: ColumnType }

export type BillColumn = keyof typeof BILL_COLUMNS
export const BILL_COLUMN_NAMES = Object.keys(BILL_COLUMNS) as readonly BillColumn[]

/** Keys to values; of `discount`, keys to amounts as text. */
export type Words = { readonly [key: string]: string }
export const NO_WORDS: Words = Object.freeze({})

type MapColumn = {
  [Column in BillColumn]: (typeof BILL_COLUMNS)[Column] extends 'words' | 'amounts' ? Column : never
}[BillColumn]

/** Empty text where AWS leaves the cell empty. Instants are ISO texts, to the second. */
export type BillRow = { readonly [Column in Exclude<BillColumn, MapColumn>]: string } & {
  readonly [Column in MapColumn]: Words
}

export function isMapColumn(column: BillColumn): column is MapColumn {
  const type = BILL_COLUMNS[column]
  return type === 'words' || type === 'amounts'
}
