// `principals`: every caller there was in a time, with what it is, whose, what it costs and what about it somebody should mend.

import { z } from '@hono/zod-openapi'
import { PRINCIPAL_KINDS } from '../../attribution/principal.ts'
import { formatUsd } from '../../kernel/money.ts'
import { isoTime } from '../../kernel/time.ts'
import {
  FINDING_TEXTS,
  PRINCIPAL_FINDINGS,
} from '../../reconciliation/principal/principal-finding.ts'
import { WAYS } from '../../reconciliation/principal/principal-row.ts'
import type { ListedPrincipal, PrincipalService } from '../month/principals.ts'
import { billRefusal } from './bill-refusal.ts'
import { EXAMPLE_AT } from './governance-answers.ts'
import { invalidRequest } from './problem.ts'
import { one, parseLimit, timeRange, unexpected, type QueryContext } from './query.ts'
import { addRoute, scopeOf, type Api, type AuthenticationDeps } from './route.ts'
import {
  component,
  count,
  instant,
  jsonAnswer,
  optional,
  problemAnswer,
  textMap,
  TIME_PARAMETERS,
  usd,
} from './schemas.ts'

export type PrincipalRouteDeps = AuthenticationDeps & {
  readonly principals: PrincipalService
  readonly dimensions: () => readonly string[]
  readonly queryContext: () => QueryContext
}

const text = z.string()
const finding = z.object({
  code: z.enum(PRINCIPAL_FINDINGS),
  means: text,
  fix: text,
  usd: usd.openapi({ description: 'Billed; metered where there is no bill yet' }),
  since: instant,
  owners: z
    .array(z.record(text, text))
    .openapi({ description: 'Of a shared role: with their share' }),
})
const ARN = 'arn:aws:iam::123456789012:user/BedrockAPIKey-234s'
const EXAMPLE = {
  principal: ARN,
  class: 'bedrock_api_key_user',
  account_id: '123456789012',
  name: 'BedrockAPIKey-234s',
  session: null,
  sessions: 1,
  owner: { team: 'research' },
  told_by: 'owner_rule',
  owners: [{ owner: { team: 'research' }, from: '2026-10-01T00:00:00.000Z', to: null }],
  tags: {},
  environments: ['prod'],
  billed_usd: '12.5',
  metered_usd: '0',
  calls: 0,
  first_use: EXAMPLE_AT,
  last_use: EXAMPLE_AT,
  via: 'direct',
  key_names: [],
  findings: [
    {
      code: 'long_term_api_key',
      ...FINDING_TEXTS.long_term_api_key,
      usd: '12.5',
      since: EXAMPLE_AT,
      owners: [],
    },
  ],
} as const
const principal = component(
  'Principal',
  z.object({
    principal: text.openapi({ description: 'ARN; empty: lines of the bill that name nobody' }),
    class: z.enum(PRINCIPAL_KINDS),
    account_id: text.nullable(),
    name: text.nullable(),
    session: text.nullable(),
    sessions: count.openapi({ description: 'Past a hundred sessions of a role are one row, …/*' }),
    owner: textMap.openapi({ description: 'At its last use; empty: nobody’s, or several’' }),
    told_by: text.nullable().openapi({ description: 'What tells the owner' }),
    owners: z
      .array(z.object({ owner: textMap, from: text.nullable(), to: text.nullable() }))
      .openapi({ description: 'The time line of the owner rules' }),
    tags: textMap.openapi({ description: 'As the bill last showed them, iamPrincipal/…' }),
    environments: z.array(text),
    billed_usd: usd.openapi({ description: 'Net, in the time asked about' }),
    metered_usd: usd.openapi({ description: 'Of its calls, or of calls billed to it' }),
    calls: count,
    first_use: instant,
    last_use: instant,
    via: z.enum(WAYS),
    key_names: z.array(text),
    findings: z.array(finding),
  }),
  {
    ...EXAMPLE,
    owners: [...EXAMPLE.owners],
    environments: [...EXAMPLE.environments],
    key_names: [],
    findings: [{ ...EXAMPLE.findings[0], owners: [] }],
  },
)
const page = component(
  'PrincipalPage',
  z.object({
    items: z.array(principal),
    next_cursor: text.nullable(),
    left_out: count.openapi({ description: 'Callers the ledger saw and had no room for' }),
  }),
  { items: [], next_cursor: null, left_out: 0 },
)

