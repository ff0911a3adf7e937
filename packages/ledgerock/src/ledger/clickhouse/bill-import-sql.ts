// The statements of an import. Two passes over the files: the first adds up by word, and finds what is wrong; the second enters the
// lines. Which rows are Bedrock's is said here once, as AWS's own dashboards say it: AWS's codes, and of the Marketplace what names
// Bedrock, was called like a model or is one; never a Marketplace row by its opaque code.

import type { BillFields } from './bill-fields.ts'
import { AMOUNT_FIELDS } from './bill-fields.ts'
import { BILL_LINES, LINE_COLUMNS } from './bill-schema.ts'
import type { BillSource } from './bill-source.ts'
import { literal } from './literal.ts'
import { tableName } from './schema.ts'

const MODEL_CALLS = "('InvokeModelInference', 'InvokeModelStreamingInference')"

/** Over the source's columns. */
export function isBedrockSql({ texts }: BillFields): string {
  const isMarketplace = `positionCaseInsensitive(${texts.billing_entity}, 'Marketplace') > 0`
  const isAwsCode = `startsWith(${texts.product_code}, 'AmazonBedrock')`
  const namesBedrock = `positionCaseInsensitive(${texts.product_name}, 'Bedrock') > 0`
  const isModel = `(startsWith(${texts.resource_id}, 'arn:') AND position(${texts.resource_id}, ':bedrock:') > 0)`
  const isCall = `${texts.operation} IN ${MODEL_CALLS}`
  // An export without the column: what the code says counts, and so does what marks a Marketplace row.
  const isUnsaid = `${texts.billing_entity} = ''`
  return (
    `((NOT ${isMarketplace} AND ${isAwsCode})` +
    ` OR ((${isMarketplace} OR ${isUnsaid}) AND (${namesBedrock} OR ${isCall} OR ${isModel})))`
  )
}

/** The fields of `BillWord`, over the source, by their names in it. */
export function wordFieldsSql({ texts }: BillFields): Readonly<Record<string, string>> {
  const { unit, description, resource_id } = texts
  const isUnitUnsaid = `(lower(${unit}) IN ('units', '') OR position(lower(${unit}), 'tpm') > 0)`
  return {
    line_item_type: texts.line_item_type,
    usage_type: texts.usage_type,
    operation: texts.operation,
    billing_entity: texts.billing_entity,
    product_code: texts.product_code,
    product_name: texts.product_name,
    region: texts.region,
    unit,
    unit_text:
      `multiIf(countSubstrings(${description}, '|') > 1, splitByChar('|', ${description})[3],` +
      ` ${isUnitUnsaid}, ${description}, '')`,
    // Whose account a system's profile is called in says nothing of the model.
    model_resource:
      `multiIf(position(${resource_id}, ':foundation-model/') > 0, ${resource_id},` +
      ` position(${resource_id}, ':inference-profile/') > 0,` +
      ` replaceRegexpOne(${resource_id}, '^(arn:[^:]*:bedrock:[^:]*):[0-9]+:', '\\\\1:000000000000:'), '')`,
  }
}

export function wordKeySql(fields: BillFields): string {
  return `cityHash64(${Object.values(wordFieldsSql(fields)).join(', ')})`
}

export type WordSumRow = {
  readonly bedrock: number
  readonly word: string
  readonly rows: number
  readonly amount_sum: string
  readonly unblended_sum: string
  readonly net_sum: string
  readonly faults: number
  readonly rate_rows: number
  readonly rate_usd: string
  readonly currencies: readonly string[]
  readonly periods: readonly string[]
} & Readonly<Record<string, unknown>>

const pick = (name: string): string =>
  name === 'usage_type' ? 'b_usage_type AS usage_type' : `any(b_${name}) AS ${name}`

