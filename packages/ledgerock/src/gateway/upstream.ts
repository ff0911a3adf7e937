// Sends one call to Bedrock: keep-alive connections, signed for the real host with the gateway's own credentials. The only
// place of the gateway that opens connections.

import { Pool, type Dispatcher } from 'undici'
import type { UpstreamCredentials } from '../aws/upstream-credentials.ts'
import type { Clock } from '../kernel/time.ts'
import { createSigV4Signer, type AwsCredentials } from '../platform/sigv4.ts'

export type UpstreamTarget = {
  readonly region: string
  /** `https://bedrock-runtime.<region>.amazonaws.com`, or a simulator, VPC endpoint or proxy. */
  readonly endpoint: string
}

export type UpstreamTimeouts = { readonly headersMs: number; readonly idleMs: number }

export type UpstreamRequest = {
  readonly method: string
  readonly path: string
  readonly canonicalPath: string
  readonly canonicalQuery: string
  /** Flat [name, value, …], without `host`, credentials and what belongs to one connection. */
  readonly headers: readonly string[]
  readonly body: Buffer
  readonly bodySha256: string
}

export type Upstream = {
  readonly region: string
  /** Null where the credentials have to be fetched first: then `whenReady`. */
  readonly credentials: () => AwsCredentials | null
  /** @throws Fault `identity_unavailable` */
  readonly whenReady: () => Promise<AwsCredentials>
  readonly send: (
    request: UpstreamRequest,
    credentials: AwsCredentials,
    handler: Dispatcher.DispatchHandler,
  ) => void
  readonly close: () => Promise<void>
}

const KEEP_ALIVE_MS = 20_000
const CONNECT_TIMEOUT_MS = 5_000

export function createUpstream(
  clock: Clock,
  credentials: UpstreamCredentials,
  target: UpstreamTarget,
  timeouts: UpstreamTimeouts,
): Upstream {
  const url = new URL(target.endpoint)
  const prefix = url.pathname.replace(/\/$/, '')
  const canonicalPrefix = prefix.split('/').map(encodeURIComponent).join('/')
  const signer = createSigV4Signer({ region: target.region, service: 'bedrock' })
  const pool = new Pool(url.origin, {
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.idleMs,
    connect: { timeout: CONNECT_TIMEOUT_MS, noDelay: true },
  })

  return {
    region: target.region,
    credentials: credentials.current,
    whenReady: credentials.load,
    send(request, current, handler) {
      const signed: Record<string, string> = { host: url.host }
      const headers: string[] = ['host', url.host, 'accept-encoding', 'identity']
      for (let at = 0; at < request.headers.length; at += 2) {
        const name = request.headers[at] as string
        const value = request.headers[at + 1] as string
        headers.push(name, value)
        // AWS insists that its own headers are part of the signature, above all the request metadata.
        const lower = name.toLowerCase()
        if (!lower.startsWith('x-amz')) continue
        const before = signed[lower]
        signed[lower] = before === undefined ? value : `${before},${value}`
      }
      const added = signer.sign(
        current,
        {
          method: request.method,
          canonicalPath: canonicalPrefix + request.canonicalPath,
          canonicalQuery: request.canonicalQuery,
          headers: signed,
          bodySha256: request.bodySha256,
        },
        clock.now(),
      )
      for (const name in added) headers.push(name, added[name] as string)
      pool.dispatch(
        {
          method: request.method,
          path: prefix + request.path,
          headers,
          body: request.body,
        },
        handler,
      )
    },
    close: () => pool.close(),
  }
}
