// Recognises a call by method and path: which operation of bedrock-runtime or bedrock-mantle it is, and what model the path names,
// in every way clients encode one: fully percent-encoded, colons literal and slashes encoded, or an ARN's slashes as they are.
// The path that travels on is the client's own, byte for byte; only the prefixes that are ours, `/region/<r>` and `/mantle`, are
// taken off. Anything else is not a route (404).

import { knownPath } from './json/known-paths.ts'
import { streamOf, type ApiFamily, type Endpoint, type Operation } from './operation.ts'
import { decodePathId, ID_CHARACTERS_MAX, isPrintable, isUriPath } from './path-id.ts'

export {
  API_FAMILIES,
  isFree,
  OPERATIONS,
  type ApiFamily,
  type Endpoint,
  type Operation,
} from './operation.ts'

export type Route = {
  readonly operation: Operation
  readonly family: ApiFamily
  readonly endpoint: Endpoint
  /** As the client sent it, upper case. */
  readonly method: string
  /** `body`: the request body's `stream` says. */
  readonly stream: boolean | 'body'
  /**
   * The model id, profile id or ARN, percent-decoded once: printable ASCII, at most 2,048 characters. A guardrail stands for the
   * model it takes the place of. Null: the body names the model, or there is none.
   */
  readonly modelRequested: string | null
  /** What is sent on: the client's own bytes, query string included. */
  readonly upstreamPath: string
  /** From `/region/<r>/…`, else null. */
  readonly region: string | null
}

const PATH_CHARACTERS_MAX = 3 * ID_CHARACTERS_MAX + 4_096
export const MODEL_PREFIX = '/model/'
const REGION_PREFIX = '/region/'
const MANTLE_PREFIX = '/mantle/'
const REGION = /^[a-z][a-z0-9-]{1,31}$/

/** Whether a text looks like a region's name; only a target says whether there is one. */
export function isRegion(text: string): boolean {
  return REGION.test(text)
}

/** What follows `/model/{id}/` is named like the operation. */
const MODEL_VERBS: ReadonlySet<string> = new Set<Operation>([
  'converse',
  'converse-stream',
  'invoke',
  'invoke-with-response-stream',
  'invoke-with-bidirectional-stream',
  'count-tokens',
])

export function recognise(method: string, path: string): Route | null {
  if (path.length > PATH_CHARACTERS_MAX || !isPrintable(path)) return null
  let rest = path
  let region: string | null = null
  if (path.startsWith(REGION_PREFIX)) {
    const end = path.indexOf('/', REGION_PREFIX.length)
    if (end < 0) return null
    region = path.slice(REGION_PREFIX.length, end)
    if (!REGION.test(region)) return null
    rest = path.slice(end)
  }
  const query = rest.indexOf('?')
  const end = query < 0 ? rest.length : query
  if (!isUriPath(rest, end) || rest.includes('#', end)) return null
  if (rest.startsWith(MODEL_PREFIX)) return modelRoute(method, rest, end, region)
  const endpoint = rest.startsWith(MANTLE_PREFIX) ? 'mantle' : 'runtime'
  const start = endpoint === 'mantle' ? MANTLE_PREFIX.length - 1 : 0
  const known = knownPath(endpoint, method, rest.slice(start, end))
  if (known === null) return null
  const { operation, family, stream, modelRequested } = known
  const upstreamPath = rest.slice(start)
  return { operation, family, endpoint, method, stream, modelRequested, upstreamPath, region }
}

/** The operation is what follows the last slash: an ARN may have slashes of its own. */
function modelRoute(
  method: string,
  path: string,
  end: number,
  region: string | null,
): Route | null {
  const slash = path.lastIndexOf('/', end - 1)
  const verb = path.slice(slash + 1, end)
  if (method !== 'POST' || slash <= MODEL_PREFIX.length || !MODEL_VERBS.has(verb)) return null
  const modelRequested = decodePathId(path.slice(MODEL_PREFIX.length, slash))
  if (modelRequested === null) return null
  const operation = verb as Operation
  return {
    operation,
    family: 'bedrock',
    endpoint: 'runtime',
    method,
    stream: streamOf(operation),
    modelRequested,
    upstreamPath: path,
    region,
  }
}
