// The gateway's data plane in one process, put together from its own modules as a worker does, with and without its accounting. For
// benches only: no product can be started this way.
//
//   metadata    everything: attribution, both journal lines, meter, price, metrics, request metadata injected into the body
//   accounting  the same, but the body goes on as it came
//   none        what every signing gateway must do: listener, route, key, body, hash, signature, upstream, relay
//
// It answers the message `cpu` with the processor time it has used so far, in microseconds, all threads.

import { createSecretKey, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { readClientHeaders } from '../../packages/ledgerock/src/attribution/client-headers.ts'
import { DEFAULT_DIMENSION_RULES } from '../../packages/ledgerock/src/attribution/dimension-rule.ts'
import { createGatewayLender } from '../../packages/ledgerock/src/aws/credential-lender.ts'
import { createUpstreamCredentials } from '../../packages/ledgerock/src/aws/upstream-credentials.ts'
import { canonicalQuery } from '../../packages/ledgerock/src/bedrock/canonical-query.ts'
import { canonicalUri } from '../../packages/ledgerock/src/bedrock/canonical-uri.ts'
import { recognise } from '../../packages/ledgerock/src/bedrock/route.ts'
import type { UsageMeter } from '../../packages/ledgerock/src/bedrock/usage/usage-meter.ts'
import { activatePolicy } from '../../packages/ledgerock/src/gateway/active-policy.ts'
import type { GatewayDeps } from '../../packages/ledgerock/src/gateway/call.ts'
import { createDrainRoom } from '../../packages/ledgerock/src/gateway/attempt/disconnect.ts'
import { Exchange } from '../../packages/ledgerock/src/gateway/attempt/exchange.ts'
import { createGatewayMetrics } from '../../packages/ledgerock/src/gateway/telemetry/gateway-metrics.ts'
import { createCallHandler } from '../../packages/ledgerock/src/gateway/handle-call.ts'
import { identify } from '../../packages/ledgerock/src/gateway/identify.ts'
import { createListener } from '../../packages/ledgerock/src/gateway/server/listener.ts'
import type {
  GatewayRequest,
  GatewayResponse,
} from '../../packages/ledgerock/src/gateway/server/gateway-request.ts'
import { createOverloadGuard } from '../../packages/ledgerock/src/gateway/server/overload.ts'
import { Payload } from '../../packages/ledgerock/src/gateway/payload.ts'
import { createBodyReader } from '../../packages/ledgerock/src/gateway/server/read-body.ts'
import { Reply } from '../../packages/ledgerock/src/gateway/reply.ts'
import { RetryBudget } from '../../packages/ledgerock/src/gateway/attempt/retry-budget.ts'
import { createTarget } from '../../packages/ledgerock/src/gateway/attempt/upstream.ts'
import { createHoldingWallet } from '../../packages/ledgerock/src/gateway/testing/holding-wallet.ts'
import { sealPolicy } from '../../packages/ledgerock/src/governance/policy-envelope.ts'
import { NO_RULES, POLICY_FORMAT } from '../../packages/ledgerock/src/governance/policy.ts'
import { digestOfSecret } from '../../packages/ledgerock/src/governance/credential/secret-digest.ts'
import { openJournal } from '../../packages/ledgerock/src/journal/writer.ts'
import { uuidV7 } from '../../packages/ledgerock/src/kernel/ids.ts'
import { mustOk } from '../../packages/ledgerock/src/kernel/result.ts'
import { systemClock } from '../../packages/ledgerock/src/platform/clock.ts'
import { createLogger } from '../../packages/ledgerock/src/platform/logging.ts'
import { nodeFiles } from '../../packages/ledgerock/src/platform/node-files.ts'
import { currentProcess } from '../../packages/ledgerock/src/platform/process-identity.ts'
import { createSealer } from '../../packages/ledgerock/src/platform/sealing.ts'
import { buildPriceBook } from '../../packages/ledgerock/src/pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../packages/ledgerock/src/pricing/snapshot.ts'
import { childArgument, tellParent } from '../child.ts'

export type Accounting = 'metadata' | 'accounting' | 'none'
export type GatewayPartsArgument = {
  readonly upstream: string
  readonly key: string
  /** For the journal. */
  readonly directory: string
  readonly accounting: Accounting
}

const REGION = 'us-east-1'
const CALL_TIMEOUT_MS = 60_000
const MIB = 1_048_576
const BIND = {
  team: 'search',
  application: 'handbook',
  environment: 'prod',
  cost_center: 'cc-4711',
}

const NO_METER: UsageMeter = {
  write: () => false,
  end: () => undefined,
  read: () => ({
    usage: {},
    usageSource: 'response',
    missing: false,
    variant: null,
    free: true,
    rawUsage: null,
    tierResolved: null,
    stopReason: null,
    outputSeenBytes: 0,
    final: true,
    exception: null,
    problems: [],
  }),
}

const { upstream, key, directory, accounting } = childArgument() as GatewayPartsArgument
const deps = await openDeps()
const handle = accounting === 'none' ? relayOnly : createCallHandler(deps)
const listener = createListener(
  {
    headerBytesMax: 65_536,
    headerTimeoutMs: 10_000,
    idleTimeoutMs: 60_000,
    callTimeoutMs: CALL_TIMEOUT_MS,
    connectionsMax: 10_000,
  },
  handle,
)
const server = createServer({ noDelay: true }, listener.accept)
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.on('message', (message) => {
  if (message !== 'cpu') return
  const { user, system } = process.cpuUsage()
  tellParent({ cpuUs: user + system })
})
tellParent({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })

async function openDeps(): Promise<GatewayDeps> {
  const pepper = createSecretKey(randomBytes(32))
  const sealing = createSealer(pepper, randomBytes)
  const envelope = sealPolicy({
    format: POLICY_FORMAT,
    epoch: 1,
    version: 1,
    publishedAt: new Date(systemClock.now()).toISOString(),
    keys: [
      {
        keyId: 'bench',
        name: 'bench',
        source: 'file',
        secrets: [{ digest: digestOfSecret(pepper, key).toString('hex'), until: null }],
        sigV4: null,
        bind: BIND,
        region: null,
        expiresAt: null,
        revokedAt: null,
      },
    ],
    dimensions: DEFAULT_DIMENSION_RULES,
    owners: [],
    anonymous: { mode: 'deny', from: [] },
    ...NO_RULES,
  })
  const policy = mustOk(activatePolicy(null, envelope, { pepper, sealing }))
  const journal = await openJournal(
    { files: nodeFiles, clock: systemClock, random: randomBytes, process: currentProcess() },
    { dir: directory, nodeId: 'bench', role: 'worker-1' },
  )
  const credentials = createUpstreamCredentials(systemClock, () =>
    Promise.resolve({ accessKeyId: 'AKIABENCHUPSTREAM000', secretAccessKey: 'bench' }),
  )
  const lender = createGatewayLender(credentials, () => ({
    accountId: '123456789012',
    principalArn: null,
  }))
  await lender.load({})
  const target = createTarget(
    systemClock,
    {
      name: 'default',
      region: REGION,
      when: {},
      endpoint: upstream,
      mantleEndpoint: `${upstream}/mantle`,
      profiles: [],
    },
    lender,
    { headersMs: CALL_TIMEOUT_MS, idleMs: CALL_TIMEOUT_MS },
  )
  const bodies = createBodyReader({ bodyBytesMax: 25 * MIB, heldBytesMax: 400 * MIB })
  const book = buildPriceBook([SNAPSHOT_LAYER])
  const random = randomBytes(10)
  return {
    clock: systemClock,
    random: () => random,
    jitter: () => 0,
    logger: createLogger('bench', 'silent'),
    policy: () => policy,
    journal,
    wallet: createHoldingWallet(),
    book: () => book,
    targets: [target],
    bodies,
    metrics: createGatewayMetrics('bench', {
      connections: () => listener.connections(),
      heldBytes: bodies.heldBytes,
      journal: journal.status,
      now: systemClock.now,
    }),
    traces: null,
    identities: { verify: () => ({ kind: 'refused', reason: 'not_configured' }) },
    ownAccounts: () => new Set(),
    profiles: {
      known: () => 'unresolvable',
      look: () => Promise.resolve('unresolvable'),
      close: () => Promise.resolve(),
    },
    overload: createOverloadGuard({ callsMax: 2_000, delayMaxMs: CALL_TIMEOUT_MS }),
    drains: createDrainRoom({ timeMs: CALL_TIMEOUT_MS, max: 200 }),
    retryBudget: new RetryBudget(10),
    draining: () => false,
    settings: {
      defaultRegion: REGION,
      callTimeoutMs: CALL_TIMEOUT_MS,
      injectMetadata: accounting === 'metadata',
      disconnect: [],
      attemptsMax: 2,
      routes: [],
      dashboardUrl: null,
    },
  }
}

/** One call without any of its accounting; what it shares with the real path is the gateway's own. */
function relayOnly(request: GatewayRequest, response: GatewayResponse): void {
  const { clock, bodies, targets, drains } = deps
  const route = recognise(request.method ?? '', request.url ?? '')
  const policy = deps.policy()
  const [target] = targets
  if (route === null || policy === null || target === undefined) return void response.destroy()
  const client = readClientHeaders(request.rawHeaders, policy.rules)
  const identified = identify(policy, deps, client, request, clock.now())
  const lent = target.lender.current({})
  if (identified instanceof Promise || !identified.ok || lent === null) {
    return void response.destroy()
  }
  const callId = uuidV7(clock.now(), deps.random())
  bodies.read(request, Number(client.values['content-length'] ?? 0), (body) => {
    if (body.kind !== 'whole') return void response.destroy()
    const payload = new Payload(body.bytes, clock.monotonic())
    const exchange = new Exchange({
      monotonic: clock.monotonic,
      route,
      callId,
      reply: new Reply(response),
      onLeave: 'cancel',
      drains,
      ownHeaders: {},
      hider: null,
      createMeter: () => NO_METER,
      unansweredUsage: () => ({}),
      settle(_ended, done) {
        clearTimeout(timer)
        bodies.release(payload.bytes)
        done({ cost: null, again: false, told: null })
      },
    })
    const timer = setTimeout(() => exchange.timeOut(), CALL_TIMEOUT_MS)
    target.send(
      {
        endpoint: route.endpoint,
        method: route.method,
        path: route.upstreamPath,
        canonicalPath: canonicalUri(route.upstreamPath),
        canonicalQuery: canonicalQuery(route.upstreamPath),
        headers: client.forward,
        body: payload.bytes,
        bodySha256: payload.sha256,
      },
      lent.credentials,
      exchange,
    )
  })
}