/** One row for each word, and one for all that is not Bedrock's. */
export function wordSumsSql(source: BillSource, fields: BillFields): string {
  const words = wordFieldsSql(fields)
  const inner = [
    `${isBedrockSql(fields)} AS b_bedrock`,
    ...Object.entries(words).map(([name, sql]) => `if(b_bedrock, ${sql}, '') AS b_${name}`),
    `if(b_bedrock, ${wordKeySql(fields)}, 0) AS b_word`,
    ...Object.keys(AMOUNT_FIELDS).map(
      (name) => `${fields.amounts[name as keyof typeof AMOUNT_FIELDS]} AS b_${name}`,
    ),
    `${fields.texts.currency} AS b_currency`,
    `${fields.period} AS b_period`,
    `b_bedrock AND (${fields.faults.map(({ when }) => `(${when})`).join(' OR ')}) AS b_fault`,
    `${mismatchSql(fields)} AS b_rate`,
  ]
  const cost = 'coalesce(b_unblended, b_net, toDecimal256(0, 30))'
  return (
    `SELECT b_bedrock AS bedrock, toString(b_word) AS word,` +
    ` ${Object.keys(words).map(pick).join(', ')},` +
    ' count() AS rows, toString(sum(ifNull(b_amount, toDecimal256(0, 30)))) AS amount_sum,' +
    ` toString(sum(${cost})) AS unblended_sum, toString(sum(ifNull(b_net, ${cost}))) AS net_sum,` +
    ` sum(b_fault) AS faults, sum(b_rate) AS rate_rows, toString(sumIf(${cost}, b_rate)) AS rate_usd,` +
    ' groupUniqArray(3)(b_currency) AS currencies, groupUniqArray(3)(b_period) AS periods' +
    ` FROM (SELECT ${inner.join(', ')} FROM ${source.from})` +
    // By the usage type too: two words under one key would show.
    ' GROUP BY b_bedrock, b_word, b_usage_type'
  )
}

/** What was used at the rate beside it does not cost what the line says: to a part in a billion, and what the bill prints of a rate. */
function mismatchSql({ texts, amounts }: BillFields): string {
  const [amount, cost] = [amounts.amount, amounts.unblended].map((each) => `toFloat64(${each})`)
  const rate = `toFloat64OrNull(${texts.rate})`
  const allowed = `1e-9 + abs(${amount}) * 1e-10 + abs(${cost}) * 1e-9`
  return (
    `ifNull(b_bedrock AND ${texts.line_item_type} IN ('Usage', 'DiscountedUsage')` +
    ` AND abs(${amount} * ${rate} - ${cost}) > ${allowed}, 0)`
  )
}

export type FaultRow = { readonly file: number; readonly row: number; readonly fault: number }

/** The first rows that cannot stand, with the place of their fault in the list of faults, from 1. */
export function faultRowsSql(
  source: BillSource,
  conditions: readonly string[],
  limit: number,
): string {
  const cases = conditions.map((when, index) => `${when}, ${index + 1}`).join(', ')
  return (
    `SELECT ${source.fileSql} AS file, ${source.rowSql} AS row, multiIf(${cases}, 0) AS fault` +
    ` FROM ${source.from} WHERE fault > 0 ORDER BY file, row LIMIT ${limit}`
  )
}

export function insertLinesSql(
  database: string,
  source: BillSource,
  fields: BillFields,
  place: { readonly period: string; readonly version: number },
): string {
  const { texts, amounts } = fields
  const from = `toDateTime64('${place.period}-01 00:00:00', 3, 'UTC')`
  const zero = 'toDecimal256(0, 30)'
  const values: Readonly<Record<keyof typeof LINE_COLUMNS, string>> = {
    ...texts,
    period: literal(place.period),
    version: String(place.version),
    file: source.fileSql,
    line: source.rowSql,
    word: wordKeySql(fields),
    usage_start: `toDateTime(coalesce(${fields.startsAt}, ${from}), 'UTC')`,
    usage_end: `toDateTime(coalesce(${fields.endsAt}, ${fields.startsAt}, addMonths(${from}, 1)), 'UTC')`,
    amount: `ifNull(${amounts.amount}, ${zero})`,
    unblended: `coalesce(${amounts.unblended}, ${amounts.net}, ${zero})`,
    net: amounts.net,
    list: amounts.list,
    discount: amounts.discount,
    tags: fields.tags,
  }
  const names = Object.keys(LINE_COLUMNS) as (keyof typeof LINE_COLUMNS)[]
  return (
    `INSERT INTO ${tableName(database, BILL_LINES)} (${names.join(', ')})` +
    ` SELECT ${names.map((name) => values[name]).join(', ')}` +
    ` FROM ${source.from} WHERE ${isBedrockSql(fields)}`
  )
}
