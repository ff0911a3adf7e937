// From calls to a bill and back: real calls of three teams through a running gateway, in sessions of their own and under one role that
// hides them; the bill AWS would write of exactly those calls; imported, and laid beside the ledger that the gateway kept. Then the same
// calls again with what makes a bill differ: a discount, a private rate, tax, and callers past the gateway. LEDGEROCK_TEST_SEED replays it.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  billedCalls,
  deliverBill,
  EMPTY_WORLD,
  saveBill,
  writeBill,
  type Bill,
  type BilledCall,
  type BillOptions,
  type BillWorld,
  type Owner,
} from '@ledgerock/bedrock-simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportReport } from '../src/control/imports/import-bills.ts'
import type { ReconciliationReport } from '../src/reconciliation/report.ts'
import { bedrockLines } from '../src/reconciliation/testing/month-books.ts'
import { expectedOf, fineOf, isSame } from '../src/reconciliation/testing/month-truth.ts'
import { ledgerockJson } from './support/command-line.ts'
import { driveAll } from './support/drive-traffic.ts'
import { allCalls, orNull, verify } from './support/ledger-api.ts'
import {
  eventually,
  startSystem,
  UPSTREAM_CREDENTIALS,
  type RunningSystem,
} from './support/running-system.ts'
import { testSeed } from './support/test-seed.ts'
import { planTraffic, type PlannedCall } from './support/traffic.ts'
import { trafficSimulator, UNPRICED_MODEL } from './support/traffic-models.ts'
import { createWireClient } from './support/wire-client.ts'

const seed = testSeed()
const CALLS = 220
const REGION = 'us-east-1'
const ACCOUNT = '123456789012'
/** As whom the gateway calls for everybody, where the environment is `dev`. */
const SHARED_ROLE = `arn:aws:sts::${ACCOUNT}:assumed-role/ml-shared/gateway`
const BYPASSING = `arn:aws:iam::${ACCOUNT}:user/bob`
const BYPASSING_KEY = 'a-bedrock-api-key-of-bob'
const sessionOf = (team: string): string =>
  `arn:aws:sts::${ACCOUNT}:assumed-role/ledgerock-bedrock/lr-${team}`

const OWNERS = {
  search: { team: 'search', application: 'search-api' },
  support: { team: 'support', application: 'helpdesk' },
  research: { team: 'research', application: 'notebooks' },
} as const
type Team = keyof typeof OWNERS
const TEAMS = Object.keys(OWNERS) as Team[]
const ENVIRONMENTS = ['prod', 'dev'] as const

const WORLD: BillWorld = {
  ...EMPTY_WORLD,
  payerAccountId: ACCOUNT,
  accounts: [{ id: ACCOUNT, name: 'models', tags: {}, costCategories: {} }],
  gatewaySessions: new Map(TEAMS.map((team) => [sessionOf(team), { team }])),
  sharedPrincipals: new Set([SHARED_ROLE]),
  ownerRules: [{ match: BYPASSING, set: OWNERS.research, fromMs: null, toMs: null }],
}

let system: RunningSystem
let folder: string
let planned: ReadonlyMap<string, PlannedCall>

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'real-bill-'))
  system = await startSystem({
    simulator: {
      ...trafficSimulator(REGION, seed),
      credentials: [{ ...UPSTREAM_CREDENTIALS, principalArn: SHARED_ROLE }],
      bearerKeys: [{ key: BYPASSING_KEY, accountId: ACCOUNT, principalArn: BYPASSING }],
    },
    bedrock,
    config: `
dimensions: { team: { max_values: 100 } }
owners: [{ match: '${BYPASSING}', set: ${JSON.stringify(OWNERS.research)} }]
`,
  })
  const secrets = new Map<string, string>()
  for (const team of TEAMS) {
    for (const environment of ENVIRONMENTS) {
      const name = `${team}-${environment}`
      secrets.set(name, await system.createKey(name, { ...OWNERS[team], environment }))
    }
  }
  const names = [...secrets.keys()]
  const plan = planTraffic({ region: REGION, calm: true, prefix: 'bill' }, seed, CALLS)
    .filter(({ modelRequested }) => !modelRequested.includes(UNPRICED_MODEL))
    .map((call, index) => ({ ...call, keyName: names[index % names.length] ?? '' }))
  planned = new Map(plan.map((call) => [call.logicalId, call]))
  const client = createWireClient(system.gatewayUrl)
  await driveAll({ client: () => client, secrets, attemptsMax: 1, pauseMs: 0 }, plan, 8)
  client.close()
  await eventually(async () => {
    const known = await orNull(allCalls(system))
    return known !== null && known.length >= plan.length ? known : null
  }, 'all calls in the ledger')
})
afterAll(async () => {
  await system.dispose()
  rmSync(folder, { recursive: true })
})

