// The building bricks of the OpenAPI description: named components, each with an example that is checked against its schema when
// it is made, so that the reference cannot show what the API would refuse.

import { z } from '@hono/zod-openapi'
import { assert } from '../../kernel/assert.ts'

/** A named schema of the reference. */
export function component<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  example: z.input<Schema>,
): Schema {
  const checked = schema.safeParse(example)
  assert(checked.success, `the example of ${name} does not fit: ${checked.error?.message}`)
  return schema.openapi(name, { example })
}

/** A JSON answer. The schema describes; handlers answer with typed values. */
export function jsonAnswer(description: string, schema: z.ZodType) {
  return { description, content: { 'application/json': { schema } } }
}

export function textAnswer(description: string, type: string) {
  return { description, content: { [type]: { schema: z.string() } } }
}

export function jsonBody(schema: z.ZodType, required = true) {
  return { body: { required, content: { 'application/json': { schema } } } }
}

export const usd = z
  .string()
  .regex(/^-?\d+(\.\d{1,12})?$/)
  .openapi({ description: 'USD, a decimal of at most twelve places' })
export const instant = z.iso.datetime().openapi({ description: 'ISO 8601, UTC' })
export const count = z.int().nonnegative()
export const textMap = z.record(z.string(), z.string())

export const scopeSchema = z
  .record(z.string(), z.array(z.string()))
  .nullable()
  .openapi({ description: 'Dimension to values; null: sees the whole' })

const problemSchema = component(
  'Problem',
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(z.object({ path: z.string(), line: z.int().optional(), message: z.string() })),
  }),
  {
    type: 'urn:ledgerock:problem:invalid_request',
    title: 'Bad Request',
    status: 400,
    detail: 'granularity: must be one of total, hour, day, week, month',
    code: 'invalid_request',
    errors: [{ path: 'granularity', message: 'must be one of total, hour, day, week, month' }],
  },
)

export function problemAnswer(description: string) {
  return { description, content: { 'application/problem+json': { schema: problemSchema } } }
}

/** A parameter that may be repeated: `where=team=search&where=region=us-east-1`. */
export const repeatable = (description: string) =>
  z.array(z.string()).optional().openapi({ description })
export const optional = (description: string) => z.string().optional().openapi({ description })

export const TIME_PARAMETERS = {
  from: optional('Inclusive: a date, a timestamp or -7d. Default: the beginning of the month'),
  to: optional('Exclusive: a date, a timestamp or -7d. Default: now'),
  tz: optional('IANA time zone of dates and buckets. Default: UTC'),
}
export const WHERE_PARAMETER = repeatable(
  'name=value or name=value,other; repeated conditions must all hold',
)
