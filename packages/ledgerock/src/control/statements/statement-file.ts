// A statement as a file: what it is called, what it is, and its bytes. The name has letters, digits and hyphens only, whatever owners are
// called.

import { exhaustive } from '../../kernel/assert.ts'
import type { Owner } from '../../reconciliation/owner.ts'
import type { Statement } from '../../reconciliation/statement/statement.ts'
import { statementCsv } from '../../reconciliation/statement/statement-csv.ts'
import { statementHtml } from '../../reconciliation/statement/statement-html.ts'
import type { FocusFile } from './focus-files.ts'
import { statementPdf } from './statement-pdf.ts'

export const STATEMENT_FORMATS = ['json', 'csv', 'html', 'pdf', 'focus', 'focus-parquet'] as const
export type StatementFormat = (typeof STATEMENT_FORMATS)[number]

/** What is made of the statement itself. */
export type DocumentFormat = Exclude<StatementFormat, 'focus' | 'focus-parquet'>

export type StatementFile = {
  readonly name: string
  readonly type: string
  readonly chunks: AsyncIterable<Uint8Array>
  /** Null: rows of FOCUS, which are no statement of their own. */
  readonly statement: Pick<Statement, 'statement_id' | 'version' | 'sha256' | 'state'> | null
}

const TYPES: Readonly<Record<DocumentFormat, string>> = {
  json: 'application/json',
  csv: 'text/csv; charset=utf-8',
  html: 'text/html; charset=utf-8',
  pdf: 'application/pdf',
}

export async function statementFile(
  statement: Statement,
  format: DocumentFormat,
): Promise<StatementFile> {
  const { period, owner, statement_id, version, sha256, state } = statement
  return {
    name: `${fileStem('statement', period, owner)}.${format}`,
    type: TYPES[format],
    chunks: oneChunk(await bytesOf(statement, format)),
    statement: { statement_id, version, sha256, state },
  }
}

/** Rows of FOCUS are named as statements are. */
export function focusStatementFile(
  { name, mediaType, chunks }: FocusFile,
  owner: Owner | null,
): StatementFile {
  const [, stem = name, ending = ''] = /^(.*)\.(\w+)$/.exec(name) ?? []
  const called = owner === null ? name : `${fileStem(stem, null, owner)}.${ending}`
  return { name: called, type: mediaType, chunks, statement: null }
}

export async function collected(
  chunks: AsyncIterable<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array | null> {
  const all: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    if (bytes > bytesMax) return null
    all.push(chunk)
  }
  return Buffer.concat(all)
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

async function bytesOf(statement: Statement, format: DocumentFormat): Promise<Uint8Array> {
  switch (format) {
    case 'json':
      return new TextEncoder().encode(JSON.stringify(statement))
    case 'csv':
      return new TextEncoder().encode(statementCsv(statement))
    case 'html':
      return new TextEncoder().encode(statementHtml(statement))
    case 'pdf':
      return statementPdf(statement)
    default:
      return exhaustive(format)
  }
}

/** `statement-2026-10-team-search`: letters, digits and hyphens, whatever owners are called. */
function fileStem(kind: string, period: string | null, owner: Owner | null): string {
  const words = Object.entries(owner ?? {}).flat()
  const safe = words.map((word) => word.replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, 64))
  return [kind, ...(period === null ? [] : [period]), ...safe].join('-')
}
