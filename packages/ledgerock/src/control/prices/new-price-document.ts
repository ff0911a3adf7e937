// A document of prices as the store keeps it, and how one that is not taken is refused.

import { createHash } from 'node:crypto'
import type { ProblemError } from '@ledgerock/contract'
import { base62 } from '../../governance/credential/base62.ts'
import { isoTime, type Clock } from '../../kernel/time.ts'
import type { PriceDocument } from '../../pricing/price-document.ts'
import { priceProblem, type PriceProblem } from './price-problem.ts'
import type { DocumentLayer } from '../store/combined-layers.ts'
import type { NewDocument } from '../store/price-tables.ts'

const ID_CHARS = 11
const ID_BYTES = 8

export type NewDocumentDeps = {
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
}

export function newDocument(
  { clock, random }: NewDocumentDeps,
  actor: string,
  layer: DocumentLayer,
  period: string | null,
  document: PriceDocument,
  summary: object,
): NewDocument {
  const content = JSON.stringify(document)
  return {
    documentId: `d${base62(random(ID_BYTES), ID_CHARS)}`,
    layer,
    period,
    sha256: createHash('sha256').update(content).digest('hex'),
    summary: JSON.stringify(summary),
    content,
    createdAt: isoTime(clock.now()),
    createdBy: actor,
  }
}

export function refused(errors: readonly ProblemError[]): PriceProblem {
  return priceProblem('invalid_request', 'nothing was taken; the prices in force stay', errors)
}
