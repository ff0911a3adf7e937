// What every rule of governance has: a name, a scope, and a switch that makes it only report.

import * as z from 'zod'
import { dimensionValue, textOf, yesOrNo } from './field.ts'

export const RULES_MAX = 1000

const VALUES_WANTED = 'must be a value, or a list of 1 to 1000 values'

export const ruleScope = z
  .record(
    z.string(),
    z.union(
      [
        dimensionValue.transform((value) => [value]),
        z
          .array(dimensionValue)
          .min(1, { error: VALUES_WANTED })
          .max(1000, { error: VALUES_WANTED }),
      ],
      { error: VALUES_WANTED },
    ),
    { error: 'must be a map of dimension, key_name or model to a value or values' },
  )
  .default({})
  .meta({
    description:
      'Whose calls: dimensions, key_name, model; each a value or a list. Empty: everybody.',
  })

export const ruleName = textOf(
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  'must be 1 to 64 of a-z, A-Z, 0-9, dot, dash and underscore',
)

export const perDimension = textOf(/^[a-z][a-z0-9_]{0,39}$/, 'must be the name of a dimension')
  .nullable()
  .default(null)
  .meta({ description: 'A dimension whose every value has the limit to itself; null: none.' })

export const shadow = yesOrNo
  .default(false)
  .meta({ description: 'true: refuses nothing, only reports what it would have refused.' })
