// The manifest of a delivery: AWS writes it after all data files, so it says what is complete. Data Exports and the legacy report word
// it differently; only what both are known to say is needed, and every file named must be there.

import { err, ok, type Result } from '../kernel/result.ts'

export type Manifest = {
  /** Keys or addresses of the data files, as written. */
  readonly files: readonly string[]
  /** `2026-10`, or null where it does not say. */
  readonly period: string | null
  readonly executionId: string
  readonly exportName: string
}

export function readManifest(text: string): Result<Manifest, string> {
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return err('a manifest that is no JSON')
  }
  if (typeof value !== 'object' || value === null) return err('a manifest that says nothing')
  const said = value as Readonly<Record<string, unknown>>
  const files = said['dataFiles'] ?? said['reportKeys']
  if (!Array.isArray(files)) return err('a manifest without a list of data files')
  const named = files.map(fileName)
  if (!named.every((name) => name !== null)) return err('a data file without a name')
  return ok({
    files: named,
    period: periodOf(said['billingPeriod'] ?? said['billing_period']),
    executionId: textOf(said['executionId'] ?? said['assemblyId']),
    exportName: textOf(said['exportName'] ?? said['reportName']),
  })
}

function fileName(value: unknown): string | null {
  if (typeof value === 'string' && value !== '') return value
  if (typeof value !== 'object' || value === null) return null
  const said = value as Readonly<Record<string, unknown>>
  const name = said['key'] ?? said['path'] ?? said['s3Key'] ?? said['filePath']
  return typeof name === 'string' && name !== '' ? name : null
}

/** `{start: "20261001T000000.000Z"}`, `{start: "2026-10-01"}` or `"2026-10"`. */
function periodOf(value: unknown): string | null {
  const start =
    typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)['start']
      : value
  const [, year, month] = /^(\d{4})-?(\d\d)/.exec(typeof start === 'string' ? start : '') ?? []
  return year === undefined ? null : `${year}-${month}`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
