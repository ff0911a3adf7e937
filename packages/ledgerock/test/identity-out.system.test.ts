// As whom Bedrock is called, through the whole system: what the bill will say is what the ledger says. Sessions and profiles come
// from a simulated STS and control plane that can be down, and request metadata lets AWS's own logs be joined with the ledger.

import { hash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONVERSE_BODY, NOVA } from './support/gateway-call.ts'
import {
  ACCOUNT,
  asksOf,
  GATEWAY_PRINCIPAL,
  LENIENT_REGION,
  profileArn,
  PROFILES_REGION,
  servedAs,
  sessionArn,
  sessionsCalled,
  startIdentityOutSystem,
  STRICT_REGION,
  teamCaller,
  type TeamCall,
  type TeamCaller,
} from './support/identity-out-system.ts'
import { recordOf, type ApiCall } from './support/ledger-api.ts'
import { eventually, type RunningSystem } from './support/running-system.ts'
import type { SimulatedCall } from '@ledgerock/bedrock-simulator'

let system: RunningSystem
let key: string
let call: TeamCaller
beforeAll(async () => {
  system = await startIdentityOutSystem()
  key = await system.createKey('everybody')
  call = teamCaller(system, key)
})
afterAll(() => system.dispose())

/** Makes the calls, then reads what Bedrock and the ledger say of each. */
async function seenTwice(
  ...asked: readonly TeamCall[]
): Promise<readonly { readonly served: SimulatedCall; readonly record: ApiCall }[]> {
  const answers = await Promise.all(asked.map((one) => call(one)))
  expect(answers.map(({ status }) => status)).toEqual(asked.map(() => 200))
  return Promise.all(
    answers.map(async (answer) => ({
      served: servedAs(system, answer),
      record: await recordOf(system, answer.callId),
    })),
  )
}

