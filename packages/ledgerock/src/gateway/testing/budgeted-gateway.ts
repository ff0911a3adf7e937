// One worker's data plane under a dozen budgets, each for a team of its own, with the real wallet and a control that grants what the test
// says. After every test the wallet and the journal must tell the same of every counter.

import { AWS_MODEL } from '../../../test/support/refused-clients.ts'
import type { Budget } from '../../governance/budget/budget.ts'
import { sampleBudget } from '../../governance/testing/sample-budget.ts'
import type { SettledLine } from '../../journal/line.ts'
import { compileGlob } from '../../kernel/glob.ts'
import type { RouteRule } from '../attempt/plan-steps.ts'
import { booksAgree } from './books-agree.ts'
import { createFakeControl, type FakeControl } from './fake-budget-control.ts'
import { startFaultyUpstream, type FaultyUpstream } from './faulty-upstream.ts'
import { asker, RULES } from './governed-gateway.ts'
import { nothingHeld } from './nothing-held.ts'
import { post, type Answer } from './post.ts'
import { OPEN_KEY, startGateway, type RunningGateway } from './running-gateway.ts'
import { settledLines } from './settled-lines.ts'

export const MICRO = 'amazon.nova-micro-v1:0'
export const DEAR = 'us.anthropic.claude-sonnet-4-6'
export const DOLLAR = 1_000_000_000_000n
export const PLENTY = 1_000n * DOLLAR

export const PATH = `/model/${AWS_MODEL}/converse`
export const TEXT = { messages: [{ role: 'user', content: [{ text: 'Hello there.' }] }] }
export const BODY = JSON.stringify({ ...TEXT, inferenceConfig: { maxTokens: 100 } })

const budget = (team: string, parts: Partial<Budget> = {}): Budget =>
  sampleBudget({ name: team, scope: { team: [team] }, period: { kind: 'total' }, ...parts })

const BUDGETS: readonly Budget[] = [
  budget('plenty'),
  budget('dry', { period: { kind: 'month', startsOn: 1 }, limit: '1' }),
  budget('words', { unit: 'tokens', limit: '50' }),
  budget('soft', { mode: 'soft', alertAt: [50] }),
  budget('tried', { shadow: true }),
  budget('claude-only', { scope: { team: ['any'], model: ['anthropic.*'] } }),
  budget('strict', { missingMaxTokens: 'refuse' }),
  budget('clamped', { missingMaxTokens: 'clamp' }),
  budget('people', { per: 'user_id' }),
  budget('all-of-both', { scope: { team: ['both'] } }),
  budget('tokens-of-both', { scope: { team: ['both'] }, unit: 'tokens', limit: '1000000' }),
  budget('watched', { scope: { team: ['watched', 'fixed'] }, mode: 'notify' }),
  budget('cheap', { scope: { team: ['cheap'] }, mode: 'notify' }),
]

const ASKED = { region: null, scope: null, model: null, tier: null }
const route = (parts: Partial<RouteRule>): RouteRule => {
  return { when: {}, budget: null, from: compileGlob('*'), to: [], fallback: [], ...parts }
}
const ROUTES: readonly RouteRule[] = [
  route({ budget: { name: 'watched', above: 80 }, to: [{ ...ASKED, model: MICRO }] }),
  route({ when: { team: 'cheap' }, to: [{ ...ASKED, tier: 'flex' }] }),
  route({ from: compileGlob(MICRO), fallback: [{ region: null, scope: null, model: DEAR }] }),
]

/** Whoever is of this team is not sent elsewhere. */
const FIXED = RULES.access
  .filter(({ name }) => name === 'trial')
  .map((rule) => ({
    ...rule,
    name: 'fixed',
    scope: { team: ['fixed'] },
    allow: [],
    shadow: false,
    rerouting: false,
  }))

export type BudgetBench = {
  readonly control: FakeControl
  readonly gateway: () => RunningGateway
  readonly upstream: () => FaultyUpstream
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
  /** Before each test: all budgets have plenty, and control grants it. */
  readonly begin: () => void
  /** After each test. */
  readonly end: () => Promise<void>
  readonly ask: ReturnType<typeof asker>
  readonly send: (
    team: string,
    path?: string,
    body?: string,
    headers?: Record<string, string>,
  ) => Promise<Answer>
  /** The calls since the test began, settled. */
  readonly rows: (count?: number) => ReturnType<typeof settledLines>
  /** Of all calls, those before the test. */
  readonly seen: () => number
  readonly served: () => ReturnType<FaultyUpstream['simulator']['calls']>
  /** What one call of `BODY` is held back for. */
  readonly boundOf: (team: string, path?: string) => Promise<bigint>
  /** From now on exactly so much of this counter is left. */
  readonly leave: (name: string, instance: string, left: bigint, generous?: boolean) => void
}

export function createBudgetBench(): BudgetBench {
  const control = createFakeControl()
  let upstream: FaultyUpstream
  let gateway: RunningGateway
  let seen = 0
  const rows = (count = 1) => settledLines(gateway, seen, count)

  const send: BudgetBench['send'] = (team, path = PATH, body = BODY, more = {}) => {
    const headers = { authorization: `Bearer ${OPEN_KEY}`, 'x-ledgerock-team': team, ...more }
    return post(gateway, path, body, headers)
  }

  return {
    control,
    gateway: () => gateway,
    upstream: () => upstream,
    async start() {
      upstream = await startFaultyUpstream()
      gateway = await startGateway({
        endpoint: upstream.url,
        attemptsMax: 3,
        dashboardUrl: 'https://ledgerock.example',
        policy: { access: FIXED, budgets: BUDGETS },
        routes: ROUTES,
        wallet: control.wallet,
      })
    },
    async stop() {
      await gateway.close()
      await upstream.close()
    },
    begin() {
      seen = gateway.lines().length
      upstream.simulator.reset()
      upstream.plan([])
      control.setMood('granting')
      for (const { name } of BUDGETS) control.setLimit(name, PLENTY)
    },
    async end() {
      await nothingHeld(gateway)
      control.setMood('granting')
      await booksAgree(gateway, control)
    },
    ask: asker(() => gateway),
    send,
    rows,
    seen: () => seen,
    served: () => upstream.simulator.calls(),
    async boundOf(team, path = PATH) {
      const { status } = await send(team, path)
      const bound = (await rows())[0]?.opened.boundUsd
      seen = gateway.lines().length
      upstream.simulator.reset()
      if (status !== 200 || bound === null || bound === undefined) throw new Error('no bound')
      return bound
    },
    leave(name, instance, left, generous = false) {
      const lease = control.leases().get(instance)
      const kept = lease === undefined ? 0n : lease.granted - lease.returned
      control.setLimit(name, kept + left, generous)
    },
  }
}

export function tokensOf(line: SettledLine | null | undefined): number {
  const counts = Object.values(line?.usage ?? {})
  return counts.reduce((sum: number, count) => sum + (count ?? 0), 0)
}
