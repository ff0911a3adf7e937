// Why a question about prices, or a change of them, is refused: one closed list with permanent codes.

import type { ProblemError } from '@ledgerock/contract'

export const PRICE_PROBLEMS = [
  'invalid_request',
  'rate_unknown',
  'override_unknown',
  'override_declared_in_file',
  'override_exists',
  'document_unknown',
  'document_in_use',
  'overrides_misfit',
  'proposal_unknown',
  'price_book_differs',
  'rerate_running',
] as const

export type PriceProblem = {
  readonly code: (typeof PRICE_PROBLEMS)[number]
  readonly detail: string
  readonly errors: readonly ProblemError[]
}

export function priceProblem(
  code: PriceProblem['code'],
  detail: string,
  errors: readonly ProblemError[] = [],
): PriceProblem {
  return { code, detail, errors }
}

/** New prices under which overrides of the configuration file would be at odds, or mean nothing. */
export function overridesMisfit(errors: readonly ProblemError[] = []): PriceProblem {
  const detail = 'overrides of the configuration file do not fit these prices; change them first'
  return priceProblem('overrides_misfit', detail, errors)
}
