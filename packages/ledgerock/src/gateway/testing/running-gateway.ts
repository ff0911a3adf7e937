// A gateway worker's data plane in the process of a test: the real listener, pipeline, journal and upstream, in front of a
// simulator, with two keys. Only the policy is made by hand, where control would have published it.

import { once } from 'node:events'
import { createSecretKey } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomFillSync } from 'node:crypto'
import { startSimulator, type Simulator } from '@ledgerock/bedrock-simulator'
import { createUpstreamCredentials } from '../../aws/upstream-credentials.ts'
import { DEFAULT_DIMENSION_RULES, type DimensionRule } from '../../attribution/dimension-rule.ts'
import { sealPolicy } from '../../governance/policy-envelope.ts'
import { digestOfSecret } from '../../governance/secret-digest.ts'
import type { JournalLine, OpenedLine, SettledLine } from '../../journal/line.ts'
import { openJournal, type JournalWriter } from '../../journal/writer.ts'
import { mustOk } from '../../kernel/result.ts'
import { systemClock } from '../../platform/clock.ts'
import { createLogger } from '../../platform/logging.ts'
import { nodeFiles } from '../../platform/node-files.ts'
import { currentProcess } from '../../platform/process-identity.ts'
import { buildPriceBook } from '../../pricing/price-book.ts'
import { SNAPSHOT_LAYER } from '../../pricing/snapshot.ts'
import { activatePolicy } from '../active-policy.ts'
import { createGatewayMetrics } from '../gateway-metrics.ts'
import { createCallHandler } from '../handle-call.ts'
import { createListener } from '../listener.ts'
import { createBodyReader } from '../read-body.ts'
import { createUpstream } from '../upstream.ts'

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
  readonly close: () => Promise<void>
}

export type GatewayOptions = {
  readonly dimensions?: readonly DimensionRule[]
  readonly bodyBytesMax?: number
  readonly endpoint?: string
  readonly callTimeoutMs?: number
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
  const watched: JournalWriter = {
    ...journal,
    reserve: () => (full ? null : journal.reserve()),
    append(reservation, line, done) {
      const seq = journal.append(reservation, line, done)
      kept.push({ seq, line })
      return seq
    },
  }
  const bodies = createBodyReader({
    bodyBytesMax: options.bodyBytesMax ?? 26_214_400,
    heldBytesMax: 400_000_000,
  })
  const policy = testPolicy(options.dimensions ?? DEFAULT_DIMENSION_RULES)
  const upstream = createUpstream(
    systemClock,
    createUpstreamCredentials(systemClock, () =>
      Promise.resolve({ accessKeyId: 'AKIATEST', secretAccessKey: 'secret' }),
    ),
    { region: 'us-east-1', endpoint: options.endpoint ?? simulator.url },
    { headersMs: 60_000, idleMs: 60_000 },
  )
  const book = buildPriceBook([SNAPSHOT_LAYER])
  const handle = createCallHandler({
    clock: systemClock,
    random: () => randomFillSync(new Uint8Array(10)),
    logger: createLogger('test', 'silent'),
    policy: () => policy,
    journal: watched,
    book: () => book,
    upstream,
    bodies,
    metrics: createGatewayMetrics('test', {
      connections: () => listener.connections(),
      heldBytes: bodies.heldBytes,
      journal: journal.status,
      now: systemClock.now,
    }),
    identity: () => ({ accountId: '123456789012', principalArn: null }),
    draining: () => draining,
    callTimeoutMs: options.callTimeoutMs ?? 60_000,
  })
  const listener = createListener(
    {
      headerBytesMax: 32_768,
      headerTimeoutMs: 10_000,
      idleTimeoutMs: 60_000,
      callTimeoutMs: 60_000,
      connectionsMax: 1_000,
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
    async close() {
      server.close()
      await simulator.close()
      await listener.drain()
      await upstream.close()
      await journal.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}

function testPolicy(dimensions: readonly DimensionRule[]) {
  const pepper = createSecretKey(Buffer.alloc(32, 7))
  const key = (
    name: string,
    secret: string,
    bind: Record<string, string>,
    expiresAt: string | null,
  ) => ({
    keyId: name,
    name,
    source: 'file' as const,
    secrets: [{ digest: digestOfSecret(pepper, secret).toString('hex'), until: null }],
    bind,
    region: null,
    expiresAt,
    revokedAt: null,
  })
  const envelope = sealPolicy({
    format: 1,
    epoch: 1,
    version: 1,
    publishedAt: '2026-11-20T00:00:00.000Z',
    keys: [
      key('search', SEARCH_KEY, { team: 'search', application: 'search-api' }, null),
      key('open', OPEN_KEY, {}, null),
      key('expired', EXPIRED_KEY, {}, '2026-01-01T00:00:00.000Z'),
    ],
    dimensions,
  })
  return mustOk(activatePolicy(null, envelope, pepper))
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
