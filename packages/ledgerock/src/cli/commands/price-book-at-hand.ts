// The price book a machine has without asking anybody: the one the running system keeps in the data directory, else the one that
// ships. Which of the two it is, is said with every price: they may differ.

import { readFile } from 'node:fs/promises'
import type { PriceBook } from '../../pricing/price-book.ts'
import { failed } from '../command-error.ts'

export type BookAtHand = {
  readonly book: PriceBook
  /** As a person would say it. */
  readonly origin: string
}

export async function bookAtHand(file: string): Promise<BookAtHand> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as { readonly code?: string }
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      throw failed(`the price book ${file} cannot be read (${code ?? 'unreadable'})`)
    }
    const { buildPriceBook } = await import('../../pricing/price-book.ts')
    const { SNAPSHOT_LAYER } = await import('../../pricing/snapshot.ts')
    const origin = `which ships with Ledgerock (there is no ${file})`
    return { book: buildPriceBook([SNAPSHOT_LAYER]), origin }
  }
  const { openBookFile } = await import('../../pricing/book-file.ts')
  const opened = openBookFile(text)
  // Silence would be a price by another book than the one calls are priced by.
  if (!opened.ok) throw failed(`the price book ${file} is damaged: ${opened.problem}`)
  return { book: opened.value, origin: `of ${file}` }
}
