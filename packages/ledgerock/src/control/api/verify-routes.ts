// `verify`: whether the books are sound: the ledger's, the audit trail's, and the counters of budgets. Reading checks; `POST` with
// `repair` also mends what can be rebuilt from the calls. The audit trail is never mended, and counters follow the ledger by themselves.

import { z } from '@hono/zod-openapi'
import { FINDING_CODES } from '../../ledger/finding.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { BudgetService } from '../budgets/budgets.ts'
import { checkJson } from '../leases/lease-json.ts'
import type { LeaseService } from '../leases/leases.ts'
import type { ChainVerdict } from '../store/audit-chain.ts'
import { readBody } from './body.ts'
import { budgetCheck } from './lease-schema.ts'
import { addRoute, type Api, type AuthenticationDeps } from './route.ts'
import { component, count, jsonAnswer, jsonBody } from './schemas.ts'

export type VerifyRouteDeps = AuthenticationDeps & {
  readonly ledger: Pick<Ledger, 'verify'>
  readonly verifyAuditTrail: () => Promise<ChainVerdict>
  readonly leases: Pick<LeaseService, 'check'>
  readonly budgets: Pick<BudgetService, 'unitOf'>
}

const finding = z.object({
  code: z.enum(FINDING_CODES),
  subject: z.string(),
  detail: z.string(),
  count,
})
const report = component(
  'VerifyReport',
  z.object({
    sound: z.boolean().openapi({ description: 'Ledger, audit trail and budgets are all sound' }),
    checked: z.object({ calls: count, journals: count, lines: count, rollups: count }),
    findings: z.array(finding),
    repaired: z.array(finding),
    audit_trail: z.object({
      sound: z.boolean(),
      entries: count.optional(),
      at_seq: count.optional(),
      problem: z.string().optional(),
    }),
    budgets: budgetCheck.openapi({ description: 'Whether counters are what the ledger says' }),
  }),
  {
    sound: true,
    checked: { calls: 1200, journals: 2, lines: 2400, rollups: 12 },
    findings: [],
    repaired: [],
    audit_trail: { sound: true, entries: 14 },
    budgets: { sound: true, checked: 3, moving: 0, findings: [], lost: [] },
  },
)
const options = component('VerifyOptions', z.strictObject({ repair: z.boolean().default(false) }), {
  repair: true,
})

export function addVerifyRoutes(api: Api, deps: VerifyRouteDeps): void {
  const verify = async (repair: boolean) => {
    const [ledger, trail, check] = await Promise.all([
      deps.ledger.verify({ repair }),
      deps.verifyAuditTrail(),
      deps.leases.check(),
    ])
    const budgets = checkJson(check, deps.budgets.unitOf)
    const sound = ledger.sound && trail.sound && budgets.sound
    return { ...ledger, sound, audit_trail: trailJson(trail), budgets }
  }
  const common = {
    path: '/api/v1/verify',
    tags: ['ledger'],
    responses: { 200: jsonAnswer('What was checked and found.', report) },
  }
  addRoute(
    api,
    deps,
    { ...common, method: 'get', summary: 'Check the books', audience: 'verify' },
    async (c) => c.json(await verify(false)),
  )
  addRoute(
    api,
    deps,
    {
      ...common,
      method: 'post',
      summary: 'Check the books and mend what can be rebuilt',
      audience: 'repair',
      request: jsonBody(options, false),
    },
    async (c) => {
      const body = await readBody(c, options)
      return body.ok ? c.json(await verify(body.value.repair)) : body.problem
    },
  )
}

function trailJson(trail: ChainVerdict) {
  return trail.sound
    ? { sound: true, entries: trail.entries }
    : { sound: false, at_seq: trail.atSeq, problem: trail.problem }
}
