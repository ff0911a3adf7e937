// One way to Bedrock: an account and region with its endpoints, keep-alive connections, the credentials it lends and the health
// it is known to have. Requests are signed for the real host. The only place of the gateway that opens connections.

import { Pool, type Dispatcher } from 'undici'
import type { CredentialLender } from '../../aws/credential-lender.ts'
import type { Route } from '../../bedrock/route.ts'
import type { Clock } from '../../kernel/time.ts'
import { createSigV4Signer, type AwsCredentials } from '../../platform/sigv4.ts'
import type { TargetCondition } from './choose-target.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import type { UpstreamStatus } from '../telemetry/gateway-metrics.ts'
import type { ProfileRule } from './profile-rule.ts'

export type TargetSettings = TargetCondition & {
  readonly name: string
  /** `https://bedrock-runtime.<region>.amazonaws.com`, or a simulator, VPC endpoint or proxy. */
  readonly endpoint: string
  /** `https://bedrock-mantle.<region>.api.aws`, likewise. */
  readonly mantleEndpoint: string
  readonly profiles: readonly ProfileRule[]
}

export type UpstreamTimeouts = { readonly headersMs: number; readonly idleMs: number }

export type UpstreamRequest = {
  readonly endpoint: Route['endpoint']
  readonly method: string
  readonly path: string
  readonly canonicalPath: string
  readonly canonicalQuery: string
  /** Flat [name, value, …], without `host`, credentials and what belongs to one connection. */
  readonly headers: readonly string[]
  readonly body: Buffer
  readonly bodySha256: string
}

export type Target = TargetSettings & {
  readonly lender: CredentialLender
  readonly breaker: CircuitBreaker
  readonly send: (
    request: UpstreamRequest,
    credentials: AwsCredentials,
    handler: Dispatcher.DispatchHandler,
  ) => void
  readonly status: () => UpstreamStatus
  readonly close: () => Promise<void>
}

const KEEP_ALIVE_MS = 20_000
const CONNECT_TIMEOUT_MS = 5_000

export function createTarget(
  clock: Clock,
  settings: TargetSettings,
  lender: CredentialLender,
  timeouts: UpstreamTimeouts,
): Target {
  const { region } = settings
  const breaker = new CircuitBreaker()
  const ways = {
    runtime: createWay(clock, settings.endpoint, { region, service: 'bedrock' }, timeouts),
    mantle: createWay(
      clock,
      settings.mantleEndpoint,
      { region, service: 'bedrock-mantle' },
      timeouts,
    ),
  }
  return {
    ...settings,
    lender,
    breaker,
    send: (request, credentials, handler) =>
      ways[request.endpoint].send(request, credentials, handler),
    status() {
      const [runtime, mantle] = [ways.runtime.load(), ways.mantle.load()]
      return {
        target: settings.name,
        connected: runtime.connected + mantle.connected,
        running: runtime.running + mantle.running,
        queued: runtime.queued + mantle.queued,
        breaker: breaker.state(clock.monotonic()),
      }
    },
    async close() {
      lender.stop()
      await Promise.all([ways.runtime.close(), ways.mantle.close()])
    },
  }
}

type Way = Pick<Target, 'send' | 'close'> & {
  readonly load: () => Pick<UpstreamStatus, 'connected' | 'running' | 'queued'>
}

function createWay(
  clock: Clock,
  endpoint: string,
  scope: { readonly region: string; readonly service: string },
  timeouts: UpstreamTimeouts,
): Way {
  const url = new URL(endpoint)
  const prefix = url.pathname.replace(/\/$/, '')
  const canonicalPrefix = prefix.split('/').map(encodeURIComponent).join('/')
  const signer = createSigV4Signer(scope)
  const pool = new Pool(url.origin, {
    // Where the upstream speaks HTTP/2 over TLS, as Bedrock does, a thousand open streams need a handful of connections.
    allowH2: true,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.idleMs,
    connect: { timeout: CONNECT_TIMEOUT_MS, noDelay: true },
  })

  return {
    send(request, credentials, handler) {
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
        credentials,
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
          body: request.body.length === 0 ? null : request.body,
        },
        handler,
      )
    },
    load: () => pool.stats,
    close: () => pool.close(),
  }
}
