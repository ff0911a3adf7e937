// A statement as a document that can be filed: A4, numbered pages, tables whose heads are repeated. The same statement is the same
// bytes: the only time in it is the statement's own.

import Paper from 'pdfkit'
import type { Statement } from '../../reconciliation/statement/statement.ts'
import {
  documentOf,
  type StatementDocument,
} from '../../reconciliation/statement/statement-document.ts'
import { FONT, INK, LINE, MARGIN, PAGE, SOFT, WIDTH, type PdfPage } from './statement-pdf-page.ts'
import { drawTable, roomFor } from './statement-pdf-table.ts'
import { chooseFonts, NOT_SHOWN, pdfText } from './statement-pdf-text.ts'

export async function statementPdf(statement: Statement): Promise<Uint8Array> {
  const content = documentOf(statement)
  const page = new Paper({
    size: [PAGE.width, PAGE.height],
    margins: { top: MARGIN.top, bottom: MARGIN.bottom, left: MARGIN.side, right: MARGIN.side },
    bufferPages: true,
    lang: 'en',
    displayTitle: true,
    pdfVersion: '1.7',
    info: {
      Title: `${content.title}: ${content.owner}, ${content.period}`,
      Subject: `${content.footer}, SHA-256 ${statement.sha256}`,
      Author: 'Ledgerock',
      Creator: 'Ledgerock',
      Producer: 'Ledgerock',
      CreationDate: new Date(statement.generated_at),
    },
  })
  const bytes = bytesOf(page)
  const all = JSON.stringify(statement)
  chooseFonts(page, all)
  drawHead(page, content)
  for (const table of content.tables) drawTable(page, table)
  drawNotes(page, content, all)
  drawFooters(page, content, statement.sha256)
  page.end()
  return bytes
}

function bytesOf(page: PdfPage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    page.on('data', (chunk: Buffer) => chunks.push(chunk))
    page.on('end', () => resolve(new Uint8Array(Buffer.concat(chunks))))
    page.on('error', reject)
  })
}

function drawHead(page: PdfPage, content: StatementDocument): void {
  const { title, owner, period, isDraft, total, change } = content
  page
    .font(FONT.regular)
    .fontSize(10)
    .fillColor(SOFT)
    .text(title, { width: WIDTH - 80 })
  if (isDraft) {
    page
      .roundedRect(PAGE.width - MARGIN.side - 60, MARGIN.top - 4, 60, 18, 9)
      .lineWidth(0.75)
      .strokeColor('#9a5b00')
      .stroke()
    page.font(FONT.bold).fontSize(9).fillColor('#9a5b00')
    page.text('DRAFT', PAGE.width - MARGIN.side - 60, MARGIN.top + 1, {
      width: 60,
      align: 'center',
    })
  }
  page.font(FONT.bold).fontSize(20).fillColor(INK)
  page.text(pdfText(owner), MARGIN.side, MARGIN.top + 18, { width: WIDTH })
  page.font(FONT.regular).fontSize(12).text(period, { width: WIDTH })
  page.moveDown(0.8)
  page.font(FONT.bold).fontSize(22).text(total, { width: WIDTH })
  page.font(FONT.regular).fontSize(10).fillColor(SOFT).text(change, { width: WIDTH })
  const y = page.y + 10
  page.moveTo(MARGIN.side, y).lineTo(PAGE.width - MARGIN.side, y)
  page.lineWidth(1.25).strokeColor(INK).stroke()
  page.y = y + 6
}

function drawNotes(page: PdfPage, { notes, facts }: StatementDocument, all: string): void {
  const isEscaped = pdfText(all) !== all
  page.fontSize(9)
  roomFor(page, 60)
  page.x = MARGIN.side
  page.moveDown(1.5)
  page.font(FONT.bold).fontSize(11).fillColor(INK).text('How these figures come about')
  page.moveDown(0.3)
  page.font(FONT.regular).fontSize(9).fillColor(SOFT)
  for (const note of isEscaped ? [...notes, NOT_SHOWN] : notes) {
    page.text(note, { width: WIDTH, lineGap: 1 })
    page.moveDown(0.4)
  }
  roomFor(page, facts.length * 13 + 10)
  page.moveDown(0.5)
  for (const [label, value] of facts) {
    const { y } = page
    page.font(FONT.regular).fontSize(9).fillColor(SOFT).text(label, MARGIN.side, y, { width: 90 })
    page.fillColor(INK).text(pdfText(value), MARGIN.side + 90, y, { width: WIDTH - 90 })
  }
}

function drawFooters(
  page: PdfPage,
  { footer, owner, period }: StatementDocument,
  sha: string,
): void {
  const { start, count } = page.bufferedPageRange()
  for (let index = start; index < start + count; index += 1) {
    page.switchToPage(index)
    // Below the margin text would begin another page.
    page.page.margins.bottom = 0
    const y = PAGE.height - MARGIN.bottom + 14
    page.moveTo(MARGIN.side, y).lineTo(PAGE.width - MARGIN.side, y)
    page.lineWidth(0.5).strokeColor(LINE).stroke()
    page.font(FONT.regular).fontSize(7.5).fillColor(SOFT)
    const one = { width: WIDTH - 60, lineBreak: false, ellipsis: true, height: 9 }
    page.text(pdfText(`${owner}, ${period}`), MARGIN.side, y + 6, one)
    page.text(`${footer} · SHA-256 ${sha}`, MARGIN.side, y + 16, { lineBreak: false })
    const number = `${index - start + 1} of ${count}`
    const corner = { width: 60, align: 'right', lineBreak: false } as const
    page.text(number, PAGE.width - MARGIN.side - 60, y + 6, corner)
  }
}