function bedrock(endpoint: string): object {
  const target = { region: REGION, endpoint, account_id: ACCOUNT }
  const session = {
    mode: 'session',
    role_arn: `arn:aws:iam::${ACCOUNT}:role/ledgerock-bedrock`,
    session_name: 'lr-{team}',
    tags: { team: 'team' },
  }
  return {
    region: REGION,
    targets: [
      // Of an account that nobody names, the gateway asks who it is itself.
      { ...target, name: 'shared', account_id: null, when: { environment: 'dev' } },
      { ...target, name: 'sessions', identity: session },
    ],
  }
}

/** What the simulator served, with whose it truly was. */
function served(): readonly BilledCall[] {
  return billedCalls(system.simulator.calls(), ({ headers, principal_arn: principal }) => {
    if (principal === BYPASSING) return { owner: OWNERS.research, via: 'direct', isMetered: false }
    const call = planned.get(headers['amz-sdk-invocation-id'] ?? '')
    const team = TEAMS.find((name) => call?.keyName.startsWith(`${name}-`) === true)
    const owner: Owner | null = team === undefined ? null : OWNERS[team]
    return { owner, via: 'gateway', isMetered: true }
  })
}

async function billed(name: string, options: Partial<BillOptions>): Promise<Bill> {
  const calls = served()
  const period = new Date(calls[0]?.atMs ?? 0).toISOString().slice(0, 7)
  const bill = writeBill({
    period,
    calls,
    world: WORLD,
    options: { seed, latePerMille: 0, ...options },
  })
  // Whoever tests in the last seconds of a month has calls of the next one.
  expect(bill.notes).toEqual({ outside: 0, unpriced: [] })
  const place = join(folder, name)
  await saveBill(place, deliverBill(bill, { format: 'parquet', exportName: name }))
  const report = await ledgerockJson<ImportReport>(system, 'import', 'cur', place)
  expect(report).toMatchObject({ read: bill.rows.length, rejected: [] })
  return bill
}

const reconciled = (bill: Bill): Promise<ReconciliationReport> =>
  ledgerockJson(system, 'reconcile', '--period', bill.period.name)

/** Dollars of those who used something, by whose they are and why. */
function given(report: ReconciliationReport): ReadonlyMap<string, bigint> {
  const sums = new Map<string, bigint>()
  for (const { owner, basis, amount_usd: usd } of report.allocation) {
    if (basis === 'shared') continue
    const key = `${owner['team'] ?? '-'}/${owner['application'] ?? '-'}`
    sums.set(key, (sums.get(key) ?? 0n) + pico(usd))
  }
  return sums
}

function expectTrueOwners(bill: Bill, report: ReconciliationReport): void {
  const wanted = new Map<string, bigint>()
  for (const { parts } of bill.truth) {
    for (const { owner, rule, netUsd } of parts) {
      if (rule === 'pool') continue
      const key = `${owner?.['team'] ?? '-'}/${owner?.['application'] ?? '-'}`
      wanted.set(key, (wanted.get(key) ?? 0n) + fineOf(netUsd))
    }
  }
  const found = given(report)
  expect([...found.keys()].toSorted()).toEqual([...wanted.keys()].toSorted())
  const apart = [...wanted].filter(([key, usd]) => !isSame(usd, found.get(key) ?? 0n))
  expect(apart).toEqual([])
}

const pico = (usd: string): bigint => fineOf(usd) / 10n ** 28n

const TOKEN_KINDS = ['input', 'output', 'cache_read', 'cache_write_5m', 'cache_write_1h'] as const

const tokensOf = (calls: readonly BilledCall[]): number =>
  calls.reduce((all, { usage }) => TOKEN_KINDS.reduce((sum, kind) => sum + usage[kind], all), 0)

