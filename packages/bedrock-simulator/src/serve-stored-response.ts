// GET, DELETE and cancel of responses that were stored. Nothing runs in the background here, so there is never anything left
// to cancel.

import { invalid, isRefusal, refuse, type Refusal } from './refusal.ts'
import { decodeModelPath } from './route.ts'
import { served, servedText, type Served } from './served.ts'
import type { ServiceRequest } from './service-request.ts'
import type { StoredResponse } from './stored-responses.ts'

export function getResponse(request: ServiceRequest): Served | Refusal {
  const found = find(request)
  return isRefusal(found) ? found : servedText(found.json)
}

export function deleteResponse(request: ServiceRequest): Served | Refusal {
  const found = find(request)
  if (isRefusal(found)) return found
  request.simulation.responses.remove(found.id)
  return served({ id: found.id, object: 'response', deleted: true })
}

export function cancelResponse(request: ServiceRequest): Served | Refusal {
  const found = find(request)
  if (isRefusal(found)) return found
  return invalid(`Only responses created with background=true can be cancelled.`)
}

function find({ simulation, draft }: ServiceRequest): StoredResponse | Refusal {
  const id = decodeModelPath(draft.modelPath)
  if (typeof id !== 'string') return id
  return (
    simulation.responses.find(id, draft.accountId) ??
    refuse('ResourceNotFoundException', `Response with id '${id}' not found.`)
  )
}
