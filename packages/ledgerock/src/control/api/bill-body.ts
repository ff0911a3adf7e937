// Bill lines in a request: plain rows as JSON, or a cost and usage report as CSV, packed with gzip or not, with the other words of
// the question in the query. A bill with a row that cannot be read is refused, because what it teaches would lack that row.

import { z } from '@hono/zod-openapi'
import type { ProblemError } from '@ledgerock/contract'
import type { BillFault } from '../../billing/bill-fault.ts'
import type { BillRow } from '../../billing/bill-row.ts'
import { checkBillRows } from '../../billing/check-bill-rows.ts'
import { readBillRows } from '../../billing/read-bill-rows.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { readBody } from './body.ts'
import type { ApiContext } from './context.ts'
import { invalidRequest } from './problem.ts'
import { unexpected } from './query.ts'

/** Checked row by row where the bill is at home; here they only are a list. */
export const billRows = z.array(z.unknown()).openapi({
  description: 'Lines of the bill: usage_type, unblended_cost, and what else is known of a line',
})
export const period = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month such as 2026-10')

export type Billed<Question> = {
  readonly question: Question
  readonly rows: readonly BillRow[]
}

const FAULTS_MAX = 1_000

/** The question with its rows; of a CSV, the words in the query are the question. */
export async function readBillBody<Shape extends z.ZodRawShape>(
  c: ApiContext,
  schema: z.ZodObject<Shape>,
): Promise<Result<Billed<z.output<z.ZodObject<Shape>>>, Response>> {
  const isCsv = /^(text\/csv|application\/gzip)\s*(;|$)/i.test(c.req.header('content-type') ?? '')
  const asked = isCsv ? readWords(c, schema) : await readBody(c, schema)
  if (!asked.ok) return asked
  const question = asked.value
  const faults: ProblemError[] = []
  const onFault = (fault: BillFault): void => {
    if (faults.length < FAULTS_MAX) faults.push(problemOf(fault))
  }
  const rows = isCsv
    ? await collect(c.req.raw.body, onFault)
    : checkBillRows((question as { readonly rows: readonly unknown[] }).rows, onFault)
  return faults.length > 0 ? err(invalidRequest(faults)) : ok({ question, rows })
}

function readWords<Shape extends z.ZodRawShape>(
  c: ApiContext,
  schema: z.ZodObject<Shape>,
): Result<z.output<z.ZodObject<Shape>>, Response> {
  const query = c.req.queries()
  const errors = unexpected(
    query,
    Object.keys(schema.shape).filter((name) => name !== 'rows'),
  )
  const words = Object.fromEntries(Object.entries(query).map(([name, values]) => [name, values[0]]))
  const parsed = schema.safeParse({ ...words, rows: [] })
  if (!parsed.success) {
    for (const { path, message } of parsed.error.issues) {
      // Named above already.
      if (path.length > 0) errors.push({ path: path.map(String).join('.'), message })
    }
  }
  return parsed.success && errors.length === 0 ? ok(parsed.data) : err(invalidRequest(errors))
}

async function collect(
  body: ReadableStream<Uint8Array> | null,
  onFault: (fault: BillFault) => void,
): Promise<readonly BillRow[]> {
  const rows: BillRow[] = []
  if (body === null) return rows
  for await (const row of readBillRows({ name: 'body', bytes: body }, onFault)) rows.push(row)
  return rows
}

function problemOf({ row, reason, detail }: BillFault): ProblemError {
  return { path: row === null ? 'rows' : `rows[${row}]`, message: `${reason}: ${detail}` }
}