describe('a session per team', () => {
  it('[W11] [W12] is what Bedrock sees and what the record says the bill will name', async () => {
    const teams = ['search', 'ads', 'R&D', 'R D', undefined]
    const seen = await seenTwice(...teams.map((team) => (team === undefined ? {} : { team })))
    for (const { served, record } of seen) {
      expect(served.session_tags).toEqual({ team: expect.any(String) as string })
      expect(record).toMatchObject({
        billed_principal_arn: served.principal_arn,
        billed_account_id: ACCOUNT,
        account_id: ACCOUNT,
        principal_arn: null,
        key_name: 'everybody',
      })
    }
    const [search, ads, rAndD, rD, unknown] = seen.map(({ served }) => served)
    expect(search).toMatchObject({
      principal_arn: sessionArn('lr-search'),
      session_tags: { team: 'search' },
    })
    expect(ads).toMatchObject({
      principal_arn: sessionArn('lr-ads'),
      session_tags: { team: 'ads' },
    })
    expect(unknown?.principal_arn).toBe(sessionArn('lr-unknown'))
    expect(rAndD?.principal_arn).toMatch(/\/lr-R-D=[a-z2-7]{10}$/)
    expect(rD?.principal_arn).toMatch(/\/lr-R-D=[a-z2-7]{10}$/)
    expect(rD?.principal_arn).not.toBe(rAndD?.principal_arn)
    expect(rD?.session_tags).toEqual({ team: 'R D' })
    expect(rAndD?.session_tags['team']).toMatch(/^R-D=/)
  })

  it('[W1] is asked for once by a crowd of first calls, and not again', async () => {
    const crowd = await Promise.all(Array.from({ length: 40 }, () => call({ team: 'crowd' })))
    expect(crowd.every(({ status }) => status === 200)).toBe(true)
    expect((await call({ team: 'crowd' })).status).toBe(200)
    expect(sessionsCalled(system, 'lr-crowd')).toEqual([sessionArn('lr-crowd')])
    const seen = new Set(crowd.map((answer) => servedAs(system, answer).principal_arn))
    expect([...seen]).toEqual([sessionArn('lr-crowd')])
  })

  it('[W13] is there before the first call where a key says whose calls it makes', async () => {
    const bound = await system.createKey('bound', { team: 'bound' })
    await eventually(
      () => Promise.resolve(sessionsCalled(system, 'lr-bound').length === 2 || null),
      'a session of each role',
    )
    const answer = await teamCaller(system, bound)({})
    expect(servedAs(system, answer).principal_arn).toBe(sessionArn('lr-bound'))
    expect(sessionsCalled(system, 'lr-bound')).toHaveLength(2)
  })

  it('[W14] serves on while STS is down; a new one is refused or done without, as configured', async () => {
    expect((await call({ team: 'search' })).status).toBe(200)
    system.simulator.setDown('sts', true)
    const before = asksOf(system, 'AssumeRole')
    const known = await call({ team: 'search' })
    expect(servedAs(system, known).principal_arn).toBe(sessionArn('lr-search'))
    expect(asksOf(system, 'AssumeRole')).toBe(before)

    const refused = await call({ team: 'late', region: STRICT_REGION })
    expect(refused).toMatchObject({
      status: 503,
      refusal: 'identity_unavailable',
      errorType: 'ServiceUnavailableException',
    })
    const [fallen] = await seenTwice({ team: 'late', region: LENIENT_REGION })
    expect(fallen?.served).toMatchObject({ principal_arn: GATEWAY_PRINCIPAL, session_tags: {} })
    expect(fallen?.record).toMatchObject({
      team: 'late',
      billed_principal_arn: GATEWAY_PRINCIPAL,
      billed_account_id: ACCOUNT,
    })
    expect(fallen?.record.changes).toEqual(['identity_fallback', 'request_metadata'])
    expect(await recordOf(system, refused.callId)).toMatchObject({
      status: 'refused',
      refusal: 'identity_unavailable',
      team: 'late',
      billed_principal_arn: null,
      cost_usd: '0',
    })

    system.simulator.setDown('sts', false)
    for (const [region, role] of [
      [STRICT_REGION, 'strict'],
      [LENIENT_REGION, 'lenient'],
    ] as const) {
      const principal = await eventually(async () => {
        const answer = await call({ team: 'late', region })
        if (answer.status !== 200) return null
        const { principal_arn: arn } = servedAs(system, answer)
        return arn === GATEWAY_PRINCIPAL ? null : arn
      }, `a session of ${role}`)
      expect(principal).toBe(sessionArn('lr-late', role))
    }
  })
})

describe('request metadata', () => {
  const own = (count: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`own-${index}`, `${index}`]))
  const nativeBody = JSON.stringify({
    schemaVersion: 'messages-v1',
    messages: [{ role: 'user', content: [{ text: 'Name three rivers of Europe.' }] }],
  })

  /** The same call by either way to say metadata: Converse's body, InvokeModel's header. */
  const WAYS = {
    Converse: (metadata: Record<string, string> | null): TeamCall =>
      metadata === null
        ? { team: 'search' }
        : {
            team: 'search',
            body: `{"requestMetadata":${JSON.stringify(metadata)},${CONVERSE_BODY.slice(1)}`,
          },
    InvokeModel: (metadata: Record<string, string> | null): TeamCall => ({
      team: 'search',
      path: `/model/${NOVA}/invoke`,
      body: nativeBody,
      headers:
        metadata === null ? {} : { 'x-amzn-bedrock-request-metadata': JSON.stringify(metadata) },
    }),
  }

  // InvokeModel's header counts for AWS, and for the simulator, only as part of the signature: that it is served proves that.
  it.each(Object.entries(WAYS))(
    '[Y14] of %s gets call id and dimensions; the client keeps its own, and what has no room is named',
    async (_name, way) => {
      const full = way(own(16))
      const asked = [way(null), way({ team: 'ads', purpose: 'test' }), way(own(15))]
      const { callId } = await call(full)
      const served = system.simulator.calls().at(-1)
      expect(served?.request_metadata).toEqual(own(16))
      expect(served?.request_sha256).toBe(hash('sha256', full.body ?? '', 'hex'))
      const [none, some, many] = await seenTwice(...asked)
      const id = (seen: typeof none): object => ({ ledgerock_call_id: seen?.record.call_id })
      expect(none?.served.request_metadata).toEqual({ ...id(none), team: 'search' })
      expect(none?.record.changes).toEqual(['request_metadata'])
      const kept = { team: 'ads', purpose: 'test' }
      expect(some?.served.request_metadata).toEqual({ ...id(some), ...kept })
      expect(many?.served.request_metadata).toEqual({ ...id(many), ...own(15) })
      for (const seen of [some, many]) {
        expect(seen?.record).toMatchObject({
          team: 'search',
          changes: ['request_metadata', 'request_metadata_dropped:team'],
        })
      }
      const { changes } = await recordOf(system, callId)
      expect(changes).toEqual(['request_metadata_dropped:ledgerock_call_id,team'])
    },
  )
})

