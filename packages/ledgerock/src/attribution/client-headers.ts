// One pass over a request's raw header list (`rawHeaders` of Node's HTTP/1.1 and HTTP/2 requests, which alone shows a header that
// was sent twice): what to read by name, what is said to us, and the list that travels on to the upstream.

import { HEADER_PREFIX } from '@ledgerock/contract'
import type { DimensionRules } from './dimension-rule.ts'

export type ClientHeaders = {
  /** Lower-case names without a prototype; a repeated header is joined by `, `. */
  readonly values: Readonly<Record<string, string>>
  /** `x-ledgerock-<name>` as [name, value], the name with `_`. */
  readonly own: readonly (readonly [name: string, value: string])[]
  /** Headers that may stand only once and stand twice, by lower-case name. */
  readonly repeated: readonly string[]
  /** Flat [name, value, …] of what travels on, as the client wrote it. */
  readonly forward: string[]
}

export const METADATA_HEADER = 'x-amzn-bedrock-request-metadata'
const LITELLM_PREFIX = 'x-litellm-'
const PORTKEY_PREFIX = 'x-portkey-'

/**
 * Never sent on: who the client is to us or to a proxy before us, its signature over a host that is ours, what belongs to one
 * connection (RFC 9110 §7.6.1), and what the gateway sets itself (host, length, encoding).
 */
const STOPPED: ReadonlySet<string> = new Set([
  'authorization',
  'x-api-key',
  // Where other clouds' clients put their key, and what a browser or a proxy before us knows of its user.
  'api-key',
  'cookie',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
  'host',
  'content-length',
  'accept-encoding',
  'expect',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])
const SINGLE: ReadonlySet<string> = new Set(['authorization', 'x-api-key', METADATA_HEADER])

/** `name` is lower-case. A dimension's own declared headers are the user's, and travel on. */
export function travelsOn(name: string): boolean {
  if (STOPPED.has(name) || name.startsWith(':')) return false
  return !(
    name.startsWith(HEADER_PREFIX) ||
    name.startsWith(LITELLM_PREFIX) ||
    name.startsWith(PORTKEY_PREFIX)
  )
}

function mayStandOnce(name: string, rules: DimensionRules): boolean {
  return (
    SINGLE.has(name) ||
    rules.headers.has(name) ||
    name.startsWith(LITELLM_PREFIX) ||
    name.startsWith(PORTKEY_PREFIX)
  )
}

export function readClientHeaders(raw: readonly string[], rules: DimensionRules): ClientHeaders {
  const values = Object.create(null) as Record<string, string>
  const own: [string, string][] = []
  const repeated: string[] = []
  const forward: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const written = raw[at] as string
    const value = raw[at + 1] as string
    const name = written.toLowerCase()
    if (name.startsWith(HEADER_PREFIX)) {
      const word = name.slice(HEADER_PREFIX.length).replaceAll('-', '_')
      if (own.some(([other]) => other === word)) repeated.push(name)
      else own.push([word, value])
      values[name] ??= value
      continue
    }
    const before = values[name]
    if (before === undefined) values[name] = value
    else if (mayStandOnce(name, rules)) repeated.push(name)
    else values[name] = `${before}, ${value}`
    if (travelsOn(name)) forward.push(written, value)
  }
  const { connection } = values
  return {
    values,
    own,
    repeated,
    forward: connection === undefined ? forward : withoutNamed(forward, connection),
  }
}

/** `Connection: close, x-trace` makes `x-trace` belong to this connection only. */
function withoutNamed(forward: string[], connection: string): string[] {
  const plain = connection.toLowerCase()
  if (plain === 'keep-alive' || plain === 'close') return forward
  const named = new Set(plain.split(',').map((word) => word.trim()))
  const kept: string[] = []
  for (let at = 0; at < forward.length; at += 2) {
    const name = forward[at] as string
    if (!named.has(name.toLowerCase())) kept.push(name, forward[at + 1] as string)
  }
  return kept
}

/**
 * The text of a header's value. Node hands bytes over as Latin-1; where they are UTF-8 they are read as such, because people's
 * names of teams are not all ASCII.
 */
export function headerText(value: string): string {
  if (!/[\u0080-\u00ff]/.test(value)) return value
  const text = Buffer.from(value, 'latin1').toString('utf8')
  return text.includes('\ufffd') ? value : text
}
