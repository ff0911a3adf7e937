// From the columns an export happens to have to the fields of a bill line, as SQL. An export may leave any column out, give maps as
// maps or as JSON, amounts as doubles, decimals or text, tags in one map, in several or in columns of their own; a line has the same
// fields always. Doubles are read from their shortest text, which is what AWS wrote before it became a double.

import { literal } from './literal.ts'

/** A column of the source: under its CUR 2.0 name, how SQL says it, and its type there. */
export type SourceColumn = { readonly name: string; readonly sql: string; readonly type: string }

/** A field's text on a line, from one column. */
export const TEXT_FIELDS = {
  bill_type: 'bill_bill_type',
  billing_entity: 'bill_billing_entity',
  invoice_id: 'bill_invoice_id',
  invoicing_entity: 'bill_invoicing_entity',
  legal_entity: 'line_item_legal_entity',
  payer_account: 'bill_payer_account_id',
  account_id: 'line_item_usage_account_id',
  line_item_type: 'line_item_line_item_type',
  usage_type: 'line_item_usage_type',
  operation: 'line_item_operation',
  product_code: 'line_item_product_code',
  description: 'line_item_line_item_description',
  resource_id: 'line_item_resource_id',
  principal: 'line_item_iam_principal',
  unit: 'pricing_unit',
  currency: 'line_item_currency_code',
  rate: 'line_item_unblended_rate',
  tax_type: 'line_item_tax_type',
} as const

export const AMOUNT_FIELDS = {
  amount: 'line_item_usage_amount',
  unblended: 'line_item_unblended_cost',
  net: 'line_item_net_unblended_cost',
  list: 'pricing_public_on_demand_cost',
  discount: 'discount_total_discount',
} as const
export type AmountField = keyof typeof AMOUNT_FIELDS

/** Decimals kept of an amount; one with more is refused, never cut. */
export const AMOUNT_DECIMALS = 30
/** A double not smaller than this has at most 17 digits behind at most 13 zeros. */
const DOUBLE_FITS_FROM = '1e-13'

/** A source that has none of these is no bill. */
export const NEEDED_COLUMNS: readonly string[] = ['line_item_usage_type', 'line_item_product_code']
export const COST_COLUMNS: readonly string[] = [AMOUNT_FIELDS.unblended, AMOUNT_FIELDS.net]

export type BillFields = {
  /** By field: an expression over the source. Texts are never NULL; amounts and times are where nothing is said. */
  readonly texts: Readonly<Record<keyof typeof TEXT_FIELDS | 'product_name' | 'region', string>>
  readonly amounts: Readonly<Record<AmountField, string>>
  readonly startsAt: string
  readonly endsAt: string
  /** `2026-10`, or empty. */
  readonly period: string
  readonly tags: string
  /** What makes a line unreadable: the condition, over the source, and what to say of it. */
  readonly faults: readonly LineFault[]
}

export type LineFault = {
  readonly reason: 'amount' | 'time' | 'map'
  readonly detail: string
  readonly when: string
}

export function billFields(columns: readonly SourceColumn[]): BillFields {
  const byName = new Map(columns.map((column) => [column.name, column]))
  const text = (name: string): string => textOf(byName.get(name))
  const amount = (name: string): string => amountOf(byName.get(name))
  const map = (name: string): string => mapOf(byName.get(name))
  const [startsAt, endsAt] = [1, 2].map((place) => boundOf(byName, place)) as [Bound, Bound]
  const texts = Object.entries(TEXT_FIELDS).map(([field, name]) => [field, text(name)])
  const amounts = Object.entries(AMOUNT_FIELDS).map(([field, name]) => [field, amount(name)])
  return {
    texts: {
      ...(Object.fromEntries(texts) as Record<keyof typeof TEXT_FIELDS, string>),
      product_name: firstText([text('product_product_name'), `${map('product')}['product_name']`]),
      region: firstText([
        text('product_region_code'),
        text('product_region'),
        `${map('product')}['region']`,
        `${map('product')}['region_code']`,
      ]),
    },
    amounts: Object.fromEntries(amounts) as Record<AmountField, string>,
    startsAt: startsAt.instant,
    endsAt: endsAt.instant,
    period: `substring(${text('bill_billing_period_start_date')}, 1, 7)`,
    tags: tagsOf(columns, map),
    faults: faultsOf(byName, [startsAt, endsAt]),
  }
}

