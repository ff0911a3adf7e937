// A POST to an address that somebody configured, without becoming a way into our own network: https to public addresses only, the name
// resolved once and every address checked, the connection made to a checked one, no redirects, an end to time and bytes. Hosts that
// are explicitly allowed may be told over http, at any address and port.

import { lookup as resolveName } from 'node:dns/promises'
import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { err, ok, type Result } from '../kernel/result.ts'
import { isPublicAddress } from './public-address.ts'

export const POST_PROBLEMS = [
  'bad_url',
  'not_https',
  'port_not_allowed',
  'odd_host',
  'not_resolved',
  'private_address',
  'unreachable',
  'timeout',
] as const
export type PostProblem = {
  readonly code: (typeof POST_PROBLEMS)[number]
  /** For the log and for admins: names no address that was found, and nothing of an answer. */
  readonly detail: string
}

export type ResolvedAddress = { readonly address: string; readonly family: number }

export type SafePostDeps = {
  /** Every address of a name. */
  readonly resolve: (host: string) => Promise<readonly ResolvedAddress[]>
  /** `host` or `host:port`, lower case; read at every request. */
  readonly allowHosts: () => readonly string[]
  readonly timeoutMs?: number
}

export type SafePost = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<Result<{ readonly status: number }, PostProblem>>

const TIMEOUT_MS = 5_000
const ANSWER_BYTES_MAX = 65_536
/** Where what is public listens; another port is somebody's own service. */
export const PUBLIC_PORTS: readonly string[] = ['443', '8443']

export const resolveHost: SafePostDeps['resolve'] = (host) => resolveName(host, { all: true })

export function createSafePost(deps: SafePostDeps): SafePost {
  return async (written, headers, body) => {
    const url = checkedUrl(written, deps.allowHosts())
    if (!url.ok) return url
    const signal = AbortSignal.timeout(deps.timeoutMs ?? TIMEOUT_MS)
    const addresses = await addressesOf(deps, url.value, signal)
    if (!addresses.ok) return addresses
    return send(url.value.url, addresses.value, headers, body, signal)
  }
}

type CheckedUrl = { readonly url: URL; readonly host: string; readonly allowed: boolean }

function checkedUrl(
  written: string,
  allowHosts: readonly string[],
): Result<CheckedUrl, PostProblem> {
  const url = URL.parse(written)
  if (url === null || !['https:', 'http:'].includes(url.protocol)) {
    return problem('bad_url', 'the address is no https URL')
  }
  if (url.username !== '' || url.password !== '') {
    return problem('bad_url', 'the address holds a user name or a password')
  }
  const { hostname, port } = url
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
  const wholePort = port === '' ? (url.protocol === 'https:' ? '443' : '80') : port
  const allowed = allowHosts.includes(hostname) || allowHosts.includes(`${hostname}:${wholePort}`)
  if (allowed) return ok({ url, host, allowed })
  if (url.protocol !== 'https:') {
    return problem('not_https', `${hostname} is not in alerts.allow_hosts, so it must be https`)
  }
  if (!PUBLIC_PORTS.includes(wholePort)) {
    return problem(
      'port_not_allowed',
      `port ${wholePort} is not 443 or 8443, nor in alerts.allow_hosts`,
    )
  }
  // The URL parser makes an address of `0x7f.1`, `2130706433` and `127.1`; nobody who means well writes one so.
  const isOdd = isIP(host) === 4 && !written.toLowerCase().startsWith(`https://${host}`)
  if (isOdd) return problem('odd_host', 'the host is an address in a form that hides it')
  return ok({ url, host, allowed })
}

async function addressesOf(
  deps: SafePostDeps,
  { host, allowed }: CheckedUrl,
  signal: AbortSignal,
): Promise<Result<readonly ResolvedAddress[], PostProblem>> {
  const family = isIP(host)
  const found = family === 0 ? await resolved(deps, host, signal) : ok([{ address: host, family }])
  if (!found.ok || allowed) return found
  // One private address among public ones is how a name is made to point inside now and then.
  return found.value.every(({ address }) => isPublicAddress(address))
    ? found
    : problem('private_address', `${host} is not at a public address, nor in alerts.allow_hosts`)
}

async function resolved(
  { resolve }: SafePostDeps,
  host: string,
  signal: AbortSignal,
): Promise<Result<readonly ResolvedAddress[], PostProblem>> {
  const aborted = new Promise<null>((done) => {
    signal.addEventListener('abort', () => done(null), { once: true })
  })
  const found = await Promise.race([resolve(host).catch(() => []), aborted])
  if (found === null) return problem('timeout', `${host} was not resolved in time`)
  return found.length > 0 ? ok(found) : problem('not_resolved', `${host} cannot be resolved`)
}

function send(
  url: URL,
  addresses: readonly ResolvedAddress[],
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<Result<{ readonly status: number }, PostProblem>> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve) => {
    const options = {
      method: 'POST',
      agent: false as const,
      lookup: lookupIn(addresses),
      signal,
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
    }
    const sent = request(url, options, (response) => {
      const { statusCode: status = 0 } = response
      void discard(response).then(() => resolve(ok({ status })))
    })
    sent.once('error', (error: NodeJS.ErrnoException) => {
      resolve(
        signal.aborted
          ? problem('timeout', `${url.hostname} did not answer in time`)
          : problem('unreachable', `${url.hostname}: ${error.code ?? 'connection failed'}`),
      )
    })
    sent.end(body)
  })
}

/** Answers with what was checked: no second look-up, no other address. */
function lookupIn(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_host, options, done) => {
    const [first] = addresses
    if (options.all === true) done(null, [...addresses])
    else done(null, first?.address ?? '', first?.family)
  }
}

/** The sender may finish its sentence, but not talk for ever. Nobody ever sees what it says. */
function discard(response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > ANSWER_BYTES_MAX) response.destroy()
    })
    response.on('error', () => resolve())
    response.once('close', () => resolve())
  })
}

function problem(
  code: PostProblem['code'],
  detail: string,
): { readonly ok: false; readonly problem: PostProblem } {
  return err({ code, detail })
}
