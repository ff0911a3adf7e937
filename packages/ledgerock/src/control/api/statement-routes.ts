// `periods/{period}/statements`: the statement of the whole or of one owner, as data or as a file, or all owners of a dimension with their
// totals. `periods/{period}/allocation`: what they are made from. `statement-mails`: what was and is to be sent.

import { z } from '@hono/zod-openapi'
import type { ProblemError } from '@ledgerock/contract'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Owner } from '../../reconciliation/owner.ts'
import {
  STATEMENT_FORMATS,
  type StatementFile,
  type StatementFormat,
} from '../statements/statement-file.ts'
import type { StatementService } from '../statements/statements.ts'
import type { ControlStore } from '../store/control-store.ts'
import type { StoredStatementMail } from '../store/statement-mail-table.ts'
import { billRefusal } from './bill-refusal.ts'
import type { ApiContext } from './context.ts'
import { invalidRequest } from './problem.ts'
import { one, parseLimit, unexpected, type Query } from './query.ts'
import { addRoute, scopeOf, type Api, type AuthenticationDeps, type Route } from './route.ts'
import { jsonAnswer, optional, problemAnswer, repeatable } from './schemas.ts'
import { monthAllocation, statement, statementList, statementMails } from './statement-schema.ts'

export type StatementRouteDeps = AuthenticationDeps & {
  readonly statements: StatementService
  readonly statementMails: Pick<ControlStore['read']['statements'], 'mails'>
  readonly dimensions: () => readonly string[]
}

type Parsed<T> = Result<T, readonly ProblemError[]>

const tags = ['statements']
const query = z.object({
  owner: repeatable('dimension=value; several must all hold. Default: the whole'),
  by: optional('A dimension: the totals of each of its values instead of one statement'),
  format: z.enum(STATEMENT_FORMATS).optional().openapi({ description: 'Default: json' }),
})

export function addStatementRoutes(api: Api, deps: StatementRouteDeps): void {
  addMails(api, deps)
  addAllocation(api, deps)
  const responses = {
    200: jsonAnswer(
      'The statement, the list with `by`, or a file.',
      z.union([statement, statementList]),
    ),
    400: problemAnswer('Every fault of the question.'),
    404: problemAnswer(
      'There is no bill of that month, or nothing of that owner within your scope.',
    ),
  }
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/periods/{period}/statements',
      summary: 'A chargeback statement',
      description:
        'Of the whole, or of one owner; drafts until the period is closed. The same content has the same version and the same bytes.',
      tags,
      audience: 'statements.read',
      request: { params: z.object({ period: z.string() }), query },
      responses,
    },
    async (c) => {
      const own = scopeOf(c, deps.dimensions())
      if (!own.ok) return own.problem
      const asked = parseStatementQuery(c.req.queries(), deps.dimensions())
      if (!asked.ok) return invalidRequest(asked.problem)
      const period = c.req.param('period') ?? ''
      const { owner, by, format } = asked.value
      if (by !== null) {
        const listed = await deps.statements.list(own.value, period, by)
        return listed.ok ? c.json(listed.value) : billRefusal(listed.problem)
      }
      if (format === 'json') {
        const found = await deps.statements.statement(own.value, period, owner)
        return found.ok ? c.json(found.value) : billRefusal(found.problem)
      }
      const file = await deps.statements.file(own.value, period, owner, format)
      return file.ok ? fileAnswer(c, file.value) : billRefusal(file.problem)
    },
  )
}

function addAllocation(api: Api, deps: StatementRouteDeps): void {
  const allocation: Route = {
    method: 'get',
    path: '/api/v1/periods/{period}/allocation',
    summary: 'Whose each dollar of a month is',
    description:
      'Of a closed month as it was frozen, without what was adjusted since; else as it is reconciled now. The amounts add up to the bill.',
    tags,
    audience: 'bill.read',
    request: { params: z.object({ period: z.string() }) },
    responses: {
      200: jsonAnswer('The dearest first; last what pools keep apart.', monthAllocation),
      400: problemAnswer('No month such as 2026-10.'),
      404: problemAnswer('There is no bill of that month.'),
    },
  }
  addRoute(api, deps, allocation, async (c) => {
    const found = await deps.statements.allocation(c.req.param('period') ?? '')
    return found.ok ? c.json(found.value) : billRefusal(found.problem)
  })
}

