// The headers in which Bedrock says how many tokens a unary InvokeModel took. What is not made of tokens (images, rankings,
// video) has none, and vectors have no output.

import type { Answer } from './answer.ts'
import type { ResponseHeaders } from './exchange.ts'
import { cacheWriteTokens } from './usage.ts'

export function tokenCountHeaders({ product, model, usage, caching }: Answer): ResponseHeaders {
  if (product.kind !== 'text' && product.kind !== 'embeddings') return {}
  const headers: ResponseHeaders = { 'x-amzn-bedrock-input-token-count': usage.input }
  if (product.kind === 'text') headers['x-amzn-bedrock-output-token-count'] = usage.output
  if (caching && model.cache !== null) {
    headers['x-amzn-bedrock-cache-read-input-token-count'] = usage.cacheRead
    headers['x-amzn-bedrock-cache-write-input-token-count'] = cacheWriteTokens(usage)
  }
  return headers
}
