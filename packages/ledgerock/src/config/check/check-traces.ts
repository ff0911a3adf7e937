// Whether the variable that holds the headers of a trace collector is set and can be read.

import { text, tree, type PathFault } from '../raw.ts'
import { parseTraceHeaders } from '../trace-headers.ts'

export function checkTracesHeaders(
  telemetry: unknown,
  env: Readonly<Record<string, string | undefined>>,
): readonly PathFault[] {
  const name = text(tree(tree(telemetry)['traces'])['headers_env'])
  if (name === null) return []
  const path = ['telemetry', 'traces', 'headers_env']
  const value = env[name]
  if (value === undefined) return [{ path, message: `the environment variable ${name} is not set` }]
  if (parseTraceHeaders(value) !== null) return []
  return [{ path, message: `${name} must be name=value pairs with commas between them` }]
}
