// A gateway worker's data plane in the process of a test: the real listener, pipeline, journal and upstream, in front of a
// simulator, with two keys. Only the policy is made by hand, where control would have published it.

import { once } from 'node:events'
import { createSecretKey, randomFillSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator, type Simulator } from '@ledgerock/bedrock-simulator'
import { DEFAULT_DIMENSION_RULES, type DimensionRule } from '../../attribution/dimension-rule.ts'
import { createGatewayLender } from '../../aws/credential-lender.ts'
import type { IdentityVerifier } from '../../aws/identity-verifier.ts'
import type { ProfileLookup } from '../../aws/inference-profiles.ts'
import { createUpstreamCredentials } from '../../aws/upstream-credentials.ts'
import type { BudgetWallet } from '../../governance/budget/budget-wallet.ts'
import { sealPolicy } from '../../governance/policy-envelope.ts'
import type { Policy } from '../../governance/policy.ts'
import { digestOfSecret } from '../../governance/credential/secret-digest.ts'
import { sampleKey, samplePolicy } from '../../governance/testing/sample-policy.ts'
import type { JournalLine, OpenedLine, SettledLine } from '../../journal/line.ts'
import { openJournal } from '../../journal/writer.ts'
import type { JournalWriter } from '../../journal/journal-writer.ts'
import { mustOk } from '../../kernel/result.ts'
import type { Clock } from '../../kernel/time.ts'
import { systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/logging.ts'
import { nodeFiles } from '../../platform/node-files.ts'
import { currentProcess } from '../../platform/process-identity.ts'
import { createSealer } from '../../platform/sealing.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { activatePolicy, type ActivePolicy } from '../active-policy.ts'
import { createDrainRoom, type DisconnectRule } from '../attempt/disconnect.ts'
import { createGatewayMetrics } from '../telemetry/gateway-metrics.ts'
import { createCallHandler } from '../handle-call.ts'
import { createListener } from '../server/listener.ts'
import type { ListenerLimits } from '../server/listener-limits.ts'
import { createOverloadGuard } from '../server/overload.ts'
import type { RouteRule } from '../attempt/plan-steps.ts'
import { createBodyReader } from '../server/read-body.ts'
import { RetryBudget } from '../attempt/retry-budget.ts'
import { createTarget, type TargetSettings } from '../attempt/upstream.ts'
import { createHoldingWallet } from './holding-wallet.ts'

export const SEARCH_KEY = 'a-secret-of-the-search-team-0123456789'
export const OPEN_KEY = 'a-secret-without-any-binding-0123456789'
export const EXPIRED_KEY = 'a-secret-that-has-expired-0123456789abc'

export type RunningGateway = {
  readonly url: string
  readonly port: number
  readonly simulator: Simulator
  /** The lines of the journal so far, in order, paired. */
  readonly lines: () => readonly {
    readonly opened: OpenedLine
    readonly settled: SettledLine | null
  }[]
  readonly setDraining: (draining: boolean) => void
  /** From now on the journal has no room. */
  readonly setJournalFull: (full: boolean) => void
  /** From now on no line is the kernel's, until the function that comes back is called. */
  readonly holdJournal: () => () => void
  /** What the gateway holds at this moment; all of it is 0 when nothing is under way. */
  readonly held: () => {
    readonly calls: number
    readonly bodyBytes: number
    readonly drains: number
  }
  readonly close: () => Promise<void>
}

/** Whose sealed secrets the test policy's keys may have. */
const PEPPER = createSecretKey(Buffer.alloc(32, 7))
export const SEALER = createSealer(PEPPER, (bytes) => randomFillSync(new Uint8Array(bytes)))

const NO_PROFILES: ProfileLookup = {
  known: () => 'unresolvable',
  look: () => Promise.resolve('unresolvable'),
  close: () => Promise.resolve(),
}

export type GatewayOptions = {
  readonly dimensions?: readonly DimensionRule[]
  /** What the policy has besides, or instead of, the three keys. */
  readonly policy?: Partial<Policy>
  /** Each may have an endpoint of its own; else it is the simulator's. */
  readonly targets?: readonly (Pick<TargetSettings, 'name' | 'region' | 'when'> &
    Partial<TargetSettings>)[]
  readonly identities?: IdentityVerifier
  readonly profiles?: ProfileLookup
  readonly callsMax?: number
  readonly drain?: { readonly timeMs: number; readonly max: number }
  readonly disconnect?: readonly DisconnectRule[]
  readonly injectMetadata?: boolean
  /** At one target; 1 unless said. */
  readonly attemptsMax?: number
  readonly routes?: readonly RouteRule[]
  readonly dashboardUrl?: string
  readonly bodyBytesMax?: number
  readonly endpoint?: string
  readonly callTimeoutMs?: number
  /** The share of the longest pause that a retry waits: 0 unless said. */
  readonly jitter?: () => number
  /** Of all calls; 100 unless said. */
  readonly retryPercent?: number
  readonly clock?: Clock
  readonly limits?: Partial<ListenerLimits>
  /** For the journal of this id; unless said there is room for everything. */
  readonly wallet?: (journalId: string) => BudgetWallet
}

export async function startGateway(options: GatewayOptions = {}): Promise<RunningGateway> {
  const simulator = await startSimulator({})
  const directory = mkdtempSync(join(tmpdir(), 'ledgerock-gateway-'))
  const journal = await openJournal(
    {
      files: nodeFiles,
      clock: systemClock,
      random: (count) => randomFillSync(new Uint8Array(count)),
      process: currentProcess(),
    },
    { dir: directory, nodeId: 'test', role: 'worker-1' },
  )
  const kept: { seq: number; line: JournalLine }[] = []
  let draining = false
  let full = false
  let waiting: (() => void)[] | null = null
  const watched: JournalWriter = {
    ...journal,
    reserve: () => (full ? null : journal.reserve()),
    append(reservation, line, done) {
      const seq = journal.append(reservation, line, (error) => {
        if (waiting === null) done(error)
        else waiting.push(() => done(error))
      })
      kept.push({ seq, line })
      return seq
    },
  }
  const bodies = createBodyReader({
    bodyBytesMax: options.bodyBytesMax ?? 26_214_400,
    heldBytesMax: 400_000_000,
    ...(options.limits?.bodyTimeoutMs === undefined
      ? {}
      : { bodyTimeoutMs: options.limits.bodyTimeoutMs }),
  })
  const clock = options.clock ?? systemClock
  const overload = createOverloadGuard({
    callsMax: options.callsMax ?? 1_000,
    delayMaxMs: 60_000,
  })
  const policy = testPolicy(options)
  const credentials = createUpstreamCredentials(systemClock, () =>
    Promise.resolve({ accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }),
  )
  const lender = createGatewayLender(credentials, () => ({
    accountId: '123456789012',
    principalArn: null,
  }))
  const endpoint = options.endpoint ?? simulator.url
  const places = options.targets ?? [{ name: 'default', region: 'us-east-1', when: {} }]
  const targets = places.map((place) =>
    createTarget(
      clock,
      { endpoint, mantleEndpoint: `${endpoint}/mantle`, profiles: [], ...place },
      lender,
      { headersMs: 60_000, idleMs: 60_000 },
    ),
  )
  const wallet = options.wallet?.(journal.journalId) ?? createHoldingWallet()
  const drains = createDrainRoom(options.drain ?? { timeMs: 60_000, max: 100 })
  const book = buildPriceBook([SNAPSHOT_LAYER])
  const handle = createCallHandler({
    clock,
    random: () => randomFillSync(new Uint8Array(10)),
    jitter: options.jitter ?? (() => 0),
    logger: createLogger('test', 'silent'),
    policy: () => policy,
    journal: watched,
    wallet,
    book: () => book,
    targets,
    bodies,
    metrics: createGatewayMetrics('test', {
      connections: () => listener.connections(),
      heldBytes: bodies.heldBytes,
      journal: journal.status,
      now: systemClock.now,
    }),
    traces: null,
    identities: options.identities ?? {
      verify: () => ({ kind: 'refused', reason: 'not_configured' }),
    },
    profiles: options.profiles ?? NO_PROFILES,
    ownAccounts: () => new Set(['123456789012']),
    overload,
    drains,
    retryBudget: new RetryBudget(options.retryPercent ?? 100),
    draining: () => draining,
    settings: {
      defaultRegion: places[0]?.region ?? 'us-east-1',
      callTimeoutMs: options.callTimeoutMs ?? 60_000,
      injectMetadata: options.injectMetadata ?? false,
      disconnect: options.disconnect ?? [],
      attemptsMax: options.attemptsMax ?? 1,
      routes: options.routes ?? [],
      dashboardUrl: options.dashboardUrl ?? null,
    },
  })
  const listener = createListener(
    {
      headerBytesMax: 32_768,
      headerTimeoutMs: 10_000,
      idleTimeoutMs: 60_000,
      callTimeoutMs: 60_000,
      connectionsMax: 1_000,
      streamsMax: 1_000,
      bodyTimeoutMs: 60_000,
      ...options.limits,
    },
    handle,
  )
  const server = createServer({ pauseOnConnect: true }, listener.accept)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    simulator,
    lines: () => paired(kept),
    setDraining: (value) => (draining = value),
    setJournalFull: (value) => (full = value),
    holdJournal() {
      waiting = []
      return () => {
        const resumed = waiting ?? []
        waiting = null
        for (const resume of resumed) resume()
      }
    },
    held: () => ({
      calls: overload.status().calls,
      bodyBytes: bodies.heldBytes(),
      drains: drains.running(),
    }),
    async close() {
      server.close()
      await simulator.close()
      await listener.drain()
      await Promise.all(targets.map((target) => target.close()))
      await journal.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function testPolicy({ dimensions, policy }: GatewayOptions): ActivePolicy {
  const digest = (secret: string): string => digestOfSecret(PEPPER, secret).toString('hex')
  const bind = { team: 'search', application: 'search-api' }
  const envelope = sealPolicy(
    samplePolicy({
      keys: [
        sampleKey('search', digest(SEARCH_KEY), { bind }),
        sampleKey('open', digest(OPEN_KEY)),
        sampleKey('expired', digest(EXPIRED_KEY), { expiresAt: '2026-01-01T00:00:00.000Z' }),
      ],
      dimensions: dimensions ?? DEFAULT_DIMENSION_RULES,
      ...policy,
    }),
  )
  return mustOk(activatePolicy(null, envelope, { pepper: PEPPER, sealing: SEALER }))
}

function paired(
  kept: readonly { readonly seq: number; readonly line: JournalLine }[],
): { opened: OpenedLine; settled: SettledLine | null }[] {
  const settled = new Map<number, SettledLine>()
  for (const { line } of kept) if (line.kind === 'settled') settled.set(line.opened, line)
  return kept.flatMap(({ seq, line }) =>
    line.kind === 'opened' ? [{ opened: line, settled: settled.get(seq) ?? null }] : [],
  )
}
