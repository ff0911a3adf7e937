// Which versions of a period's bill there are and which are in force: of every bill the newest. Bills of one period have their versions
// numbered together, so that a version names one delivery.

import type { BillVersion } from '../bill.ts'
import { BILL_LINES, BILL_VERSIONS, BILL_WORDS, VERSION_COLUMN_NAMES } from './bill-schema.ts'
import type { Session } from './database.ts'
import { inList, literal } from './literal.ts'
import { tableName } from './schema.ts'
import { fieldWriter } from './tab-separated.ts'

export async function readVersions(
  session: Session,
  database: string,
  period: string | null,
): Promise<readonly BillVersion[]> {
  const where = period === null ? '' : ` WHERE period = ${literal(period)}`
  const rows = await session.select<{ record: string }>(
    `SELECT record FROM ${tableName(database, BILL_VERSIONS)}${where}` +
      ' ORDER BY period DESC, version DESC LIMIT 1 BY period, version',
  )
  return rows.map(({ record }) => JSON.parse(record) as BillVersion)
}

/** Of versions newest first. */
export function inForce(versions: readonly BillVersion[]): readonly BillVersion[] {
  const seen = new Set<string>()
  return versions.filter(({ period, bill }) => {
    const key = JSON.stringify([period, bill])
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** From here on the version counts. */
export async function writeVersion(
  session: Session,
  database: string,
  version: BillVersion,
): Promise<void> {
  const text = fieldWriter('String')
  const values = [
    text(version.period),
    String(version.version),
    text(version.bill),
    text(version.fingerprint),
    text(version.imported_at.replace('T', ' ').replace('Z', '')),
    text(JSON.stringify(version)),
  ]
  await session.insert({
    table: tableName(database, BILL_VERSIONS),
    columns: VERSION_COLUMN_NAMES,
    lines: [`${values.join('\t')}\n`],
    token: `bill-version-${version.import_id}-${version.period}-${version.version}`,
  })
}

/** What a version left, or what an import that died left of one. */
export async function dropVersion(
  session: Session,
  database: string,
  { period, version }: { readonly period: string; readonly version: number },
): Promise<void> {
  for (const table of [BILL_LINES, BILL_WORDS]) {
    const partition = `tuple(${literal(period)}, ${version})`
    await session.command(`ALTER TABLE ${tableName(database, table)} DROP PARTITION ${partition}`)
  }
}

export async function forgetVersions(
  session: Session,
  database: string,
  period: string,
  versions: readonly number[],
): Promise<void> {
  await session.command(
    `DELETE FROM ${tableName(database, BILL_VERSIONS)} WHERE period = ${literal(period)}` +
      ` AND version IN ${inList(versions)}`,
    { lightweight_deletes_sync: 2 },
  )
}
