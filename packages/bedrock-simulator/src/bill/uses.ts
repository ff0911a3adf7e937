// Calls taken apart into what a bill counts: one kind of use each, with its price, the words it is sold under, and when AWS
// knows of it.

import { chargesOf, picodollarsPerToken, type Charge } from '../cost.ts'
import type { SimulatedUsage } from '../call-record.ts'
import { guardrailPriceOf } from '../guardrail-cost.ts'
import { hasPrices } from '../price-table.ts'
import type { BilledCall } from './billed-call.ts'
import { isKnown, knownAtMs, schemeOf, type BillOptions } from './bill-options.ts'
import { attodollars, attoOfPico, minus, shareOf, type Attodollars } from './exact.ts'
import { saleOf, type Sale, type SaleWords } from './sale.ts'

export type Use = {
  readonly call: BilledCall
  readonly kind: string
  readonly quantity: bigint
  /** What one costs on the list, and on this bill. */
  readonly listRate: Attodollars
  readonly rate: Attodollars
  readonly sale: Sale
  /** On no list: a reader cannot know the model. */
  readonly isUnlisted: boolean
  /** The ledger's count of it is another one. */
  readonly isEstimated: boolean
}

export type UsesOfCalls = {
  readonly uses: readonly Use[]
  /** Calls the price table cannot price: they are on no bill. */
  readonly unpriced: readonly BilledCall[]
}

/** What a model costs that is on the bill and on nobody's list. */
const UNLISTED_RATES: { readonly [kind: string]: bigint } = {
  input: picodollarsPerToken('4'),
  output: picodollarsPerToken('20'),
}

export function usesOf(calls: readonly BilledCall[], options: BillOptions): UsesOfCalls {
  const words: SaleWords = {
    schemeOf: (modelId) => schemeOf(options, modelId),
    marketplaceUnit: options.marketplaceUnit,
    cacheReadsByThousand: options.cacheReadsByThousand,
  }
  const uses: Use[] = []
  const unpriced: BilledCall[] = []
  const sales = new Map<string, Sale>()
  for (const call of calls) {
    if (!isKnown(options, knownAtMs(options, call.id, call.billedAtMs))) continue
    const charges = chargesOfCall(call)
    if (charges === null) {
      unpriced.push(call)
      continue
    }
    for (const charge of charges) {
      const ask = { ...call, ...charge }
      const key = `${call.modelId} ${call.region} ${charge.kind} ${call.scope} ${call.tier} ${charge.isLongContext} ${charge.variant}`
      const sale = sales.get(key) ?? saleOf(ask, words)
      sales.set(key, sale)
      uses.push(useOf(call, charge, sale, options))
    }
  }
  return { uses, unpriced }
}

function useOf(call: BilledCall, charge: Charge, sale: Sale, options: BillOptions): Use {
  const whole = attoOfPico(charge.price)
  // Batches cost half of it.
  const listRate = call.tier === 'batch' ? attodollars(whole / 2n) : whole
  const off = options.privateRates[call.modelId] ?? 0
  const metered = call.meteredUsage
  return {
    call,
    kind: charge.kind,
    quantity: BigInt(charge.quantity),
    listRate,
    rate: minus(listRate, shareOf(listRate, off)),
    sale,
    isUnlisted: call.operation === 'inference' && !hasPrices(call.modelId),
    isEstimated:
      metered !== null && countOf(metered, charge.kind) !== countOf(call.usage, charge.kind),
  }
}

function chargesOfCall(call: BilledCall): readonly Charge[] | null {
  const { usage, modelId, region, scope } = call
  if (call.operation !== 'inference') return guardrailCharges(call)
  if (!hasPrices(modelId)) return unlistedCharges(usage)
  const tier = call.tier === 'batch' ? 'standard' : call.tier
  const { input, output, cache_read, cache_write_5m, cache_write_1h, other, variant } = usage
  return chargesOf({
    model: modelId,
    region,
    scope,
    tier,
    variant,
    usage: {
      input,
      output,
      cacheRead: cache_read,
      cacheWrite5m: cache_write_5m,
      cacheWrite1h: cache_write_1h,
      other,
    },
  })
}

function guardrailCharges({ usage, operation }: BilledCall): readonly Charge[] | null {
  const charges: Charge[] = []
  for (const [name, quantity = 0] of Object.entries(usage.other)) {
    if (quantity === 0) continue
    const price = guardrailPriceOf(operation, name)
    if (price === null) return null
    const kind: Charge['kind'] = name === 'image_input' ? name : `text_units_${name.slice(11)}`
    charges.push({ kind, variant: null, quantity, price, isLongContext: false })
  }
  return charges
}

function unlistedCharges(usage: SimulatedUsage): readonly Charge[] {
  return (['input', 'output'] as const).flatMap((kind) => {
    const price = UNLISTED_RATES[kind]
    const quantity = usage[kind]
    if (price === undefined || quantity === 0) return []
    return [{ kind, variant: null, quantity, price, isLongContext: false }]
  })
}

export function countOf(usage: SimulatedUsage, kind: string): number {
  switch (kind) {
    case 'input':
    case 'output':
    case 'cache_read':
    case 'cache_write_5m':
    case 'cache_write_1h':
      return usage[kind]
    default:
      return Object.entries(usage.other).find(([name]) => name === kind)?.[1] ?? 0
  }
}
