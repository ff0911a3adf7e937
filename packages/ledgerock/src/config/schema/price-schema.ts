// `prices` in the file: what a contract with AWS says about prices. One override is one rule, written here as the API takes it.

import { isUsageKind, SCOPES, TIERS, USAGE_KINDS } from '@ledgerock/contract'
import * as z from 'zod'
import { PRICE_UNITS } from '../../pricing/price-unit.ts'
import { oneOf, textOf, validity, wholeNumber } from '../field.ts'

const CONTEXT_TOKENS_MAX = 100_000_000

const KIND_WANTED = `must be a usage kind: ${USAGE_KINDS.join(', ')}, text_units_<policy>`

const override = z.strictObject({
  name: textOf(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    'must be 1 to 64 of a-z, A-Z, 0-9, dot, dash and underscore',
  ).meta({ description: 'Name of the override; charges and price lists show it.' }),
  account_id: textOf(/^\d{12}$/, 'must be an account id of twelve digits, in quotes')
    .nullable()
    .default(null)
    .meta({ description: 'The account it is for; null: every account of the organisation.' }),
  models: textOf(
    /^[A-Za-z0-9*][A-Za-z0-9._:/*-]{0,255}$/,
    'must be a model id; * is any text: anthropic.claude-*',
  )
    .default('*')
    .meta({ description: 'Base models it is for.' }),
  regions: textOf(/^[a-z0-9*][a-z0-9*-]{0,63}$/, 'must be a region; * is any text: eu-*')
    .default('*')
    .meta({ description: 'Source regions it is for.' }),
  scope: oneOf(SCOPES)
    .nullable()
    .default(null)
    .meta({ description: 'Scope it is for; null: all.' }),
  tier: oneOf(TIERS).nullable().default(null).meta({ description: 'Tier it is for; null: all.' }),
  kind: z
    .string({ error: KIND_WANTED })
    .refine(isUsageKind, { error: KIND_WANTED })
    .nullable()
    .default(null)
    .meta({ description: 'Usage kind it is for; null: all. A fixed price needs one.' }),
  percent: textOf(
    /^[+-]?\d{1,4}(\.\d{1,9})?$/,
    'must be a decimal in quotes: "-12.5" is twelve and a half percent off the list price',
  )
    .optional()
    .meta({ description: 'Change of the list price in percent. Either this or price.' }),
  price: textOf(/^\d{1,9}(\.\d{1,12})?$/, 'must be a decimal in quotes, such as "2.70"')
    .optional()
    .meta({
      description:
        'USD for 1,000,000 tokens, for 1,000 text units, else for one. Either this or percent.',
    }),
  unit: oneOf(PRICE_UNITS)
    .optional()
    .meta({ description: 'What price buys; default: what the kind is sold by.' }),
  variant: textOf(/^[^\0]{1,128}$/, 'must be a variant as `ledgerock price` names them')
    .optional()
    .meta({ description: 'Variant a fixed price is for, such as the size of an image.' }),
  context_above: wholeNumber(0, CONTEXT_TOKENS_MAX)
    .optional()
    .meta({ description: 'A fixed price is for requests of more prompt tokens than this.' }),
  ...validity,
  reason: textOf(/^.{1,500}$/, 'must be a text of at most 500 characters')
    .nullable()
    .default(null)
    .meta({ description: 'Why: the contract, the person, the ticket.' }),
})

export const prices = z.strictObject({
  overrides: z
    .array(override, { error: 'must be a list of overrides' })
    .max(1000, { error: 'must be at most 1000 overrides' })
    .default([])
    .meta({ description: 'Prices your contract changes; read-only in API and dashboard.' }),
})
