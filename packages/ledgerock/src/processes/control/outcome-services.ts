// Outcomes of the control plane, put together: who may tell them with a key, and what becomes of them.

import type { ApiDeps } from '../../control/api.ts'
import { createKeyCheck, type KeyCheckDeps } from '../../control/keys/key-holder.ts'
import { createOutcomeService, type OutcomeServiceDeps } from '../../control/outcomes/outcomes.ts'

export type OutcomeServices = Pick<ApiDeps, 'outcomes' | 'keyCheck'>

export function outcomeServices(deps: KeyCheckDeps & OutcomeServiceDeps): OutcomeServices {
  return { outcomes: createOutcomeService(deps), keyCheck: createKeyCheck(deps) }
}
