// A month that the engine makes up by itself, out of numbers: calls through the gateway, and the bill of them and of as many direct
// callers. Three models, two accounts, 24 sessions of the gateway's role of 12 teams, 24 roles that call directly. What was called
// and what was billed fit within a rounding, so that matching has all the work and hardly anything to explain.

export const PERIOD = '2026-10'
export const FROM_MS = Date.UTC(2026, 9, 1)
export const TO_MS = Date.UTC(2026, 10, 1)
export const HOURS = (TO_MS - FROM_MS) / 3_600_000

const MODELS = ['pro', 'lite', 'micro'] as const
const ACCOUNTS = ['111122223333', '444455556666'] as const
const SESSIONS = 24
export const TEAMS = 12
const COMBINATIONS = MODELS.length * ACCOUNTS.length * SESSIONS
/** Of an hour: in and out of each combination, through the gateway and directly. */
export const CELLS = COMBINATIONS * 4
/** USD for 1,000 tokens in and out. */
const RATES = [
  ['0.0008', '0.0032'],
  ['0.00006', '0.00024'],
  ['0.000035', '0.00014'],
] as const
const INPUT = { least: 1_000, span: 977 }
const OUTPUT = { least: 100, span: 311 }
const GATEWAY_ROLE = 'ledgerock-gateway'

export const isGateway = (arn: string): boolean => arn.includes(`:assumed-role/${GATEWAY_ROLE}/`)

const list = (words: readonly string[]): string =>
  `[${words.map((word) => `'${word}'`).join(', ')}]`
const pick = (words: readonly string[], index: string): string => `${list(words)}[${index} + 1]`

/** What a combination is, over a column `combination`. */
const MODEL = `combination % ${MODELS.length}`
const ACCOUNT = pick(ACCOUNTS, `intDiv(combination, ${MODELS.length}) % ${ACCOUNTS.length}`)
const SESSION = `intDiv(combination, ${MODELS.length * ACCOUNTS.length})`
const GATEWAY_ARN = `concat('arn:aws:sts::', ${ACCOUNT}, ':assumed-role/${GATEWAY_ROLE}/s', toString(${SESSION}))`
const DIRECT_ARN = `concat('arn:aws:sts::', ${ACCOUNT}, ':assumed-role/team-', toString(${SESSION} % ${TEAMS}), '-', toString(${SESSION}), '/i')`
const TEAM = `concat('team-', toString(${SESSION} % ${TEAMS}))`
const PRICE = (place: number): string =>
  `toDecimal128(${pick(
    RATES.map((rates) => rates[place] ?? ''),
    MODEL,
  )}, 12)`

/** Calls from the `from`-th to before the `to`-th of so many in the month. */
export function callsSql(table: string, calls: number, from: number, to: number): string {
  const perHour = Math.ceil(calls / HOURS)
  const values: Readonly<Record<string, string>> = {
    sign: '1',
    call_id: 'reinterpretAsUUID(sipHash128(number))',
    attempt: '1',
    source: "'gateway'",
    via: "'gateway'",
    status: "'ok'",
    http_status: '200',
    started_at: `fromUnixTimestamp64Milli(toInt64(${FROM_MS} + hour_at * 3600000 + intDiv(place * 3600000, ${perHour})), 'UTC')`,
    latency_ms: '900 + number % 400',
    region: "'us-east-1'",
    operation: "'Converse'",
    model_requested: `concat('amazon.nova-', ${pick(MODELS, MODEL)}, '-v1:0')`,
    model_id: `concat('amazon.nova-', ${pick(MODELS, MODEL)}, '-v1:0')`,
    tier: "'standard'",
    scope: "'in-region'",
    usage_source: "if(number % 500 = 0, 'estimated', 'response')",
    endpoint: "'runtime'",
    input_tokens: 'tokens_in',
    output_tokens: 'tokens_out',
    cost_usd: 'usd_in + usd_out',
    charge_kinds: "['input', 'output']",
    charge_quantities: '[toFloat64(tokens_in), toFloat64(tokens_out)]',
    charge_rates: `[toString(${PRICE(0)} / 1000), toString(${PRICE(1)} / 1000)]`,
    charge_amounts: '[usd_in, usd_out]',
    charge_rate_ids: `[concat('r-in-', toString(${MODEL})), concat('r-out-', toString(${MODEL}))]`,
    key_name: `concat('key-', toString(${SESSION}))`,
    billed_principal_arn: GATEWAY_ARN,
    billed_account_id: ACCOUNT,
    team: TEAM,
    application: `concat('app-', toString(${SESSION}), if(intDiv(number, ${COMBINATIONS}) % 2 = 0, 'a', 'b'))`,
    environment: "'production'",
    user_id: "concat('u-', toString(cityHash64(number) % 5000))",
    node_id: "'bench'",
    journal_id: "'019aa0f0c1d2a1b2c3d4e5f6'",
    seq: 'number',
    price_book_version: "'2026-10-01'",
    version: '1',
  }
  const names = Object.keys(values)
  return (
    `INSERT INTO ${table} (${names.join(', ')}) SELECT ${names.map((name) => values[name]).join(', ')} FROM (` +
    `SELECT number, intDiv(number, ${perHour}) AS hour_at, number % ${perHour} AS place,` +
    ` number % ${COMBINATIONS} AS combination, ${INPUT.least} + number % ${INPUT.span} AS tokens_in,` +
    ` ${OUTPUT.least} + number % ${OUTPUT.span} AS tokens_out, ${PRICE(0)} * tokens_in / 1000 AS usd_in,` +
    ` ${PRICE(1)} * tokens_out / 1000 AS usd_out FROM numbers(${from}, ${to - from}))`
  )
}

