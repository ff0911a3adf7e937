// What the control plane is given by the process it runs in.

import type { Config } from '../../config.ts'
import type { HealthRouteDeps } from '../../control/api/health-routes.ts'
import type { ToWallet } from '../../governance/budget/lease.ts'
import type { WorkerUse } from '../../governance/limit/share-divider.ts'
import type { Logger } from '../../platform/logging.ts'
import type { RemoteLedger } from '../ledger/ledger-rpc.ts'
import type { Acks } from '../messages.ts'

export type ControlPlaneDeps = {
  readonly logger: Logger
  /** The configuration in force; read anew at each use, for reloads. */
  readonly config: () => Config
  readonly ledger: RemoteLedger
  readonly version: string
  readonly nodeId: string
  /** To the wallet that pays for this journal, or to all; left out: no worker is connected. */
  readonly tellWallets?: (holder: string | null, message: ToWallet) => void
  readonly broadcast: (envelope: string) => Promise<Acks>
  /** Tells whoever prices calls that the price file holds the book of this version. */
  readonly broadcastPrices: (version: string) => Promise<Acks>
  /** What workers last said of the limits; left out: no worker is connected. */
  readonly limitUse?: () => readonly WorkerUse[]
  readonly readiness: HealthRouteDeps['readiness']
  readonly metricsText: HealthRouteDeps['metricsText']
  readonly origins: () => readonly string[]
  readonly shutdown: AbortSignal
}
