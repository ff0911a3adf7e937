// One call, from the model id a client wrote to its cost: `resolveModel`, then `costOfUsage`.

import { costOfUsage, unpriced, type Cost, type PricedCall } from './cost-of-usage.ts'
import { resolveModel, type ModelIdentity } from './model-catalog.ts'
import type { PriceBook } from './price-book.ts'

export type CallToPrice = Omit<PricedCall, 'modelId' | 'scope'> & {
  readonly modelRequested: string
}

export function priceCall(
  book: PriceBook,
  call: CallToPrice,
): { readonly identity: ModelIdentity; readonly cost: Cost } {
  const identity = resolveModel(book, call.modelRequested)
  if (identity.kind === 'unresolved') return { identity, cost: unpriced(book, identity.reason) }
  const { modelId, scope } = identity
  return { identity, cost: costOfUsage(book, { ...call, modelId, scope }) }
}
