// A proposal as a layer of the price book: the rates it offers, from the first hour of its period on. Needs nothing but the
// proposal, so that one that was stored can be accepted later as it was shown.

import type { UsageKind } from '@ledgerock/contract'
import type { PriceDocument, PriceRow } from '../price-document.ts'
import type { LearnedProposal, LearnedRate } from './learned-proposal.ts'

export function documentOfProposal(proposal: LearnedProposal): PriceDocument {
  const source = `bill ${proposal.period}`
  const rowsOf = (modelId: string): readonly PriceRow[] => {
    const rows = new Map<string, LearnedRate[]>()
    for (const rate of proposal.rates) {
      if (!rate.offered || rate.model_id !== modelId) continue
      for (const scope of rate.scopes) {
        const { region, tier, unit, medium, variant, context_above } = rate
        const key = JSON.stringify([region, scope, tier, unit, medium, variant, context_above])
        rows.set(key, [...(rows.get(key) ?? []), { ...rate, scope }])
      }
    }
    return [...rows.values()].map((rates) => rowOf(rates, source, proposal.valid_from))
  }
  return {
    schema: 'ledgerock-prices/1',
    sources: {
      [source]: {
        publisher: 'AWS bill',
        carried_by: `bill lines of ${proposal.period}`,
        date: proposal.valid_from.slice(0, 10),
        note: 'Effective unit prices, learned from what was billed.',
      },
    },
    rules: [],
    models: proposal.models.map((model) => ({ ...model, rates: rowsOf(model.model_id) })),
    shared_rates: rowsOf('*'),
    inference_profiles: [],
  }
}

function rowOf(rates: readonly LearnedRate[], source: string, validFrom: string): PriceRow {
  const [first] = rates as [LearnedRate]
  const prices: { [Kind in UsageKind]?: string } = {}
  for (const rate of rates) {
    prices[rate.kind] = rate.price_usd ?? ''
    if (rate.is_output) prices.output = rate.price_usd ?? ''
  }
  return {
    region: first.region,
    scope: first.scope,
    tier: first.tier,
    ...(first.context_above === 0 ? {} : { context_above: first.context_above }),
    ...(first.unit === 'token' ? {} : { unit: first.unit }),
    ...(first.medium === 'text' ? {} : { medium: first.medium }),
    ...(first.variant === null ? {} : { variant: first.variant }),
    prices,
    valid_from: validFrom,
    source,
  }
}
