// A process that imports the bills of a folder and ends, or kills itself on the way, as kill -9 does: no handler runs, nothing is flushed.
// Usage: node import-child.ts <store> <folder> <staging> [<step>]

import { billFolder } from '../../billing/bill-folder.ts'
import { billWordReader } from '../../billing/read-bill-word.ts'
import { openLedgerStore } from '../../ledger/clickhouse/open-ledger-store.ts'
import { TEST_DIMENSIONS } from '../../ledger/testing/store-rooms.ts'
import { bedrockWords } from '../../pricing/learning/bedrock-words.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { importBills } from '../imports/import-bills.ts'

/** Words read; words about to be entered; all lines in and checked, and only the version's row not written. */
const [path = '', folder = '', stagingDirectory = '', step = ''] = process.argv.slice(2)

const die = (): void => {
  process.kill(process.pid, 'SIGKILL')
}
const book = buildPriceBook([SNAPSHOT_LAYER])
const read = billWordReader(bedrockWords(book), book)
let asked = 0
const store = await openLedgerStore(
  { kind: 'embedded', path },
  {
    dimensions: TEST_DIMENSIONS,
    retention: { callsDays: null, rawUsageDays: null },
    bill: {
      readWord: () => (word, sums) => {
        if (step === 'words_read') die()
        return read(word, sums)
      },
      clock: {
        monotonic: () => 0,
        now: () => {
          asked += 1
          if (step === 'words_entered' && asked === 1) die()
          // From here on the lines are entered: whoever started this process kills it when it likes.
          if (step === 'lines_entered' && asked === 1) process.stdout.write('entering\n')
          if (step === 'checked' && asked === 2) die()
          return Date.parse('2026-11-03T00:00:00Z')
        },
      },
    },
  },
)
const order = { importId: 'child', bill: 'cur', period: null, importedBy: 'child' }
const place = await billFolder(folder)
await importBills({ ledger: store.bill, place, stagingDirectory }, order)
await store.close()
