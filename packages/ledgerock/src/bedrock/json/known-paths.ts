// The paths of bedrock-runtime and bedrock-mantle besides `/model/…`, as a table: most are fixed and found in one look-up, some hold
// an id. Mantle serves its OpenAI routes under `/v1` and, for some models, under `/openai/v1`; both are known.
// Sources: the Amazon Bedrock user guide's pages on the Responses, Chat Completions and Messages APIs and on OpenAI-compatible
// fine-tuning; the bedrock-runtime API reference.

import { streamOf, type ApiFamily, type Endpoint, type Operation } from '../operation.ts'
import { decodePathId, ID_CHARACTERS_MAX } from '../path-id.ts'

export type KnownPath = {
  readonly operation: Operation
  readonly family: ApiFamily
  readonly stream: boolean | 'body'
  readonly modelRequested: string | null
}

type Row = readonly [method: string, path: string, operation: Operation]

/** `{id}`: one segment. `{arn}`: may hold slashes, encoded or not. */
const RUNTIME: readonly Row[] = [
  ['POST', '/guardrail-checks/invoke', 'invoke-guardrail-checks'],
  ['POST', '/async-invoke', 'start-async-invoke'],
  ['GET', '/async-invoke', 'list-async-invokes'],
  ['GET', '/async-invoke/{arn}', 'get-async-invoke'],
  ['POST', '/openai/v1/chat/completions', 'chat-completions'],
  ['POST', '/openai/v1/responses', 'responses'],
  ['GET', '/openai/v1/responses/{id}', 'get-response'],
  ['GET', '/openai/v1/responses/{id}/input_items', 'get-response'],
  ['DELETE', '/openai/v1/responses/{id}', 'delete-response'],
  ['POST', '/openai/v1/responses/{id}/cancel', 'cancel-response'],
  ['POST', '/anthropic/v1/messages', 'messages'],
]

const MANTLE_OPENAI: readonly Row[] = [
  ['POST', '/chat/completions', 'chat-completions'],
  ['POST', '/responses', 'responses'],
  ['POST', '/responses/compact', 'compact-response'],
  ['GET', '/responses/{id}', 'get-response'],
  ['GET', '/responses/{id}/input_items', 'get-response'],
  ['DELETE', '/responses/{id}', 'delete-response'],
  ['POST', '/responses/{id}/cancel', 'cancel-response'],
  ['POST', '/embeddings', 'embeddings'],
  ['GET', '/models', 'list-models'],
  ['GET', '/models/{arn}', 'get-model'],
  ['POST', '/files', 'files'],
  ['GET', '/files', 'files'],
  ['GET', '/files/{id}', 'files'],
  ['GET', '/files/{id}/content', 'files'],
  ['DELETE', '/files/{id}', 'files'],
  ['POST', '/fine_tuning/jobs', 'fine-tuning'],
  ['GET', '/fine_tuning/jobs', 'fine-tuning-jobs'],
  ['GET', '/fine_tuning/jobs/{id}', 'fine-tuning-jobs'],
  ['GET', '/fine_tuning/jobs/{id}/events', 'fine-tuning-jobs'],
  ['GET', '/fine_tuning/jobs/{id}/checkpoints', 'fine-tuning-jobs'],
  ['POST', '/fine_tuning/jobs/{id}/cancel', 'fine-tuning-jobs'],
]

const MANTLE: readonly Row[] = [
  ...MANTLE_OPENAI.map(([method, path, operation]): Row => [method, `/v1${path}`, operation]),
  ...MANTLE_OPENAI.map(([method, path, operation]): Row => [
    method,
    `/openai/v1${path}`,
    operation,
  ]),
  ['POST', '/anthropic/v1/messages', 'messages'],
  ['POST', '/anthropic/v1/messages/count_tokens', 'count-message-tokens'],
]

type WithId = {
  readonly method: string
  readonly prefix: string
  readonly suffix: string
  readonly slashes: boolean
  readonly known: KnownPath
}
type Table = {
  /** By path, then by method. */
  readonly fixed: ReadonlyMap<string, ReadonlyMap<string, KnownPath>>
  readonly withId: readonly WithId[]
}

const TABLES: Readonly<Record<Endpoint, Table>> = {
  runtime: tableOf(RUNTIME),
  mantle: tableOf(MANTLE),
}

function tableOf(rows: readonly Row[]): Table {
  const fixed = new Map<string, Map<string, KnownPath>>()
  const withId: WithId[] = []
  for (const [method, path, operation] of rows) {
    const known = {
      operation,
      family: familyOf(path),
      stream: streamOf(operation),
      modelRequested: operation === 'invoke-guardrail-checks' ? 'guardrail-checks' : null,
    }
    const [prefix = '', id, suffix = ''] = path.split(/(\{id\}|\{arn\})/)
    if (id === undefined) {
      const methods = fixed.get(path) ?? new Map<string, KnownPath>()
      fixed.set(path, methods.set(method, known))
    } else {
      withId.push({ method, prefix, suffix, slashes: id === '{arn}', known })
    }
  }
  return { fixed, withId }
}

function familyOf(path: string): ApiFamily {
  if (path.startsWith('/anthropic/')) return 'anthropic'
  return path.startsWith('/v1/') || path.startsWith('/openai/') ? 'openai' : 'bedrock'
}

/** `path` without its query string. */
export function knownPath(endpoint: Endpoint, method: string, path: string): KnownPath | null {
  const table = TABLES[endpoint]
  const methods = table.fixed.get(path)
  if (methods !== undefined) {
    const known = methods.get(method)
    if (known !== undefined) return known
  }
  for (const row of table.withId) {
    if (row.method !== method) continue
    const id = idBetween(path, row.prefix, row.suffix)
    if (id === null || (!row.slashes && id.includes('/'))) continue
    return row.known.operation === 'get-model' ? { ...row.known, modelRequested: id } : row.known
  }
  return endpoint === 'runtime' && method === 'POST' ? guardrail(path) : null
}

function idBetween(path: string, prefix: string, suffix: string): string | null {
  if (!path.startsWith(prefix) || !path.endsWith(suffix)) return null
  const end = path.length - suffix.length
  return end > prefix.length ? decodePathId(path.slice(prefix.length, end)) : null
}

const GUARDRAIL_PREFIX = '/guardrail/'
const VERSION = '/version/'

/** `/guardrail/{id or ARN}/version/{version}/apply`: guardrails are priced like a model, so the path names one. */
function guardrail(path: string): KnownPath | null {
  const version = path.lastIndexOf(VERSION)
  if (version < 0) return null
  const id = idBetween(path.slice(0, version), GUARDRAIL_PREFIX, '')
  const number = idBetween(path.slice(version), VERSION, '/apply')
  if (id === null || number === null || number.includes('/')) return null
  const modelRequested = `guardrail/${id}/${number}`
  if (modelRequested.length > ID_CHARACTERS_MAX) return null
  return { operation: 'apply-guardrail', family: 'bedrock', stream: false, modelRequested }
}