type StatementQuery = {
  readonly owner: Owner | null
  readonly by: string | null
  readonly format: StatementFormat
}

export function parseStatementQuery(
  asked: Query,
  dimensions: readonly string[],
): Parsed<StatementQuery> {
  const errors = unexpected(asked, ['owner', 'by', 'format'])
  const written = one(asked, 'format', errors) ?? 'json'
  const format = STATEMENT_FORMATS.find((known) => known === written)
  if (format === undefined) {
    errors.push({ path: 'format', message: `must be one of ${STATEMENT_FORMATS.join(', ')}` })
  }
  const by = one(asked, 'by', errors) ?? null
  if (by !== null) checkDimension('by', by, dimensions, errors)
  const owner = ownerOf(asked['owner'] ?? [], dimensions, errors)
  if (by !== null && owner !== null)
    errors.push({ path: 'by', message: 'lists all owners, so it takes no owner' })
  if (by !== null && written !== 'json')
    errors.push({ path: 'format', message: 'the list of owners is json only' })
  if (errors.length > 0 || format === undefined) return err(errors)
  return ok({ owner, by, format })
}

/** A comma separates where a name and `=` follow it, and is a part of the value elsewhere. */
function ownerOf(
  written: readonly string[],
  dimensions: readonly string[],
  errors: ProblemError[],
): Owner | null {
  if (written.length === 0) return null
  const owner: Record<string, string> = {}
  for (const part of written.flatMap((text) => text.split(/,(?=[A-Za-z][\w-]*=)/))) {
    const at = part.indexOf('=')
    const [name, value] = [part.slice(0, Math.max(at, 0)), part.slice(at + 1)]
    if (at <= 0 || value === '') errors.push({ path: 'owner', message: 'must be dimension=value' })
    else if (Object.hasOwn(owner, name))
      errors.push({ path: 'owner', message: `${name} is given twice` })
    else {
      checkDimension('owner', name, dimensions, errors)
      owner[name] = value
    }
  }
  return owner
}

function checkDimension(
  path: string,
  name: string,
  dimensions: readonly string[],
  errors: ProblemError[],
): void {
  if (dimensions.includes(name)) return
  const known = dimensions.join(', ')
  errors.push({ path, message: `${JSON.stringify(name)} is no dimension; known are ${known}` })
}

/** Always a file to keep: no browser shows it as a page of this server. */
function fileAnswer(
  c: ApiContext,
  { name, type, chunks, statement: made }: StatementFile,
): Response {
  const headers = {
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
    ...(made === null ? {} : { etag: `"${made.sha256}-${made.version}"` }),
  }
  return c.body(ReadableStream.from<Uint8Array>(chunks), 200, headers)
}

function addMails(api: Api, deps: StatementRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/statement-mails',
      summary: 'Statements that were mailed, and those that wait',
      tags,
      audience: 'bill.read',
      request: {
        query: z.object({
          period: optional('Only of this month'),
          cursor: optional('`next_cursor` of the page before'),
          limit: optional('At most 1,000. Default: 100'),
        }),
      },
      responses: { 200: jsonAnswer('Newest first.', statementMails) },
    },
    async (c) => {
      const asked = c.req.queries()
      const errors = unexpected(asked, ['period', 'cursor', 'limit'])
      const limit = parseLimit(one(asked, 'limit', errors), errors)
      const cursor = one(asked, 'cursor', errors) ?? '0'
      if (!/^\d{1,9}$/.test(cursor))
        errors.push({ path: 'cursor', message: 'is not a cursor of an earlier answer' })
      const period = one(asked, 'period', errors) ?? null
      if (errors.length > 0) return invalidRequest(errors)
      const from = Number(cursor)
      const found = await deps.statementMails.mails(period, limit + 1, from)
      const next = found.length > limit ? String(from + limit) : null
      return c.json({ items: found.slice(0, limit).map(mailView), next_cursor: next })
    },
  )
}

function mailView(mail: StoredStatementMail) {
  return {
    mail_id: mail.mailId,
    period: mail.period,
    closing: mail.closing,
    owner: mail.owner,
    to: mail.receiver,
    format: mail.format,
    state: mail.state,
    created_at: mail.createdAt,
    attempts: mail.attempts,
    next_at: mail.state === 'pending' ? mail.nextAt : null,
    last_error: mail.lastError,
    ended_at: mail.endedAt,
    statement_id: mail.statementId,
    statement_sha256: mail.statementSha256,
  }
}
