// One attempt of a call, as everybody saw it who had a part in it.

import type { SimulatedCall } from '@ledgerock/bedrock-simulator'
import type { Attempt } from './drive-traffic.ts'
import type { ApiCall } from './ledger-api.ts'

/** One attempt as its client, Bedrock and the ledger saw it. */
export type Witnessed = {
  readonly attempt: Attempt
  /** Null where the call never reached Bedrock. */
  readonly served: SimulatedCall | null
  /** Null where the ledger does not know it. */
  readonly row: ApiCall | null
}
