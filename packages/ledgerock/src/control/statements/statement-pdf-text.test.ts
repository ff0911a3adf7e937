import { createRequire } from 'node:module'
import Paper from 'pdfkit'
import { expect, it } from 'vitest'
import { OWN_FONT_RANGES, OWN_FONTS } from './statement-pdf-text.ts'

it.each(Object.values(OWN_FONTS))('[C204] %s has every sign that is left to it', (file) => {
  const page = new Paper().font(createRequire(import.meta.url).resolve(file))
  const { characterSet } = fontOf(page)
  const known = new Set(characterSet)
  for (const [from, to] of OWN_FONT_RANGES) {
    const missing = []
    for (let code = from; code <= to; code += 1) if (!known.has(code)) missing.push(code)
    expect(missing).toEqual([])
  }
})

/** PDFKit keeps what it read of a font under names of its own. */
function fontOf(page: object): { readonly characterSet: readonly number[] } {
  return (page as { readonly _font: { readonly font: { readonly characterSet: number[] } } })._font
    .font
}
