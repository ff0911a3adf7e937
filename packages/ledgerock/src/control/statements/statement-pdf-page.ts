// The sheet a statement is printed on: A4, in points, and the names of its fonts.

import type Paper from 'pdfkit'

export type PdfPage = InstanceType<typeof Paper>

export const PAGE = { width: 595.28, height: 841.89 } as const
export const MARGIN = { top: 56, bottom: 64, side: 52 } as const
export const WIDTH = PAGE.width - 2 * MARGIN.side

export const FONT = { regular: 'text', bold: 'text-bold' } as const
export const INK = '#1b1f24'
export const SOFT = '#5a6472'
export const LINE = '#c9d0d8'
