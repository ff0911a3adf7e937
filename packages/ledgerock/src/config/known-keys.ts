// What may stand at a place of the file, read from the schema itself, so that "did you mean" cannot know other keys than the
// validation does.

import * as z from 'zod'

export function knownKeys(
  schema: z.ZodType,
  path: readonly (string | number)[],
): readonly string[] {
  let at: z.core.$ZodType | undefined = schema
  for (const segment of path) {
    const inner = unwrapped(at)
    if (inner instanceof z.ZodObject) at = inner.shape[String(segment)] as z.ZodType | undefined
    else if (inner instanceof z.ZodRecord) at = inner.valueType
    else if (inner instanceof z.ZodArray) at = inner.element
    else return []
  }
  const inner = unwrapped(at)
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : []
}

function unwrapped(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  let inner = schema
  while (
    inner instanceof z.ZodDefault ||
    inner instanceof z.ZodPrefault ||
    inner instanceof z.ZodOptional ||
    inner instanceof z.ZodNullable
  ) {
    inner = inner.def.innerType
  }
  return inner
}
