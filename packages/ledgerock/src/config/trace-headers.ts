// Headers for a trace collector, from a variable: `name=value` pairs with commas between them, values percent-encoded where they
// hold a comma or a percent sign, as OTEL_EXPORTER_OTLP_HEADERS has them
// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).

const NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/
const VALUE = /^[\u0020-\u007e]*$/

/** Null where the text is not such a list. */
export function parseTraceHeaders(text: string): Readonly<Record<string, string>> | null {
  const headers: Record<string, string> = {}
  for (const pair of text.split(',')) {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, Math.max(0, equals)).trim()
    const value = decoded(pair.slice(equals + 1).trim())
    if (!NAME.test(name) || value === null || !VALUE.test(value)) return null
    headers[name] = value
  }
  return headers
}

function decoded(value: string): string | null {
  try {
    return decodeURIComponent(value)
  } catch {
    return null
  }
}
