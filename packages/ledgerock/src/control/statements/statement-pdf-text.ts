// What the fonts of a PDF can show. Every reader has Helvetica, and it knows Western letters only; a statement with names in other
// letters brings its own font. Any sign neither has is written as its number, \u{4e2d}, rather than as a wrong letter. So are signs
// nobody sees, those that turn the direction of text, and scripts that are written from the right, which PDFKit does not turn.

import { createRequire } from 'node:module'
import { FONT, type PdfPage } from './statement-pdf-page.ts'

/** Beside Latin-1, what the Windows encoding has. */
const BESIDE_LATIN1 = new Set('€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ')

/** Of what DejaVu Sans has: Latin, Greek, Cyrillic, Armenian and Georgian letters. */
export const OWN_FONT_RANGES: readonly (readonly [from: number, to: number])[] = [
  [0x100, 0x24f],
  [0x386, 0x386],
  [0x388, 0x38a],
  [0x38e, 0x3a1],
  [0x3a3, 0x3ce],
  [0x400, 0x51f],
  [0x531, 0x556],
  [0x561, 0x587],
  [0x10d0, 0x10fa],
  [0x1e00, 0x1ef9],
]

export const OWN_FONTS = {
  regular: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf',
  bold: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf',
} as const

export const NOT_SHOWN =
  'Signs the font of this document does not have are written as \\u{…}; the HTML, CSV and JSON have them as they are.'

/** One family for a whole document, so that its lines look alike. */
export function chooseFonts(page: PdfPage, all: string): void {
  const isOwn = Array.from(all).some((sign) => !isWestern(sign) && isOfOwnFont(sign))
  const { resolve } = createRequire(import.meta.url)
  page.registerFont(FONT.regular, isOwn ? resolve(OWN_FONTS.regular) : 'Helvetica')
  page.registerFont(FONT.bold, isOwn ? resolve(OWN_FONTS.bold) : 'Helvetica-Bold')
}

export function pdfText(text: string): string {
  let shown = ''
  for (const sign of text) {
    const isShown = isWestern(sign) || isOfOwnFont(sign)
    shown += isShown ? sign : `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`
  }
  return shown
}

function isWestern(sign: string): boolean {
  const code = sign.codePointAt(0) ?? 0
  const isLatin1 = (code >= 0x20 && code <= 0x7e) || (code >= 0xa1 && code <= 0xff && code !== 0xad)
  return isLatin1 || BESIDE_LATIN1.has(sign)
}

function isOfOwnFont(sign: string): boolean {
  const code = sign.codePointAt(0) ?? 0
  return OWN_FONT_RANGES.some(([from, to]) => code >= from && code <= to)
}
