// A line of the bill in AWS's columns. Amounts are written as the doubles they become; rates are exact texts, as AWS writes
// them; a Marketplace line has neither a service code nor a public price.

import type { BillLine } from './bill-line.ts'
import { INVOICED_AFTER_MS, isKnown, type BillOptions, type Period } from './bill-options.ts'
import { NO_WORDS, type BillRow, type Words } from './bill-row.ts'
import type { BillWorld } from './bill-world.ts'
import { billedText, decimalText, negative, NOTHING, plainText, times } from './exact.ts'
import { discountOf, netOf } from './other-lines.ts'
import { SELLER_AWS } from './sale.ts'
import { hashText, randomName, seededRandom } from '../random.ts'

export type RowContext = {
  readonly period: Period
  readonly world: BillWorld
  readonly options: BillOptions
}

export function rowOfLine(line: BillLine, place: number, context: RowContext): BillRow {
  const { period, world, options } = context
  const { sale } = line
  const account = world.accounts.find(({ id }) => id === line.accountId)
  const texts = amountsOf(line, options)
  const discount = discountOf(line, options)
  const invoiced = isKnown(options, period.endMs + INVOICED_AFTER_MS)
  const isTax = line.type === 'Tax'
  const [start, end] = [instant(line.startMs), instant(line.endMs)]
  return {
    bill_bill_type: line.type === 'Refund' ? 'Refund' : 'Anniversary',
    bill_billing_entity: sale.isMarketplace ? 'AWS Marketplace' : 'AWS',
    bill_billing_period_end_date: instant(period.endMs),
    bill_billing_period_start_date: instant(period.startMs),
    bill_invoice_id: invoiced ? invoiceOf(period, sale.isMarketplace) : '',
    bill_invoicing_entity: SELLER_AWS,
    bill_payer_account_id: world.payerAccountId,
    bill_payer_account_name: world.payerAccountName,
    cost_category: account?.costCategories ?? NO_WORDS,
    discount: discount === 0n ? NO_WORDS : { EdpDiscount: billedText(negative(discount)) },
    discount_bundled_discount: '0',
    discount_total_discount: billedText(negative(discount)),
    identity_line_item_id: lineItemId(options, place),
    identity_time_interval: `${start}/${end}`,
    line_item_availability_zone: '',
    line_item_blended_cost: texts.cost,
    line_item_blended_rate: texts.rate,
    line_item_currency_code: 'USD',
    line_item_iam_principal: line.principal,
    line_item_legal_entity: sale.seller,
    line_item_line_item_description: descriptionOf(line, texts.rate),
    line_item_line_item_type: line.type,
    line_item_net_unblended_cost: texts.net,
    line_item_net_unblended_rate: '',
    line_item_normalization_factor: '',
    line_item_normalized_usage_amount: '',
    line_item_operation: line.operation,
    line_item_product_code: sale.productCode,
    line_item_resource_id: line.resourceId,
    line_item_tax_type: isTax ? 'USSalesTax' : '',
    line_item_unblended_cost: texts.cost,
    line_item_unblended_rate: texts.rate,
    line_item_usage_account_id: line.accountId,
    line_item_usage_account_name: account?.name ?? '',
    line_item_usage_amount: texts.quantity,
    line_item_usage_end_date: end,
    line_item_usage_start_date: start,
    line_item_usage_type: sale.usageType,
    line_item_user_identifier: '',
    pricing_currency: 'USD',
    pricing_public_on_demand_cost: texts.list,
    pricing_public_on_demand_rate: texts.listRate,
    pricing_rate_code: '',
    pricing_rate_id: '',
    pricing_term: line.type === 'Usage' ? 'OnDemand' : '',
    pricing_unit: sale.unit,
    product: { product_name: sale.productName, region: line.region },
    product_from_region_code: '',
    product_location: '',
    product_operation: line.operation,
    product_pricing_unit: sale.unit,
    product_product_family: sale.isMarketplace ? '' : 'Amazon Bedrock',
    product_region_code: sale.isMarketplace ? '' : line.region,
    product_servicecode: sale.serviceCode,
    product_sku: '',
    product_usagetype: sale.usageType,
    resource_tags: resourceTagsOf(line.tags, options),
    tags: line.tags,
  }
}

export type AmountTexts = {
  readonly quantity: string
  readonly rate: string
  readonly listRate: string
  readonly cost: string
  readonly net: string
  readonly list: string
}

export function amountsOf(line: BillLine, options: BillOptions): AmountTexts {
  const { sale, rate, listRate, quantity, type } = line
  const unitDecimals = sale.unitSize.toString().length - 1
  const units = billedText(quantity, unitDecimals)
  const hasRate = type === 'Usage' || type === 'Fee'
  const rateText = hasRate ? decimalText(times(rate, sale.unitSize)) : ''
  const listText = hasRate && !sale.isMarketplace ? decimalText(times(listRate, sale.unitSize)) : ''
  const isProduct = options.amounts === 'product' && hasRate
  const list = sale.isMarketplace || !hasRate ? NOTHING : times(listRate, quantity)
  return {
    quantity: units,
    rate: rateText,
    listRate: listText,
    cost: isProduct ? plainText(Number(units) * Number(rateText)) : billedText(line.amount),
    net: billedText(netOf(line, options)),
    list: billedText(list),
  }
}

function descriptionOf({ type, sale, region }: BillLine, rate: string): string {
  if (type === 'Usage' && sale.isMarketplace) {
    return `AWS Marketplace software usage|${region}|${sale.tail}`
  }
  return type === 'Usage' ? `$${rate} per ${sale.unit} for ${sale.tail} in ${region}` : sale.tail
}

/** User tags of resources alone, under the older map's way of writing their keys. */
function resourceTagsOf(tags: Words, { resourceTagSeparator }: BillOptions): Words {
  const own = Object.entries(tags).filter(([key]) => key.startsWith('resourceTags/'))
  if (own.length === 0) return NO_WORDS
  return Object.fromEntries(
    own.map(([key, value]) => [
      `user${resourceTagSeparator}${key.slice('resourceTags/'.length)}`,
      value,
    ]),
  )
}

function invoiceOf({ name }: Period, isMarketplace: boolean): string {
  const digits = hashText(`${name} ${isMarketplace}`).toString().padStart(10, '0').slice(-10)
  return `${isMarketplace ? 'EUINMP' : ''}${digits}`
}

/** New in every delivery, as AWS's are. */
function lineItemId({ seed, asOfMs }: BillOptions, place: number): string {
  return randomName(seededRandom(hashText(`${seed} ${asOfMs} ${place}`)), 52).toLowerCase()
}

/** To the second, as exports have it. */
function instant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}
