// Recognises a bedrock-runtime call by method and path, in every way clients encode a model id: fully percent-encoded, colons
// literal and slashes encoded, or an ARN's slashes as they are. The path that travels on is the client's own, byte for byte;
// only a `/region/<r>` prefix, which is ours, is taken off. Anything else is not a route (404).

/** What is called. More operations follow; every switch over them ends in `exhaustive`. */
export const OPERATIONS = [
  'converse',
  'converse-stream',
  'invoke',
  'invoke-with-response-stream',
] as const
export type Operation = (typeof OPERATIONS)[number]

/** The API family a route belongs to: it decides the shape of an error. */
export const API_FAMILIES = ['bedrock'] as const
export type ApiFamily = (typeof API_FAMILIES)[number]

export type Route = {
  readonly operation: Operation
  readonly stream: boolean
  readonly family: ApiFamily
  /** The model id, profile id or ARN, percent-decoded once. Printable ASCII, at most 2,048 characters. */
  readonly modelRequested: string
  /** What is sent on: the client's own bytes, query string included. */
  readonly upstreamPath: string
  /** From `/region/<r>/…`, else null. */
  readonly region: string | null
}

const MODEL_CHARACTERS_MAX = 2_048
const PATH_CHARACTERS_MAX = 3 * MODEL_CHARACTERS_MAX + 4_096
const MODEL_PREFIX = '/model/'
const REGION_PREFIX = '/region/'
const REGION = /^[a-z][a-z0-9-]{1,31}$/
/** Excludes controls (so no CR or LF can reach a header), spaces and everything a parser might have let through. */
const PRINTABLE = /^[\x21-\x7e]+$/

export function recognise(method: string, path: string): Route | null {
  if (method !== 'POST' || path.length > PATH_CHARACTERS_MAX || !PRINTABLE.test(path)) return null
  let upstreamPath = path
  let region: string | null = null
  if (path.startsWith(REGION_PREFIX)) {
    const end = path.indexOf('/', REGION_PREFIX.length)
    if (end < 0) return null
    region = path.slice(REGION_PREFIX.length, end)
    if (!REGION.test(region)) return null
    upstreamPath = path.slice(end)
  }
  if (!upstreamPath.startsWith(MODEL_PREFIX)) return null
  const query = upstreamPath.indexOf('?')
  const end = query < 0 ? upstreamPath.length : query
  const slash = upstreamPath.lastIndexOf('/', end - 1)
  const operation = operationNamed(upstreamPath.slice(slash + 1, end))
  if (operation === null || slash <= MODEL_PREFIX.length) return null
  const modelRequested = decodeModelId(upstreamPath.slice(MODEL_PREFIX.length, slash))
  if (modelRequested === null) return null
  const stream = operation === 'converse-stream' || operation === 'invoke-with-response-stream'
  return { operation, stream, family: 'bedrock', modelRequested, upstreamPath, region }
}

function operationNamed(name: string): Operation | null {
  return (OPERATIONS as readonly string[]).includes(name) ? (name as Operation) : null
}

/**
 * Decoded exactly once: `%2525` is `%25`. A segment that is empty, `.` or `..` is refused, because a URL library on the way
 * would take it for a path of its own and the call would be signed for another resource than it reaches.
 */
function decodeModelId(encoded: string): string | null {
  if (encoded.includes('#')) return null
  let decoded = encoded
  if (encoded.includes('%')) {
    try {
      decoded = decodeURIComponent(encoded)
    } catch {
      return null
    }
  }
  if (decoded.length > MODEL_CHARACTERS_MAX || !PRINTABLE.test(decoded)) return null
  for (const segment of decoded.split('/')) {
    if (segment === '' || segment === '.' || segment === '..') return null
  }
  return decoded
}
