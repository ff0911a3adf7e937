// What Athena needs to read an export: a table for each of its tables, with partitions it works out by itself, and views that lay calls
// beside the customer's own Cost and Usage Report.

import type { ParquetColumn, ParquetType } from '../../platform/parquet-file.ts'
import { EXPORT_TABLES, type ExportTable } from './export-tables.ts'

/** `location` of the whole export: `s3://bucket/prefix`, or a placeholder where it lies in a folder. */
export function athenaDdl(location: string, fromPeriod: string): string {
  const tables = Object.values(EXPORT_TABLES).map((table) => tableDdl(table, location, fromPeriod))
  return [HEADER, ...tables, MODELS_VIEW, JOIN_VIEW].join('\n')
}

const HEADER = `-- Tables over a Ledgerock export, and views that join it to your own CUR 2.0 table.
-- Run the statements one by one. Replace ledgerock by your database and cur2 by your CUR 2.0 table
-- (Data Exports, hourly, with resource ids and IAM principals) wherever they stand.
`

function tableDdl(table: ExportTable, location: string, fromPeriod: string): string {
  const { name, columns, partitions } = table
  const place = literal(location)
  const lines = columns.map((column) => `  ${quoted(column)} ${athenaType(column.type)}`)
  const folders = partitions.map((each) => `${each}=\${${each}}`).join('/')
  const properties = [
    "'projection.enabled' = 'true'",
    ...partitions.flatMap((each) => projection(each, fromPeriod)),
    `'storage.location.template' = '${place}/${name}/${folders}'`,
  ]
  return `CREATE EXTERNAL TABLE IF NOT EXISTS ledgerock.${name} (
${lines.join(',\n')}
)
PARTITIONED BY (${partitions.map((each) => `\`${each}\` string`).join(', ')})
STORED AS PARQUET
LOCATION '${place}/${name}/'
TBLPROPERTIES (
${properties.map((property) => `  ${property}`).join(',\n')}
);
`
}

/** A prefix of a bucket may have signs that would end the text, and be read as words of the statement. */
function literal(text: string): string {
  return text.replaceAll(/[\\']/g, '\\$&')
}

/** Ask with a condition on the partitions, and Athena reads no others. */
function projection(partition: 'period' | 'day', fromPeriod: string): readonly string[] {
  const [format, first, unit] =
    partition === 'day'
      ? ['yyyy-MM-dd', `${fromPeriod}-01`, 'DAYS']
      : ['yyyy-MM', fromPeriod, 'MONTHS']
  return [
    `'projection.${partition}.type' = 'date'`,
    `'projection.${partition}.format' = '${format}'`,
    `'projection.${partition}.range' = '${first},NOW'`,
    `'projection.${partition}.interval' = '1'`,
    `'projection.${partition}.interval.unit' = '${unit}'`,
  ]
}

function quoted({ name }: ParquetColumn): string {
  return `\`${name.toLowerCase()}\``
}

export function athenaType(type: ParquetType): string {
  if (typeof type !== 'string') return `decimal(38,${type.decimal})`
  switch (type) {
    case 'string':
    case 'json':
      return 'string'
    case 'long':
      return 'bigint'
    case 'double':
      return 'double'
    case 'boolean':
      return 'boolean'
    case 'time':
      return 'timestamp'
    case 'words':
      return 'map<string,string>'
  }
}

/** One row for a usage type of a resource, so that no line of the bill meets two and is counted twice. */
export const MODELS_VIEW = `-- Which model a usage type of your bill is, where it is one of a resource alone.
CREATE OR REPLACE VIEW ledgerock.usage_type_models AS
SELECT
  period,
  x_ledgerockusagetype AS usage_type,
  coalesce(resourceid, '') AS resource_id,
  CASE WHEN count(DISTINCT x_ledgerockmodelid) = 1 THEN min(x_ledgerockmodelid) ELSE 'several' END AS model_id
FROM ledgerock.focus
WHERE x_ledgerockusagetype IS NOT NULL AND x_ledgerockmodelid IS NOT NULL
GROUP BY 1, 2, 3;
`

/** Both sides are added up before they are joined, so that nothing is counted twice. */
const JOIN_VIEW = `-- Calls beside the bill: account, region, model, hour and principal.
-- Where one side is empty, only the other has something there.
CREATE OR REPLACE VIEW ledgerock.calls_and_bill AS
WITH metered AS (
  SELECT
    period,
    coalesce(billed_account_id, account_id, '') AS account_id,
    region,
    model_id,
    date_trunc('hour', started_at) AS hour,
    coalesce(billed_principal_arn, '') AS principal,
    count(*) AS calls,
    sum(input_tokens + output_tokens + cache_read_tokens + cache_write_5m_tokens
      + cache_write_30m_tokens + cache_write_1h_tokens) AS tokens,
    sum(cost_usd) AS metered_usd
  FROM ledgerock.calls
  WHERE status <> 'refused'
  GROUP BY 1, 2, 3, 4, 5, 6
),
billed AS (
  SELECT
    date_format(c.line_item_usage_start_date, '%Y-%m') AS period,
    c.line_item_usage_account_id AS account_id,
    c.product_region_code AS region,
    m.model_id,
    date_trunc('hour', c.line_item_usage_start_date) AS hour,
    coalesce(c.line_item_iam_principal, '') AS principal,
    sum(c.line_item_unblended_cost) AS unblended_usd
  FROM cur2 c
  JOIN ledgerock.usage_type_models m
    ON m.usage_type = c.line_item_usage_type
    AND m.resource_id = coalesce(c.line_item_resource_id, '')
    AND m.period = date_format(c.line_item_usage_start_date, '%Y-%m')
  GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT
  coalesce(b.period, m.period) AS period,
  coalesce(b.account_id, m.account_id) AS account_id,
  coalesce(b.region, m.region) AS region,
  coalesce(b.model_id, m.model_id) AS model_id,
  coalesce(b.hour, m.hour) AS hour,
  coalesce(b.principal, m.principal) AS principal,
  m.calls,
  m.tokens,
  m.metered_usd,
  b.unblended_usd
FROM billed b
FULL OUTER JOIN metered m
  ON m.period = b.period
  AND m.account_id = b.account_id
  AND m.region = b.region
  AND m.model_id = b.model_id
  AND m.hour = b.hour
  AND m.principal = b.principal;
`
