// Owners people assign, through the whole system: a caller with an AWS identity that nobody owned, given an owner by the command line,
// is that owner's from the next call on; the ledger keeps what it said of the calls before.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ledgerockJson } from './support/command-line.ts'
import { callGateway, type GatewayAnswer } from './support/gateway-call.ts'
import { OTHER_CALLER, proofOf, startIdentityInSystem } from './support/identity-in-system.ts'
import { recordOf } from './support/ledger-api.ts'
import type { RunningSystem } from './support/running-system.ts'

let system: RunningSystem
let proof: string
beforeAll(async () => {
  system = await startIdentityInSystem()
  proof = await proofOf(OTHER_CALLER)
})
afterAll(() => system.dispose())

const call = (): Promise<GatewayAnswer> =>
  callGateway(system.gatewayUrl, { headers: { 'x-ledgerock-aws-identity': proof } })
const assign = (set: string, from: string): Promise<Readonly<Record<string, string>>> => {
  const words = ['--match', OTHER_CALLER.principalArn, '--set', set, '--from', from]
  return ledgerockJson(system, 'owners', 'assign', ...words)
}

describe('an owner that is assigned', () => {
  it('[C240] owns the very next call, and none before it; taken back, none after', async () => {
    const before = await call()
    const assigned = await assign('team=research,application=notebooks', '-30d')
    expect(assigned).toMatchObject({ source: 'api', missing: [] })
    const after = await call()
    // Of what begins later nothing shows yet.
    const next = await assign('team=platform', '2100-01-01')
    expect(next).toMatchObject({ ended: assigned['owner_id'], missing: [] })
    const still = await call()
    await ledgerockJson(system, 'owners', 'remove', assigned['owner_id'] ?? '')
    const taken = await call()
    expect([before, after, still, taken].map(({ status }) => status)).toEqual(Array(4).fill(200))
    expect(await recordOf(system, before.callId)).toMatchObject({ team: 'unknown' })
    for (const { callId } of [after, still]) {
      expect(await recordOf(system, callId)).toMatchObject({
        principal_arn: OTHER_CALLER.principalArn,
        team: 'research',
        application: 'notebooks',
        cost_center: 'cc-12',
        provenance: { team: 'identity', application: 'identity' },
      })
    }
    expect(await recordOf(system, taken.callId)).toMatchObject({ team: 'unknown' })
    // What the ledger said of a call it goes on saying.
    expect(await recordOf(system, after.callId)).toMatchObject({ team: 'research' })
  })

  it('[C244] shows its caller among the principals, and what about it somebody should mend', async () => {
    const { callId } = await call()
    await recordOf(system, callId)
    const page = await ledgerockJson<{
      readonly items: readonly Readonly<Record<string, unknown>>[]
    }>(system, 'principals', '--class', 'iam_user')
    expect(page.items).toMatchObject([
      {
        principal: OTHER_CALLER.principalArn,
        name: 'somebody',
        // Some of its calls were nobody's: what is left is what the file says of its account.
        owner: { cost_center: 'cc-12' },
        told_by: 'owner_rule',
        via: 'gateway',
        billed_usd: '0',
        findings: [],
      },
    ])
    expect(page.items[0]?.['calls']).toBeGreaterThan(0)
    expect(Number(page.items[0]?.['metered_usd'])).toBeGreaterThan(0)
  })
})
