// How a trial of rules is asked for and answered in the reference.

import { z } from '@hono/zod-openapi'
import type { RuleEffect } from '../../governance/trial/rule-tally.ts'
import { TRIED_EFFECTS, TRIED_KINDS } from '../../governance/trial/rule-tally.ts'
import { NOT_JUDGED, type PolicyTrial, type Sum } from '../../governance/trial/simulate-policy.ts'
import { formatUsd } from '../../kernel/money.ts'
import { isoTime } from '../../kernel/time.ts'
import type { TrialReport } from '../rules/policy-trials.ts'
import { EXAMPLE_AT } from './governance-answers.ts'
import { component, count, instant, usd } from './schemas.ts'

const section = z.array(z.unknown()).default([])
const time = z.string().optional()

export const trialQuestion = component(
  'PolicyTrialQuestion',
  z.strictObject({
    from: time.openapi({ description: 'A date, a timestamp or -7d. Default: this month' }),
    to: time.openapi({ description: 'Exclusive. Default: now' }),
    tz: time.openapi({ description: 'IANA time zone of dates. Default: UTC' }),
    access: section,
    limits: section,
    guardrails: section,
    budgets: section,
    routes: section,
  }),
  {
    from: '-7d',
    access: [{ name: 'support-models', scope: { team: 'support' }, allow: ['amazon.nova-*'] }],
    budgets: [{ name: 'organisation', period: 'month', limit_usd: '5000', mode: 'hard' }],
  },
)

const sum = {
  calls: count,
  usd: usd.openapi({ description: 'What those of them cost whose price is known' }),
  unpriced: count,
}
const effect = z.object({
  kind: z.enum(TRIED_KINDS),
  rule: z.string(),
  effect: z.enum(TRIED_EFFECTS),
  shadow: z.boolean().openapi({ description: 'It would only have reported it' }),
  ...sum,
  teams: z.array(z.string()),
  more_teams: z.boolean().openapi({ description: 'There are more than are named' }),
  first_at: instant,
  last_at: instant,
  examples: z.array(z.string()).openapi({ description: 'Call ids' }),
})
const trial = z.object({
  refused: z.object(sum),
  kept: z.object(sum),
  rules: z.array(effect),
  not_judged: z
    .array(z.object({ what: z.enum(NOT_JUDGED), calls: count, rules: z.array(z.string()) }))
    .openapi({
      description: 'Kept, but the ledger does not know enough to say so for certain',
    }),
})
const EXAMPLE_SUM = { calls: 120, usd: '31.5', unpriced: 0 }
const EXAMPLE_TRIAL = {
  refused: EXAMPLE_SUM,
  kept: { calls: 4000, usd: '812.25', unpriced: 2 },
  rules: [
    {
      kind: 'access' as const,
      rule: 'support-models',
      effect: 'refused' as const,
      shadow: false,
      ...EXAMPLE_SUM,
      teams: ['support'],
      more_teams: false,
      first_at: EXAMPLE_AT,
      last_at: EXAMPLE_AT,
      examples: ['0199e2b0-7b1c-7c41-9f2e-0a3a5d6c7e8f'],
    },
  ],
  not_judged: [{ what: 'refused_then' as const, calls: 3, rules: [] }],
}

export const trialReport = component(
  'PolicyTrial',
  z.object({
    from: instant,
    to: instant,
    candidate: trial,
    in_force: trial,
    elsewhere: z.object({ calls: count, usd }).openapi({
      description: 'Not made through the gateway: budgets count them, nothing refuses them',
    }),
    left_out: count.openapi({ description: 'Refused then for what is no matter of these rules' }),
  }),
  {
    from: EXAMPLE_AT,
    to: EXAMPLE_AT,
    candidate: EXAMPLE_TRIAL,
    in_force: { ...EXAMPLE_TRIAL, rules: [], not_judged: [] },
    elsewhere: { calls: 0, usd: '0' },
    left_out: 0,
  },
)

export function trialJson(
  range: { readonly from: string; readonly to: string },
  { candidate, inForce, elsewhere, leftOut }: TrialReport,
): z.output<typeof trialReport> {
  const { from, to } = range
  return {
    from,
    to,
    candidate: oneTrial(candidate),
    in_force: oneTrial(inForce),
    elsewhere: { calls: elsewhere.calls, usd: formatUsd(elsewhere.usd) },
    left_out: leftOut,
  }
}

function oneTrial({ refused, kept, rules, notJudged }: PolicyTrial): z.output<typeof trial> {
  return {
    refused: sumJson(refused),
    kept: sumJson(kept),
    rules: rules.map(effectJson),
    not_judged: notJudged.map((one) => ({ ...one, rules: [...one.rules] })),
  }
}

function sumJson({ calls, usd: amount, unpriced }: Sum): z.output<z.ZodObject<typeof sum>> {
  return { calls, usd: formatUsd(amount), unpriced }
}

function effectJson(one: RuleEffect): z.output<typeof effect> {
  const { kind, rule, effect: done, shadow } = one
  return {
    kind,
    rule,
    effect: done,
    shadow,
    ...sumJson(one),
    teams: [...one.teams],
    more_teams: one.moreTeams,
    first_at: isoTime(one.firstMs),
    last_at: isoTime(one.lastMs),
    examples: [...one.examples],
  }
}
