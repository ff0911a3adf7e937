// Reads ranking requests of Amazon and Cohere: a query and the documents to put in order. One query covers a hundred documents.

import { chatAsk, NO_TEXT, type BodyAsk } from './ask.ts'
import type { Model } from './model-shape.ts'
import { isString, ordered, type JsonObject } from './json-value.ts'
import { extraneousKey, malformed, missingKey, typeName, wholeNumber } from './malformed.ts'
import { PromptBuilder } from './prompt.ts'
import type { Refusal } from './refusal.ts'

const AMAZON_MEMBERS = ['query', 'documents', 'top_n']
const COHERE_MEMBERS = [...AMAZON_MEMBERS, 'api_version', 'max_tokens_per_doc']
const DOCUMENTS_MAX = 1_000
const DOCUMENTS_PER_QUERY = 100

export function readRerank(body: JsonObject, model: Model): BodyAsk | Refusal {
  const isCohere = model.id.startsWith('cohere.')
  const extra = extraneousKey(body, isCohere ? COHERE_MEMBERS : AMAZON_MEMBERS)
  if (extra !== null) return extra
  const { query, documents } = body
  if (!isString(query) || query === '') return missingKey('query')
  if (documents === undefined) return missingKey('documents')
  if (!Array.isArray(documents)) {
    return malformed(`#/documents: expected type: JSONArray, found: ${typeName(documents)}`)
  }
  const count = documents.length
  if (count < 1) return malformed('#/documents: expected minimum item count: 1, found: 0')
  if (count > DOCUMENTS_MAX) {
    return malformed(`#/documents: expected maximum item count: ${DOCUMENTS_MAX}, found: ${count}`)
  }
  if (isCohere && body['api_version'] === undefined) return missingKey('api_version')
  const top = wholeNumber(body['top_n'], '#/top_n', { min: 1, max: count, default: count })
  if (typeof top !== 'number') return top
  const builder = new PromptBuilder()
  builder.addOverhead(query, 0)
  for (const document of documents) builder.addJson(ordered(document), 0)
  return {
    ...chatAsk({ ...builder.content(), ...NO_TEXT }),
    product: { kind: 'ranking', documents: count, top },
    other: { search_units: Math.ceil(count / DOCUMENTS_PER_QUERY) },
  }
}
