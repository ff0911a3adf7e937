// The rules that the tests of admission share: each team is under its own, so that one gateway serves them all, and the calls of
// one team as the vendors' own clients make them.

import { converse, type Told, type Wish } from '../../../test/support/refused-clients.ts'
import type { AccessRule } from '../../governance/model-access.ts'
import type { GovernanceRules } from '../../governance/policy.ts'
import type { LimitRule } from '../../governance/limit/rate-limits.ts'
import { systemClock } from '../../platform/clock.ts'
import { OPEN_KEY, type RunningGateway } from './running-gateway.ts'

export const HOUR_MS = 3_600_000
export const GUARDRAIL = { id: 'abc123', version: '3' }
const FREE = { shadow: false, per: null }
const NO_LIMIT = { requestsPerMinute: null, tokensPerMinute: null, concurrentCalls: null }

const rule = (parts: Partial<AccessRule> & Pick<AccessRule, 'name' | 'scope'>): AccessRule => ({
  allow: [],
  deny: [],
  scopes: null,
  tiers: null,
  maxOutputTokens: null,
  streaming: true,
  rerouting: true,
  shadow: false,
  ...parts,
})
const limit = (name: string, team: readonly string[], parts: Partial<LimitRule>): LimitRule => ({
  name,
  scope: { team },
  ...FREE,
  ...NO_LIMIT,
  ...parts,
})

const START = systemClock.now()

/** Each team is under one rule more than the next, from the strongest. */
export const RULES: GovernanceRules = {
  budgets: [],
  pauses: [{ scope: { team: ['paused'] }, reason: 'until noon', since: '2026-11-20T10:00:00Z' }],
  access: [
    rule({ name: 'nobody', scope: { team: ['paused', 'closed'] }, allow: ['meta.*'] }),
    rule({ name: 'lite-only', scope: { team: ['lite'] }, allow: ['amazon.nova-lite-*'] }),
    rule({ name: 'no-claude', scope: { model: ['anthropic.*'], team: ['named'] }, deny: ['*'] }),
    rule({ name: 'strangers', scope: { team: ['unknown'] }, allow: ['amazon.nova-pro-*'] }),
    rule({
      name: 'small',
      scope: { team: ['small'] },
      scopes: ['in-region', 'geo'],
      tiers: ['standard'],
      maxOutputTokens: 100,
      streaming: false,
    }),
    rule({ name: 'trial', scope: { team: ['trial'] }, allow: ['meta.*'], shadow: true }),
  ],
  grants: [
    {
      requestId: 'r1',
      scope: { team: ['lite'] },
      model: 'anthropic.claude-sonnet-*',
      fromMs: START - HOUR_MS,
      toMs: START + HOUR_MS,
    },
  ],
  limits: [
    limit('one', ['paused', 'closed', 'guarded', 'slow'], { requestsPerMinute: 1 }),
    limit('none', ['paused', 'closed', 'guarded', 'slow', 'narrow'], { concurrentCalls: 1 }),
    limit('tokens', ['talkative'], { tokensPerMinute: 200 }),
    limit('reading', ['reading'], { tokensPerMinute: 200 }),
    limit('trial-limit', ['trial-limit'], { requestsPerMinute: 1, shadow: true }),
  ],
  guardrails: [
    {
      name: 'guard',
      scope: { team: ['paused', 'closed', 'guarded', 'named-guard'] },
      mode: 'require',
      shadow: false,
      ...GUARDRAIL,
    },
    { name: 'put-in', scope: { team: ['injected'] }, mode: 'inject', shadow: false, ...GUARDRAIL },
    { name: 'try', scope: { team: ['tried'] }, mode: 'require', shadow: true, ...GUARDRAIL },
  ],
}

/** As a call of this team. */
export function of(team: string, wish: Wish = {}): Wish {
  return { ...wish, headers: { 'x-ledgerock-team': team, ...wish.headers } }
}

export function placeOf({ url }: Pick<RunningGateway, 'url'>) {
  return { gatewayUrl: url, key: OPEN_KEY }
}

/** One Converse call with AWS's SDK. */
export function asker(gateway: () => RunningGateway) {
  return (team: string, wish: Wish = {}): Promise<Told | null> =>
    converse(placeOf(gateway()), of(team, wish))
}
