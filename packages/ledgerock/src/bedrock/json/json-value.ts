// Reads one small value a scan has found: a number, a string, or an object of the provider's that is looked at as a whole.

export function numberOf(value: Buffer | null): number | null {
  if (value === null) return null
  const first = value[0] as number
  if (first !== 0x2d && (first < 0x30 || first > 0x39)) return null
  return Number(value.toString('latin1'))
}

/** Null where there is no string; undefined where its inside is not JSON. */
export function stringOf(value: Buffer | null): string | null | undefined {
  if (value === null || value[0] !== 0x22) return null
  const parsed = parsedOf(value)
  return typeof parsed === 'string' ? parsed : undefined
}

export type JsonObject = Readonly<Record<string, unknown>>

/** Null where there is no object; undefined where its inside is not JSON. */
export function objectOf(value: Buffer | null): JsonObject | null | undefined {
  if (value === null || value[0] !== 0x7b) return null
  const parsed = parsedOf(value)
  return parsed === undefined ? undefined : (parsed as JsonObject)
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parsedOf(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString())
  } catch {
    return undefined
  }
}
