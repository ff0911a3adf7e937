// A process that dies in the middle of an import, wherever: the version before stays in force, whole, and the import can be done again.

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { billFolder } from '../../billing/bill-folder.ts'
import { billWordReader } from '../../billing/read-bill-word.ts'
import { PERIOD, putOverwrite, used } from '../../billing/testing/bill-files.ts'
import type { BillSummary } from '../../ledger/bill.ts'
import type { LedgerStore } from '../../ledger/store.ts'
import { openRoom, type Room } from '../../ledger/testing/store-rooms.ts'
import { bedrockWords } from '../../pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { importBills, type ImportReport } from './import-bills.ts'

const BOOK = buildPriceBook([SNAPSHOT_LAYER])
const READER = billWordReader(bedrockWords(BOOK), BOOK)
const clock = { now: () => Date.parse('2026-11-04T00:00:00Z'), monotonic: () => 0 }
const CHILD = fileURLToPath(new URL('../testing/import-child.ts', import.meta.url))

const ROWS = 60_000
const STEPS = ['words_read', 'words_entered', 'lines_entered', 'checked'] as const

function child(...parameters: readonly string[]): Promise<string> {
  const running = spawn(process.execPath, [CHILD, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  running.stderr.on('data', (bytes) => (said += String(bytes)))
  running.stdout.on('data', (bytes) => {
    if (String(bytes).includes('entering')) running.kill('SIGKILL')
  })
  return new Promise((resolve) => {
    running.once('exit', (code, signal) => resolve(signal ?? (code === 0 ? 'done' : said)))
  })
}

const opened = (room: Room): Promise<LedgerStore> =>
  room.open({ bill: { clock, readWord: () => READER } })

async function imported(store: LedgerStore, root: string): Promise<ImportReport> {
  const order = { importId: 'again', bill: 'cur', period: null, importedBy: 'test' }
  const place = await billFolder(root)
  return importBills({ ledger: store.bill, place, stagingDirectory: `${root}-staging` }, order)
}

/** What the bill says, version and dollars. */
async function billed(store: LedgerStore): Promise<BillSummary | null> {
  return store.bill.billSummary({ period: PERIOD, version: null })
}

describe('death while a bill is imported', () => {
  it.each(STEPS)(
    '[BL24] at %s: the former version is in force, and the next import is as if nothing had been',
    async (step) => {
      const room = await openRoom('embedded')
      const target = room.target()
      if (target.kind !== 'embedded') throw new Error('this room is embedded')
      const root = mkdtempSync(join(tmpdir(), 'bill-death-'))
      try {
        putOverwrite(root, [[used(), used({ line_item_unblended_cost: '2' })]])
        const first = await opened(room)
        await imported(first, root)
        const before = await billed(first)
        await first.close()

        const rows = Array.from({ length: ROWS }, (_, index) =>
          used({ line_item_unblended_cost: `0.${String(index).padStart(6, '0')}1` }),
        )
        putOverwrite(root, [rows])
        expect(await child(target.path, root, `${root}-child`, step)).toBe('SIGKILL')

        const second = await opened(room)
        expect(await billed(second)).toEqual(before)
        expect(await imported(second, root)).toMatchObject({ read: ROWS, rejected: [] })
        const [version, former, ...others] = await second.bill.billVersions({ period: PERIOD })
        expect(others).toEqual([])
        expect(former).toEqual(before?.versions[0])
        // The sum of 0.0000001 to 0.0599991.
        expect(version).toMatchObject({ version: 2, bedrock_rows: ROWS, unblended_usd: '1799.976' })
        const after = await billed(second)
        expect(after?.sums).toMatchObject([{ rows: ROWS, unblended_usd: '1799.976' }])
        const old = await second.bill.billSummary({ period: PERIOD, version: 1 })
        expect(old?.sums).toEqual(before?.sums)
        await second.close()
      } finally {
        await room.close()
        for (const folder of [root, `${root}-staging`, `${root}-child`])
          rmSync(folder, { recursive: true, force: true })
      }
    },
  )
})
