// Why a request's body cannot be accounted for: a 400 in the shape of its route. The message says what to change and quotes nothing
// of the body but key names.

import { exhaustive } from '../../kernel/assert.ts'
import { DEPTH_MAX, type JsonProblem } from '../json/json-problem.ts'
import { ID_CHARACTERS_MAX } from '../path-id.ts'

export type RequestProblem = {
  readonly code: 'malformed_json' | 'duplicate_key' | 'model'
  readonly message: string
}

export function malformed(problem: JsonProblem): RequestProblem {
  switch (problem) {
    case 'malformed':
      return { code: 'malformed_json', message: 'The body is not well-formed JSON.' }
    case 'too_deep': {
      const message = `The body is nested more than ${DEPTH_MAX} levels deep.`
      return { code: 'malformed_json', message }
    }
    case 'too_large':
      return { code: 'malformed_json', message: 'A value in the body is too large.' }
    default:
      return exhaustive(problem)
  }
}

export function duplicateKey(name: string): RequestProblem {
  const message = `The key ${name} stands twice in the body; send it once.`
  return { code: 'duplicate_key', message }
}

/** The call cannot be allowed, priced or reported without it. */
export function noModel(key: string): RequestProblem {
  const message =
    `The body must name a model: ${key} has to be a string of at most ${ID_CHARACTERS_MAX} ` +
    'printable ASCII characters.'
  return { code: 'model', message }
}