/** Before the ARN, so that the caller without one has a cursor too. */
const CURSOR = 'after:'

export function addPrincipalRoutes(api: Api, deps: PrincipalRouteDeps): void {
  addRoute(
    api,
    deps,
    {
      method: 'get',
      path: '/api/v1/principals',
      summary: 'Every caller seen in bill or ledger, with findings',
      description:
        'The dearest first. A lead or viewer sees those whose owner lies within the scope.',
      tags: ['owners'],
      audience: 'principals.read',
      request: {
        query: z.object({
          ...TIME_PARAMETERS,
          class: optional(`One of ${PRINCIPAL_KINDS.join(', ')}`),
          finding: optional(`One of ${PRINCIPAL_FINDINGS.join(', ')}`),
          cursor: optional('`next_cursor` of the page before'),
          limit: optional('1 to 1000. Default: 100'),
        }),
      },
      responses: {
        200: jsonAnswer('A page of callers.', page),
        400: problemAnswer('Every fault of the question.'),
      },
    },
    async (c) => {
      const query = c.req.queries()
      const known = ['from', 'to', 'tz', 'class', 'finding', 'cursor', 'limit']
      const errors = unexpected(query, known)
      const range = timeRange(query, deps.queryContext(), errors, one(query, 'tz', errors))
      const limit = parseLimit(one(query, 'limit', errors), errors)
      const cursor = one(query, 'cursor', errors)
      const isCursor = cursor === undefined || cursor.startsWith(CURSOR)
      if (!isCursor)
        errors.push({ path: 'cursor', message: 'is not a cursor of an earlier answer' })
      const kind = oneOf(PRINCIPAL_KINDS, 'class', one(query, 'class', errors), errors)
      const code = oneOf(PRINCIPAL_FINDINGS, 'finding', one(query, 'finding', errors), errors)
      if (errors.length > 0 || !range.ok) return invalidRequest(errors)
      const own = scopeOf(c, deps.dimensions())
      if (!own.ok) return own.problem
      const answer = await deps.principals.list({
        fromMs: Date.parse(range.value.from),
        toMs: Date.parse(range.value.to),
        kind,
        finding: code,
        after: cursor?.slice(CURSOR.length) ?? null,
        limit,
        own: own.value,
      })
      if (!answer.ok) return billRefusal(answer.problem)
      const { items, isLast, leftOut } = answer.value
      const last = items.at(-1)
      return c.json({
        items: items.map(viewOf),
        next_cursor: isLast || last === undefined ? null : `${CURSOR}${last.principal}`,
        left_out: own.value === null ? leftOut : 0,
      })
    },
  )
}

function oneOf<Word extends string>(
  words: readonly Word[],
  path: string,
  said: string | undefined,
  errors: { path: string; message: string }[],
): Word | null {
  const known = words.find((word) => word === said)
  if (said !== undefined && known === undefined) {
    errors.push({ path, message: `must be one of ${words.join(', ')}` })
  }
  return known ?? null
}

function viewOf(row: ListedPrincipal): z.input<typeof principal> {
  return {
    principal: row.principal,
    class: row.kind,
    account_id: row.accountId,
    name: row.name,
    session: row.session,
    sessions: row.sessions,
    owner: row.owner,
    told_by: row.rule,
    owners: row.owners.map(({ owner, from, to }) => ({ owner, from, to })),
    tags: row.tags,
    environments: [...row.environments],
    billed_usd: formatUsd(row.billed),
    metered_usd: formatUsd(row.metered),
    calls: row.calls,
    first_use: isoTime(row.firstMs),
    last_use: isoTime(row.lastMs),
    via: row.way,
    key_names: [...row.keyNames],
    findings: row.findings.map(({ code, usd: dollars, sinceMs, owners }) => ({
      code,
      ...FINDING_TEXTS[code],
      usd: formatUsd(dollars),
      since: isoTime(sinceMs),
      owners: owners.map(({ owner, millionths }) => ({ ...owner, share: shareText(millionths) })),
    })),
  }
}

/** Of a whole: `0.4`. */
function shareText(millionths: number | null): string {
  return millionths === null ? '' : String(millionths / 1_000_000)
}