function faultsOf(
  byName: ReadonlyMap<string, SourceColumn>,
  bounds: readonly Bound[],
): readonly LineFault[] {
  const amounts = Object.values(AMOUNT_FIELDS).flatMap((name) => {
    const column = byName.get(name)
    if (column === undefined) return []
    return [
      { reason: 'amount', detail: `${name} is no exact number`, when: badAmount(column) },
    ] as const
  })
  const costs = COST_COLUMNS.map((name) => `${textOf(byName.get(name))} = ''`).join(' AND ')
  const maps = ['tags', 'resource_tags', 'cost_category', 'product'].flatMap((name) => {
    const column = byName.get(name)
    if (column === undefined || plainType(column.type) !== 'String') return []
    const said = textOf(column)
    const when = `${said} != '' AND JSONType(${said}) != 'Object'`
    return [{ reason: 'map', detail: `${name} is no map`, when }] as const
  })
  return [
    ...amounts,
    { reason: 'amount', detail: 'a line without a cost', when: costs },
    ...bounds.flatMap(({ fault }) =>
      fault === null
        ? []
        : [{ reason: 'time', detail: 'a time that is none', when: fault } as const],
    ),
    ...maps,
  ]
}

/** When usage began or ended: NULL where the line does not say; the fault is what is said and no time. */
type Bound = { readonly instant: string; readonly fault: string | null }

/** From a column of its own, else from the interval, whose places are 1 and 2. */
function boundOf(byName: ReadonlyMap<string, SourceColumn>, place: number): Bound {
  const column = byName.get(place === 1 ? 'line_item_usage_start_date' : 'line_item_usage_end_date')
  if (column !== undefined && plainType(column.type).startsWith('Date')) {
    return { instant: `toDateTime64(${column.sql}, 3, 'UTC')`, fault: null }
  }
  const interval = textOf(byName.get('identity_time_interval'))
  const said = firstText([textOf(column), `splitByChar('/', ${interval})[${place}]`])
  const instant = instantOf(said)
  return { instant, fault: `${said} != '' AND isNull(${instant})` }
}

const EMPTY_MAP = "CAST(map(), 'Map(String, String)')"

function plainType(type: string): string {
  return type.replace(/^LowCardinality\((.+)\)$/, '$1').replace(/^Nullable\((.+)\)$/, '$1')
}

function textOf(column: SourceColumn | undefined): string {
  if (column === undefined) return "''"
  const type = plainType(column.type)
  if (column.type === 'String') return column.sql
  return type === 'String' ? `ifNull(${column.sql}, '')` : `ifNull(toString(${column.sql}), '')`
}

/** NULL where nothing is said, and where what is said is no number. */
function amountOf(column: SourceColumn | undefined): string {
  if (column === undefined) return `CAST(NULL, 'Nullable(Decimal(76, ${AMOUNT_DECIMALS}))')`
  return `toDecimal256OrNull(${textOf(column)}, ${AMOUNT_DECIMALS})`
}

const NUMBER = '^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?$'

