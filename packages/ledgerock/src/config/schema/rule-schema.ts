// `owners` and `routes` in the file: rules about who owns what, and where a call goes instead of where it was sent.

import { SCOPES, TIERS } from '@ledgerock/contract'
import * as z from 'zod'
import { dimensionValue, oneOf, regionName, textOf, validity, wholeNumber } from '../field.ts'
import { ruleName } from '../rule-field.ts'

const MATCH_WANTED =
  'must be a principal ARN, or a map with one of account, profile, project, key_name'

const glob = textOf(/^[\u0021-\u007e]{1,2048}$/, 'must be a text without spaces; * is any text')

const owner = z.strictObject({
  match: z
    .union(
      [
        textOf(
          /^(arn:|\*)[\u0021-\u007e]{0,2044}$/,
          'must be a principal ARN; * is any text: arn:aws:sts::*:assumed-role/search-api/*',
        ),
        z.strictObject({
          account: textOf(/^[0-9*?]{1,12}$/, 'must be an account id in quotes; * is any text')
            .optional()
            .meta({ description: 'Account of the caller.' }),
          profile: glob.optional().meta({ description: 'Application inference profile.' }),
          project: glob.optional().meta({ description: 'Bedrock project or workspace.' }),
          key_name: glob.optional().meta({ description: "Ledgerock key's name." }),
        }),
      ],
      { error: MATCH_WANTED },
    )
    .meta({ description: 'Whose calls: a principal ARN, or one of the four; * is any text.' }),
  set: z
    .record(z.string(), dimensionValue, { error: 'must be a map of dimension: value' })
    .refine((values) => Object.keys(values).length > 0, { error: 'must set a dimension' })
    .meta({ description: 'Dimensions of these calls.' }),
  ...validity,
})

/** What a call can ask for; batch jobs are no calls. */
const TIERS_OF_CALLS = TIERS.filter((tier) => tier !== 'batch')

const fallback = z.strictObject({
  region: regionName.optional().meta({ description: 'Another region, where a target is.' }),
  scope: oneOf(SCOPES).optional().meta({ description: 'Another profile scope of the model.' }),
  model: textOf(
    /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,255}$/,
    'must be a model id such as anthropic.claude-sonnet-4-6',
  )
    .optional()
    .meta({ description: 'Another model.' }),
})

const reroute = fallback.extend({
  tier: oneOf(TIERS_OF_CALLS).optional().meta({ description: 'Another service tier.' }),
})

const route = z.strictObject({
  when: z
    .object({
      budget: ruleName.optional().meta({
        description: 'A budget that covers the call; only while it is used up to above.',
      }),
      above: wholeNumber(1, 1000).optional().meta({
        description: 'Percent of the limit of budget, spent by the counter of the call.',
      }),
    })
    .catchall(dimensionValue)
    .default({})
    .meta({ description: 'Dimensions of the calls, and a budget; empty: every call.' }),
  from: textOf(
    /^[A-Za-z0-9*?][A-Za-z0-9._:/*?-]{0,255}$/,
    'must be a model id; * is any text: anthropic.claude-*',
  )
    .default('*')
    .meta({ description: 'Models the route is for.' }),
  fallback: z
    .array(fallback, { error: 'must be a list of { region, scope, model }' })
    .min(1, { error: 'must have at least one step' })
    .max(5, { error: 'must have at most 5 steps' })
    .default([])
    .meta({ description: 'What is tried next when Bedrock cannot serve it, in this order.' }),
  to: z
    .array(reroute, { error: 'must be a list of { model, tier, scope, region }' })
    .min(1, { error: 'must have at least one step' })
    .max(5, { error: 'must have at most 5 steps' })
    .default([])
    .meta({ description: 'What the call becomes: the first of these that it may be.' }),
})

export const owners = z
  .array(owner, { error: 'must be a list of owner rules' })
  .max(10_000, { error: 'must be at most 10000 rules' })
  .default([])
  .meta({ description: 'Who owns which principal, account, profile, project or key, and when.' })

export const routes = z
  .array(route, { error: 'must be a list of routes' })
  .max(1000, { error: 'must be at most 1000 routes' })
  .default([])
  .meta({ description: 'Where calls go that a budget or Bedrock does not let go as they are.' })
