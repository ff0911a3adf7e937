// A call that every rule let through, with what it holds.

import type { GuardrailRef } from '../governance/guardrail-rule.ts'
import type { CallBudgets } from './budget/call-budgets.ts'
import type { LimitHold } from './admission/limit-hold.ts'
import type { Payload } from './payload.ts'
import type { Call, KnownWhole } from './call.ts'

/** A call that may go on, with its body. */
export type AdmittedCall = {
  readonly call: Call
  readonly known: KnownWhole
  readonly payload: Payload
  /** To be put into what goes upstream; null: none. */
  readonly guardrail: GuardrailRef | null
  /** What rules in shadow would have done, for its record. */
  readonly remarks: readonly string[]
  /** Its places in limits; null: it has taken none. */
  readonly hold: LimitHold | null
  /** What covers it; null: nothing can. */
  readonly budgets: CallBudgets | null
}