describe('a profile per team', () => {
  const region = PROFILES_REGION
  const asks = (): number => asksOf(system, 'GetInferenceProfile')
  const priced = ({ served, record }: { served: SimulatedCall; record: ApiCall }): void => {
    expect(record).toMatchObject({
      inference_profile: served.inference_profile,
      model_id: NOVA,
      scope: served.scope,
      cost_usd: served.cost_usd,
      unpriced_reason: null,
      billed_principal_arn: GATEWAY_PRINCIPAL,
    })
  }

  it('[W16] is called in the model’s place and priced as what stands behind it', async () => {
    const before = asks()
    const path = `/model/${encodeURIComponent(profileArn('clients-own'))}/converse`
    const asked = [
      { team: 'search', region },
      { team: 'ads', region },
      { team: 'search', region, path },
      { team: 'ads', region, path },
    ]
    const seen = await seenTwice(...asked, ...asked)
    seen.forEach(priced)
    expect(asks()).toBe(before + 3)
    const [search, ads, own] = seen
    expect(search?.served.model_requested).toBe(profileArn('search'))
    expect(search?.record).toMatchObject({
      model_requested: NOVA,
      inference_profile: profileArn('search'),
      scope: 'in-region',
    })
    expect(ads?.record).toMatchObject({ inference_profile: profileArn('ads'), scope: 'geo' })
    expect(own?.record).toMatchObject({
      model_requested: profileArn('clients-own'),
      inference_profile: profileArn('clients-own'),
    })
  })

  it('[W16] is not called where no rule is for the team', async () => {
    const [seen] = await seenTwice({ team: 'later', region })
    expect(seen?.record).toMatchObject({ inference_profile: null, model_id: NOVA })
    expect(seen?.served.model_requested).toBe(NOVA)
  })

  it('[W18] that nobody can resolve is metered; unpriced only where nothing says what it is', async () => {
    system.simulator.setDown('control', true)
    const path = `/model/${encodeURIComponent(profileArn('never-said'))}/converse`
    const [own, mapped] = await seenTwice({ team: 'later', region, path }, { team: 'late', region })
    system.simulator.setDown('control', false)
    expect(own?.record).toMatchObject({
      status: 'ok',
      inference_profile: profileArn('never-said'),
      input_tokens: own?.served.usage?.input,
      output_tokens: own?.served.usage?.output,
      cost_usd: null,
      unpriced_reason: 'unresolved_profile',
    })
    expect(mapped?.served.model_requested).toBe(profileArn('late'))
    expect(mapped?.record).toMatchObject({
      inference_profile: profileArn('late'),
      model_id: NOVA,
      cost_usd: mapped?.served.cost_usd,
    })
  })

  it('[W19] is known after a restart without asking', async () => {
    await system.end('SIGTERM')
    system = await system.again()
    call = teamCaller(system, key)
    const before = asks()
    const seen = await seenTwice({ team: 'search', region }, { team: 'ads', region })
    seen.forEach(priced)
    expect(asks()).toBe(before)
  })
})
