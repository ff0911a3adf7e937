// How long it takes to import a month's bill of twenty million rows, and to reconcile it with fifty million calls, and how much memory
// that needs: of the ledger's process, which holds neither, and of the one that reconciles.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, loadavg } from 'node:os'
import { join } from 'node:path'
import type { Generated, GenerateRequest } from './bill/generate.ts'
import type { Imported, ImportRequest } from './bill/import-bill.ts'
import { peakMib } from './bill/peak-memory.ts'
import type { Reconciled, ReconcileRequest } from './bill/reconcile-month.ts'
import { CELLS } from './bill/world.ts'
import { endChild, forkScript, nextMessage, runTask } from './child.ts'
import { figureOf, type Figure, type Section } from './figure.ts'
import { isShort } from './pace.ts'

const ROWS = isShort ? 200_000 : 20_000_000
const CSV_ROWS = isShort ? 100_000 : 5_000_000
const CALLS = isShort ? 500_000 : 50_000_000
const PATIENCE_MS = 1_800_000
const SECONDS_MOST = 120
const MEMORY_MIB_MOST = 2_048
const STATEMENT_SECONDS_MOST = 2

const script = (name: string): string => join(import.meta.dirname, 'bill', name)

type Measured = {
  readonly generated: Generated
  readonly imported: Imported
  readonly reconciled: Reconciled
  /** Of the ledger's process, in the end. */
  readonly ledgerMib: number
}

export async function benchBill(): Promise<Section> {
  const [load = 0] = loadavg()
  const parquet = await measure({ rows: ROWS, calls: CALLS, format: 'parquet' })
  const csv = await measure({ rows: CSV_ROWS, calls: CALLS / 50, format: 'csv' })
  return {
    bench: 'bill',
    figures: [
      ...importFigures('Parquet', parquet),
      ...reconcileFigures(parquet),
      ...csvFigures(csv),
    ],
    skipped: [],
    notes: [
      `Load average when it began: ${load.toFixed(1)}. The bill: ${CELLS} cells an hour, every line but a twentieth is Bedrock’s, lines of` +
        ' a cell added up by the engine; half of the cells are called through the gateway and known to the ledger.',
      `Files of ${(parquet.generated.bytes / 1_048_576).toFixed(0)} MiB in ${parquet.generated.files} parts, copied and checked before they are read.` +
        ' The ledger’s process has its embedded store in it; the control process asks it over its socket.',
    ],
  }
}

function importFigures(format: string, { imported, ledgerMib }: Measured): readonly Figure[] {
  const seconds = isShort ? null : ({ atMost: SECONDS_MOST } as const)
  return [
    figureOf('rows of the bill', 'rows', [imported.rows]),
    figureOf(`import, ${format}`, 's', [imported.seconds], seconds),
    figureOf(`import, ${format}, CPU`, 's', [imported.cpuSeconds]),
    figureOf('peak memory of the ledger, import', 'MiB', [imported.peakMib], {
      atMost: MEMORY_MIB_MOST,
    }),
    figureOf('peak memory of the ledger, in the end', 'MiB', [ledgerMib]),
  ]
}

function reconcileFigures({ reconciled }: Measured): readonly Figure[] {
  const { cellsSeconds, usesSeconds, reconcileSeconds } = reconciled
  const seconds = isShort ? null : ({ atMost: SECONDS_MOST } as const)
  const whole = cellsSeconds + usesSeconds + reconcileSeconds
  return [
    figureOf('calls in the books', 'calls', [CALLS]),
    figureOf('reconciling', 's', [whole], seconds),
    figureOf('of that: the bill’s cells', 's', [cellsSeconds]),
    figureOf('of that: metered use', 's', [usesSeconds]),
    figureOf('of that: matching and sharing', 's', [reconcileSeconds]),
    figureOf('the bill’s cells', 'cells', [reconciled.cells]),
    figureOf('metered use', 'rows', [reconciled.uses]),
    figureOf('peak memory of reconciling', 'MiB', [reconciled.peakMib]),
    figureOf('principals seen', 's', [reconciled.principalsSeconds]),
    figureOf(
      'a statement, PDF',
      's',
      [reconciled.statementSeconds],
      isShort ? null : { atMost: STATEMENT_SECONDS_MOST },
    ),
  ]
}

function csvFigures({ imported }: Measured): readonly Figure[] {
  return [
    figureOf('rows of the bill, CSV.gz', 'rows', [imported.rows]),
    figureOf('import, CSV.gz', 's', [imported.seconds]),
    figureOf('peak memory of the ledger, CSV.gz', 'MiB', [imported.peakMib]),
  ]
}

async function measure(size: Omit<GenerateRequest, 'path'>): Promise<Measured> {
  const path = mkdtempSync(join(tmpdir(), 'bench-bill-'))
  const socket = join(path, 'ledger.sock')
  try {
    const request: GenerateRequest = { path, ...size }
    const generated = await runTask<Generated>(script('generate.ts'), request, PATIENCE_MS)
    const ledger = forkScript(script('import-bill.ts'), { path, socket } satisfies ImportRequest)
    try {
      const imported = (await nextMessage(ledger, 'import', PATIENCE_MS)) as Imported
      if (imported.problems.length > 0) throw new Error(imported.problems.join('\n'))
      const asked: ReconcileRequest = { socket }
      const reconciled = await runTask<Reconciled>(script('reconcile-month.ts'), asked, PATIENCE_MS)
      if (!reconciled.isWhole) throw new Error('the shares are not the bill')
      // Half of the bill is called directly.
      if (Math.abs(reconciled.meteredShare - 0.5) > 0.02)
        throw new Error(`${reconciled.meteredShare} of the bill is metered`)
      return { generated, imported, reconciled, ledgerMib: peakMib(ledger.pid as number) }
    } finally {
      await endChild(ledger)
    }
  } finally {
    rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  }
}
