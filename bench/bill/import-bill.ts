// The ledger's process, as far as the bill goes: imports what lies in the folder, then answers questions over its socket until its
// parent is gone. Its memory is that of importing and answering.

import { join } from 'node:path'
import { DEFAULT_DIMENSION_RULES } from '../../packages/ledgerock/src/attribution/dimension-rule.ts'
import { billFolder } from '../../packages/ledgerock/src/billing/bill-folder.ts'
import { billWordReader } from '../../packages/ledgerock/src/billing/read-bill-word.ts'
import { importBills } from '../../packages/ledgerock/src/control/imports/import-bills.ts'
import { openLedgerStore } from '../../packages/ledgerock/src/ledger/clickhouse/open-ledger-store.ts'
import { systemClock } from '../../packages/ledgerock/src/platform/clock.ts'
import { createLogger } from '../../packages/ledgerock/src/platform/logging.ts'
import { bedrockWords } from '../../packages/ledgerock/src/pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../../packages/ledgerock/src/pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../packages/ledgerock/src/pricing/snapshot.ts'
import {
  serveLedger,
  type RemoteLedger,
} from '../../packages/ledgerock/src/processes/ledger/ledger-rpc.ts'
import { childArgument, tellParent } from '../child.ts'
import { peakMib } from './peak-memory.ts'

export type ImportRequest = { readonly path: string; readonly socket: string }

export type Imported = {
  readonly rows: number
  readonly bedrockRows: number
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakMib: number
  readonly problems: readonly string[]
}

async function importAndServe({ path, socket }: ImportRequest): Promise<Imported> {
  const book = buildPriceBook([SNAPSHOT_LAYER])
  const readWord = billWordReader(bedrockWords(book), book)
  const store = await openLedgerStore(
    { kind: 'embedded', path: join(path, 'store') },
    {
      dimensions: DEFAULT_DIMENSION_RULES.map(({ name }) => name),
      retention: { callsDays: null, rawUsageDays: null },
      bill: { clock: systemClock, readWord: () => readWord },
    },
  )
  const cpuBefore = process.cpuUsage()
  const began = performance.now()
  const report = await importBills(
    {
      ledger: store.bill,
      place: await billFolder(path),
      stagingDirectory: join(path, 'staging'),
    },
    { importId: 'bench', bill: 'cur2', period: null, importedBy: 'bench' },
  )
  const seconds = (performance.now() - began) / 1_000
  const cpu = process.cpuUsage(cpuBefore)
  // Only what is asked here; the rest of a ledger is not part of it.
  const { bill, meteredUse, principalsSeen } = store
  const ledger = { ...bill, meteredUse, principalsSeen } as unknown as RemoteLedger
  await serveLedger(createLogger('bench', 'error'), ledger, socket)
  const unmapped = report.versions.map(({ unmapped: { rows } }) => rows).filter((rows) => rows > 0)
  return {
    rows: report.read,
    bedrockRows: report.new,
    seconds,
    cpuSeconds: (cpu.user + cpu.system) / 1_000_000,
    peakMib: peakMib(process.pid),
    problems: [
      ...report.rejected.map(({ file, reason, detail }) => `${file}: ${reason}: ${detail}`),
      ...unmapped.map((rows) => `${rows} rows are unmapped`),
    ],
  }
}

tellParent(await importAndServe(childArgument() as ImportRequest))
