// Another model in the place of the one the client named, in the path or in the body, wherever the API has it.

import type { BodyEdit } from './body-edit.ts'
import { MODEL_PREFIX, type Route } from '../route.ts'
import type { RequestFacts } from '../request/request-facts.ts'

/**
 * The path that goes upstream with another model in it, fully percent-encoded as the AWS SDKs send it; unchanged where the path
 * names no model.
 */
export function modelPath(route: Pick<Route, 'upstreamPath'>, model: string): string {
  const { upstreamPath } = route
  if (!upstreamPath.startsWith(MODEL_PREFIX)) return upstreamPath
  const query = upstreamPath.indexOf('?')
  const end = query < 0 ? upstreamPath.length : query
  const verb = upstreamPath.lastIndexOf('/', end - 1)
  return MODEL_PREFIX + encodeId(model) + upstreamPath.slice(verb)
}

function encodeId(id: string): string {
  return encodeURIComponent(id).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** None where the body names no model. */
export function modelEdits(
  facts: Pick<RequestFacts, 'places'>,
  model: string,
): readonly BodyEdit[] {
  const { model: place } = facts.places
  return place === null ? [] : [{ ...place, text: JSON.stringify(model) }]
}
