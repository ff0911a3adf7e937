// Reads back what exactness and durability rest on. A server's profile can forbid or override a setting in silence; the ledger
// then refuses to start rather than count something twice some day.

import { Fault } from '../../kernel/fault.ts'
import type { Finding } from '../finding.ts'
import { LANES } from '../lane.ts'
import { engineOf } from './arrange.ts'
import type { Database, Session } from './database.ts'
import { tableSettings } from './engine.ts'
import { inList } from './literal.ts'
import { BOOKS } from './schema.ts'
import { laneSettings } from './settings.ts'

export async function assertSettings(database: Database): Promise<void> {
  const findings = await settingsNotInForce(database)
  const [first] = findings
  if (first === undefined) return
  throw new Fault(
    'settings_not_in_force',
    `${first.subject}: ${first.detail}` +
      (findings.length > 1 ? ` (and ${findings.length - 1} more)` : ''),
  )
}

export async function settingsNotInForce(database: Database): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const lane of LANES) {
    const wanted = laneSettings(database.engine, lane)
    const found = await database.use(lane, (session) => readBack(session, Object.keys(wanted)))
    for (const [name, value] of Object.entries(wanted)) {
      const present = found.get(name)
      if (present !== String(value)) findings.push(notInForce(`${lane}: ${name}`, value, present))
    }
  }
  await database.use('ship', async (session) => {
    for (const table of BOOKS) {
      const engine = await engineOf(session, database.name, table)
      for (const [name, value] of Object.entries(tableSettings(database.engine))) {
        const present = new RegExp(`[ ,]${name} = '?([^,' ]+)`).exec(engine)?.[1]
        if (present !== value) findings.push(notInForce(`${table}: ${name}`, value, present))
      }
    }
  })
  return findings
}

async function readBack(
  session: Session,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await session.select<{ name: string; value: string }>(
    `SELECT name, value FROM system.settings WHERE name IN ${inList(names)}`,
  )
  return new Map(rows.map((row) => [row.name, row.value]))
}

function notInForce(
  subject: string,
  wanted: string | number,
  present: string | undefined,
): Finding {
  return {
    code: 'setting_not_in_force',
    subject,
    detail: `is ${present ?? 'not known'}, must be ${wanted}`,
    count: 1,
  }
}
