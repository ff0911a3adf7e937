// Looks for what must never be found in the books: rollups that differ from the calls, calls entered twice, charge lines that
// do not add up, settings that are not in force.

import type { Finding } from '../finding.ts'
import { ROLLUPS, type Rollup } from '../rollup.ts'
import { settingsNotInForce } from './assert-settings.ts'
import { chargesSql, differingMonthsSql, duplicatesSql } from './audit-sql.ts'
import type { Database } from './database.ts'

/** So many calls are named one by one; there is no need to name a thousand. */
const NAMED_MAX = 100

export async function bookFindings(
  database: Database,
  sinceMs: number,
): Promise<readonly Finding[]> {
  const settings = await settingsNotInForce(database)
  const books = await database.use('heavy', async (session) => {
    const findings: Finding[] = []
    for (const rollup of ROLLUPS) {
      const sql = differingMonthsSql(database.name, rollup, { fromMs: sinceMs, toMs: null })
      for (const { month, rows } of await session.select<{ month: number; rows: number }>(sql)) {
        findings.push(rollupFinding(rollup, month, rows))
      }
    }
    const twice = await session.select<{ call_id: string; in_force: number; most: number }>(
      duplicatesSql(database.name, sinceMs, NAMED_MAX),
    )
    for (const row of twice) {
      const detail = `${row.in_force} versions in force, one of them entered ${row.most} times`
      findings.push({ code: 'duplicate_call', subject: row.call_id, detail, count: 1 })
    }
    const charges = await session.select<{ call_id: string; cost: string; charges: string }>(
      chargesSql(database.name, sinceMs, NAMED_MAX),
    )
    for (const row of charges) {
      const detail = `the charge lines give ${row.charges}, the cost is ${row.cost}`
      findings.push({ code: 'charges_do_not_add_up', subject: row.call_id, detail, count: 1 })
    }
    return findings
  })
  return [...settings, ...books]
}

export function rollupFinding(rollup: Rollup, month: number, rows: number): Finding {
  const text = `${Math.floor(month / 100)}-${String(month % 100).padStart(2, '0')}`
  return {
    code: 'rollup_differs',
    subject: `${rollup.name} ${text}`,
    detail: `${rows} rows differ from the calls they sum up`,
    count: rows,
  }
}
