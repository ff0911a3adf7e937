// Guardrail calls name no model, but they are priced like one: by the rates that are sold beside every model, in the place the
// call was made. So the book holds a model for each of the two APIs, with those rates and no others.

import type { PricedModel } from './price-document.ts'

/** ApplyGuardrail is asked for as `guardrail/<id>/<version>`; the id and version do not change its price. */
export const GUARDRAIL_MODEL = 'guardrail'
export const GUARDRAIL_CHECKS_MODEL = 'guardrail-checks'
const GUARDRAIL_PREFIX = `${GUARDRAIL_MODEL}/`

export const GUARDRAIL_MODELS: readonly PricedModel[] = [
  guardrail(GUARDRAIL_MODEL, 'Guardrails'),
  guardrail(GUARDRAIL_CHECKS_MODEL, 'Guardrail checks'),
]

function guardrail(modelId: string, name: string): PricedModel {
  return {
    model_id: modelId,
    name,
    provider: 'Amazon',
    modality: 'guardrail',
    lifecycle: { status: 'active' },
    rates: [],
  }
}

export function isGuardrailId(modelRequested: string): boolean {
  return modelRequested.startsWith(GUARDRAIL_PREFIX)
}
