// What an operation that is no model’s is asked.

import type { CallDraft } from './call-record.ts'
import type { Exchange } from './exchange.ts'
import type { JsonObject } from './json-value.ts'
import type { Simulation } from './simulation.ts'

export type ServiceRequest = {
  readonly simulation: Simulation
  readonly draft: CallDraft
  readonly query: URLSearchParams
  /** Empty where the request has none. */
  readonly body: JsonObject
  readonly exchange: Exchange
}
