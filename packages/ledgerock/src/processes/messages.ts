// What the processes of one node say to each other over the channel each child has to the supervisor. The supervisor hands
// messages on; policy and queries are plain JSON. Sockets travel beside the `connection` message.

import type { MetricObject } from 'prom-client'
import type { FromWallet, ToWallet } from '../governance/budget/lease.ts'
import type { LimitShares } from '../governance/limit/limit-shares.ts'
import type { WorkerReport } from '../governance/limit/share-divider.ts'
import type { WireConfig } from './config-wire.ts'

export const ROLES = ['ledger', 'control', 'worker', 'simulator'] as const
export type Role = (typeof ROLES)[number]

/** The first message to every child: all it needs to know of the configuration, which no child reads itself. */
export type StartMessage = {
  readonly kind: 'start'
  readonly role: Role
  readonly name: string
  readonly config: WireConfig
  readonly nodeId: string
  readonly runtimeDirectory: string
  readonly version: string
  readonly logLevel: string
  /** Set while the built-in simulator stands in for Bedrock. */
  readonly simulator: SimulatorAccess | null
  readonly simulatorSeed: number
  /** For workers: the newest policy, so that they can serve while control is down. */
  readonly policy: string | null
}

export type SimulatorAccess = {
  readonly endpoint: string
  readonly seed: number
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Whom its bill names. */
  readonly identity: { readonly accountId: string; readonly principalArn: string }
}

export type ToChild =
  | StartMessage
  | { readonly kind: 'connection'; readonly id: number }
  | { readonly kind: 'policy'; readonly envelope: string }
  /** For workers: read the TLS certificate again. */
  | { readonly kind: 'reload-certificate' }
  /** For control: try this configuration, and say with `config-verdict` whether it is in force now. */
  | { readonly kind: 'config'; readonly id: number; readonly config: WireConfig }
  | { readonly kind: 'metrics'; readonly id: number }
  | { readonly kind: 'policy-acks'; readonly id: number; readonly acks: Acks }
  /** For workers and ledger: the price file was replaced; it holds the book of this version. */
  | { readonly kind: 'prices'; readonly version: string }
  | { readonly kind: 'prices-acks'; readonly id: number; readonly acks: Acks }
  | {
      readonly kind: 'all-metrics'
      readonly id: number
      readonly reports: readonly MetricsReport[]
    }
  /** For ledger and control. */
  | { readonly kind: 'worker-died'; readonly name: string }
  /** For control: what a worker was asked of each limit. */
  | { readonly kind: 'limit-demand'; readonly worker: string; readonly report: WorkerReport }
  /** For a worker: what it may use of each limit from now on. */
  | { readonly kind: 'limit-shares'; readonly round: number; readonly shares: LimitShares }
  /** For control: a worker's word about its budgets. */
  | { readonly kind: 'budget-said'; readonly worker: string; readonly message: FromWallet }
  /** For a worker: as control said it to its wallet. */
  | ToWallet
  | { readonly kind: 'gateway-ready'; readonly url: string }
  | { readonly kind: 'drain' }
  | { readonly kind: 'stop' }

/** One process's metrics as prom-client's JSON; the page is made of all of them together. */
export type MetricsReport = readonly MetricObject[]

/** Who has what was published, and who was ready and did not say so in time. */
export type Acks = { readonly acked: readonly string[]; readonly missing: readonly string[] }

export type FromChild =
  | {
      readonly kind: 'ready'
      readonly url: string | null
      /** Control's, on the first start: a one-time way into the dashboard. */
      readonly link?: string
    }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string }
  | { readonly kind: 'connection-taken'; readonly id: number }
  /** A worker has to begin anew; it goes on serving until it is told to drain. */
  | { readonly kind: 'leaving' }
  | { readonly kind: 'publish-policy'; readonly id: number; readonly envelope: string }
  | { readonly kind: 'policy-ack'; readonly epoch: number; readonly version: number }
  | { readonly kind: 'publish-prices'; readonly id: number; readonly version: string }
  /** The version the process works by now, whatever it was told of. */
  | { readonly kind: 'prices-ack'; readonly version: string }
  | { readonly kind: 'config-verdict'; readonly id: number; readonly faults: readonly string[] }
  | { readonly kind: 'collect-metrics'; readonly id: number }
  | { readonly kind: 'limit-demand'; readonly report: WorkerReport }
  /** By worker. */
  | {
      readonly kind: 'limit-shares'
      readonly round: number
      readonly shares: Readonly<Record<string, LimitShares>>
    }
  /** A worker's; control hears it as `budget-said`. */
  | FromWallet
  /** Control's: for the wallet that pays for this journal, or for all wallets where `holder` is null. */
  | { readonly kind: 'budget-tell'; readonly holder: string | null; readonly message: ToWallet }
  | { readonly kind: 'metrics'; readonly id: number; readonly report: MetricsReport }
