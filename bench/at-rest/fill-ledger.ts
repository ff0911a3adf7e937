// Fills an embedded ledger with a day of traffic through the ledger's own insert path, in batches as the shipper makes them,
// waits until the engine has merged what it wants to merge by itself, and asks it what lies on disk. A process of its own: the
// engine lives in the process that uses it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_DIMENSION_RULES } from '../../packages/ledgerock/src/attribution/dimension-rule.ts'
import { callRecordOf } from '../../packages/ledgerock/src/journal/call-record-of.ts'
import {
  openDatabase,
  type Session,
} from '../../packages/ledgerock/src/ledger/clickhouse/database.ts'
import { openLedgerStore } from '../../packages/ledgerock/src/ledger/clickhouse/open-ledger-store.ts'
import { entryOf, type LedgerEntry } from '../../packages/ledgerock/src/ledger/entry.ts'
import type { LedgerStoreTarget } from '../../packages/ledgerock/src/ledger/store.ts'
import { childArgument, tellParent } from '../child.ts'
import { traffic } from './traffic.ts'

export type FillRequest = {
  readonly seed: number
  readonly calls: number
  readonly batchCalls: number
}

export type Filled = {
  readonly calls: number
  /** Bytes of active parts, by table. */
  readonly tables: Readonly<Record<string, number>>
  /** Of the calls table, its largest columns. */
  readonly columns: Readonly<Record<string, number>>
  readonly activeParts: number
  readonly insertCallsPerSecond: number
  /** Of this process, while it inserted; the engine's threads included. */
  readonly insertCpuUsPerCall: number
}

const DAY_FROM_MS = Date.UTC(2026, 10, 10)
const DAY_MS = 86_400_000
const QUIET_PATIENCE_MS = 20_000
const COLUMNS_SHOWN = 16

async function fill(request: FillRequest): Promise<Filled> {
  const path = mkdtempSync(join(tmpdir(), 'bench-ledger-'))
  const target: LedgerStoreTarget = { kind: 'embedded', path }
  try {
    const store = await openLedgerStore(target, {
      dimensions: DEFAULT_DIMENSION_RULES.map(({ name }) => name),
      retention: { callsDays: null, rawUsageDays: null },
    })
    const database = openDatabase(target)
    const all = [...entries(request)]
    const began = performance.now()
    const cpuBefore = process.cpuUsage()
    let batch: LedgerEntry[] = []
    let batches = 0
    const insert = async (): Promise<void> => {
      batches += 1
      const token = `bench:${request.seed}:${batches}`
      await store.insertBatch({ entries: batch, token, again: false })
      batch = []
    }
    for (const entry of all) {
      batch.push(entry)
      if (batch.length === request.batchCalls) await insert()
    }
    if (batch.length > 0) await insert()
    const insertCallsPerSecond = (request.calls / (performance.now() - began)) * 1_000
    const cpu = process.cpuUsage(cpuBefore)
    const insertCpuUsPerCall = (cpu.user + cpu.system) / request.calls
    const filled = await database.use('heavy', async (session) => {
      await whenQuiet(session)
      return { ...(await onDisk(session)), insertCallsPerSecond, insertCpuUsPerCall }
    })
    const calls = await store.countCalls()
    await database.close()
    await store.close()
    return { calls, ...filled }
  } finally {
    rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  }
}

function* entries({ seed, calls }: FillRequest): Generator<LedgerEntry> {
  const place = { nodeId: 'bench-0a1b2c3d', journalId: '019aa0f0c1d2a1b2c3d4e5f6' }
  for (const { opened, settled } of traffic(seed, calls, DAY_FROM_MS, DAY_MS - 60_000)) {
    const call = { opened, openedSeq: settled.opened, settled, seq: settled.opened + 1 }
    yield entryOf(callRecordOf(call, place))
  }
}

/** The engine merges parts in the background; nothing is forced. */
async function whenQuiet(session: Session): Promise<void> {
  const giveUpAt = performance.now() + QUIET_PATIENCE_MS
  let quiet = 0
  while (quiet < 5 && performance.now() < giveUpAt) {
    const [row] = await session.select<{ merges: number }>(
      'SELECT toUInt32(count()) AS merges FROM system.merges',
    )
    quiet = row?.merges === 0 ? quiet + 1 : 0
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function onDisk(
  session: Session,
): Promise<Pick<Filled, 'tables' | 'columns' | 'activeParts'>> {
  const tables = await session.select<{ table: string; bytes: number; parts: number }>(
    'SELECT table, toFloat64(sum(bytes_on_disk)) AS bytes, toFloat64(count()) AS parts' +
      " FROM system.parts WHERE active AND database NOT IN ('system') GROUP BY table ORDER BY table",
  )
  const columns = await session.select<{ column: string; bytes: number }>(
    'SELECT column, toFloat64(sum(column_bytes_on_disk)) AS bytes FROM system.parts_columns' +
      " WHERE active AND table = 'calls' GROUP BY column ORDER BY bytes DESC" +
      ` LIMIT ${COLUMNS_SHOWN}`,
  )
  return {
    tables: Object.fromEntries(tables.map(({ table, bytes }) => [table, bytes])),
    columns: Object.fromEntries(columns.map(({ column, bytes }) => [column, bytes])),
    activeParts: tables.reduce((sum, { parts }) => sum + parts, 0),
  }
}

tellParent(await fill(childArgument() as FillRequest))