function badAmount(column: SourceColumn): string {
  const said = textOf(column)
  const isFloat = plainType(column.type).startsWith('Float')
  const decimals =
    `length(extract(${said}, ${literal('\\.([0-9]*)')}))` +
    ` - toInt32OrZero(extract(${said}, ${literal('[eE]([+-]?[0-9]+)')}))`
  const isLong = isFloat
    ? `${column.sql} != 0 AND abs(${column.sql}) < ${DOUBLE_FITS_FROM}`
    : `length(${said}) > ${AMOUNT_DECIMALS} OR match(${said}, '[eE]-')`
  const isNone = isFloat ? `NOT isFinite(${column.sql})` : `NOT match(${said}, ${literal(NUMBER)})`
  const cases = [
    isNone,
    `isNull(${amountOf(column)})`,
    `((${isLong}) AND ${decimals} > ${AMOUNT_DECIMALS})`,
  ]
  return `${said} != '' AND ifNull(${cases.join(' OR ')}, 1)`
}

const DAY = '^[0-9]{4}-[0-9]{2}-[0-9]{2}'

/** The bill's times are UTC, with or without saying so. */
function instantOf(said: string): string {
  return `if(match(${said}, '${DAY}'), parseDateTime64BestEffortOrNull(${said}, 3, 'UTC'), NULL)`
}

function firstText(texts: readonly string[]): string {
  const said = texts.filter((text) => text !== "''")
  const last = said.at(-1) ?? "''"
  return said.slice(0, -1).reduceRight((rest, text) => `if(${text} != '', ${text}, ${rest})`, last)
}

function mapOf(column: SourceColumn | undefined): string {
  if (column === undefined) return EMPTY_MAP
  if (plainType(column.type) === 'String') {
    return `JSONExtract(${textOf(column)}, 'Map(String, String)')`
  }
  if (/^Map\(.*, Nullable\(/.test(column.type)) {
    return `mapApply((k, v) -> (toString(k), ifNull(toString(v), '')), ${column.sql})`
  }
  return `CAST(${column.sql}, 'Map(String, String)')`
}

/** Under the keys of the `tags` map: `resourceTags/team`, `iamPrincipal/team`, …; that map outranks all others. */
function tagsOf(columns: readonly SourceColumn[], map: (name: string) => string): string {
  const names = new Set(columns.map(({ name }) => name))
  const flat = columns.flatMap((column) => {
    const key = flatTagKey(column.name)
    return key === null ? [] : [`${literal(key)}, ${textOf(column)}`]
  })
  const parts = [
    ...(flat.length === 0 ? [] : [`map(${flat.join(', ')})`]),
    ...(names.has('cost_category')
      ? [keyed(map('cost_category'), "concat('costCategory/', k)")]
      : []),
    ...(names.has('resource_tags') ? [keyed(map('resource_tags'), RESOURCE_KEY)] : []),
    ...(names.has('tags') ? [map('tags')] : []),
  ]
  const [first = EMPTY_MAP, ...others] = parts
  const all = others.reduce((left, right) => `mapUpdate(${left}, ${right})`, first)
  return parts.length === 0 ? all : `mapSort(mapFilter((k, v) -> v != '', ${all}))`
}

function keyed(map: string, key: string): string {
  return `mapApply((k, v) -> (${key}, v), ${map})`
}

/** AWS writes its prefix with either separator: `user:team`, `user_team`, `aws:createdBy`, `aws_created_by`. */
const RESOURCE_KEY =
  "concat('resourceTags/', multiIf(match(k, '^user[:_]'), substring(k, 6)," +
  " match(k, '^aws_'), concat('aws:', substring(k, 5)), k))"

/** Tags that are columns of their own, as in the legacy report and in what a query made of a map. */
export function flatTagKey(name: string): string | null {
  const [, user] = /^resource_?[tT]ags[/_](?:user[:_])?(.+)$/.exec(name) ?? []
  if (user !== undefined) return `resourceTags/${user.replace(/^aws_/, 'aws:')}`
  const [, principal] = /^iamPrincipal\/(.+)$/.exec(name) ?? []
  if (principal !== undefined) return `iamPrincipal/${principal}`
  const [, category] = /^cost_?[cC]ategory[/_](.+)$/.exec(name) ?? []
  return category === undefined ? null : `costCategory/${category}`
}
