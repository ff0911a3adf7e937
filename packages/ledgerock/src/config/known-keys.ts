// What may stand at a place of the file, read from the schema itself, so that "did you mean" cannot know other keys than the
// validation does.

import * as z from 'zod'

export function knownKeys(
  schema: z.ZodType,
  path: readonly (string | number)[],
): readonly string[] {
  let places = shapesOf(schema)
  for (const segment of path) places = places.flatMap((place) => shapesOf(below(place, segment)))
  return places.flatMap((place) => (place instanceof z.ZodObject ? Object.keys(place.shape) : []))
}

function below(place: z.core.$ZodType, segment: string | number): z.core.$ZodType | undefined {
  if (place instanceof z.ZodObject) return place.shape[String(segment)] as z.ZodType | undefined
  if (place instanceof z.ZodRecord) return place.valueType
  return place instanceof z.ZodArray ? place.element : undefined
}

/** What a value may look like: one shape, or each of a union's. */
function shapesOf(schema: z.core.$ZodType | undefined): readonly z.core.$ZodType[] {
  const inner = unwrapped(schema)
  if (inner === undefined) return []
  return inner instanceof z.ZodUnion ? inner.options.flatMap(shapesOf) : [inner]
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
