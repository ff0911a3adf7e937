// `access`, `limits` and `guardrails` in the file: who may call which model and how, how fast, and through which guardrail. All
// three have a scope and a name, and with `shadow: true` they only report what they would have refused.

import { SCOPES, TIERS } from '@ledgerock/contract'
import * as z from 'zod'
import { GUARDRAIL_MODES } from '../../governance/guardrail-rule.ts'
import { oneOf, textOf, wholeNumber, yesOrNo } from '../field.ts'
import { perDimension, ruleName, RULES_MAX, ruleScope, shadow } from '../rule-field.ts'

const MODEL_WANTED = 'must be a base model id; * is any text: anthropic.claude-*'

const name = ruleName.nullable().default(null).meta({
  description: 'What refusals and metrics call the rule; null: its kind and place, access-1.',
})

const models = z
  .array(textOf(/^[A-Za-z0-9*][A-Za-z0-9._:/*-]{0,255}$/, MODEL_WANTED), {
    error: 'must be a list of model ids',
  })
  .max(1000, { error: 'must be at most 1000 models' })
  .default([])

const accessRule = z.strictObject({
  name,
  scope: ruleScope,
  allow: models.meta({ description: 'Base models that may be called; empty: every model.' }),
  deny: models.meta({ description: 'Base models that may not, whatever allow says.' }),
  scopes: someOf(SCOPES).meta({ description: 'Where inference may run; null: anywhere.' }),
  tiers: someOf(TIERS).meta({ description: 'Service tiers that may be asked for; null: all.' }),
  max_output_tokens: limit(100_000_000).meta({
    description: 'The most one answer may have; a call that states no maximum is refused.',
  }),
  streaming: yesOrNo
    .default(true)
    .meta({ description: 'false: calls that ask for a stream are refused.' }),
  rerouting: yesOrNo.default(true).meta({
    description: 'false: no route changes model, tier, scope or region of these calls by `to`.',
  }),
  shadow,
})

const limitRule = z.strictObject({
  name,
  scope: ruleScope,
  per: perDimension,
  requests_per_minute: limit(1_000_000_000).meta({ description: 'Calls per minute; null: any.' }),
  tokens_per_minute: limit(1_000_000_000_000).meta({
    description: 'Tokens per minute, of input, cache and output together; null: any.',
  }),
  concurrent_calls: limit(1_000_000).meta({ description: 'Calls at a time; null: any.' }),
  shadow,
})

const guardrailRule = z.strictObject({
  name,
  scope: ruleScope,
  id: textOf(/^[A-Za-z0-9][A-Za-z0-9:/._-]{0,2047}$/, "must be a guardrail's id or ARN").meta({
    description: 'Id or ARN of the Bedrock guardrail.',
  }),
  version: textOf(
    /^(DRAFT|[1-9][0-9]{0,7})$/,
    'must be a version in quotes, such as "3", or DRAFT',
  ).meta({ description: 'Its version, in quotes.' }),
  mode: oneOf(GUARDRAIL_MODES).default('require').meta({
    description: 'require: calls must name it; inject: it is put in where a call names none.',
  }),
  shadow,
})

export const access = z
  .array(accessRule, { error: 'must be a list of access rules' })
  .max(RULES_MAX, { error: `must be at most ${RULES_MAX} rules` })
  .default([])
  .meta({ description: 'Who may call which model, and how; every rule that covers a call holds.' })

export const limits = z
  .array(limitRule, { error: 'must be a list of limits' })
  .max(RULES_MAX, { error: `must be at most ${RULES_MAX} limits` })
  .default([])
  .meta({ description: 'How fast, and how many at a time; every limit that covers a call holds.' })

export const guardrails = z
  .array(guardrailRule, { error: 'must be a list of guardrail rules' })
  .max(RULES_MAX, { error: `must be at most ${RULES_MAX} rules` })
  .default([])
  .meta({ description: 'Bedrock guardrails that calls must go through.' })

function limit(max: number) {
  return wholeNumber(1, max).nullable().default(null)
}

function someOf<const Word extends string>(words: readonly Word[]) {
  return z
    .array(oneOf(words), { error: `must be a list of ${words.join(', ')}` })
    .min(1, { error: 'must name at least one' })
    .nullable()
    .default(null)
}
