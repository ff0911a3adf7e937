// Prices as the control plane has them: what is in force, how it changes, and what follows for the past. Put together here from
// its parts, each of which can be read alone.

import type { Clock } from '../../kernel/time.ts'
import { isoTime } from '../../kernel/time.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { createCapacity, type CapacityService } from './price-capacity.ts'
import { createPriceDocuments, type PriceDocumentService } from './price-documents.ts'
import { createPriceOverrides, type PriceOverrideService } from './price-overrides.ts'
import type { PricePublisher } from './price-publisher.ts'
import { createRerate, type RerateService } from './price-rerate.ts'
import type { PriceTools } from './price-tools.ts'
import { createPriceViews, type PriceViews } from './price-views.ts'
import type { ControlStore } from '../store/control-store.ts'

export type PriceService = {
  readonly views: PriceViews
  readonly documents: PriceDocumentService
  readonly overrides: PriceOverrideService
  readonly rerate: RerateService
  readonly capacity: CapacityService
}

export type PriceServiceDeps = {
  readonly store: ControlStore
  readonly publisher: PricePublisher
  readonly tools: PriceTools
  readonly ledger: Pick<Ledger, 'spend' | 'rerate'>
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
}

export function createPriceService(deps: PriceServiceDeps): PriceService {
  const { ledger, clock } = deps
  return {
    views: createPriceViews(deps),
    documents: createPriceDocuments({ ...deps, unpricedCalls: () => unpricedCalls(ledger, clock) }),
    overrides: createPriceOverrides(deps),
    rerate: createRerate(deps),
    capacity: createCapacity(deps),
  }
}

/** Of this month, for which new prices may be worth a re-rating; prices are taken also while the ledger is away. */
async function unpricedCalls(ledger: Pick<Ledger, 'spend'>, clock: Clock): Promise<number | null> {
  const nowMs = clock.now()
  const now = isoTime(nowMs)
  const from = `${now.slice(0, 7)}-01T00:00:00.000Z`
  // The first millisecond of a month has no calls before it.
  const to = isoTime(nowMs + 1)
  try {
    const question = { by: [], from, to, granularity: 'total', tz: 'UTC', where: [] } as const
    const answer = await ledger.spend(question)
    return answer.ok ? Number(answer.value.total['unpriced_calls'] ?? 0) : null
  } catch {
    return null
  }
}