/** Every twentieth row is of another service and left aside. */
const OTHERS = 20

/** Rows of the bill, as AWS's Parquet has them: texts, doubles, times and maps. */
export function billSql(
  path: string,
  format: 'Parquet' | 'CSVWithNames',
  size: { readonly rows: number; readonly calls: number },
  from: number,
  to: number,
): string {
  const perHour = Math.ceil(size.rows / HOURS)
  const callsEach = size.calls / HOURS / COMBINATIONS
  const rowsEach = (perHour * (1 - 1 / OTHERS)) / CELLS
  const each = ({ least, span }: typeof INPUT): number =>
    Math.max(1, Math.round((callsEach * (least + (span - 1) / 2)) / rowsEach))
  const isOther = `number % ${OTHERS} = ${OTHERS - 1}`
  const price = `[${RATES.map(([into, out]) => `[${into}, ${out}]`).join(', ')}][${MODEL} + 1][kind + 1]`
  const name = `concat('Nova', ${pick(['Pro', 'Lite', 'Micro'], MODEL)}, if(kind = 0, '-input-tokens', '-output-tokens'))`
  const time = (hour: string): string =>
    `toDateTime64(toDateTime(${FROM_MS / 1_000} + (${hour}) * 3600, 'UTC'), 3, 'UTC')`
  const map = (...pairs: readonly string[]): string =>
    format === 'Parquet'
      ? `map(${pairs.join(', ')})`
      : `toJSONString(CAST(map(${pairs.join(', ')}), 'Map(String, String)'))`
  const values: Readonly<Record<string, string>> = {
    identity_line_item_id: 'hex(sipHash64(number))',
    bill_bill_type: "'Anniversary'",
    bill_billing_entity: "'AWS'",
    bill_billing_period_start_date: time('0'),
    bill_invoice_id: "''",
    bill_payer_account_id: "'999988887777'",
    line_item_usage_account_id: ACCOUNT,
    line_item_product_code: `if(${isOther}, 'AmazonEC2', 'AmazonBedrock')`,
    line_item_usage_type: `if(${isOther}, 'BoxUsage:m7g.large', concat('USE1-', ${name}))`,
    line_item_line_item_type: "'Usage'",
    line_item_operation: `if(${isOther}, 'RunInstances', 'InvokeModelInference')`,
    line_item_line_item_description: `concat('$', toString(${price}), ' per 1K tokens for ', ${name})`,
    line_item_resource_id: "''",
    line_item_iam_principal: `if(is_direct, ${DIRECT_ARN}, ${GATEWAY_ARN})`,
    line_item_currency_code: "'USD'",
    line_item_usage_amount: 'used',
    line_item_unblended_rate: `toString(${price})`,
    line_item_unblended_cost: `used * ${price}`,
    line_item_net_unblended_cost: `used * ${price} * 0.9`,
    line_item_usage_start_date: time('hour_at'),
    line_item_usage_end_date: time('hour_at + 1'),
    pricing_unit: "'1K tokens'",
    pricing_public_on_demand_cost: `used * ${price}`,
    product: map("'product_name'", "'Amazon Bedrock'", "'region'", "'us-east-1'"),
    tags: map("'iamPrincipal/team'", TEAM, "'resourceTags/env'", "'production'"),
  }
  const into = `INSERT INTO FUNCTION file('${path}', ${format})`
  const columns = Object.entries(values).map(([column, sql]) => `${sql} AS ${column}`)
  return (
    `${into} SELECT ${columns.join(', ')} FROM (SELECT *, if(kind = 0, ${each(INPUT)}, ${each(OUTPUT)}) / 1000 AS used` +
    ` FROM (SELECT number, intDiv(number, ${perHour}) AS hour_at, intDiv(number, ${OTHERS}) * ${OTHERS - 1}` +
    ` + number % ${OTHERS} AS turn, turn % 2 AS kind, intDiv(turn, 2) % ${COMBINATIONS} AS combination,` +
    ` intDiv(turn, ${COMBINATIONS * 2}) % 2 = 1 AS is_direct FROM numbers(${from}, ${to - from})))`
  )
}
