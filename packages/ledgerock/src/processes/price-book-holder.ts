// The prices a process works by: those control left in `<data>/prices.json`, or the shipped snapshot where there is no such file.
// A file that is damaged, or of a newer Ledgerock, is refused aloud and the prices from before stay: a call is always priced by
// a whole book.

import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { err, ok, type Result } from '../kernel/result.ts'
import type { Logger } from '../platform/logging.ts'
import { openBookFile } from '../pricing/book-file.ts'
import { buildPriceBook, type PriceBook } from '../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../pricing/snapshot.ts'

export type PriceBookHolder = {
  readonly current: () => PriceBook
  /** Reads the file again. The version in force afterwards. */
  readonly load: () => string
}

export function openPriceBookHolder(logger: Pick<Logger, 'error'>, path: string): PriceBookHolder {
  let book: PriceBook | null = null
  let digest = ''

  function read(): void {
    const bytes = readOrNull(path)
    if (!bytes.ok) return refuse(bytes.problem)
    if (bytes.value === null) return
    // Mostly nothing has changed, and the gateway serves calls meanwhile: what is the same is not even decoded.
    const found = hash('sha256', bytes.value, 'hex')
    if (found === digest) return
    const opened = openBookFile(bytes.value.toString('utf8'))
    if (!opened.ok) return refuse(opened.problem)
    book = opened.value
    digest = found
  }

  function refuse(reason: string): void {
    const kept = book === null ? 'snapshot' : book.version
    logger.error({ path, reason, kept }, 'price_book_refused')
  }

  read()
  // Built only where it is needed: it is the larger part of a start.
  const current = (): PriceBook => (book ??= buildPriceBook([SNAPSHOT_LAYER]))
  return {
    current,
    load() {
      read()
      return current().version
    },
  }
}

function readOrNull(path: string): Result<Buffer | null, string> {
  try {
    return ok(readFileSync(path))
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException
    return code === 'ENOENT' ? ok(null) : err(`cannot be read (${code})`)
  }
}
