// Who was seen calling. Entries are added up by caller, team, environment, key and hour first: what is left of a group after its
// corrections is in force, what is not goes, and lists are made of what is left.

import type { PrincipalSeen, PrincipalsQuestion, PrincipalsSeen } from '../metered-use.ts'
import { TOKEN_COLUMNS } from './call-columns.ts'
import type { Session } from './database.ts'
import { fieldExpression } from './fields.ts'
import { CALLS, tableName } from './schema.ts'
import { withinTime } from './spend-sql.ts'

const ITEMS_MAX = 10_000
const NAMES_MAX = 1_000
/** `arn:…:assumed-role/<role>/<session>`: the role's part; empty for all others. */
const roleOf = (arn: string): string =>
  `extract(${arn}, '^(arn:[^:]*:sts::[0-9]*:assumed-role/[^/]+/).')`

const CALLER = ['principal', 'billed_principal', 'via_of', 'account'] as const

type Row = {
  readonly principal: string
  readonly billed_principal: string
  readonly via_of: string
  readonly account: string
  readonly key_names: readonly string[]
  readonly environments: readonly string[]
  readonly n_calls: number
  readonly n_tokens: number
  readonly usd: string
  readonly n_unpriced: number
  readonly first_ms: number
  readonly last_ms: number
  readonly teams: readonly string[]
  readonly team_tokens: readonly number[]
  readonly team_calls: readonly number[]
  readonly sessions: number
  readonly billed_sessions: number
  readonly callers: number
}

export async function readPrincipals(
  session: Session,
  database: string,
  question: PrincipalsQuestion,
): Promise<PrincipalsSeen> {
  const rows = await session.select<Row>(principalsSql(database, question))
  const callers = rows[0]?.callers ?? 0
  return { items: rows.map(seenOf), left_out: callers - rows.length }
}

function principalsSql(database: string, question: PrincipalsQuestion): string {
  const caller = CALLER.join(', ')
  const sessions = (arn: string): string =>
    `if(${roleOf(arn)} = '', 0, toInt64(uniqExact(${arn}) OVER (PARTITION BY ${roleOf(arn)})))`
  return (
    `SELECT *, ${sessions('principal')} AS sessions, ${sessions('billed_principal')} AS billed_sessions,` +
    ' toInt64(count() OVER ()) AS callers' +
    ` FROM (SELECT ${caller}, arraySort(groupUniqArrayIf(${NAMES_MAX})(key, key != '')) AS key_names,` +
    ` arraySort(groupUniqArray(${NAMES_MAX})(environment_of)) AS environments,` +
    ' sum(g_calls) AS n_calls, sum(g_tokens) AS n_tokens, toString(sum(g_usd)) AS usd, sum(g_unpriced) AS n_unpriced,' +
    ' min(g_first) AS first_ms, max(g_last) AS last_ms,' +
    ' sumMap(map(team_of, g_tokens)) AS m_tokens, sumMap(map(team_of, g_calls)) AS m_calls,' +
    ' mapKeys(m_calls) AS teams, arrayMap(t -> m_tokens[t], teams) AS team_tokens, mapValues(m_calls) AS team_calls' +
    ` FROM (${groupsSql(database, question)}) GROUP BY ${caller})` +
    ` ORDER BY n_tokens DESC, n_calls DESC, ${caller} LIMIT ${ITEMS_MAX}`
  )
}

function groupsSql(database: string, { fromMs, toMs }: PrincipalsQuestion): string {
  const keys: Readonly<Record<string, string>> = {
    principal: "ifNull(toString(principal_arn), '')",
    billed_principal: "ifNull(toString(billed_principal_arn), '')",
    via_of: 'toString(via)',
    account: "ifNull(toString(billed_account_id), '')",
    team_of: fieldExpression('team'),
    environment_of: fieldExpression('environment'),
    key: "ifNull(toString(key_name), '')",
    use_hour: 'toStartOfHour(started_at)',
  }
  const columns = Object.entries(keys).map(([name, sql]) => `${sql} AS ${name}`)
  return (
    `SELECT ${columns.join(', ')}, sum(toInt64(sign)) AS g_calls,` +
    ` sum(sign * toInt64(${TOKEN_COLUMNS.join(' + ')})) AS g_tokens,` +
    ' sumIf(sign * assumeNotNull(cost_usd), cost_usd IS NOT NULL) AS g_usd,' +
    ' sumIf(toInt64(sign), cost_usd IS NULL) AS g_unpriced,' +
    ' min(toUnixTimestamp64Milli(started_at)) AS g_first, max(toUnixTimestamp64Milli(started_at)) AS g_last' +
    ` FROM ${tableName(database, CALLS)} WHERE ${withinTime(fromMs, toMs).join(' AND ')}` +
    ` AND status != 'refused' GROUP BY ${Object.keys(keys).join(', ')} HAVING g_calls > 0`
  )
}

function seenOf(row: Row): PrincipalSeen {
  const teams = row.teams.map((team, index) => ({
    team,
    tokens: row.team_tokens[index] ?? 0,
    calls: row.team_calls[index] ?? 0,
  }))
  return {
    principal: row.principal,
    billed_principal: row.billed_principal,
    via: row.via_of,
    account_id: row.account === '' ? null : row.account,
    key_names: row.key_names,
    environments: row.environments,
    calls: row.n_calls,
    tokens: row.n_tokens,
    usd: row.usd,
    unpriced_calls: row.n_unpriced,
    first_use: new Date(row.first_ms).toISOString(),
    last_use: new Date(row.last_ms).toISOString(),
    teams: teams.toSorted(
      (left, right) =>
        right.tokens - left.tokens ||
        right.calls - left.calls ||
        (left.team < right.team ? -1 : Number(left.team > right.team)),
    ),
    sessions: row.sessions,
    billed_sessions: row.billed_sessions,
  }
}
