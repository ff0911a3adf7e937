// Fills an embedded ledger with calls beside its insert path, as fast as the engine copies them, then re-rates all of them by a book
// in which every price is another. A process of its own, so that its memory is the re-rating's.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DEFAULT_DIMENSION_RULES } from '../../packages/ledgerock/src/attribution/dimension-rule.ts'
import { callRecordOf } from '../../packages/ledgerock/src/journal/call-record-of.ts'
import { insertedColumns } from '../../packages/ledgerock/src/ledger/clickhouse/call-columns.ts'
import {
  openDatabase,
  type Session,
} from '../../packages/ledgerock/src/ledger/clickhouse/database.ts'
import { openLedgerStore } from '../../packages/ledgerock/src/ledger/clickhouse/open-ledger-store.ts'
import { entryOf } from '../../packages/ledgerock/src/ledger/entry.ts'
import { createRerater } from '../../packages/ledgerock/src/ledger/rerate.ts'
import type { LedgerStoreTarget } from '../../packages/ledgerock/src/ledger/store.ts'
import { nodeFiles } from '../../packages/ledgerock/src/platform/node-files.ts'
import { buildPriceBook, layerOf } from '../../packages/ledgerock/src/pricing/price-book.ts'
import { repricerOf } from '../../packages/ledgerock/src/pricing/reprice/repricer.ts'
import { SNAPSHOT_LAYER } from '../../packages/ledgerock/src/pricing/snapshot.ts'
import { childArgument, tellParent } from '../child.ts'
import { traffic } from './traffic.ts'

export type RerateRequest = { readonly seed: number; readonly calls: number; readonly base: number }

export type Rerated = {
  readonly calls: number
  readonly changed: number
  readonly dryRunSeconds: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakRssMib: number
  readonly findings: number
}

const FROM_MS = Date.UTC(2026, 9, 1)
const DAY_MS = 86_400_000
const DAYS = 30
const COPIES_AT_ONCE = 20
/** Up to so many the rollups are brought up to date before, and the books checked after. */
const CALLS_CHECKED = 1_000_000
const MIB = 1_048_576
const DIMENSIONS = DEFAULT_DIMENSION_RULES.map(({ name }) => name)

async function rerate(request: RerateRequest): Promise<Rerated> {
  const path = mkdtempSync(join(tmpdir(), 'bench-rerate-'))
  const target: LedgerStoreTarget = { kind: 'embedded', path: join(path, 'store') }
  try {
    const store = await openLedgerStore(target, {
      dimensions: DIMENSIONS,
      retention: { callsDays: null, rawUsageDays: null },
    })
    const place = { nodeId: 'base', journalId: '019aa0f0c1d2a1b2c3d4e5f6' }
    const entries = [...traffic(request.seed, request.base, FROM_MS, DAY_MS - 60_000)].map(
      ({ opened, settled }) =>
        entryOf(
          callRecordOf(
            { opened, openedSeq: settled.opened, settled, seq: settled.opened + 1 },
            place,
          ),
        ),
    )
    await store.insertBatch({ entries, token: 'base', again: false })
    const database = openDatabase(target)
    await database.use('heavy', (session) => multiply(session, request))
    await database.close()
    const isChecked = request.calls <= CALLS_CHECKED
    if (isChecked) await store.repairRollups(0)

    const book = buildPriceBook([layerOf('price_list', dearer()), SNAPSHOT_LAYER])
    const rerater = await createRerater(
      {
        files: nodeFiles,
        store: store.rerating,
        prices: () => repricerOf(book),
        whilePaused: (work) => work(),
        log: () => undefined,
      },
      path,
    )
    const question = {
      fromMs: FROM_MS,
      toMs: FROM_MS + (DAYS + 1) * DAY_MS,
      rerateId: 'bench',
      bookVersion: book.version,
      closedPeriods: [],
    }
    let peak = 0
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage.rss())
    }, 50)
    const began = performance.now()
    await rerater.rerate({ ...question, dryRun: true })
    const between = performance.now()
    const cpuBefore = process.cpuUsage()
    const report = await rerater.rerate({ ...question, dryRun: false })
    const seconds = (performance.now() - between) / 1_000
    const cpu = process.cpuUsage(cpuBefore)
    clearInterval(watch)
    const findings = isChecked ? await store.findings(0) : []
    await store.close()
    return {
      calls: report.calls,
      changed: report.changed,
      dryRunSeconds: (between - began) / 1_000,
      seconds,
      cpuSeconds: (cpu.user + cpu.system) / 1_000_000,
      peakRssMib: peak / MIB,
      findings: findings.length,
    }
  } finally {
    rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** The shipped prices, each ten times as dear. */
function dearer(): typeof SNAPSHOT_LAYER.document {
  const { document } = SNAPSHOT_LAYER
  const times10 = (usd = '0'): string => {
    const [whole = '0', fraction = ''] = usd.split('.')
    const digits = `${fraction}00`
    return `${whole}${digits.slice(0, 1)}.${digits.slice(1)}`
  }
  const models = document.models.map((model) => ({
    ...model,
    rates: model.rates.map((row) => ({
      ...row,
      prices: Object.fromEntries(
        Object.entries(row.prices).map(([kind, usd]) => [kind, times10(usd)]),
      ),
    })),
  }))
  return { ...document, models }
}

/** Copies with ids of their own, spread over a month, written beside the books and attached. */
async function multiply(session: Session, { calls, base }: RerateRequest): Promise<void> {
  const columns = insertedColumns(DIMENSIONS).map(({ name }) => name)
  const id = (name: string, salt: number): string =>
    `reinterpretAsUUID(sipHash128(call_id, copy, ${salt})) AS new_${name}`
  const made: Readonly<Record<string, string>> = {
    call_id: id('call_id', 1),
    logical_uuid: id('logical_uuid', 2),
    aws_request_uuid: `if(aws_request_uuid IS NULL, NULL, ${id('request', 3)})`,
    started_at: `started_at + toIntervalMillisecond((copy % ${DAYS}) * ${DAY_MS} + intDiv(copy, ${DAYS}) * 7)`,
  }
  await session.command('CREATE TABLE ledgerock.copies AS ledgerock.calls')
  await session.command(
    'ALTER TABLE ledgerock.copies MODIFY SETTING min_bytes_for_wide_part = 67108864',
  )
  const copies = Math.ceil(calls / base)
  for (let from = 1; from < copies; from += COPIES_AT_ONCE) {
    const to = Math.min(copies, from + COPIES_AT_ONCE)
    await session.command(
      `INSERT INTO ledgerock.copies (${columns.join(', ')}) SELECT ${columns.map((name) => made[name] ?? name).join(', ')}` +
        ` FROM ledgerock.calls ARRAY JOIN range(${from}, ${to}) AS copy`,
      {
        max_block_size: 4_096,
        min_insert_block_size_rows: 65_536,
        min_insert_block_size_bytes: 0,
        insert_deduplicate: 0,
      },
    )
  }
  await session.command('ALTER TABLE ledgerock.calls ATTACH PARTITION 202610 FROM ledgerock.copies')
  await session.command('DROP TABLE ledgerock.copies SYNC')
}

tellParent(await rerate(childArgument() as RerateRequest))
