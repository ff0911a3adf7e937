// Rows as aligned columns for a terminal: words left, numbers right, no borders. Text from outside may hold control characters
// that move the cursor or hide text; they are shown, not sent.

import CliTable from 'cli-table3'

export type Column = {
  readonly name: string
  /** The heading, where it differs from the name. */
  readonly heading?: string
  readonly align: 'left' | 'right'
}

const EDGES = `top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid
  mid-mid right right-mid`
const NO_BORDER = {
  ...Object.fromEntries(EDGES.split(/\s+/).map((edge) => [edge, ''])),
  middle: '  ',
}

/** `footer` is set apart by a line of dashes: the total. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly Readonly<Record<string, unknown>>[],
  footer?: Readonly<Record<string, unknown>>,
): string {
  const table = new CliTable({
    head: columns.map(({ name, heading }) => visible(heading ?? name)),
    colAligns: columns.map(({ align }) => align),
    chars: NO_BORDER,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  const cells = (row: Readonly<Record<string, unknown>>): string[] =>
    columns.map(({ name }) => cellText(row[name]))
  for (const row of rows) table.push(cells(row))
  if (footer !== undefined) table.push(cells(footer))
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
  if (footer !== undefined) {
    const width = Math.max(...lines.map((line) => line.length))
    lines.splice(-1, 0, '─'.repeat(width))
  }
  return `${lines.join('\n')}\n`
}

/** Control, formatting and line characters made visible, so that a value cannot rewrite the screen it is shown on. */
export function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
  })
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (typeof value === 'number') return grouped(value)
  return visible(typeof value === 'string' ? value : (JSON.stringify(value) ?? '-'))
}

/** 1234567 → 1,234,567 */
export function grouped(value: number): string {
  const [whole = '', fraction] = String(value).split('.')
  if (!/^-?\d+$/.test(whole)) return String(value)
  const separated = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? separated : `${separated}.${fraction}`
}
