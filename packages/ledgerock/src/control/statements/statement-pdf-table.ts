// Tables of a statement on paper: names wrap, figures stand right, a row is never torn, and a table that goes on has its head on every
// page.

import type { DocumentTable } from '../../reconciliation/statement/statement-document.ts'
import { capital } from '../../reconciliation/statement/statement-words.ts'
import { FONT, INK, LINE, MARGIN, PAGE, SOFT, WIDTH, type PdfPage } from './statement-pdf-page.ts'
import { pdfText } from './statement-pdf-text.ts'

const CELL = { size: 9, gap: 8, above: 3.5, below: 3.5 } as const
const FIGURE_WIDTH_MIN = 40

type Layout = {
  readonly columns: readonly {
    readonly x: number
    readonly width: number
    readonly align: 'left' | 'right'
  }[]
}

/** Begins another page where less than this is left. */
export function roomFor(page: PdfPage, height: number): void {
  if (page.y + height > PAGE.height - MARGIN.bottom) page.addPage()
}

export function drawTable(page: PdfPage, table: DocumentTable): void {
  const { title, note, rows, total } = table
  // A heading does not stand alone at the foot of a page.
  roomFor(page, 96)
  page.x = MARGIN.side
  page.moveDown(1)
  page
    .font(FONT.bold)
    .fontSize(11)
    .fillColor(INK)
    .text(title, MARGIN.side, page.y, { width: WIDTH })
  if (note !== null) {
    page.font(FONT.regular).fontSize(8.5).fillColor(SOFT).text(note, { width: WIDTH })
  }
  page.y += 3
  const layout = layoutOf(page, table)
  drawHeadings(page, table, layout)
  for (const [place, row] of rows.entries()) {
    // The sum stays with the last row.
    const needs = place === rows.length - 1 && total !== null ? heightOf(page, total, layout) : 0
    if (page.y + heightOf(page, row, layout) + needs > PAGE.height - MARGIN.bottom) {
      page.addPage()
      drawHeadings(page, table, layout)
    }
    drawRow(page, row, layout, LINE)
  }
  if (total !== null) {
    page.font(FONT.bold)
    rule(page, page.y, INK, 0.75)
    drawRow(page, total, layout, null)
    page.font(FONT.regular)
  }
}

/** Figures get the width they need; names share the rest, the first twice as much. */
function layoutOf(page: PdfPage, { columns, rows, total }: DocumentTable): Layout {
  page.font(FONT.bold).fontSize(CELL.size)
  const all = total === null ? rows : [...rows, total]
  const needed = columns.map(({ heading, align }, place) => {
    if (align === 'left') return 0
    const widest = all.map((row) => page.widthOfString(pdfText(row[place] ?? '')))
    const most = widest.reduce((max, each) => Math.max(max, each), FIGURE_WIDTH_MIN)
    return Math.max(most, page.widthOfString(capital(heading))) + CELL.gap
  })
  const names = columns.filter(({ align }) => align === 'left').length
  const rest = WIDTH - needed.reduce((sum, each) => sum + each, 0)
  let x: number = MARGIN.side
  return {
    columns: columns.map(({ align }, place) => {
      const share = names === 1 ? 1 : (place === 0 ? 2 : 1) / (names + 1)
      const width = align === 'left' ? rest * share : (needed[place] ?? 0)
      const at = { x, width, align }
      x += width
      return at
    }),
  }
}

function drawHeadings(page: PdfPage, { columns }: DocumentTable, layout: Layout): void {
  page.font(FONT.regular).fontSize(CELL.size)
  const headings = columns.map(({ heading }) => capital(heading))
  if (headings.some((heading) => heading !== '')) {
    page.fillColor(SOFT)
    drawCells(page, headings, layout)
  }
  rule(page, page.y, INK, 0.75)
  page.fillColor(INK)
}

function drawRow(page: PdfPage, row: readonly string[], layout: Layout, line: string | null): void {
  page.fontSize(CELL.size).fillColor(INK)
  drawCells(page, row, layout)
  if (line !== null) rule(page, page.y, line, 0.5)
}

function drawCells(page: PdfPage, row: readonly string[], layout: Layout): void {
  const height = heightOf(page, row, layout)
  const top = page.y
  for (const [place, { x, width, align }] of layout.columns.entries()) {
    const text = pdfText(row[place] ?? '')
    if (text === '') continue
    page.text(text, align === 'left' ? x : x + CELL.gap, top + CELL.above, {
      width: width - CELL.gap,
      align,
    })
  }
  page.x = MARGIN.side
  page.y = top + height
}

function heightOf(page: PdfPage, row: readonly string[], { columns }: Layout): number {
  const heights = columns.map(({ width }, place) =>
    page.heightOfString(pdfText(row[place] ?? '') || ' ', { width: width - CELL.gap }),
  )
  return Math.max(...heights) + CELL.above + CELL.below
}

function rule(page: PdfPage, y: number, color: string, width: number): void {
  page.moveTo(MARGIN.side, y).lineTo(PAGE.width - MARGIN.side, y)
  page.lineWidth(width).strokeColor(color).stroke()
}
