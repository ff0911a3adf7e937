// Reads a JSON body by its schema, all faults at once. Anything but JSON is refused by its content type: a page of another site
// can make a browser send forms, not that.

import type { ProblemError } from '@ledgerock/contract'
import type { z } from 'zod'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { ApiContext } from './context.ts'
import { invalidRequest, refuse } from './problem.ts'

/** Only price lists and bills may be longer. */
export const BODY_BYTES_MAX = 1_048_576
export const UPLOAD_BYTES_MAX = 268_435_456

/** The body, or the answer that refuses it. An empty body is read as `{}`. */
export async function readBody<Schema extends z.ZodType>(
  c: ApiContext,
  schema: Schema,
): Promise<Result<z.output<Schema>, Response>> {
  const body = await readJson(c)
  if (!body.ok) return body
  const parsed = schema.safeParse(body.value)
  return parsed.success ? ok(parsed.data) : err(invalidRequest(problemErrors(parsed.error)))
}

/** Any JSON value, for those who read it themselves. */
export async function readJson(c: ApiContext): Promise<Result<unknown, Response>> {
  const text = await c.req.text()
  const type = c.req.header('content-type') ?? ''
  if (text !== '' && !/^application\/json\s*(;|$)/i.test(type)) {
    return err(refuse(415, 'unsupported_media_type', 'the body must be application/json'))
  }
  try {
    const value: unknown = text === '' ? {} : JSON.parse(text)
    if (!MAY_NAME_PROTO.test(text) || !namesProto(text)) return ok(value)
    return err(invalidRequest([{ path: '__proto__', message: 'is no name of a field' }]))
  } catch {
    return err(invalidRequest([{ path: '', message: 'the body is not valid JSON' }]))
  }
}

/** Cheap: of bodies that have nothing like it, no value is looked at twice. */
const MAY_NAME_PROTO = /__proto__|\\u005f/i

/** Schemas drop this name without a word, and a scope that loses its only field would be everybody. */
function namesProto(text: string): boolean {
  let isNamed = false
  JSON.parse(text, (key, value: unknown) => {
    isNamed ||= key === '__proto__'
    return value
  })
  return isNamed
}

function problemErrors(error: z.ZodError): readonly ProblemError[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String).join('.')
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }]
    return issue.keys.map((key) => ({
      path: path === '' ? key : `${path}.${key}`,
      message: 'is not known here',
    }))
  })
}
