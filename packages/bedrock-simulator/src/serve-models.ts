// Mantle's lists: the models it offers, and the files and fine-tuning jobs, of which there are none.

import { findModel, modelIds } from './catalogue.ts'
import { invalid, refuse, type Refusal } from './refusal.ts'
import { decodeModelPath } from './route.ts'
import { served, type Served } from './served.ts'
import type { ServiceRequest } from './service-request.ts'

/** The day this list was made, as every model's `created`. */
const CREATED_S = 1_763_683_200

export function listModels(): Served {
  return served({ object: 'list', data: modelIds().map(modelObject) })
}

export function getModel({ draft }: ServiceRequest): Served | Refusal {
  const id = decodeModelPath(draft.modelPath)
  if (typeof id !== 'string') return id
  draft.modelRequested = id
  return findModel(id) === null
    ? refuse('ResourceNotFoundException', `The model '${id}' does not exist.`)
    : served(modelObject(id))
}

function modelObject(id: string): object {
  return { id, object: 'model', created: CREATED_S, owned_by: id.split('.')[0] ?? 'system' }
}

export function listFiles({ exchange }: ServiceRequest): Served | Refusal {
  return emptyList(exchange.method, exchange.path.endsWith('/files'), 'file')
}

export function listFineTuningJobs({ exchange }: ServiceRequest): Served | Refusal {
  return emptyList(exchange.method, exchange.path.endsWith('/jobs'), 'fine-tuning job')
}

function emptyList(method: string, isList: boolean, what: string): Served | Refusal {
  if (!isList) return refuse('ResourceNotFoundException', `No such ${what}.`)
  return method === 'GET'
    ? served({ object: 'list', data: [], has_more: false })
    : invalid(`The simulator keeps no ${what}s.`)
}