describe(`the bill of real calls (seed ${seed})`, () => {
  it('is what the gateway metered, to the token in every cell, and every dollar is at its true owner', async () => {
    const bill = await billed('calls', {})
    const report = await reconciled(bill)
    expect(report.variance.filter(({ cause }) => cause !== 'rounding')).toEqual([])
    expect(report).toMatchObject({ unexplained_usd: '0', unattributed_usd: '0', shared_usd: '0' })
    expect(report.identity.difference_usd).toBe('0')
    const tokens = tokensOf(served())
    expect(report.coverage).toMatchObject({ bill_tokens: tokens, metered_tokens: tokens })
    expect(tokens).toBeGreaterThan(1_000)
    const { total } = expectedOf(bill, bedrockLines(bill))
    expect(isSame(total, pico(report.bill_usd))).toBe(true)
    expectTrueOwners(bill, report)
    expect(given(report).size).toBe(TEAMS.length)
  })

  it('the traffic had everything the proof is about', () => {
    const calls = served()
    const counted = (holds: (call: BilledCall) => boolean): number => calls.filter(holds).length
    expect(counted(({ stream }) => stream)).toBeGreaterThan(20)
    expect(counted(({ usage }) => usage.cache_read > 0)).toBeGreaterThan(5)
    expect(counted(({ usage }) => usage.cache_write_5m > 0)).toBeGreaterThan(0)
    expect(counted(({ scope }) => scope !== 'in-region')).toBeGreaterThan(20)
    expect(counted(({ principal }) => principal === SHARED_ROLE)).toBeGreaterThan(30)
    for (const team of TEAMS) {
      expect(counted(({ principal }) => principal === sessionOf(team))).toBeGreaterThan(10)
    }
  })

  it('one role with several teams behind it is found, and each has its share of the tokens', async () => {
    const report = await reconciled(await billed('again', {}))
    const found = report.findings.find(({ code }) => code === 'shared_role')
    expect(found?.principal).toBe(SHARED_ROLE)
    const shared = served().filter(({ principal }) => principal === SHARED_ROLE)
    const teams = new Set(shared.map(({ owner }) => owner?.['team']))
    expect(new Set(found?.owners.map(({ team }) => team))).toEqual(teams)
    expect(found?.tokens).toBe(tokensOf(shared))
  })

  it('differs by what AWS and callers past the gateway do, and every difference is named with its dollars', async () => {
    for (let call = 0; call < 10; call += 1) {
      const answer = await fetch(`${system.simulator.url}/model/us.amazon.nova-pro-v1:0/converse`, {
        method: 'POST',
        headers: { authorization: `Bearer ${BYPASSING_KEY}`, 'content-type': 'application/json' },
        body: JSON.stringify({ messages: [{ role: 'user', content: [{ text: `Why ${call}?` }] }] }),
      })
      expect(answer.status).toBe(200)
    }
    const bill = await billed('calls', {
      discountBasisPoints: 700,
      taxBasisPoints: 825,
      privateRates: { 'amazon.nova-pro-v1:0': 1_200 },
    })
    const report = await reconciled(bill)
    expect(report.identity.difference_usd).toBe('0')
    expect(report.unexplained_usd).toBe('0')
    expectTrueOwners(bill, report)
    const causes = Map.groupBy(report.variance, ({ cause }) => cause)
    const usdOf = (cause: string): bigint =>
      (causes.get(cause) ?? []).reduce((sum, { difference_usd: usd }) => sum + pico(usd), 0n)
    const known = ['discount', 'price', 'rounding', 'tax', 'unmetered']
    expect([...causes.keys()].filter((cause) => !known.includes(cause))).toEqual([])
    let [discount, tax, bypass, price] = [0n, 0n, 0n, 0n]
    for (const { thing, usd, netUsd, modelId, parts } of bill.truth) {
      if (thing === 'tax') tax += fineOf(netUsd)
      if (thing !== 'usage') continue
      discount += fineOf(netUsd) - fineOf(usd)
      for (const { isMetered, usd: own } of parts) {
        if (!isMetered) bypass += fineOf(own)
        else if (modelId === 'amazon.nova-pro-v1:0') {
          // 88 of 100 were billed.
          price -= (fineOf(own) * 12n) / 88n
        }
      }
    }
    expect(isClose(discount, usdOf('discount'))).toBe(true)
    expect(isClose(tax, usdOf('tax'))).toBe(true)
    expect(isClose(bypass, usdOf('unmetered'))).toBe(true)
    expect(isClose(price, usdOf('price'))).toBe(true)
    expect(discount < 0n && tax > 0n && bypass > 0n && price < 0n).toBe(true)
    expect(report.coverage.metered_tokens).toBe(
      tokensOf(served().filter(({ meteredUsage }) => meteredUsage !== null)),
    )
    expect(report.coverage.bill_tokens).toBe(tokensOf(served()))
  })

  it('the books are sound', async () => {
    expect(await verify(system)).toMatchObject({ sound: true, findings: [] })
  })
})

/** Rows are rounded one by one: less than a picodollar for each. */
function isClose(fine: bigint, picodollars: bigint): boolean {
  const apart = fine / 10n ** 28n - picodollars
  return (apart < 0n ? -apart : apart) < 1_000n
}
